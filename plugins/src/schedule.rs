//! When a schedule is due: the five fields of cron, read on the clocks of one time zone.
//!
//! The parser is our own, because those that are maintained read other calendars than ours. A local time that a change of
//! the clocks skips is due once, at the moment after the gap; one that is repeated is due once, the first time. It does not
//! know what is due, and reads no clock.

mod field;

use field::Field;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::str::FromStr;

/// Bytes of a schedule's text.
const TEXT_BYTES_MAX: usize = 200;

/// Months that are looked through for the next time: the 29th of February may be eight years away.
const MONTHS_MAX: usize = 9 * 12;

/// Earlier times that are counted as missed; more are said to be so many.
pub const MISSED_MAX: u32 = 1000;

/// Words for common schedules.
const WORDS: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// A schedule: minute, hour, day of the month, month, day of the week.
///
/// As in Vixie's cron, when both kinds of days are limited either is enough; when one begins with `*`, both must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    /// From Sunday, 0, to Saturday, 6.
    weekdays: u64,
    either_day: bool,
    text: String,
}

/// Why a text is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// It has not the five fields.
    #[error(
        "a schedule has five fields (minute, hour, day of the month, month, day of the week) or is a word such as `@daily`, at most 200 bytes"
    )]
    Shape,
    /// A field cannot be read.
    #[error("the {field} `{shown}` {why}")]
    Field {
        /// Which.
        field: &'static str,
        /// As far as it is shown.
        shown: String,
        /// Why, and what to write.
        why: String,
    },
    /// There is no such day in any year.
    #[error("no month that it names has such a day: it would never be due")]
    Never,
}

/// A schedule is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The newest time at which it was due.
    pub due_at: Timestamp,
    /// How many times before that were due as well and are not made up; at most [`MISSED_MAX`].
    pub missed: u32,
}

