//! What people type into a search box, read: words, phrases, exclusions.
//!
//! ```text
//! login timeout          both words, each in any text of the issue; of three words and more, three in five
//! "session expired"      these words side by side, as they are written
//! -mobile  -"dark mode"  none of this
//! title:crash            in the title; also description: and comment:
//! auth*                  words that begin so
//! login tim…             the last word may go on, or is written wrongly as others may be: it is being typed
//! ENG-12                 the issue itself, or texts that mention it
//! ```
//!
//! Several words written without a space (`foo.bar`, `TLS1.3`, `sub-issue`) must stand side by side, in any inflection.
//! It knows no language and no index: what a word stands for is decided when the query meets them.

mod parse;

use super::document::Field;
use super::schema::key_term;
use crate::error::Error;
use crate::limits::Limits;
use std::ops::Range;

/// A query, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    pub(super) clauses: Vec<Clause>,
}

/// Whether whoever asks is still writing the last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Typing {
    /// The query is complete.
    #[default]
    Done,
    /// The last word may be the beginning of a longer one, unless a space follows it. A quote that is still open, or a
    /// field that is named last, is no mistake yet.
    LastWord,
}

impl SearchQuery {
    /// Reads what somebody typed.
    ///
    /// # Errors
    ///
    /// A [`SyntaxError`] where [`Limits::filter_text_bytes_max`] or a bound of [`bounds`](super::bounds) is reached, a
    /// quote is left open, a field is named without a word, or there is no word at all.
    ///
    /// # Examples
    ///
    /// ```
    /// use mortise_engine::Limits;
    /// use mortise_engine::search::{SearchQuery, Typing};
    ///
    /// let parse = |text| SearchQuery::parse(text, Typing::Done, &Limits::default());
    /// assert!(parse("login \"session expired\" -mobile").is_ok());
    /// let error = parse("login \"session").unwrap_err();
    /// assert_eq!(error.at, 6..7);
    /// ```
    pub fn parse(text: &str, typing: Typing, limits: &Limits) -> Result<Self, SyntaxError> {
        parse::parse(text, typing, limits).map(|clauses| Self { clauses })
    }

    /// This query, with every key of an issue that is named by one: the index knows an issue by the keys that its team had
    /// when it was last taken in. `keys_of` says which keys the team has and had that has or had this one.
    #[must_use]
    pub fn with_all_keys(mut self, keys_of: impl Fn(&str) -> Vec<String>) -> Self {
        for clause in &mut self.clauses {
            let Some((team, number)) = clause.keys.first().and_then(|key| key.split_once('-')) else {
                continue;
            };
            let keys: Vec<_> =
                keys_of(team).iter().map(|team| key_term(&format!("{team}-{number}"))).collect();
            clause.keys.extend(keys);
            clause.keys.sort_unstable();
            clause.keys.dedup();
        }
        self
    }
}

/// One thing that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    /// Where it stands in the text.
    pub(super) at: Range<usize>,
    /// Whether it must not be there.
    pub(super) is_excluded: bool,
    /// The text it is sought in; any, if none is named.
    pub(super) field: Option<Field>,
    /// One word, or several that stand side by side.
    pub(super) words: Vec<Wanted>,
    /// Whether only words as they are written count.
    pub(super) is_exact: bool,
    /// Whether the last word may go on.
    pub(super) ending: Ending,
    /// The key of an issue that this may be; several, when they are keys of one issue.
    pub(super) keys: Vec<String>,
}

/// How the last word of a clause ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Where it ends.
    Whole,
    /// Anywhere: `word*`.
    Anywhere,
    /// Perhaps later: it is being typed.
    Unfinished,
}

/// A word that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// In lower case, as it is stemmed.
    pub(super) lower: String,
    /// Without accents, as it is compared.
    pub(super) folded: String,
}

/// Why a text is not a query, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot search: {what} (at byte {})", .at.start)]
pub struct SyntaxError {
    /// The part of the text, in bytes.
    pub at: Range<usize>,
    /// What is wrong with it, and what would be right.
    pub what: String,
}

impl From<SyntaxError> for Error {
    fn from(error: SyntaxError) -> Self {
        Self::invalid("text", error.to_string())
    }
}
