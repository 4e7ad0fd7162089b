//! Times and durations as people type them: `-2w`, `today`, `startOfWeek-1w`, `2026-01-31`, `1d12h`.
//!
//! A minute is `min` and a month `mo`: `m` alone is refused rather than guessed. Days of instants begin in a time zone
//! that is given; this module knows no present moment.

use super::problem::Wrong;
use crate::filter::{Anchor, Day, Moment, Offset, Span, Unit, When};
use crate::time::{CalendarDate, Timestamp};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use std::fmt::Write as _;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

const TIME: &str =
    "a time: write a day (2026-01-31), an instant (2026-01-31T09:30:00Z) or one from now (-2w, startOfWeek)";
const DATE: &str = "a day: write 2026-01-31, today, or one from now (-2w, startOfWeek)";
const DURATION: &str = "a duration such as 3d, 2w or 1h30min";

/// What a time stands for when it is typed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Spoken {
    /// An instant.
    Instant(When),
    /// A whole day, from its first millisecond to its last.
    Day(When, When),
}

/// The days that have a name.
const NAMED_DAYS: [(&str, bool, u32); 3] =
    [("today", false, 0), ("yesterday", true, 1), ("tomorrow", false, 1)];

/// What is named so, so far from the present day.
fn named_day(text: &str) -> Option<Offset> {
    let (_, backward, days) = NAMED_DAYS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(text))?;
    Offset::new(*backward, 0, *days, 0)
}

fn name_of_day(offset: Offset) -> Option<&'static str> {
    let named = NAMED_DAYS.iter().find(|(_, back, days)| Offset::new(*back, 0, *days, 0) == Some(offset))?;
    Some(named.0)
}

/// Reads an instant, or a day that stands for its first and last millisecond in `zone`.
pub(super) fn read_time(text: &str, zone: &TimeZone) -> Result<Spoken, Wrong> {
    if let Some(millis) = text.strip_prefix('@').and_then(|digits| digits.parse().ok()) {
        return Ok(Spoken::Instant(When::At(Timestamp::from_millis(millis))));
    }
    if let Some(offset) = named_day(text) {
        let when = |anchor| When::Relative(Moment { anchor, offset });
        return Ok(Spoken::Day(when(Anchor::StartOf(Unit::Day)), when(Anchor::EndOf(Unit::Day))));
    }
    if text.parse::<CalendarDate>().is_ok() {
        let bounds = text.parse().ok().and_then(|date| bounds(date, zone));
        let (first, last) = bounds.ok_or_else(|| Wrong::value(text, TIME))?;
        return Ok(Spoken::Day(When::At(first), When::At(last)));
    }
    if let Ok(at) = text.parse() {
        return Ok(Spoken::Instant(When::At(at)));
    }
    let local = text.parse::<DateTime>().ok().filter(|_| text.contains(['T', 't']));
    if let Some(at) = local.and_then(|local| local.to_zoned_datetime(zone.clone()).ok()) {
        let at = Timestamp::from_millis(at.timestamp().as_millisecond());
        return Ok(Spoken::Instant(When::At(at)));
    }
    read_moment(text, TIME).map(|moment| Spoken::Instant(When::Relative(moment)))
}

/// The first and the last millisecond of a day.
fn bounds(date: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let start = |date: Date| Some(date.to_zoned_datetime(zone.clone()).ok()?.timestamp().as_millisecond());
    let (first, next) = (start(date)?, start(date.tomorrow().ok()?)?);
    Some((Timestamp::from_millis(first), Timestamp::from_millis(next).plus_millis(-1)))
}

/// An instant, so that it reads back as one and not as a day.
pub(super) fn write_instant(when: When) -> String {
    match when {
        When::At(at) => {
            let text = at.to_string();
            let reads_back = text.starts_with(|c: char| c.is_ascii_digit()) && text.parse() == Ok(at);
            if reads_back { text.replace(".000Z", "Z") } else { format!("@{}", at.millis()) }
        }
        When::Relative(moment) => write_moment(moment),
    }
}

/// The day of which an instant is the first millisecond (or the last), if it is one.
pub(super) fn write_bound(when: When, last: bool, zone: &TimeZone) -> Option<String> {
    match when {
        When::Relative(moment) => {
            let bound = if last { Anchor::EndOf(Unit::Day) } else { Anchor::StartOf(Unit::Day) };
            (moment.anchor == bound).then(|| name_of_day(moment.offset).map(str::to_owned))?
        }
        When::At(at) => {
            let instant = jiff::Timestamp::from_millisecond(at.millis()).ok()?;
            let date = instant.to_zoned_datetime(zone.clone()).date();
            let (first, end) = bounds(date, zone)?;
            let text = date.to_string();
            let is_bound = at == if last { end } else { first };
            (is_bound && text.parse::<CalendarDate>().is_ok()).then_some(text)
        }
    }
}