impl Cron {
    /// Reads a schedule. Fields hold `*`, numbers, names (`MON`, `JAN`), ranges (`1-5`), steps (`*/15`, `8-18/2`), and lists
    /// of those, `0,30`. Sunday is 0 and 7.
    ///
    /// # Errors
    ///
    /// [`CronError`], also for one that no day ever fits.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let text = text.trim();
        if text.len() > TEXT_BYTES_MAX {
            return Err(CronError::Shape);
        }
        let word = WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        let mut fields = word.map_or(text, |(_, fields)| fields).split_whitespace();
        let mut next = || fields.next().ok_or(CronError::Shape);
        let (minutes, hours, days, months, weekdays) = (next()?, next()?, next()?, next()?, next()?);
        if fields.next().is_some() {
            return Err(CronError::Shape);
        }
        let starred = |field: &str| field.starts_with('*');
        let either_day = !starred(days) && !starred(weekdays);
        let cron = Self {
            minutes: Field::MINUTE.read(minutes)?,
            hours: Field::HOUR.read(hours)?,
            days: Field::DAY.read(days)?,
            months: Field::MONTH.read(months)?,
            weekdays: Field::WEEKDAY.read(weekdays)?,
            either_day,
            text: text.to_owned(),
        };
        if cron.is_ever() { Ok(cron) } else { Err(CronError::Never) }
    }

    /// Whether some year has a day for it.
    fn is_ever(&self) -> bool {
        // A leap year: each month is as long as it gets. Days of the week come round to every day in time.
        let length = |month: u32| match month {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        self.either_day
            || (1..=12).any(|month| has(self.months, month) && self.days.trailing_zeros() <= length(month))
    }

    /// The first time after this moment at which it is due, on the clocks of this zone. None when there is none within nine
    /// years, or the calendar ends.
    #[must_use]
    pub fn next_after(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        // The moments of local times are in the order of those local times. What is not after `after` on the clock is not
        // after it in time either, but what is after on the clock may be the first of two, and that has passed.
        let mut local = floor(zone.to_datetime(after));
        // A day of repeated minutes at most: there is no longer change of the clocks.
        for _ in 0..=24 * 60 {
            local = self.next_local(local)?;
            let at = moment(local, zone)?;
            if at > after {
                return Some(at);
            }
        }
        None
    }

    /// The newest time in the span from after `last` to `now`, and how many before it were missed; none when none was due.
    #[must_use]
    pub fn due(&self, last: Timestamp, now: Timestamp, zone: &TimeZone) -> Option<Due> {
        let up_to_now = |after| self.next_after(after, zone).filter(|at| *at <= now);
        let first = up_to_now(last)?;
        let (mut newest, mut high, mut missed) = (first, now, 0);
        // A due time is known at `newest`, and none after `high`. Each turn halves what lies between.
        while let Some(next) = up_to_now(newest) {
            let middle = between(next, high);
            match up_to_now(middle) {
                Some(later) => newest = later,
                None => (newest, high) = (next, middle),
            }
        }
        let mut earlier = Some(first);
        while let Some(at) = earlier.filter(|at| *at < newest && missed < MISSED_MAX) {
            missed += 1;
            earlier = up_to_now(at);
        }
        Some(Due { due_at: newest, missed })
    }

    /// The first fitting minute after this one, on a clock that never changes.
    fn next_local(&self, after: DateTime) -> Option<DateTime> {
        let next = after.checked_add(SignedDuration::from_mins(1)).ok()?;
        let (mut date, mut minute_of_day) = (next.date(), Some((next.hour(), next.minute())));
        let mut months = 0;
        while months < MONTHS_MAX {
            if !has(self.months, date.month().unsigned_abs().into()) {
                date = date.last_of_month().tomorrow().ok()?;
                (minute_of_day, months) = (None, months + 1);
                continue;
            }
            if self.fits_day(date)
                && let Some((hour, minute)) = self.first_from(minute_of_day)
            {
                return Some(date.at(hour, minute, 0, 0));
            }
            months += usize::from(date == date.last_of_month());
            (date, minute_of_day) = (date.tomorrow().ok()?, None);
        }
        None
    }

    fn fits_day(&self, date: Date) -> bool {
        let day = has(self.days, date.day().unsigned_abs().into());
        let weekday = has(self.weekdays, date.weekday().to_sunday_zero_offset().unsigned_abs().into());
        if self.either_day { day || weekday } else { day && weekday }
    }

    /// The first hour and minute of a day, from these on.
    fn first_from(&self, from: Option<(i8, i8)>) -> Option<(i8, i8)> {
        let (hour, minute) = from.unwrap_or_default();
        if has(self.hours, hour.unsigned_abs().into())
            && let Some(minute) = first(self.minutes, minute)
        {
            return Some((hour, minute));
        }
        let start = if from.is_some() { hour + 1 } else { 0 };
        Some((first(self.hours, start)?, first(self.minutes, 0)?))
    }
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        Self::parse(text)
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The zone of this name, of the database that is part of the program: the same on every machine.
#[must_use]
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok().filter(|zone| !zone.is_unknown())
}

/// The moment at which a clock of this zone first shows this time, or would have when it jumps over it.
fn moment(local: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local).ok(),
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(local).ok(),
        AmbiguousOffset::Gap { before, .. } => {
            // By the clock of before the jump, this is the jump or later, and nothing else has happened since.
            let unjumped = before.to_timestamp(local).ok()?;
            let later = unjumped.checked_add(SignedDuration::from_secs(1)).ok()?;
            zone.preceding(later).next().map(|jump| jump.timestamp())
        }
    }
}

fn floor(time: DateTime) -> DateTime {
    time.date().at(time.hour(), time.minute(), 0, 0)
}

fn between(a: Timestamp, b: Timestamp) -> Timestamp {
    let middle = i64::midpoint(a.as_second(), b.as_second());
    Timestamp::from_second(middle).unwrap_or(a).max(a)
}

/// Whether a set holds a number.
fn has(set: u64, number: u32) -> bool {
    set.checked_shr(number).unwrap_or_default() & 1 == 1
}

/// The first number of a set that is not below this one.
fn first(set: u64, from: i8) -> Option<i8> {
    let from = u32::from(from.unsigned_abs());
    let rest = set.checked_shr(from).unwrap_or_default();
    (rest != 0).then(|| i8::try_from(from + rest.trailing_zeros()).ok()).flatten()
}

#[cfg(test)]
mod tests;
