//! Single values as they are typed: numbers, ids, keys, words such as `high`.
//!
//! Each kind of value is read and written here and nowhere else. Which field it belongs to is not known here.

use super::calendar;
use super::problem::{Wrong, nearest};
use super::scan;
use crate::filter::{Day, IssueKey, Span};
use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId, WorkflowId, WorkflowVersionId};
use crate::model::{IssueKind, Priority, Resolution, StateCategory};

/// What a value can be that stands behind a sign.
pub(super) trait Value: Sized {
    /// The words for its absence and its presence.
    const ABSENCE: [&'static str; 2] = ["none", "any"];

    /// Reads it.
    fn read(text: &str) -> Result<Self, Wrong>;

    /// How it is written, so that it reads back.
    fn write(&self) -> String;
}

macro_rules! numbers {
    ($($number:ident)*) => {$(
        impl Value for $number {
            fn read(text: &str) -> Result<Self, Wrong> {
                let digits = text.bytes().all(|b| b.is_ascii_digit());
                text.parse().ok().filter(|_| digits).ok_or_else(|| Wrong::value(text, "a number such as 12"))
            }

            fn write(&self) -> String {
                self.to_string()
            }
        }
    )*};
}
numbers!(u32 u64);

/// How many there are. `none` and `any` speak of the things counted, so that a count that is missing has another word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count(pub(super) u32);

impl Value for Count {
    const ABSENCE: [&'static str; 2] = ["missing", "present"];

    fn read(text: &str) -> Result<Self, Wrong> {
        u32::read(text).map(Self)
    }

    fn write(&self) -> String {
        self.0.to_string()
    }
}

impl Value for Day {
    fn read(text: &str) -> Result<Self, Wrong> {
        calendar::read_day(text)
    }

    fn write(&self) -> String {
        calendar::write_day(*self)
    }
}

impl Value for Span {
    fn read(text: &str) -> Result<Self, Wrong> {
        calendar::read_span(text)
    }

    fn write(&self) -> String {
        calendar::write_span(*self)
    }
}

impl Value for IssueKey {
    fn read(text: &str) -> Result<Self, Wrong> {
        let (team, number) = text.rsplit_once('-').unwrap_or_default();
        let number =
            u32::read(number).map_err(|_| Wrong::value(text, "the key of an issue such as ENG-12"))?;
        Ok(Self { team: team.to_ascii_uppercase(), number })
    }

    fn write(&self) -> String {
        scan::value(&format!("{}-{}", self.team, self.number))
    }
}

/// A text that is compared letter by letter, such as the id at the source of an issue, or a rank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letters(pub(super) String);

impl Value for Letters {
    fn read(text: &str) -> Result<Self, Wrong> {
        Ok(Self(text.to_owned()))
    }

    fn write(&self) -> String {
        let is_word = Self::ABSENCE.iter().any(|word| self.0.eq_ignore_ascii_case(word));
        // A dot at an end would become one of the two of a range.
        if is_word || self.0.starts_with('.') || self.0.ends_with('.') {
            scan::quote(&self.0)
        } else {
            scan::value(&self.0)
        }
    }
}

macro_rules! ids {
    ($($id:ident)*) => {$(
        impl Value for $id {
            fn read(text: &str) -> Result<Self, Wrong> {
                text.parse().map_err(|error: crate::id::ParseIdError| {
                    Wrong { message: error.to_string(), suggestions: Vec::new() }
                })
            }

            fn write(&self) -> String {
                self.to_string()
            }
        }
    )*};
}
ids!(IssueId LabelId MemberId StateId TeamId WorkflowId WorkflowVersionId);

/// A word of a list in the model.
pub(super) trait Word: Copy + 'static {
    /// What it is, in an error.
    const WANTED: &'static str;
    /// All of them.
    const WORDS: &'static [Self];
    /// As clients see it.
    fn word(self) -> &'static str;
}

/// All words of a list, as they are typed.
pub(super) fn words<T: Word>() -> Vec<String> {
    T::WORDS.iter().map(|value| value.word().to_ascii_lowercase()).collect()
}

/// Case does not matter in a word, nor what stands between its parts.
fn same_word(a: &str, b: &str) -> bool {
    let letters = |word: &str| -> String { word.chars().filter(|c| c.is_alphanumeric()).collect() };
    letters(a).eq_ignore_ascii_case(&letters(b))
}

fn read_word<T: Word>(text: &str) -> Result<T, Wrong> {
    let text = if text.eq_ignore_ascii_case("cancelled") { "canceled" } else { text };
    T::WORDS.iter().copied().find(|value| same_word(value.word(), text)).ok_or_else(|| {
        let words = words::<T>();
        let near = nearest(text, words.iter().map(String::as_str));
        Wrong::value(text, T::WANTED).or(if near.is_empty() { words } else { near })
    })
}

macro_rules! word_values {
    ($($name:ident $absence:expr, $wanted:literal;)*) => {$(
        impl Word for $name {
            const WANTED: &'static str = $wanted;
            const WORDS: &'static [Self] = Self::ALL;

            fn word(self) -> &'static str {
                self.as_str()
            }
        }

        impl Value for $name {
            const ABSENCE: [&'static str; 2] = $absence;

            fn read(text: &str) -> Result<Self, Wrong> {
                read_word(text)
            }

            fn write(&self) -> String {
                self.as_str().to_ascii_lowercase()
            }
        }
    )*};
}

word_values! {
    StateCategory ["none", "any"], "a category: triage, backlog, unstarted, started, completed, canceled";
    IssueKind ["none", "any"], "a type: bug, feature, task, epic";
    // `none` is a priority.
    Priority ["missing", "present"], "a priority: none, low, medium, high, critical";
    Resolution ["none", "any"], "a resolution: done, wont_do, duplicate, cannot_reproduce";
}
