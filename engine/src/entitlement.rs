//! What a company may have at the moment: its tier's line of the table, and what was agreed with it instead.
//!
//! It is pure: it counts nothing and knows no store. Who counts asks here whether there is room, and gets the refusal
//! that says what would lift it.

mod table;
mod used;

pub use crate::time::day_of;
pub use table::Tiers;
pub(crate) use table::is_meant;
pub use used::{DELETED_COUNTS_MS, IssueCount, still_counts};

use crate::error::{Error, ErrorCode, Exceeded, Result};
use crate::model::{EntitlementKey, EntitlementOverride, EntitlementValue, Tenant, Tier};
use crate::time::{DAY_MS, Timestamp};

/// What one company may have at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Entitlements<'a> {
    tiers: &'a Tiers,
    tier: Tier,
    overrides: &'a [EntitlementOverride],
    now: Timestamp,
}

impl<'a> Entitlements<'a> {
    /// What this company may have now.
    #[must_use]
    pub fn of(tenant: &'a Tenant, tiers: &'a Tiers, now: Timestamp) -> Self {
        let overrides = tenant.overrides.as_deref().unwrap_or_default();
        Self { tiers, tier: tenant.tier, overrides, now }
    }

    /// What it has bought.
    #[must_use]
    pub const fn tier(&self) -> Tier {
        self.tier
    }

