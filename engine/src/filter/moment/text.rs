//! Moments as text: `now`, `-P2W`, `startOfWeek+P1D`, read and written. It does not know what they mean.

use super::{Anchor, Day, Moment, Offset, Unit, When};
use std::fmt;
use std::str::FromStr;

/// Units as they are written.
const UNITS: [(Unit, &str); 5] = [
    (Unit::Day, "Day"),
    (Unit::Week, "Week"),
    (Unit::Month, "Month"),
    (Unit::Quarter, "Quarter"),
    (Unit::Year, "Year"),
];

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
        let name = |unit: Unit| UNITS.iter().find(|(u, _)| *u == unit).map_or("", |(_, name)| name);
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
    let unit =
        |name: &str| UNITS.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(unit, _)| *unit);
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