/// Reads a calendar day.
pub(super) fn read_day(text: &str) -> Result<Day, Wrong> {
    if let Some(days) = text.strip_prefix('@').and_then(|digits| digits.parse().ok()) {
        return Ok(Day::On(CalendarDate::from_days(days)));
    }
    if let Some(offset) = named_day(text) {
        return Ok(Day::Relative(Moment { anchor: Anchor::Now, offset }));
    }
    match text.parse() {
        Ok(date) => Ok(Day::On(date)),
        Err(_) => read_moment(text, DATE).map(Day::Relative),
    }
}

pub(super) fn write_day(day: Day) -> String {
    match day {
        Day::On(date) => {
            let text = date.to_string();
            if text.parse() == Ok(date) { text } else { format!("@{}", date.days()) }
        }
        Day::Relative(Moment { anchor: Anchor::Now, offset }) if name_of_day(offset).is_some() => {
            name_of_day(offset).unwrap_or_default().to_owned()
        }
        Day::Relative(moment) => write_moment(moment),
    }
}

/// Reads `now`, `-2w`, `3d`, `startOfWeek`, `endOfMonth-1mo`, and the longer forms of [`Moment`] itself.
fn read_moment(text: &str, wanted: &str) -> Result<Moment, Wrong> {
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    let wrong = || Wrong::value(text, wanted);
    let sign = text.find(['+', '-']);
    let (anchor, amounts) = match sign {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default()),
        None => ("", text),
    };
    let anchor = match anchor {
        "" => Anchor::Now,
        name => {
            let moment: Moment = name.parse().map_err(|_| wrong())?;
            Some(moment.anchor).filter(|_| moment.offset.is_none()).ok_or_else(wrong)?
        }
    };
    let backward = sign.and_then(|at| text.get(at..)).is_some_and(|rest| rest.starts_with('-'));
    let mut whole = [0_i64; 3];
    let before = text.strip_suffix(amounts).unwrap_or_default();
    let amounts = amounts_of(amounts, wanted).map_err(|wrong| Wrong {
        suggestions: wrong.suggestions.iter().map(|amounts| format!("{before}{amounts}")).collect(),
        ..wrong
    });
    for (count, part) in amounts? {
        let (place, factor) = match part {
            Part::Year => (0, 12),
            Part::Month => (0, 1),
            Part::Week => (1, 7),
            Part::Day => (1, 1),
            Part::Hour => (2, 3_600),
            Part::Minute => (2, 60),
            Part::Second => (2, 1),
            Part::Milli => return Err(wrong()),
        };
        let sum = whole.get_mut(place).ok_or_else(wrong)?;
        *sum = count.checked_mul(factor).and_then(|more| sum.checked_add(more)).ok_or_else(wrong)?;
    }
    let [months, days, seconds] = whole.map(|part| u32::try_from(part).ok());
    let offset = months.zip(days).zip(seconds);
    let offset = offset.and_then(|((months, days), seconds)| Offset::new(backward, months, days, seconds));
    offset.map(|offset| Moment { anchor, offset }).ok_or_else(wrong)
}