    /// How much of it, or what.
    #[must_use]
    pub fn value(&self, key: EntitlementKey) -> &'a EntitlementValue {
        self.agreed(key).map_or_else(|| self.tiers.value(self.tier, key), |agreed| &agreed.value)
    }

    /// What was agreed in place of what the tier includes, while it holds.
    #[must_use]
    pub fn agreed(&self, key: EntitlementKey) -> Option<&'a EntitlementOverride> {
        let of_key = self.overrides.iter().find(|agreed| agreed.key == key);
        of_key.filter(|agreed| agreed.until.is_none_or(|until| self.now < until))
    }

    /// How many at most; none when there is no limit.
    #[must_use]
    pub fn limit(&self, key: EntitlementKey) -> Option<u64> {
        match self.value(key) {
            EntitlementValue::Count(count) => Some(*count),
            EntitlementValue::Unlimited => None,
            EntitlementValue::Flag(allowed) => (!allowed).then_some(0),
            EntitlementValue::Words(words) => words.is_empty().then_some(0),
        }
    }

    /// Whether it may be used at all.
    #[must_use]
    pub fn allows(&self, key: EntitlementKey) -> bool {
        self.limit(key) != Some(0)
    }

    /// Whether this is among what a list of words names.
    #[must_use]
    pub fn includes(&self, key: EntitlementKey, wanted: &str) -> bool {
        match self.value(key) {
            EntitlementValue::Words(words) => words.iter().any(|word| word == wanted || word == "all"),
            _ => false,
        }
    }

    /// Refuses what the company may not use at all.
    ///
    /// # Errors
    ///
    /// `ENTITLEMENT_EXCEEDED`, with what would lift it.
    pub fn require(&self, key: EntitlementKey) -> Result<()> {
        if self.allows(key) { Ok(()) } else { Err(self.exceeded(key, 0, 1)) }
    }

    /// Refuses what is not among the words of a key.
    ///
    /// # Errors
    ///
    /// `ENTITLEMENT_EXCEEDED`, with what would lift it.
    pub fn require_word(&self, key: EntitlementKey, wanted: &str) -> Result<()> {
        if self.includes(key, wanted) {
            return Ok(());
        }
        let includes = |tier: &Tier| match self.tiers.value(*tier, key) {
            EntitlementValue::Words(words) => words.iter().any(|word| word == wanted || word == "all"),
            _ => false,
        };
        let higher = Tier::ALL.iter().copied().filter(|tier| *tier > self.tier);
        let upgrade_to = higher.into_iter().filter(|_| self.agreed(key).is_none()).find(includes);
        let (what, lift) = (key.phrase(), self.lift(key, upgrade_to));
        let message = format!("{what} ({wanted}): not included in the tier {}; {lift}", self.tier);
        let exceeded = Exceeded {
            key: key.as_str().to_owned(),
            limit: 0,
            used: 0,
            resets_at: None,
            upgrade_to: upgrade_to.map(|tier| tier.as_str().to_owned()),
        };
        Err(Error::new(ErrorCode::EntitlementExceeded, message).with_exceeded(exceeded))
    }

    /// Refuses more of what is used up: there is room for `more` when `used` are there.
    ///
    /// # Errors
    ///
    /// `ENTITLEMENT_EXCEEDED`, with what would lift it.
    pub fn room(&self, key: EntitlementKey, used: u64, more: u64) -> Result<()> {
        match self.limit(key) {
            Some(limit) if used.saturating_add(more) > limit => Err(self.exceeded(key, used, more)),
            _ => Ok(()),
        }
    }

    /// The refusal of `more` when `used` are there.
    #[must_use]
    pub fn exceeded(&self, key: EntitlementKey, used: u64, more: u64) -> Error {
        let limit = self.limit(key).unwrap_or(u64::MAX);
        let upgrade_to = self.upgrade_to(key, used.saturating_add(more));
        let lift = self.lift(key, upgrade_to);
        let what = key.phrase();
        let message = if limit == 0 {
            format!("{what}: not included in the tier {}; {lift}", self.tier)
        } else if more > 1 {
            format!("no room for {more} more {what}: {used} of {limit} are there; {lift}")
        } else {
            format!("no room for more {what}: {used} of {limit} are there; {lift}")
        };
        let exceeded = Exceeded {
            key: key.as_str().to_owned(),
            limit,
            used,
            resets_at: None,
            upgrade_to: upgrade_to.map(|tier| tier.as_str().to_owned()),
        };
        Error::new(ErrorCode::EntitlementExceeded, message).with_exceeded(exceeded)
    }

    /// The refusal of another call today.
    #[must_use]
    pub fn spent(&self, key: EntitlementKey, used: u64, resets_at: Timestamp) -> Error {
        let limit = self.limit(key).unwrap_or(u64::MAX);
        let upgrade_to = self.upgrade_to(key, used.saturating_add(1));
        let what = key.phrase();
        let lift = self.lift(key, upgrade_to);
        let kept = if used < limit { ", and the rest is kept for super admins" } else { "" };
        let message = format!("{used} of {limit} {what} are spent{kept}: more from {resets_at} on; {lift}");
        let exceeded = Exceeded {
            key: key.as_str().to_owned(),
            limit,
            used,
            resets_at: Some(resets_at),
            upgrade_to: upgrade_to.map(|tier| tier.as_str().to_owned()),
        };
        Error::new(ErrorCode::RateLimited, message).with_exceeded(exceeded)
    }

    /// The lowest tier in which there would be room for so many. None where an agreement stands before the tiers.
    fn upgrade_to(&self, key: EntitlementKey, wanted: u64) -> Option<Tier> {
        if self.agreed(key).is_some() {
            return None;
        }
        let higher = Tier::ALL.iter().copied().filter(|tier| *tier > self.tier);
        higher.into_iter().find(|tier| match self.tiers.value(*tier, key) {
            EntitlementValue::Count(count) => *count >= wanted,
            EntitlementValue::Unlimited => true,
            EntitlementValue::Flag(allowed) => *allowed,
            EntitlementValue::Words(words) => !words.is_empty(),
        })
    }

    fn lift(&self, key: EntitlementKey, upgrade_to: Option<Tier>) -> String {
        match (upgrade_to, self.agreed(key).and_then(|agreed| agreed.until)) {
            (Some(tier), _) => match self.tiers.value(tier, key) {
                EntitlementValue::Unlimited => format!("in {tier} there is no limit"),
                EntitlementValue::Flag(_) => format!("{tier} includes it"),
                value => format!("{tier} includes {value}"),
            },
            (None, Some(until)) => format!("so it was agreed until {until}"),
            (None, None) => "ask whoever runs the platform for more".to_owned(),
        }
    }
}

/// When the day of UTC that this moment lies in ends, and with it what was used of the day.
#[must_use]
pub const fn day_ends(now: Timestamp) -> Timestamp {
    Timestamp::from_millis((day_of(now) + 1).saturating_mul(DAY_MS))
}

#[cfg(test)]
mod tests;
