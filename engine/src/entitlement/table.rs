//! The tiers as data. `engine/tests/snapshots` holds the table printed; read its diff as carefully as a price list.

use crate::error::{Error, Result};
use crate::model::EntitlementKey::{
    AdvancedAnalytics, ApiCallsPerDay, AuditRetentionDays, BurstPerSecond, CostPerSecond, CustomWorkflows,
    Infrastructure, Integrations, Issues, Plugins, SessionCallsPerDay, Sla, StorageBytes, Support, Users,
    Webhooks, WhiteLabel,
};
use crate::model::EntitlementValue::{Count, Flag, Unlimited, Words};
use crate::model::{EntitlementKey, EntitlementValue, LARGE_PLUGINS, PluginOrigin, Tier};
use std::fmt;

/// Bytes of a gigabyte, as they are sold.
const GB: u64 = 1_000_000_000;

/// A line of the table: what the tiers include of one thing, the lowest tier first.
type Line = (EntitlementKey, [EntitlementValue; 3]);

/// What each tier includes. The default is the product's own price list; an embedding program may have another.
///
/// # Examples
///
/// ```
/// use mortise_engine::entitlement::Tiers;
/// use mortise_engine::model::{EntitlementKey, EntitlementValue, Tier};
///
/// # fn main() -> Result<(), mortise_engine::Error> {
/// let tiers = Tiers::default().with(Tier::Basic, EntitlementKey::Users, EntitlementValue::Count(3))?;
/// assert_eq!(*tiers.value(Tier::Basic, EntitlementKey::Users), EntitlementValue::Count(3));
/// assert_eq!(*tiers.value(Tier::Premium, EntitlementKey::Users), EntitlementValue::Count(25));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tiers(Vec<Line>);

impl Default for Tiers {
    fn default() -> Self {
        #[rustfmt::skip]
        let lines = vec![
            //                    basic              premium            platinum
            (Users,              [Count(5),          Count(25),         Unlimited]),
            (Issues,             [Count(1_000),      Count(10_000),     Unlimited]),
            (ApiCallsPerDay,     [Count(1_000),      Count(10_000),     Unlimited]),
            (SessionCallsPerDay, [Count(20_000),     Count(200_000),    Unlimited]),
            (BurstPerSecond,     [Count(10),         Count(50),         Count(300)]),
            (CostPerSecond,      [Count(500),        Count(2_500),      Count(15_000)]),
            (CustomWorkflows,    [Flag(false),       Flag(true),        Flag(true)]),
            (AdvancedAnalytics,  [Flag(false),       Flag(true),        Flag(true)]),
            (Integrations,       [words(&["email"]), words(&["slack", "email"]), words(&["all", "custom"])]),
            (Plugins,            [words(&[]),        words(&["curated"]), words(&["curated", "own"])]),
            (Support,            [words(&["email"]), words(&["priority", "chat"]), words(&["manager"])]),
            (Sla,                [words(&["99.5 %"]), words(&["99.9 %"]), words(&["99.99 %"])]),
            (Infrastructure,     [words(&["shared"]), words(&["semi-dedicated"]), words(&["dedicated"])]),
            (WhiteLabel,         [Flag(false),       Flag(false),       Flag(true)]),
            (Webhooks,           [Count(0),          Count(10),         Count(100)]),
            (StorageBytes,       [Count(GB),         Count(25 * GB),    Unlimited]),
            (AuditRetentionDays, [Count(30),         Count(365),        Count(7 * 365)]),
        ];
        Self(lines)
    }
}

fn words(words: &[&str]) -> EntitlementValue {
    Words(words.iter().map(|&word| word.to_owned()).collect())
}

impl Tiers {
    /// What this tier includes.
    #[must_use]
    pub fn value(&self, tier: Tier, key: EntitlementKey) -> &EntitlementValue {
        /// What a table without a line of the key includes.
        const NOTHING: &EntitlementValue = &Count(0);
        let in_place = self.0.get(key as usize).filter(|(of, _)| *of == key);
        let [basic, premium, platinum] = match in_place {
            Some((_, values)) => values,
            None => return NOTHING,
        };
        match tier {
            Tier::Basic => basic,
            Tier::Premium => premium,
            Tier::Platinum => platinum,
        }
    }

    /// The table with another value in one place.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a value that is not of the key's form, and for what nobody can mean by it.
    pub fn with(mut self, tier: Tier, key: EntitlementKey, value: EntitlementValue) -> Result<Self> {
        is_meant(key, &value)?;
        let line = self.0.iter_mut().find(|(of, _)| *of == key);
        if let Some((_, [basic, premium, platinum])) = line {
            match tier {
                Tier::Basic => *basic = value,
                Tier::Premium => *premium = value,
                Tier::Platinum => *platinum = value,
            }
        }
        Ok(self)
    }
}

/// The words that say something of plugins.
const PLUGIN_WORDS: [&str; 3] =
    [PluginOrigin::Curated.entitlement(), PluginOrigin::Own.entitlement(), LARGE_PLUGINS];

/// Words in one value, and characters of one of them.
const WORDS_MAX: usize = 20;

/// Refuses a value that is not of the key's form, and what nobody can mean by it.
///
/// # Errors
///
/// `INVALID_INPUT`.
pub(crate) fn is_meant(key: EntitlementKey, value: &EntitlementValue) -> Result<()> {
    let refuse = |message: String| Err(Error::invalid("value", message));
    if !value.fits(key) {
        return refuse(format!("`{key}` cannot be `{value}`: it is of another form"));
    }
    match value {
        Count(0) if matches!(key, BurstPerSecond | CostPerSecond) => {
            refuse(format!("`{key}` is at least 1: suspend a company that is to do nothing"))
        }
        Words(words) => {
            let good = |word: &String| {
                (1..=WORDS_MAX).contains(&word.chars().count()) && !word.contains(char::is_control)
            };
            if words.len() > WORDS_MAX || !words.iter().all(good) {
                return refuse(format!(
                    "`{key}` has at most {WORDS_MAX} words of at most {WORDS_MAX} characters"
                ));
            }
            let unknown = words.iter().find(|word| !PLUGIN_WORDS.contains(&word.as_str()));
            match unknown.filter(|_| key == Plugins) {
                Some(word) => {
                    let known = PLUGIN_WORDS.join(", ");
                    refuse(format!(
                        "`{word}` says nothing of `{key}`: there are {known}; without a word none are included"
                    ))
                }
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

impl fmt::Display for Tiers {
    /// The whole table, a line for each key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (key, [basic, premium, platinum]) in &self.0 {
            let (basic, premium) = (basic.to_string(), premium.to_string());
            writeln!(f, "{:<20}{basic:<16}{premium:<18}{platinum}", key.as_str())?;
        }
        Ok(())
    }
}