fn write_moment(moment: Moment) -> String {
    let anchor = Moment { offset: Offset::NONE, ..moment };
    let (backward, months, days, seconds) = moment.offset.parts();
    if moment.offset.is_none() {
        return anchor.to_string();
    }
    let mut text = match (moment.anchor, backward) {
        (Anchor::Now, true) => "-".to_owned(),
        (Anchor::Now, false) => String::new(),
        (_, backward) => format!("{anchor}{}", if backward { '-' } else { '+' }),
    };
    let (weeks, days) = if days.is_multiple_of(7) { (days / 7, 0) } else { (0, days) };
    for (count, unit) in [
        (months / 12, "y"),
        (months % 12, "mo"),
        (weeks, "w"),
        (days, "d"),
        (seconds / 3_600, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ] {
        if count > 0 {
            // Writing to a string cannot fail.
            let _ = write!(text, "{count}{unit}");
        }
    }
    text
}

/// Reads a duration: `3d`, `1h30min`, and the longer forms of [`Span`] itself.
pub(super) fn read_span(text: &str) -> Result<Span, Wrong> {
    if let Ok(span) = text.parse() {
        return Ok(span);
    }
    let wrong = || Wrong::value(text, DURATION);
    if let Some(forward) =
        text.strip_prefix(['-', '+']).filter(|rest| read_span(rest.trim_start_matches(['-', '+'])).is_ok())
    {
        let forward = forward.trim_start_matches(['-', '+']).to_owned();
        return Err(Wrong {
            message: format!("`{text}` has a sign, and a duration has none"),
            suggestions: vec![forward],
        });
    }
    let mut millis = 0_i64;
    for (count, part) in amounts_of(text, DURATION)? {
        let unit = match part {
            Part::Year | Part::Month => {
                return Err(Wrong::value(text, "a duration: count months in days (30d)"));
            }
            Part::Week => 7 * DAY,
            Part::Day => DAY,
            Part::Hour => HOUR,
            Part::Minute => MINUTE,
            Part::Second => SECOND,
            Part::Milli => 1,
        };
        millis = count.checked_mul(unit).and_then(|more| millis.checked_add(more)).ok_or_else(wrong)?;
    }
    Ok(Span::from_millis(millis))
}

pub(super) fn write_span(span: Span) -> String {
    let millis = span.millis();
    if millis > 0 && millis % (7 * DAY) == 0 {
        return format!("{}w", millis / (7 * DAY));
    }
    let mut text = String::new();
    for (count, unit) in [
        (millis / DAY, "d"),
        (millis / HOUR % 24, "h"),
        (millis / MINUTE % 60, "min"),
        (millis / SECOND % 60, "s"),
        (millis % SECOND, "ms"),
    ] {
        if count > 0 {
            let _ = write!(text, "{count}{unit}");
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// A unit of time, from large to small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Milli,
}

const PARTS: &[(Part, &[&str])] = &[
    (Part::Year, &["y", "year", "years"]),
    (Part::Month, &["mo", "month", "months"]),
    (Part::Week, &["w", "week", "weeks"]),
    (Part::Day, &["d", "day", "days"]),
    (Part::Hour, &["h", "hour", "hours"]),
    (Part::Minute, &["min", "mins", "minute", "minutes"]),
    (Part::Second, &["s", "sec", "second", "seconds"]),
    (Part::Milli, &["ms"]),
];

/// The counts and units of `1d12h`, from large to small, each unit once.
fn amounts_of(text: &str, wanted: &str) -> Result<Vec<(i64, Part)>, Wrong> {
    let wrong = || Wrong::value(text, wanted);
    let mut amounts: Vec<(i64, Part)> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (count, behind) = rest.split_at_checked(digits).ok_or_else(wrong)?;
        let letters = behind.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, behind) = behind.split_at_checked(letters).ok_or_else(wrong)?;
        if unit.eq_ignore_ascii_case("m") && !count.is_empty() {
            let message = format!("`{count}{unit}` may be months or minutes: write `mo` or `min`");
            let suggestion = |name| text.replacen(&format!("{count}{unit}"), &format!("{count}{name}"), 1);
            return Err(Wrong { message, suggestions: vec![suggestion("mo"), suggestion("min")] });
        }
        let named = |(_, names): &&(Part, &[&str])| names.iter().any(|name| name.eq_ignore_ascii_case(unit));
        let (part, _) = PARTS.iter().find(named).ok_or_else(wrong)?;
        if amounts.last().is_some_and(|(_, before)| before >= part) {
            return Err(wrong());
        }
        amounts.push((count.parse().map_err(|_| wrong())?, *part));
        rest = behind;
    }
    if amounts.is_empty() { Err(wrong()) } else { Ok(amounts) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn moment(text: &str, canonical: &str) {
        let moment = read_moment(text, TIME).unwrap_or_else(|wrong| panic!("{text}: {}", wrong.message));
        assert_eq!(write_moment(moment), canonical, "{text}");
        assert_eq!(read_moment(canonical, TIME).unwrap(), moment, "{text}");
    }

    #[test]
    fn moments_are_short() {
        moment("-2w", "-2w");
        moment("+3d", "3d");
        moment("-P1Y2M10DT3H", "-1y2mo10d3h");
        moment("STARTOFWEEK-1w", "startOfWeek-1w");
        moment("endOfMonth + 1mo".replace(' ', "").as_str(), "endOfMonth+1mo");
        moment("now-90min", "-1h30min");
        moment("2weeks", "2w");
        moment("now", "now");
        moment("0d", "now");
    }

    #[test]
    fn durations_are_short() {
        for (text, canonical) in [
            ("3d", "3d"),
            ("14d", "2w"),
            ("PT36H", "1d12h"),
            ("90min", "1h30min"),
            ("0d", "0s"),
            ("1500ms", "1s500ms"),
        ] {
            let span = read_span(text).unwrap();
            assert_eq!(write_span(span), canonical);
            assert_eq!(read_span(canonical).unwrap(), span);
        }
    }

    #[test]
    fn what_could_be_two_things_is_refused_with_both() {
        let wrong = read_moment("-3m", TIME).unwrap_err();
        assert_eq!(wrong.suggestions, ["-3mo", "-3min"]);
        assert_eq!(read_span("-3d").unwrap_err().suggestions, ["3d"]);
        for text in
            ["", "-", "1", "w", "1d1w", "1d1d", "99999999999999999999d", "99999y", "1.5d", "startOfEra", "é"]
        {
            assert!(read_moment(text, TIME).is_err(), "{text}");
        }
        assert!(read_span("1mo").is_err() && read_span("999999999999w").is_err());
    }

    #[test]
    fn a_day_begins_where_the_asker_lives() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let Spoken::Day(first, last) = read_time("2026-01-31", &zone).unwrap() else { panic!("not a day") };
        assert_eq!(write_instant(first), "2026-01-30T23:00:00Z");
        assert_eq!(write_instant(last), "2026-01-31T22:59:59.999Z");
        assert_eq!(write_bound(first, false, &zone).as_deref(), Some("2026-01-31"));
        assert_eq!(write_bound(last, true, &zone).as_deref(), Some("2026-01-31"));
        assert_eq!(write_bound(first, true, &zone), None);
        let local = read_time("2026-01-31T09:30", &zone).unwrap();
        assert_eq!(local, read_time("2026-01-31T08:30:00Z", &zone).unwrap());
    }
}
