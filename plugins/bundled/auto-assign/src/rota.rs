//! Whose turn it is, from the calendar alone.

use crate::settings::Rota;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// Where in time a call is, for a rota.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Turn {
    /// The day, where the company is.
    pub(crate) today: Date,
    /// How many times duty has changed hands since the anchor; below 0 before it.
    pub(crate) number: i64,
}

impl Turn {
    /// Which of `people` begins: the first at turn 0, and so on round.
    pub(crate) fn begins(self, people: usize) -> usize {
        let people = i64::try_from(people.max(1)).unwrap_or(1);
        usize::try_from(self.number.rem_euclid(people)).unwrap_or(0)
    }
}

/// The turn at a moment. What cannot be read counts as its default: UTC, Monday the 5th of January 2026, nine o'clock.
pub(crate) fn turn(rota: &Rota, now: &str, company_zone: &str) -> Turn {
    let zone = rota.zone.as_deref().unwrap_or(company_zone);
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let now: Timestamp = now.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let here = now.to_zoned_datetime(zone).datetime();
    let handover: Time = rota.handover.parse().unwrap_or_else(|_| jiff::civil::time(9, 0, 0, 0));
    let shift = Span::new().hours(handover.hour()).minutes(handover.minute());
    // Before the handover it is still yesterday's duty.
    let duty = here.checked_sub(shift).map_or(here.date(), |before| before.date());
    let anchor: Date = rota.anchor.parse().unwrap_or_else(|_| jiff::civil::date(2026, 1, 5));
    let days = anchor.until(duty).map_or(0, |span| i64::from(span.get_days()));
    Turn { today: here.date(), number: days.div_euclid(i64::from(rota.days.max(1))) }
}
