//! Instants and days that are said relative to the moment of asking: `-P2W`, `startOfWeek`, `endOfMonth-P1M`.

use super::Asking;
use crate::time::{CalendarDate, Timestamp};
use jiff::civil::Weekday;
use jiff::{ToSpan, ZonedDateTime};
use std::fmt;
use std::str::FromStr;

/// The largest number of months, days or seconds of an offset: about a thousand years, so that sums cannot overflow.
const OFFSET_MAX: [u32; 3] = [12_000, 366_000, u32::MAX];

/// An instant, said outright or relative to the moment of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
pub enum When {
    /// This instant.
    #[n(0)]
    At(#[n(0)] Timestamp),
    /// One that depends on when it is asked.
    #[n(1)]
    Relative(#[n(0)] Moment),
}

/// A calendar day, said outright or relative to the day of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
pub enum Day {
    /// This day.
    #[n(0)]
    On(#[n(0)] CalendarDate),
    /// One that depends on when it is asked.
    #[n(1)]
    Relative(#[n(0)] Moment),
}

/// A moment relative to that of asking: an anchor, and how far from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
pub struct Moment {
    /// From where.
    #[n(0)]
    pub anchor: Anchor,
    /// How far.
    #[n(1)]
    pub offset: Offset,
}

/// What a moment is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
pub enum Anchor {
    /// The moment of asking.
    #[n(0)]
    Now,
    /// The first moment of the present day, week (from Monday), month, quarter or year.
    #[n(1)]
    StartOf(#[n(0)] Unit),
    /// The last millisecond of it.
    #[n(2)]
    EndOf(#[n(0)] Unit),
}

/// A part of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum Unit {
    /// A day.
    #[n(0)]
    Day,
    /// A week, from Monday.
    #[n(1)]
    Week,
    /// A month.
    #[n(2)]
    Month,
    /// Three months, from January, April, July or October.
    #[n(3)]
    Quarter,
    /// A year.
    #[n(4)]
    Year,
}

impl Unit {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Day, "Day"),
        (Self::Week, "Week"),
        (Self::Month, "Month"),
        (Self::Quarter, "Quarter"),
        (Self::Year, "Year"),
    ];
}

/// A distance in the calendar: months, days and seconds, all in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, minicbor::Encode, minicbor::Decode)]
pub struct Offset {
    #[n(0)]
    backward: bool,
    #[n(1)]
    months: u32,
    #[n(2)]
    days: u32,
    #[n(3)]
    seconds: u32,
}

impl Offset {
    /// No distance.
    pub const NONE: Self = Self { backward: false, months: 0, days: 0, seconds: 0 };

    /// So far; none when a part is beyond about a thousand years (seconds: 136).
    #[must_use]
    pub fn new(backward: bool, months: u32, days: u32, seconds: u32) -> Option<Self> {
        let fits = [months, days, seconds].iter().zip(OFFSET_MAX).all(|(part, max)| *part <= max);
        let nothing = (months, days, seconds) == (0, 0, 0);
        fits.then_some(Self { backward: backward && !nothing, months, days, seconds })
    }

    /// Whether it is no distance.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// Whether it has a part smaller than a day.
    #[must_use]
    pub const fn has_time(self) -> bool {
        self.seconds > 0
    }

    fn apply(self, at: &ZonedDateTime) -> Option<ZonedDateTime> {
        let span = i64::from(self.months).months().days(self.days).seconds(self.seconds);
        if self.backward { at.checked_sub(span).ok() } else { at.checked_add(span).ok() }
    }
}

impl When {
    /// The instant that is meant.
    #[must_use]
    pub fn settle(self, asking: &Asking) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Relative(moment) => moment.instant(asking).unwrap_or(asking.now),
        }
    }
}

impl Day {
    /// The day that is meant.
    #[must_use]
    pub fn settle(self, asking: &Asking) -> CalendarDate {
        match self {
            Self::On(date) => date,
            Self::Relative(moment) => {
                let at = moment.zoned(asking);
                at.and_then(|at| CalendarDate::of(at.date())).unwrap_or(CalendarDate::from_days(0))
            }
        }
    }
}

impl Moment {
    /// The moment of asking.
    pub const NOW: Self = Self { anchor: Anchor::Now, offset: Offset::NONE };

    fn instant(self, asking: &Asking) -> Option<Timestamp> {
        self.zoned(asking).map(|at| Timestamp::from_millis(at.timestamp().as_millisecond()))
    }

