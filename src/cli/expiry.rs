//! When something is to end, as people write it: `90d`, or an instant.
//!
//! It does not know what ends.

use std::str::FromStr;

use mortise::time::Timestamp;

/// The longest span: ten years, in milliseconds.
const SPAN_MS_MAX: i64 = 10 * 365 * DAY_MS;

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A span from now on, or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expiry {
    /// So many milliseconds from now.
    After(i64),
    /// Then.
    At(Timestamp),
}

impl Expiry {
    /// The instant, as seen from `now`.
    ///
    /// # Errors
    /// It has passed.
    pub(super) fn from(self, now: Timestamp) -> anyhow::Result<Timestamp> {
        let at = match self {
            Self::After(span) => now.plus_millis(span),
            Self::At(at) => at,
        };
        anyhow::ensure!(at > now, "cannot end at {at}: that has passed");
        Ok(at)
    }
}

impl FromStr for Expiry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(at) = text.parse() {
            return Ok(Self::At(at));
        }
        let refusal = || {
            format!(
                "`{text}` is neither a span such as 12h, 90d or 52w nor a time such as 2027-01-31T00:00:00Z"
            )
        };
        let unit = match text.chars().last() {
            Some('h') => HOUR_MS,
            Some('d') => DAY_MS,
            Some('w') => 7 * DAY_MS,
            _ => return Err(refusal()),
        };
        let digits = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refusal());
        }
        let span = digits.parse::<i64>().ok().and_then(|count| count.checked_mul(unit));
        match span.filter(|span| (1..=SPAN_MS_MAX).contains(span)) {
            Some(span) => Ok(Self::After(span)),
            None => Err(format!("`{text}` is not between 1 hour and 10 years")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_counted_in_hours_days_and_weeks() {
        for (text, hours) in [("1h", 1), ("90d", 90 * 24), ("52w", 52 * 7 * 24)] {
            assert_eq!(text.parse(), Ok(Expiry::After(hours * HOUR_MS)), "{text}");
        }
    }

    #[test]
    fn an_instant_is_taken_as_it_is_and_must_lie_ahead() {
        let expiry: Expiry = "2027-01-31T00:00:00Z".parse().unwrap();
        let at: Timestamp = "2027-01-31T00:00:00Z".parse().unwrap();
        assert_eq!(expiry.from(at.plus_millis(-1)).unwrap(), at);
        assert!(expiry.from(at).is_err());
        assert_eq!(Expiry::After(5).from(at).unwrap(), at.plus_millis(5));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for text in [
            "",
            "d",
            "90",
            "90m",
            "-1d",
            "+1d",
            "1.5d",
            "0d",
            "522w",
            "99999999999999999999d",
            "é",
            "2027-01-31",
        ] {
            assert!(text.parse::<Expiry>().is_err(), "{text}");
        }
    }
}
