//! How the limits stand after a request, as headers, as an extension of the answer, and for resolvers.
//!
//! The headers are those of the IETF's draft on rate limit fields: a policy says how many in which window, the other how
//! many are left and for how long that holds. It decides nothing.

use std::{fmt::Write as _, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit");

/// Seconds of a day.
const DAY_SECONDS: u32 = 86_400;

/// How the limits stand after this request. Resolvers find it in the request's data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Points of work that the request was reckoned at.
    pub requested_cost: u64,
    /// Requests in one second.
    pub burst: Option<Burst>,
    /// Calls of the day.
    pub calls: Option<Calls>,
    /// Points of work.
    pub budget: Option<Budget>,
}

/// Requests in one second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burst {
    /// How many, and as many at once.
    pub per_second: u32,
    /// How many more would be let in at once.
    pub remaining: u32,
}

/// Calls of the day, this one counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls {
    /// How many there may be; none for no limit.
    pub limit: Option<u64>,
    /// How many there were.
    pub used: u64,
    /// When the day ends, in milliseconds since 1970-01-01T00:00:00Z.
    pub resets_at_ms: i64,
    /// How long until then.
    pub resets_in: Duration,
}

impl Calls {
    /// How many there may still be; none for no limit.
    #[must_use]
    pub const fn remaining(&self) -> Option<u64> {
        match self.limit {
            Some(limit) => Some(limit.saturating_sub(self.used)),
            None => None,
        }
    }
}

/// A budget of points of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// How many it holds.
    pub maximum_available: u64,
    /// How many are in it.
    pub currently_available: u64,
    /// How many come back in one second.
    pub restore_rate: u32,
}

/// Why the calls of the day are spent, for the client to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// What was refused and what would lift it.
    pub message: String,
    /// What there is no more of.
    pub key: String,
    /// The calls.
    pub calls: Calls,
    /// When there are more, as text.
    pub resets_at: String,
    /// What would have to be bought, if that helps.
    pub upgrade_to: Option<String>,
}

impl Standing {
    /// Says it in headers.
    pub(crate) fn put(&self, headers: &mut HeaderMap) {
        let (mut policy, mut remaining) = (String::new(), String::new());
        if let Some(Burst { per_second, remaining: left }) = self.burst {
            item(&mut policy, format_args!("\"burst\";q={per_second};w=1"));
            item(&mut remaining, format_args!("\"burst\";r={left};t=1"));
        }
        if let Some((limit, calls)) = self.calls.and_then(|calls| Some((calls.limit?, calls))) {
            let (left, until) = (limit.saturating_sub(calls.used), calls.resets_in.as_secs());
            item(&mut policy, format_args!("\"daily\";q={limit};w={DAY_SECONDS}"));
            item(&mut remaining, format_args!("\"daily\";r={left};t={until}"));
        }
        for (name, value) in [(POLICY, policy), (REMAINING, remaining)] {
            if let Some(value) = HeaderValue::try_from(value).ok().filter(|value| !value.is_empty()) {
                headers.insert(name, value);
            }
        }
    }

    /// The extension `cost` of an answer, as JSON; none where work is not limited.
    pub(crate) fn cost(&self, used: u64) -> Option<String> {
        let Budget { maximum_available, currently_available, restore_rate } = self.budget?;
        let requested = self.requested_cost;
        Some(format!(
            "{{\"requestedQueryCost\":{requested},\"actualQueryCost\":{used},\"throttleStatus\":{{\
             \"maximumAvailable\":{maximum_available},\"currentlyAvailable\":{currently_available},\
             \"restoreRate\":{restore_rate}}}}}"
        ))
    }
}

/// Adds an item to a list of a header.
fn item(list: &mut String, item: std::fmt::Arguments<'_>) {
    if !list.is_empty() {
        list.push_str(", ");
    }
    // Writing to a string cannot fail.
    let _ = list.write_fmt(item);
}
