//! What is answered to who asks too fast or for too much: status, code, message, and when to come back.

use std::{num::NonZeroU32, time::Duration};

use async_graphql::{ErrorExtensionValues, Value};
use http::{HeaderValue, StatusCode, header};

use super::standing::Spent;
use crate::http::{code::ErrorCode, refusal::Refusal};

/// Whole seconds, at least one: a client that came back earlier would be refused again.
pub(crate) fn seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// 429 with the time to wait, in the header and in the error.
pub(crate) fn limited(message: impl Into<String>, wait: Duration) -> Refusal {
    let seconds = seconds(wait);
    let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, ErrorCode::RateLimited, message)
        .header(header::RETRY_AFTER, HeaderValue::from(seconds));
    extended(refusal, |extensions| extensions.set("retryAfter", seconds))
}

/// 429 until the day ends, with what there is no more of.
pub(crate) fn spent(spent: Spent) -> Refusal {
    let refusal = limited(spent.message, spent.calls.resets_in);
    extended(refusal, |extensions| {
        extensions.set("key", spent.key.as_str());
        extensions.set("limit", spent.calls.limit.map_or(Value::Null, Value::from));
        extensions.set("used", spent.calls.used);
        extensions.set("resetsAt", spent.resets_at.as_str());
        extensions.set("upgradeTo", spent.upgrade_to.as_deref().map_or(Value::Null, Value::from));
    })
}

/// The refusal with more in the extensions of its errors.
fn extended(mut refusal: Refusal, fill: impl Fn(&mut ErrorExtensionValues)) -> Refusal {
    for error in &mut refusal.errors {
        fill(error.extensions.get_or_insert_with(ErrorExtensionValues::default));
    }
    refusal
}

pub(super) fn address(wait: Duration) -> Refusal {
    limited(format!("too many requests from this address: wait {} s", seconds(wait)), wait)
}

pub(super) fn too_much_proving() -> Refusal {
    let message = "the document signs in more often than one request may: send one sign-in at a time";
    Refusal::new(StatusCode::BAD_REQUEST, ErrorCode::TooCostly, message)
}

pub(super) fn burst(per_second: NonZeroU32, wait: Duration) -> Refusal {
    let message = format!("more than {per_second} requests a second: wait {} s", seconds(wait));
    limited(message, wait)
}

pub(super) fn at_work(at_once_max: u32) -> Refusal {
    let message = format!("more than {at_once_max} requests at once: wait for some to be answered");
    limited(message, Duration::ZERO)
}

pub(super) fn budget(points: u64, available: u64, wait: Duration) -> Refusal {
    let wait_s = seconds(wait);
    limited(
        format!("this costs {points} points and {available} are left: wait {wait_s} s, or ask for less"),
        wait,
    )
}

pub(super) fn owed(wait: Duration) -> Refusal {
    let message = format!("earlier requests cost more points than there were: wait {} s", seconds(wait));
    limited(message, wait)
}

pub(super) fn too_costly(points: u64, maximum: u64) -> Refusal {
    let message = format!(
        "this is reckoned at {points} points, and {maximum} is the most that may be used at once: ask for smaller pages"
    );
    Refusal::new(StatusCode::BAD_REQUEST, ErrorCode::TooCostly, message)
}
