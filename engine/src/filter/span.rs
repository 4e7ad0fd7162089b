//! Durations: so many milliseconds, written as ISO 8601 durations of weeks, days and time (a day has 24 hours here).

use std::fmt;
use std::str::FromStr;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A duration in milliseconds, not negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode)]
#[cbor(transparent)]
pub struct Span(#[n(0)] i64);

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a duration such as P3D, P2W or PT36H")]
pub struct ParseSpanError(String);

impl Span {
    /// So many milliseconds; less than none is none.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(if millis < 0 { 0 } else { millis })
    }

    /// Milliseconds.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Span {
    /// The shortest ISO 8601 form of days, hours, minutes and seconds: `P1DT12H`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) = (self.0 / DAY, self.0 % DAY);
        f.write_str("P")?;
        if days > 0 {
            write!(f, "{days}D")?;
        }
        if rest > 0 || days == 0 {
            f.write_str("T")?;
        }
        for (unit, letter) in [(HOUR, 'H'), (MINUTE, 'M')] {
            let count = rest % (unit * if letter == 'H' { 24 } else { 60 }) / unit;
            if count > 0 {
                write!(f, "{count}{letter}")?;
            }
        }
        match (rest % MINUTE / SECOND, rest % SECOND) {
            (0, 0) if rest == 0 && days == 0 => f.write_str("0S"),
            (0, 0) => Ok(()),
            (seconds, 0) => write!(f, "{seconds}S"),
            (seconds, millis) => write!(f, "{seconds}.{millis:03}S"),
        }
    }
}

impl FromStr for Span {
    type Err = ParseSpanError;

    /// ISO 8601: weeks, days, hours, minutes and seconds with up to three decimals.
    fn from_str(text: &str) -> Result<Self, ParseSpanError> {
        parse(text).map(Self).ok_or_else(|| ParseSpanError(text.chars().take(40).collect()))
    }
}

fn parse(text: &str) -> Option<i64> {
    let rest = text.strip_prefix(['P', 'p'])?;
    let (date, time) = rest.split_once(['T', 't']).map_or((rest, None), |(date, time)| (date, Some(time)));
    let mut millis = 0_i64;
    let mut any = false;
    for (part, units) in [
        (date, &[('W', 7 * DAY), ('D', DAY)][..]),
        (time.unwrap_or_default(), &[('H', HOUR), ('M', MINUTE), ('S', SECOND)][..]),
    ] {
        let (mut part, mut units) = (part, units.iter());
        while !part.is_empty() {
            let end = part.find(|c: char| c.is_ascii_alphabetic())?;
            let (number, letter) = (part.get(..end)?, part.get(end..)?.chars().next()?.to_ascii_uppercase());
            // Units come from large to small, each once.
            let (_, unit) = units.find(|(name, _)| *name == letter)?;
            let amount = if letter == 'S' { seconds(number)? } else { whole(number)?.checked_mul(*unit)? };
            millis = millis.checked_add(amount)?;
            any = true;
            part = part.get(end + 1..)?;
        }
    }
    (any && time != Some("")).then_some(millis)
}

fn whole(number: &str) -> Option<i64> {
    number.bytes().all(|b| b.is_ascii_digit()).then(|| number.parse().ok())?
}

fn seconds(number: &str) -> Option<i64> {
    let (whole_part, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let decimals = Some(decimals).filter(|d| (1..=3).contains(&d.len()))?;
    let thousandths = whole(&format!("{decimals:0<3}"))?;
    whole(whole_part)?.checked_mul(SECOND)?.checked_add(thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_back() {
        for text in ["PT0S", "P1D", "P14D", "PT36H", "P1DT12H5M3.007S", "PT1M"] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span.to_string().parse::<Span>().unwrap(), span, "{text}");
        }
        assert_eq!("P2W".parse::<Span>().unwrap().to_string(), "P14D");
        assert_eq!("PT36H".parse::<Span>().unwrap().to_string(), "P1DT12H");
        assert_eq!("PT0S".parse::<Span>().unwrap(), Span::from_millis(-3));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "P",
            "PT",
            "1D",
            "P1",
            "P1H",
            "PT1D",
            "P-1D",
            "P1D1W",
            "PT1.S",
            "P1Y",
            "P9223372036854775807W",
        ] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
