//! Time as values: instants in milliseconds, calendar dates in days, and the clock that the engine is given.
//!
//! Ordering never depends on the clock: the log's sequence orders. This module knows no time zones.

use jiff::civil::Date;
use std::{fmt, str::FromStr, sync::Arc};

/// A day, in milliseconds.
pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The day of UTC that this moment lies in, counted from 1970-01-01.
#[must_use]
pub const fn day_of(at: Timestamp) -> i64 {
    at.millis().div_euclid(DAY_MS)
}

/// An instant in UTC, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, minicbor::Encode, minicbor::Decode)]
#[cbor(transparent)]
pub struct Timestamp(#[n(0)] i64);

impl Timestamp {
    /// The instant that many milliseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This instant and so many milliseconds later (earlier when negative), saturating.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds: `2026-01-31T09:30:00.000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => write!(f, "{instant:.3}"),
            Err(_) => f.write_str("9999-12-31T23:59:59.999Z"),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        let instant: jiff::Timestamp =
            text.parse().map_err(|_| ParseTimeError::new(text, "an RFC 3339 time"))?;
        Ok(Self(instant.as_millisecond()))
    }
}

/// A calendar date without a time zone, in days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode)]
#[cbor(transparent)]
pub struct CalendarDate(#[n(0)] i32);

impl CalendarDate {
    /// The date that many days after 1970-01-01.
    #[must_use]
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// The date of a calendar.
    pub(crate) fn of(date: Date) -> Option<Self> {
        Date::constant(1970, 1, 1).until(date).ok().map(|span| Self(span.get_days()))
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.0
    }
}

impl fmt::Display for CalendarDate {
    /// ISO 8601: `2026-01-31`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let epoch = Date::constant(1970, 1, 1);
        match jiff::Span::new().try_days(self.0).and_then(|days| epoch.checked_add(days)) {
            Ok(date) => fmt::Display::fmt(&date, f),
            Err(_) => f.write_str("9999-12-31"),
        }
    }
}

impl fmt::Debug for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for CalendarDate {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        let refuse = || ParseTimeError::new(text, "a calendar date such as 2026-01-31");
        let shape = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let date: Date = text.parse().ok().filter(|_| shape).ok_or_else(refuse)?;
        Self::of(date).ok_or_else(refuse)
    }
}

/// Why a text is not the time or date that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{shown}` is not {wanted}")]
pub struct ParseTimeError {
    shown: String,
    wanted: &'static str,
}

impl ParseTimeError {
    fn new(text: &str, wanted: &'static str) -> Self {
        Self { shown: text.chars().take(40).collect(), wanted }
    }
}

/// Where the engine reads the time. Time is a parameter, so that any run can be repeated.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The computer's clock.
    #[must_use]
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the computer's clock")]
        Self(Arc::new(|| Timestamp(jiff::Timestamp::now().as_millisecond())))
    }

    /// A clock that answers what `now` says, for tests and replays.
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_back() {
        let at: Timestamp = "2026-01-31T10:30:00+01:00".parse().unwrap();
        assert_eq!(at.to_string(), "2026-01-31T09:30:00.000Z");
        assert_eq!(at.to_string().parse::<Timestamp>().unwrap(), at);
    }

    #[test]
    fn dates_read_back_and_refuse_times() {
        let date: CalendarDate = "2024-02-29".parse().unwrap();
        assert_eq!(date.to_string(), "2024-02-29");
        assert_eq!(CalendarDate::from_days(i32::MAX).to_string(), "9999-12-31", "beyond the calendar");
        assert_eq!(CalendarDate::from_days(0).to_string(), "1970-01-01");
        for text in ["2023-02-29", "2024-02-29T00:00:00", "20240229", "", "tomorrow"] {
            assert!(text.parse::<CalendarDate>().is_err(), "{text}");
        }
    }
}
