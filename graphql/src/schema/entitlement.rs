//! What the company may have, how much of it is used, and what a refusal for lack of it says.

use super::scalar::DateTime;
use super::word::Tier;
use crate::context::Asked;
use crate::error::Result;
use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
use mortise_engine::model::{self, EntitlementValue};
use mortise_engine::{Entitlement, Exceeded};

/// A whole number from 0 that may be larger than 32 bits hold, as a JSON number of at most 2^53.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Count(pub(crate) u64);

/// The largest whole number that every client reads right.
const EXACT_MAX: u64 = 1 << 53;

/// A whole number from 0 that may be larger than 32 bits hold, as a JSON number of at most 2^53.
#[Scalar(name = "Count")]
impl ScalarType for Count {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) if number.as_u64().is_some_and(|number| number <= EXACT_MAX) => {
                Ok(Self(number.as_u64().unwrap_or_default()))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::from(self.0.min(EXACT_MAX))
    }
}

/// What the company may have of one thing.
#[derive(SimpleObject)]
#[graphql(name = "Entitlement")]
pub(crate) struct EntitlementNode {
    /// What it is about, such as `users` or `apiCallsPerDay`: the word that refusals name.
    key: &'static str,
    /// How many at most; null where there is no limit, and for what is not counted.
    limit: Option<Count>,
    /// How many are used; null where that is not counted.
    used: Option<Count>,
    /// Whether there is no limit.
    unlimited: bool,
    /// Whether it may be used at all.
    allowed: bool,
    /// What of it, where there are several kinds; `all` means every one.
    words: Vec<String>,
    /// When nothing is used again; null where that does not happen by itself.
    resets_at: Option<DateTime>,
    /// Whether it was agreed in place of what the tier includes.
    agreed: bool,
    /// When what was agreed ends; null when it does not.
    agreed_until: Option<DateTime>,
}

impl EntitlementNode {
    /// All of them.
    ///
    /// # Errors
    ///
    /// When they cannot be counted now.
    pub(super) async fn all(asked: &Asked<'_>) -> Result<Vec<Self>> {
        asked.snapshot.charge(model::EntitlementKey::ALL.len())?;
        let all = asked.engine.entitlements(&asked.snapshot.viewer().principal).await?;
        Ok(all.into_iter().map(Self::from).collect())
    }
}

impl From<Entitlement> for EntitlementNode {
    fn from(of: Entitlement) -> Self {
        let allowed = match &of.value {
            EntitlementValue::Count(count) => *count > 0,
            EntitlementValue::Unlimited => true,
            EntitlementValue::Flag(allowed) => *allowed,
            EntitlementValue::Words(words) => !words.is_empty(),
        };
        let limit = if let EntitlementValue::Count(count) = &of.value { Some(Count(*count)) } else { None };
        let unlimited = of.value == EntitlementValue::Unlimited;
        Self {
            key: of.key.as_str(),
            limit,
            used: of.used.map(Count),
            unlimited,
            allowed,
            words: if let EntitlementValue::Words(words) = of.value { words } else { Vec::new() },
            resets_at: of.resets_at.map(DateTime),
            agreed: of.agreed,
            agreed_until: of.agreed_until.map(DateTime),
        }
    }
}

/// Of what the company has no more.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct ExceededEntitlement {
    /// What it is about: the `key` of one of the company's `entitlements`.
    key: String,
    /// How many the company may have; 0 when it may not use it at all.
    limit: Count,
    /// How many there are.
    used: Count,
    /// When there are more again; null when that does not happen by itself.
    resets_at: Option<DateTime>,
    /// The lowest tier in which there is room; null when there is none, or an agreement stands before the tiers.
    upgrade_to: Option<Tier>,
}

impl From<Exceeded> for ExceededEntitlement {
    fn from(of: Exceeded) -> Self {
        Self {
            key: of.key,
            limit: Count(of.limit),
            used: Count(of.used),
            resets_at: of.resets_at.map(DateTime),
            upgrade_to: of.upgrade_to.as_deref().and_then(model::Tier::from_word).map(Tier::from),
        }
    }
}
