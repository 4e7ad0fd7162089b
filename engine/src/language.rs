//! The text form of filters: `state:"in progress" assignee:me -label:wontfix priority>=high created>-2w sort:-updated`.
//!
//! [`parse`] makes of a text the one filter tree and an order, [`format()`] makes text of them; nothing is lost between
//! the two. The fields are one table, [`fields`]; what a user reads about them is `docs/query-language.md`. This module
//! knows no issues: whether a filter finds any is not its affair.
//!
//! ```text
//! query      = alternative { "OR" alternative }
//! alternative = { item ["AND"] }
//! item       = ["NOT"] ["-"] ( test | words | key | group | "sort:" steps )
//! group      = "(" query ")" | "all(" query ")" | "any(" query ")"
//! test       = field ["." part] sign ( values | "(" … ")" | quantity "(" … ")" )
//! sign       = ":" "=" "!=" "<" "<=" ">" ">=" "~" "!~" "^=" "$="     doubled at the end: case and accents count
//! values     = value { "," value } | "in(" [ values ] ")"
//! value      = text | quotation | [ text ] ".." [ text ]
//! ```
//!
//! # What it is not
//!
//! Not the language of full-text search: words that stand without a field are handed on as they are typed.

mod calendar;
mod compare;
mod complete;
mod expression;
mod field;
mod format;
mod history;
mod many;
mod names;
mod order;
mod problem;
mod reader;
mod relation;
mod scan;
mod shorthand;
mod sign;
mod test;
#[cfg(test)]
mod tests;
mod text;
mod times;
mod unknown;
mod value;

pub use complete::{COMPLETIONS_MAX, Completion, CompletionKind, complete};
pub use field::{Field, fields};
pub use problem::ParseError;
pub use unknown::{NameKind, UnknownName, names_unknown};

use crate::directory::Directory;
use crate::filter::{Filter, Sort, TextSearch};
use crate::limits::Limits;
use jiff::tz::TimeZone;
pub(crate) use reader::ERRORS_MAX;
use reader::Reader;
use std::ops::Range;
use unknown::Mention;

/// What a text asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Which issues.
    pub filter: Filter,
    /// In which order.
    pub sort: Vec<Sort>,
    names: Vec<Mention>,
    searches: Vec<(TextSearch, Range<usize>)>,
}

impl Query {
    /// [`names_unknown`] of the filter, with the places in the text where the names stand.
    #[must_use]
    pub fn names_unknown(&self, directory: &Directory) -> Vec<UnknownName> {
        unknown::placed(names_unknown(&self.filter, directory), &self.names)
    }

    /// The searches for words in it, with the places in the text where they stand. Whether a search can be understood is
    /// not known here.
    pub(crate) fn searches(&self) -> &[(TextSearch, Range<usize>)] {
        &self.searches
    }
}

/// Reads a text. Days that stand for instants are those of UTC.
///
/// # Errors
///
/// Everything that is wrong with it, with places: see [`ParseError`].
///
/// # Examples
///
/// ```
/// use mortise_engine::{Limits, language};
///
/// let query = language::parse("priority>=high OR label:urgent sort:-updated", &Limits::default()).unwrap();
/// assert_eq!(query.sort.len(), 1);
/// let errors = language::parse("asignee:me", &Limits::default()).unwrap_err();
/// assert_eq!(errors[0].suggestions, ["assignee"]);
/// ```
pub fn parse(text: &str, limits: &Limits) -> Result<Query, Vec<ParseError>> {
    parse_in(text, limits, &TimeZone::UTC)
}

/// Reads a text. Days that stand for instants are those of `zone`: `created:2026-01-31` is that day there.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_in(text: &str, limits: &Limits, zone: &TimeZone) -> Result<Query, Vec<ParseError>> {
    let whole = |message: String| ParseError { start: 0, end: text.len(), message, suggestions: Vec::new() };
    let bytes_max = limits.query_bytes_max;
    if text.len() > bytes_max {
        return Err(vec![whole(format!(
            "the text has {} bytes: at most {bytes_max} are allowed",
            text.len()
        ))]);
    }
    let mut reader = Reader::new(text, limits, zone);
    let filter = reader.expression().into_filter();
    if !reader.errors.is_empty() {
        return Err(reader.errors);
    }
    let (nodes, depth) = filter.size();
    for (what, has, max) in
        [("tests and groups", nodes, limits.filter_nodes_max), ("levels", depth, limits.filter_depth_max)]
    {
        if has > max {
            return Err(vec![whole(format!("the filter has {has} {what}: at most {max} are allowed"))]);
        }
    }
    Ok(Query { filter, sort: reader.sort, names: reader.names, searches: reader.searches })
}

/// Writes a filter and an order as text, in one canonical form that [`parse`] reads as the same tree.
///
/// Two things no text says: values of a text test beyond the first where only the first counts, and
/// [`Test::Looked`](crate::filter::Test::Looked), which stands in no filter that is asked. A text may be longer than
/// [`Limits::query_bytes_max`] allows.
#[must_use]
pub fn format(filter: &Filter, sort: &[Sort]) -> String {
    format_in(filter, sort, &TimeZone::UTC)
}

/// [`format()`] for readers in `zone`: an instant with which a day begins or ends there is written as that day.
#[must_use]
pub fn format_in(filter: &Filter, sort: &[Sort], zone: &TimeZone) -> String {
    format::Formatter { zone }.query(filter, sort)
}
