//! Who asks, and when: what turns "me" and "two weeks ago" into values.

use crate::id::MemberId;
use crate::time::Timestamp;
use jiff::tz::TimeZone;

/// The circumstances under which a filter is asked.
#[derive(Debug, Clone)]
pub struct Asking {
    /// Now.
    pub now: Timestamp,
    /// Who asks; none when a program asks for itself.
    pub me: Option<MemberId>,
    /// Where days and weeks begin.
    pub zone: TimeZone,
}

impl Asking {
    /// Nobody in particular asks, in UTC.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self { now, me: None, zone: TimeZone::UTC }
    }
}
