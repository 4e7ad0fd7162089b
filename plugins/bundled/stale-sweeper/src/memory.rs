//! Which issues were reminded of, and when: one entry for each in the plugin's own room.

use mortise_sdk::prelude::*;
use serde::{Deserialize, Serialize};

/// Begins the keys of all entries.
pub(crate) const PREFIX: &str = "reminded/";
/// Where the next run goes on looking, when there are more entries than one run looks at.
pub(crate) const CURSOR: &str = "cursor";
/// How long an entry is kept beyond the day on which it is due, in seconds.
const SLACK: u32 = 90 * 24 * 3600;

/// What is remembered of a reminder.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Reminder {
    /// When it was written.
    pub(crate) at: String,
    /// How many comments there were before it.
    pub(crate) comments: u32,
}

pub(crate) fn key(issue: &str) -> String {
    format!("{PREFIX}{issue}")
}

pub(crate) fn remember(issue: &Issue, call: &Call, then_days: u32) -> Result<(), Error> {
    let reminder = Reminder { at: call.now.clone(), comments: issue.comment_count };
    let ttl = then_days.saturating_mul(24 * 3600).saturating_add(SLACK);
    let value = serde_json::to_vec(&reminder).map_err(|error| Error::Internal(error.to_string()))?;
    host::kv::put(&key(&issue.id), &value, host::kv::Expectation::Anything, Some(ttl))?;
    Ok(())
}

/// What an entry says; one that cannot be read says nothing.
pub(crate) fn read(entry: &host::kv::Entry) -> Option<(String, Reminder)> {
    let issue = entry.key.strip_prefix(PREFIX)?;
    Some((issue.to_owned(), serde_json::from_slice(&entry.value).ok()?))
}
