//! Instants and days that are said relative to the moment of asking: `-P2W`, `startOfWeek`, `endOfMonth-P1M`.

mod text;

pub use text::ParseMomentError;

use super::Asking;
use crate::time::{CalendarDate, Timestamp};
use jiff::civil::Weekday;
use jiff::{ToSpan, ZonedDateTime};

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

    /// Whether it goes back; its months, days and seconds.
    #[must_use]
    pub const fn parts(self) -> (bool, u32, u32, u32) {
        (self.backward, self.months, self.days, self.seconds)
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
}
