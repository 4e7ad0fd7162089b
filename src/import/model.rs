//! The items of an archive as the file has them, typed. Fields an archive may lack or hold `null` in are options;
//! fields we have no use for are not here, and are reported by [`fate`](super::fate) instead.
//!
//! It does not know where an item stands in the file.

use std::fmt;

use jiff::Timestamp;
use serde::de::{DeserializeSeed, Error as _, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use super::bounds::{self, MAX_NAMES};
use super::numbers::MAX_NUMBER;
use super::text::clip;

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
    #[serde(deserialize_with = "name")]
    pub(crate) name: String,
    /// What it is for.
    #[serde(default, deserialize_with = "maybe_description")]
    pub(crate) description: Option<String>,
    /// Six hexadecimal digits.
    #[serde(default, deserialize_with = "maybe_name")]
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
    #[serde(default, deserialize_with = "logins")]
    pub(crate) assignees: Option<Vec<String>>,
    /// Names of labels; the archiving tool keeps at most five.
    #[serde(default, deserialize_with = "names")]
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
    #[serde(default, deserialize_with = "maybe_id")]
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
        let login = Text { expected: "an account name or null", read: bounds::login };
        from.deserialize_option(Maybe(login)).map(|login| login.map_or(Self::Deleted, Self::Login))
    }
}

fn review_state(text: &str) -> Result<ReviewState, String> {
    match text {
        "COMMENTED" => Ok(ReviewState::Commented),
        _ => bounds::login(text).map(|state| ReviewState::Verdict(state.to_lowercase().replace('_', " "))),
    }
}

fn name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    from.deserialize_str(Text { expected: "a name", read: bounds::name })
}

fn maybe_name<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    from.deserialize_option(Maybe(Text { expected: "a text or null", read: bounds::name }))
}

fn maybe_id<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    from.deserialize_option(Maybe(Text { expected: "an id or null", read: bounds::id }))
}

fn maybe_description<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    from.deserialize_option(Maybe(Text { expected: "a text or null", read: bounds::description }))
}

fn logins<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    from.deserialize_option(MaybeList(Text { expected: "an account name", read: bounds::login }))
}

fn names<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    from.deserialize_option(MaybeList(Text { expected: "a name", read: bounds::name }))
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

/// A list of names within bounds, or `null`.
struct MaybeList(Text<String>);

impl<'de> Visitor<'de> for MaybeList {
    type Value = Option<Vec<String>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = list.next_element_seed(self.0)? {
            if names.len() >= MAX_NAMES {
                return Err(A::Error::custom(format!("more than {MAX_NAMES} names")));
            }
            names.push(name);
        }
        Ok(Some(names))
    }
}

/// Reads a string while the parser stands behind it, so that a fault gets the position of the value. (An error made
/// after deserializing a `String` would get that of the end of the object.)
struct Text<T> {
    expected: &'static str,
    read: fn(&str) -> Result<T, String>,
}

impl<T> Clone for Text<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Text<T> {}

impl<'de, T> DeserializeSeed<'de> for Text<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        from.deserialize_str(self)
    }
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
