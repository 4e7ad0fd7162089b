//! Business hours: how many minutes of them lie between two instants.

use crate::settings::BusinessHours;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Days that are walked at most: what is older is later than any limit.
const DAYS: usize = 1500;

/// When clocks run.
pub(crate) struct Calendar(Option<Hours>);

struct Hours {
    zone: TimeZone,
    days: Vec<Weekday>,
    from: Time,
    /// None: until midnight.
    to: Option<Time>,
    holidays: Vec<Date>,
}

impl Calendar {
    /// Of a company in this time zone. Without business hours the clocks run around the clock. What cannot be read counts as its
    /// default.
    pub(crate) fn new(hours: Option<&BusinessHours>, company_zone: &str) -> Self {
        let Some(hours) = hours else { return Self(None) };
        let default = BusinessHours::default();
        let zone = hours.zone.as_deref().unwrap_or(company_zone);
        let time =
            |text: &str, default: &str| text.parse().or_else(|_| default.parse()).unwrap_or(Time::midnight());
        Self(Some(Hours {
            zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
            days: hours.days.iter().filter_map(|day| weekday(day)).collect(),
            from: time(&hours.from, &default.from),
            to: (hours.to != "24:00").then(|| time(&hours.to, &default.to)),
            holidays: hours.holidays.iter().filter_map(|day| day.parse().ok()).collect(),
        }))
    }

    /// Minutes of business hours from one instant to another; at least `enough` when there are that many, and then perhaps not
    /// counted further.
    pub(crate) fn minutes(&self, from: &str, to: &str, enough: i64) -> i64 {
        let (Ok(from), Ok(to)) = (from.parse::<Timestamp>(), to.parse::<Timestamp>()) else { return 0 };
        let seconds = match &self.0 {
            None => to.as_second() - from.as_second(),
            Some(hours) => hours.seconds(from, to, enough.saturating_mul(60)),
        };
        seconds.max(0) / 60
    }
}

impl Hours {
    fn seconds(&self, from: Timestamp, to: Timestamp, enough: i64) -> i64 {
        let mut day = from.to_zoned_datetime(self.zone.clone()).date();
        let mut sum = 0;
        for _ in 0..DAYS {
            let Some((opens, closes)) = self.window(day) else { break };
            if opens >= to || sum >= enough {
                break;
            }
            if self.days.contains(&day.weekday()) && !self.holidays.contains(&day) {
                sum += (closes.min(to).as_second() - opens.max(from).as_second()).max(0);
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        sum
    }

    /// When a day's hours open and close. On days when clocks are changed both lie where the clock on the wall says.
    fn window(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        let at = |day: Date, time: Time| {
            Some(day.to_datetime(time).to_zoned_datetime(self.zone.clone()).ok()?.timestamp())
        };
        let closes = match self.to {
            Some(to) => at(day, to)?,
            None => at(day.checked_add(1.day()).ok()?, Time::midnight())?,
        };
        Some((at(day, self.from)?, closes))
    }
}

fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}