    /// The offset applies to the anchor's beginning; for an end, the end of the unit reached that way is taken, so that
    /// `endOfMonth-P1M` is the end of the last month, however long it was.
    fn zoned(self, asking: &Asking) -> Option<ZonedDateTime> {
        let now = jiff::Timestamp::from_millisecond(asking.now.millis())
            .ok()?
            .to_zoned_datetime(asking.zone.clone());
        match self.anchor {
            Anchor::Now => self.offset.apply(&now),
            Anchor::StartOf(unit) => self.offset.apply(&start_of(unit, &now)?),
            Anchor::EndOf(unit) => {
                let reached = self.offset.apply(&start_of(unit, &now)?)?;
                let start = start_of(unit, &reached)?;
                after(unit, &start)?.checked_sub(1.millisecond()).ok()
            }
        }
    }
}

/// The first moment of the unit that an instant lies in.
fn start_of(unit: Unit, at: &ZonedDateTime) -> Option<ZonedDateTime> {
    let date = at.date();
    let first = match unit {
        Unit::Day => date,
        Unit::Week => {
            let since = date.weekday().since(Weekday::Monday);
            date.checked_sub(i64::from(since).days()).ok()?
        }
        Unit::Month => date.first_of_month(),
        Unit::Quarter => {
            let into = (date.month() - 1) % 3;
            date.first_of_month().checked_sub(i64::from(into).months()).ok()?
        }
        Unit::Year => date.first_of_year(),
    };
    first.to_zoned_datetime(at.time_zone().clone()).ok()
}

/// The first moment of the unit behind the one that begins at `start`.
fn after(unit: Unit, start: &ZonedDateTime) -> Option<ZonedDateTime> {
    let span = match unit {
        Unit::Day => 1.day(),
        Unit::Week => 1.week(),
        Unit::Month => 1.month(),
        Unit::Quarter => 3.months(),
        Unit::Year => 1.year(),
    };
    start.date().checked_add(span).ok()?.to_zoned_datetime(start.time_zone().clone()).ok()
}

/// Why a text is not a moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time such as 2026-01-31T09:30:00Z, 2026-01-31, -P2W, startOfWeek or endOfMonth-P1M")]
pub struct ParseMomentError(String);

impl ParseMomentError {
    fn of(text: &str) -> Self {
        Self(text.chars().take(40).collect())
    }
}

impl fmt::Display for Moment {
    /// The form that [`FromStr`] reads: `now`, `-P2W`, `startOfWeek+P1D`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |unit: Unit| Unit::ALL.iter().find(|(u, _)| *u == unit).map_or("", |(_, name)| name);
        match self.anchor {
            Anchor::Now if self.offset.is_none() => return f.write_str("now"),
            Anchor::Now => {}
            Anchor::StartOf(unit) => write!(f, "startOf{}", name(unit))?,
            Anchor::EndOf(unit) => write!(f, "endOf{}", name(unit))?,
        }
        if self.offset.is_none() { Ok(()) } else { self.offset.fmt(f) }
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.backward { "-P" } else { "+P" })?;
        let (years, months) = (self.months / 12, self.months % 12);
        let (weeks, days) = if self.days.is_multiple_of(7) { (self.days / 7, 0) } else { (0, self.days) };
        for (count, letter) in [(years, 'Y'), (months, 'M'), (weeks, 'W'), (days, 'D')] {
            if count > 0 {
                write!(f, "{count}{letter}")?;
            }
        }
        if self.seconds > 0 {
            f.write_str("T")?;
        }
        for (count, letter) in
            [(self.seconds / 3600, 'H'), (self.seconds / 60 % 60, 'M'), (self.seconds % 60, 'S')]
        {
            if count > 0 {
                write!(f, "{count}{letter}")?;
            }
        }
        if self.is_none() { f.write_str("0D") } else { Ok(()) }
    }
}

impl FromStr for Moment {
    type Err = ParseMomentError;

    /// An anchor (`now`, `startOfWeek`, `endOfMonth` …; `now` may be left out before an offset) and an ISO 8601 duration
    /// with its sign; the sign `+` may be left out when there is no anchor.
    fn from_str(text: &str) -> Result<Self, ParseMomentError> {
        parse(text).ok_or_else(|| ParseMomentError::of(text))
    }
}

fn parse(text: &str) -> Option<Moment> {
    let signed = text.find(['+', '-']).unwrap_or(text.len());
    let (anchor, offset) = match text.get(..signed)? {
        "" => (Anchor::Now, text),
        whole if whole.starts_with(['P', 'p']) => (Anchor::Now, text),
        name => (anchor(name)?, text.get(signed..)?),
    };
    let offset = if offset.is_empty() && signed > 0 { Offset::NONE } else { parse_offset(offset)? };
    Some(Moment { anchor, offset })
}

