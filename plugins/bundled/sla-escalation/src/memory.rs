//! What is remembered of one issue's clocks.

use mortise_sdk::prelude::*;
use serde::{Deserialize, Serialize};

/// Where the next sweep goes on, when there are more issues than one sweep reads.
pub(crate) const CURSOR: &str = "cursor";
/// How long a record is kept after its last change, in seconds: half a year.
const TTL: u32 = 180 * 24 * 3600;
/// Comments of our own that are remembered: four steps have one each.
const OWN: usize = 4;

/// The two clocks of an issue.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Clock {
    Response,
    Resolution,
}

/// Something of each clock.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Both<T> {
    pub(crate) response: T,
    pub(crate) resolution: T,
}

impl<T> Both<T> {
    pub(crate) fn of(&mut self, clock: Clock) -> &mut T {
        match clock {
            Clock::Response => &mut self.response,
            Clock::Resolution => &mut self.resolution,
        }
    }
}

/// What was done, and how long clocks stood still.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub(crate) struct Record {
    /// Somebody has answered.
    pub(crate) answered: bool,
    pub(crate) warned: Both<bool>,
    pub(crate) breached: Both<bool>,
    /// Minutes for which the clocks stood still, up to the last pause.
    pub(crate) paused: i64,
    /// When the present pause began.
    pub(crate) paused_since: Option<String>,
    /// Limits in minutes, kept from the first step on: a priority that the breach raised does not shorten its own time.
    pub(crate) limits: Option<Both<Option<i64>>>,
    /// Our own comments, which are no answers.
    pub(crate) own: Vec<String>,
}

impl Record {
    pub(crate) fn load(issue: &str) -> Result<Self, Error> {
        let entry = host::kv::get(&key(issue))?;
        // A record that cannot be read is one that says nothing yet.
        Ok(entry.and_then(|entry| serde_json::from_slice(&entry.value).ok()).unwrap_or_default())
    }

    pub(crate) fn save(&self, issue: &str) -> Result<(), Error> {
        let value = serde_json::to_vec(self).map_err(|error| Error::Internal(error.to_string()))?;
        host::kv::put(&key(issue), &value, host::kv::Expectation::Anything, Some(TTL))?;
        Ok(())
    }

    pub(crate) fn add_own(&mut self, comment: String) {
        if self.own.len() < OWN {
            self.own.push(comment);
        }
    }
}

fn key(issue: &str) -> String {
    format!("clock/{issue}")
}
