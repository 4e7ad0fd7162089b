//! The items of an archive as the file has them, typed. Fields an archive may lack or hold `null` in are options;
//! fields we have no use for are not here, and are reported by [`fate`](super::fate) instead.
//!
//! It does not know where an item stands in the file.

use std::fmt;

use jiff::Timestamp;
use serde::de::{Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use super::numbers::MAX_NUMBER;
use super::text::clip;

/// The longest account name accepted, in bytes. The source allows 39, and more for its applications.
pub(crate) const MAX_LOGIN_BYTES: usize = 255;

/// One element of one of the archive's lists.
#[derive(Debug)]
pub(crate) enum Item {
    /// An element of `labels`.
    Label(Label),
    /// An element of `issues`.
    Issue(Thread),
    /// An element of `pulls`.
    Pull(Thread),
}

/// A label of the repository.
#[derive(Debug, Clone, Deserialize)]
#[serde(expecting = "a label: an object with `name`")]
pub(crate) struct Label {
    /// Its name, unique in the repository without regard to case.
    pub(crate) name: String,
    /// What it is for.
    pub(crate) description: Option<String>,
    /// Six hexadecimal digits.
    pub(crate) color: Option<String>,
}

/// An issue, or a pull request, which is an issue with three more fields.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object with `number`, `title`, `state` and `createdAt`")]
pub(crate) struct Thread {
    /// Unique among issues and pull requests together.
    #[serde(deserialize_with = "number")]
    pub(crate) number: u64,
    /// The source's own opaque id.
    pub(crate) id: Option<String>,
    /// What it is about.
    pub(crate) title: Option<String>,
    /// Its page at the source.
    pub(crate) url: Option<String>,
    /// Open, closed or merged.
    pub(crate) state: State,
    /// Who opened it.
    #[serde(default)]
    pub(crate) author: Author,
    /// Names of accounts; the archiving tool keeps at most five.
    pub(crate) assignees: Option<Vec<String>>,
    /// Names of labels; the archiving tool keeps at most five.
    pub(crate) labels: Option<Vec<String>>,
    /// Markdown.
    pub(crate) body: Option<String>,
    /// When it was opened.
    #[serde(deserialize_with = "time")]
    pub(crate) created_at: Timestamp,
    /// When anything about it last changed.
    #[serde(default, deserialize_with = "maybe_time")]
    pub(crate) updated_at: Option<Timestamp>,
    /// When it was closed, if it is.
    #[serde(default, deserialize_with = "maybe_time")]
    pub(crate) closed_at: Option<Timestamp>,
    /// What was said, oldest first.
    pub(crate) comments: Option<Vec<Comment>>,
    /// When it was merged; pull requests only.
    #[serde(default, deserialize_with = "maybe_time")]
    pub(crate) merged_at: Option<Timestamp>,
    /// Who merged it; pull requests only.
    #[serde(default)]
    pub(crate) merged_by: Author,
    /// Reviews; pull requests only.
    pub(crate) reviews: Option<Vec<Review>>,
}

/// A comment on an issue, on a pull request, or (then without an author of its own) within a review.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a comment: an object with `createdAt`")]
pub(crate) struct Comment {
    /// Who wrote it.
    #[serde(default)]
    pub(crate) author: Author,
    /// Markdown.
    pub(crate) body: Option<String>,
    /// When it was written.
    #[serde(deserialize_with = "time")]
    pub(crate) created_at: Timestamp,
    /// When it was last edited.
    #[serde(default, deserialize_with = "maybe_time")]
    pub(crate) updated_at: Option<Timestamp>,
}

/// A review of a pull request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a review: an object with `state` and `createdAt`")]
pub(crate) struct Review {
    /// The source's own opaque id.
    pub(crate) id: Option<String>,
    /// Who reviewed.
    #[serde(default)]
    pub(crate) author: Author,
    /// The verdict.
    pub(crate) state: ReviewState,
    /// Markdown; often empty.
    pub(crate) body: Option<String>,
    /// When it was begun.
    #[serde(deserialize_with = "time")]
    pub(crate) created_at: Timestamp,
    /// When it was last edited.
    #[serde(default, deserialize_with = "maybe_time")]
    pub(crate) updated_at: Option<Timestamp>,
    /// Remarks on lines of the change, by the reviewer.
    pub(crate) comments: Option<Vec<Comment>>,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Author {
    /// An account.
    Login(String),
    /// An account that no longer exists (`null`).
    Deleted,
    /// The archive does not say: the tool leaves authors out of comments after a pull request's hundredth.
    #[default]
    Unrecorded,
}

impl Author {
    /// The account's name, if there is one.
    pub(crate) fn login(&self) -> Option<&str> {
        match self {
            Self::Login(login) => Some(login),
            Self::Deleted | Self::Unrecorded => None,
        }
    }
}

/// The state of an issue or pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum State {
    /// Not done.
    Open,
    /// Done, or given up.
    Closed,
    /// A pull request that was taken.
    Merged,
}

/// The verdict of a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReviewState {
    /// Remarks only.
    Commented,
    /// Any other verdict, in lower case with spaces: `approved`, `changes requested`, `dismissed`, `pending`.
    Verdict(String),
}

impl ReviewState {
    /// The verdict in words.
    pub(crate) fn words(&self) -> &str {
        match self {
            Self::Commented => "commented",
            Self::Verdict(words) => words,
        }
    }
}

impl<'de> Deserialize<'de> for ReviewState {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Text { expected: "the name of a review's state", read: review_state })
    }
}

impl<'de> Deserialize<'de> for Author {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let login = Text { expected: "an account name or null", read: login };
        from.deserialize_option(Maybe(login)).map(|login| login.map_or(Self::Deleted, Self::Login))
    }
}

fn review_state(text: &str) -> Result<ReviewState, String> {
    match text {
        "COMMENTED" => Ok(ReviewState::Commented),
        _ => login(text).map(|state| ReviewState::Verdict(state.to_lowercase().replace('_', " "))),
    }
}

fn login(text: &str) -> Result<String, String> {
    if (1..=MAX_LOGIN_BYTES).contains(&text.len()) {
        return Ok(text.to_owned());
    }
    Err(format!("a name of {} bytes, expected 1 to {MAX_LOGIN_BYTES}", text.len()))
}

fn number<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    from.deserialize_i64(Number)
}

fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    from.deserialize_str(Text { expected: "a time", read: parse_time })
}

fn maybe_time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    from.deserialize_option(Maybe(Text { expected: "a time or null", read: parse_time }))
}

/// Reads a time with its offset, as in `2024-05-01T12:00:00Z`; the error is a phrase.
pub(crate) fn parse_time(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| format!("not a time: {:?}, expected one like 2024-05-01T12:00:00Z", clip(text, 64)))
}

/// Reads a string while the parser stands behind it, so that a fault gets the position of the value. (An error made
/// after deserializing a `String` would get that of the end of the object.)
struct Text<T> {
    expected: &'static str,
    read: fn(&str) -> Result<T, String>,
}

impl<T> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        (self.read)(text).map_err(E::custom)
    }
}

/// The same, or `null`.
struct Maybe<T>(Text<T>);

impl<'de, T> Visitor<'de> for Maybe<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_none<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Option<T>, D::Error> {
        from.deserialize_str(self.0).map(Some)
    }
}

/// A number of an issue.
struct Number;

impl Visitor<'_> for Number {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a number from 1 to {MAX_NUMBER}")
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<u64, E> {
        match number {
            1..=MAX_NUMBER => Ok(number),
            _ => Err(E::invalid_value(Unexpected::Unsigned(number), &self)),
        }
    }
}
