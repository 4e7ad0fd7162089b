//! One field of a schedule: a set of small numbers, from its text.
//!
//! It knows no calendar beyond the names of months and days.

use super::CronError;

/// What a field may hold.
#[derive(Debug)]
pub(super) struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    /// Names of the numbers from `least`.
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Field {
    pub(super) const MINUTE: Self = Self { name: "minute", least: 0, most: 59, names: &[] };
    pub(super) const HOUR: Self = Self { name: "hour", least: 0, most: 23, names: &[] };
    pub(super) const DAY: Self = Self { name: "day of the month", least: 1, most: 31, names: &[] };
    pub(super) const MONTH: Self = Self { name: "month", least: 1, most: 12, names: &MONTHS };
    /// 7 is Sunday once more; what is read holds 0 to 6.
    pub(super) const WEEKDAY: Self = Self { name: "day of the week", least: 0, most: 7, names: &WEEKDAYS };

    /// The set of its numbers, a bit each.
    pub(super) fn read(&self, text: &str) -> Result<u64, CronError> {
        let mut set = 0;
        for part in text.split(',') {
            set |= self.part(part).map_err(|why| CronError::Field {
                field: self.name,
                shown: text.chars().take(40).collect(),
                why,
            })?;
        }
        // Sunday's second number is its first.
        let sunday_again = if self.most == 7 { (set >> 7) & 1 } else { 0 };
        let folded = if self.most == 7 { set & 0x7f } else { set };
        Ok(folded | sunday_again)
    }

    /// `*`, `5`, `1-5`, and with a step `*/15`, `8-18/2`.
    fn part(&self, part: &str) -> Result<u64, String> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        let (from, to) = if range == "*" {
            // Sunday is counted once.
            (self.least, if self.most == 7 { 6 } else { self.most })
        } else if let Some((from, to)) = range.split_once('-') {
            (self.number(from)?, self.end(to)?)
        } else if step.is_some() {
            return Err(format!("has a step without a range: write `{range}-{}/…` or `*/…`", self.most));
        } else {
            let number = self.number(range)?;
            (number, number)
        };
        if from > to {
            return Err("runs backwards: put the smaller number first".to_owned());
        }
        let step =
            step.map_or(Ok(1), |step| digits(step).filter(|step| (1..=self.most).contains(step)).ok_or(()));
        let step = step.map_err(|()| format!("has a step that is not 1 to {}", self.most))?;
        Ok((from..=to).step_by(usize::try_from(step).unwrap_or(1)).fold(0, |set, number| set | 1 << number))
    }

    fn number(&self, text: &str) -> Result<u32, String> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let named = named.and_then(|place| Some(u32::try_from(place).ok()? + self.least));
        let number =
            named.or_else(|| digits(text)).filter(|number| (self.least..=self.most).contains(number));
        number.ok_or_else(|| match self.names.first() {
            Some(name) => {
                format!("is not {} to {}, a name such as `{name}`, a range, or `*`", self.least, self.most)
            }
            None => format!("is not {} to {}, a range, or `*`", self.least, self.most),
        })
    }

    /// The end of a range, where Sunday comes after Saturday.
    fn end(&self, text: &str) -> Result<u32, String> {
        let number = self.number(text)?;
        Ok(if self.most == 7 && text.eq_ignore_ascii_case("SUN") { 7 } else { number })
    }
}

/// A number of digits alone; `parse` would take a sign as well.
fn digits(text: &str) -> Option<u32> {
    (text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}
