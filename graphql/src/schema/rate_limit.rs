//! How fast and how much the company may still ask.

use super::entitlement::Count;
use super::scalar::DateTime;
use crate::error::Result;
use crate::http::Standing;
use async_graphql::{Context, Object, SimpleObject};
use mortise_engine::time::Timestamp;

/// How fast and how much may still be asked, this request counted. Calls by API key and those of signed-in people are
/// counted apart: what is shown is the count that this request belongs to.
#[derive(SimpleObject)]
struct RateLimit {
    /// Points of work that this request was reckoned at before it ran; `extensions.cost` of the answer says what it came to.
    cost: Count,
    /// Calls of the day that there may be; null for no limit.
    limit: Option<Count>,
    /// Calls of the day so far.
    used: Option<Count>,
    /// Calls of the day that there may still be; null for no limit.
    remaining: Option<Count>,
    /// When the day ends; null when calls are not counted.
    resets_at: Option<DateTime>,
    /// Requests in a second, and as many at once; null for no limit.
    burst_per_second: Option<Count>,
    /// Requests that would be let in at once; null for no limit.
    burst_remaining: Option<Count>,
    /// The budget of points of work; null for no limit.
    budget: Option<CostBudget>,
}

/// A budget of points of work.
#[derive(SimpleObject)]
struct CostBudget {
    /// Points that it holds.
    maximum_available: Count,
    /// Points that are in it, what this request was reckoned at taken out.
    currently_available: Count,
    /// Points that come back in a second.
    restore_rate: Count,
}

/// Queries about limits.
#[derive(Default)]
pub(crate) struct RateLimitQuery;

#[Object]
impl RateLimitQuery {
    /// How fast and how much may still be asked. Null where nobody counts: for a program that executes requests itself.
    async fn rate_limit(&self, ctx: &Context<'_>) -> Result<Option<RateLimit>> {
        Ok(ctx.data_opt::<Standing>().map(RateLimit::from))
    }
}

impl From<&Standing> for RateLimit {
    fn from(standing: &Standing) -> Self {
        let Standing { requested_cost, burst, calls, budget } = *standing;
        Self {
            cost: Count(requested_cost),
            limit: calls.and_then(|calls| calls.limit).map(Count),
            used: calls.map(|calls| Count(calls.used)),
            remaining: calls.and_then(|calls| calls.remaining()).map(Count),
            resets_at: calls.map(|calls| DateTime(Timestamp::from_millis(calls.resets_at_ms))),
            burst_per_second: burst.map(|burst| Count(burst.per_second.into())),
            burst_remaining: burst.map(|burst| Count(burst.remaining.into())),
            budget: budget.map(|budget| CostBudget {
                maximum_available: Count(budget.maximum_available),
                currently_available: Count(budget.currently_available),
                restore_rate: Count(budget.restore_rate.into()),
            }),
        }
    }
}