fn anchor(name: &str) -> Option<Anchor> {
    let unit = |name: &str| {
        Unit::ALL.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(unit, _)| *unit)
    };
    let prefixed = |prefix: &str| {
        name.get(..prefix.len()).filter(|start| start.eq_ignore_ascii_case(prefix))?;
        unit(name.get(prefix.len()..)?)
    };
    if name.eq_ignore_ascii_case("now") {
        return Some(Anchor::Now);
    }
    prefixed("startOf").map(Anchor::StartOf).or_else(|| prefixed("endOf").map(Anchor::EndOf))
}

fn parse_offset(text: &str) -> Option<Offset> {
    let (backward, rest) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let rest = rest.strip_prefix(['P', 'p'])?;
    let (date, time) = rest.split_once(['T', 't']).map_or((rest, None), |(date, time)| (date, Some(time)));
    let [years, months, weeks, days] = amounts(date, ['Y', 'M', 'W', 'D'])?;
    let [hours, minutes, seconds] = match time {
        None if date.is_empty() => return None,
        None => [0; 3],
        Some("") => return None,
        Some(time) => amounts(time, ['H', 'M', 'S'])?,
    };
    let months = years.checked_mul(12)?.checked_add(months)?;
    let days = weeks.checked_mul(7)?.checked_add(days)?;
    let seconds = hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?.checked_add(seconds)?;
    Offset::new(backward, months, days, seconds)
}

/// The amounts of these units, from large to small, each at most once.
fn amounts<const N: usize>(text: &str, units: [char; N]) -> Option<[u32; N]> {
    let mut amounts = [0; N];
    let mut rest = text;
    for (amount, unit) in amounts.iter_mut().zip(units) {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let Some(letter) = rest.get(digits..)?.chars().next() else { break };
        if letter.eq_ignore_ascii_case(&unit) {
            *amount = rest.get(..digits)?.parse().ok()?;
            rest = rest.get(digits + 1..)?;
        }
    }
    rest.is_empty().then_some(amounts)
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => at.fmt(f),
            Self::Relative(moment) => moment.fmt(f),
        }
    }
}

impl FromStr for When {
    type Err = ParseMomentError;

    /// RFC 3339, or a relative moment. A bare day needs a time zone: [`Day`].
    fn from_str(text: &str) -> Result<Self, ParseMomentError> {
        match text.parse() {
            Ok(at) => Ok(Self::At(at)),
            Err(_) => text.parse().map(Self::Relative),
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On(date) => date.fmt(f),
            Self::Relative(moment) => moment.fmt(f),
        }
    }
}

impl FromStr for Day {
    type Err = ParseMomentError;

    /// A calendar date, or a relative moment.
    fn from_str(text: &str) -> Result<Self, ParseMomentError> {
        match text.parse() {
            Ok(date) => Ok(Self::On(date)),
            Err(_) => text.parse().map(Self::Relative),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    /// Wednesday, 2026-11-25, half past one in Berlin.
    fn asking() -> Asking {
        let now = "2026-11-25T00:30:00Z".parse().unwrap();
        Asking { now, me: None, zone: TimeZone::get("Europe/Berlin").unwrap() }
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let when: When = text.parse().unwrap();
        assert_eq!(when.settle(&asking()).to_string(), expected, "{text}");
        assert_eq!(when.to_string().parse::<When>().unwrap(), when, "{text}");
    }

    #[test]
    fn moments_are_counted_in_the_zone_of_who_asks() {
        check("now", "2026-11-25T00:30:00.000Z");
        check("-P2W", "2026-11-11T00:30:00.000Z");
        check("P1DT1H", "2026-11-26T01:30:00.000Z");
        check("startOfDay", "2026-11-24T23:00:00.000Z");
        check("startOfWeek", "2026-11-22T23:00:00.000Z");
        check("startOfWeek-P1W", "2026-11-15T23:00:00.000Z");
        check("endOfMonth", "2026-11-30T22:59:59.999Z");
        check("endOfMonth-P9M", "2026-02-28T22:59:59.999Z");
        check("startOfQuarter", "2026-09-30T22:00:00.000Z");
        check("startOfYear+P1Y", "2026-12-31T23:00:00.000Z");
        check("2026-01-31T10:30:00+01:00", "2026-01-31T09:30:00.000Z");
    }

    #[test]
    fn days_are_those_of_who_asks() {
        for (text, expected) in [
            ("now", "2026-11-25"),
            ("startOfWeek", "2026-11-23"),
            ("P1M", "2026-12-25"),
            ("2026-01-31", "2026-01-31"),
        ] {
            let day: Day = text.parse().unwrap();
            assert_eq!(day.settle(&asking()).to_string(), expected, "{text}");
            assert_eq!(day.to_string().parse::<Day>().unwrap(), day, "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "-",
            "P",
            "-PT",
            "2w",
            "startOf",
            "startOfEra",
            "startOfWeekP1W",
            "P1D1Y",
            "P99999Y",
            "-P-1D",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
