//! The query language: a text as a filter and an order, and back; and what could stand in it.

use super::filter::{At, IssueFilter, IssueFilterJson};
use super::issue_sort::{IssueSort, SortNode};
use super::scalar;
use super::sight::Sight;
use crate::context::Asked;
use crate::error::{ApiError, Result, TextPlace};
use crate::lean::Rows;
use async_graphql::{Context, Enum, Object, SimpleObject};
use mortise_engine::Error;
use mortise_engine::filter::Filter;
use mortise_engine::language::{self, CompletionKind, ParseError, Query, UnknownName};
use mortise_engine::query::Reader;

/// Queries about the query language.
#[derive(Default)]
pub(crate) struct LanguageQuery;

#[Object]
impl LanguageQuery {
    /// Reads a text of the query language, such as `state:"in progress" assignee:me created>-2w sort:-updated`. What is
    /// wrong with it comes as `errors`, each with its place; then there is no filter. Positions count as JavaScript counts,
    /// in UTF-16 code units.
    async fn parse_query(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text; at most 4 KiB.")] text: String,
        #[graphql(
            desc = "Where days begin, as the IANA names the zone; the viewer's, else the company's, unless said."
        )]
        time_zone: Option<String>,
    ) -> Result<ParsedQuery> {
        let asked = Asked::of(ctx)?;
        let sight = Sight::of(&asked, None, time_zone).await?;
        let (reader, directory) = (sight.reader(asked.snapshot), asked.snapshot.directory());
        Ok(match reader.parse_query(&text) {
            Ok(query) => ParsedQuery {
                warnings: query
                    .names_unknown(&directory)
                    .into_iter()
                    .map(|name| warning(&text, name))
                    .collect(),
                errors: Vec::new(),
                query: Some(reader.format_query(&query.filter, &query.sort)),
                filter: IssueFilterJson::of(&query.filter),
                sort: query.sort,
            },
            Err(errors) => ParsedQuery {
                errors: errors.into_iter().map(|error| problem(&text, error)).collect(),
                ..ParsedQuery::default()
            },
        })
    }

    /// A filter and an order as a text of the query language: reading it gives the same again.
    async fn format_query(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which issues.")] filter: Option<IssueFilter>,
        #[graphql(desc = "In which order.")] sort: Option<Vec<IssueSort>>,
        #[graphql(
            desc = "Where days begin, as the IANA names the zone; the viewer's, else the company's, unless said."
        )]
        time_zone: Option<String>,
    ) -> Result<String> {
        let asked = Asked::of(ctx)?;
        let sight = Sight::of(&asked, None, time_zone).await?;
        let filter = filter.map(|filter| filter.filter(&At::Argument("filter"))).transpose()?;
        let filter = filter.unwrap_or_else(Filter::everything);
        mortise_engine::view::validate(&filter, asked.engine.limits())?;
        let sort = sort.map(IssueSort::all).unwrap_or_default();
        Ok(sight.reader(asked.snapshot).format_query(&filter, &sort))
    }

    /// What could stand at a place of a text that is being typed, at most 20. Positions count UTF-16 code units.
    async fn query_completions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text so far; at most 4 KiB.")] text: String,
        #[graphql(desc = "Where the cursor stands; the end of the text unless said.")] position: Option<u32>,
    ) -> Result<Vec<QueryCompletion>> {
        let asked = Asked::of(ctx)?;
        scalar::bounded("text", &text, asked.engine.limits().query_bytes_max)?;
        let at = position.map_or(text.len(), |units| byte_at(&text, units));
        let found = language::complete(&text, at, &asked.snapshot.directory(), asked.snapshot.member());
        asked.snapshot.charge(1)?;
        Ok(found
            .into_iter()
            .map(|completion| QueryCompletion {
                start: units_at(&text, completion.start),
                end: units_at(&text, completion.end),
                insert: completion.insert,
                label: completion.label,
                detail: Some(completion.detail).filter(|detail| !detail.is_empty()),
                kind: completion.kind.into(),
            })
            .collect())
    }
}

/// Reads a text that stands in an argument or a field with this name.
///
/// # Errors
///
/// `INVALID_INPUT` with the first thing that is wrong, its place in UTF-16 code units, and what could stand there.
pub(crate) fn read(reader: &Reader, field: &str, text: &str) -> Result<Query> {
    reader.parse_query(text).map_err(|errors| match errors.into_iter().next() {
        Some(first) => {
            let message = format!("cannot read `{field}`: {}", first.message);
            let (start, end) = (units_at(text, first.start), units_at(text, first.end));
            ApiError::at(
                Error::invalid(field, message),
                TextPlace { start, end, suggestions: first.suggestions },
            )
        }
        None => Error::invalid(field, format!("cannot read `{field}`")).into(),
    })
}

/// A text of the query language, read.
#[derive(Debug, Default)]
pub(crate) struct ParsedQuery {
    query: Option<String>,
    filter: Option<IssueFilterJson>,
    sort: Vec<mortise_engine::filter::Sort>,
    errors: Vec<QueryProblem>,
    warnings: Vec<QueryProblem>,
}

/// A text of the query language, read.
#[Object]
impl ParsedQuery {
    /// The same in its usual form; null when there are errors.
    async fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// The filter, as the JSON of the input `IssueFilter`; null when there are errors, or no input can say it.
    async fn filter(&self) -> Option<&IssueFilterJson> {
        self.filter.as_ref()
    }

    /// The order; empty when the text says none.
    async fn sort(&self) -> Rows<SortNode> {
        SortNode::all(&self.sort)
    }

    /// What is wrong with the text.
    async fn errors(&self) -> &[QueryProblem] {
        &self.errors
    }

    /// What may be a mistake: names that nothing has.
    async fn warnings(&self) -> &[QueryProblem] {
        &self.warnings
    }
}

/// Something that is, or may be, wrong with a text.
#[derive(Debug, SimpleObject)]
pub(crate) struct QueryProblem {
    /// Where it begins, in UTF-16 code units; null when that is not known.
    start: Option<u32>,
    /// Where it ends.
    end: Option<u32>,
    /// What is wrong, and what to do about it.
    message: String,
    /// What could stand in its place, the likeliest first.
    suggestions: Vec<String>,
}

fn problem(text: &str, error: ParseError) -> QueryProblem {
    QueryProblem {
        start: Some(units_at(text, error.start)),
        end: Some(units_at(text, error.end)),
        message: error.message,
        suggestions: error.suggestions,
    }
}

fn warning(text: &str, unknown: UnknownName) -> QueryProblem {
    QueryProblem {
        start: unknown.place.as_ref().map(|place| units_at(text, place.start)),
        end: unknown.place.as_ref().map(|place| units_at(text, place.end)),
        message: unknown.to_string(),
        suggestions: unknown.suggestions,
    }
}

/// Something that could stand in a text.
#[derive(Debug, SimpleObject)]
pub(crate) struct QueryCompletion {
    /// Where what it replaces begins, in UTF-16 code units.
    start: u32,
    /// Where what it replaces ends.
    end: u32,
    /// What to put there, in quotes when it needs them.
    insert: String,
    /// What a list shows.
    label: String,
    /// What a list can show beside it.
    detail: Option<String>,
    /// What it is.
    kind: QueryCompletionKind,
}

/// What a completion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "CompletionKind")]
pub(crate) enum QueryCompletionKind {
    /// A field.
    Field,
    /// A field with one of its signs.
    Sign,
    /// `AND`, `OR`, `NOT`.
    Keyword,
    /// A word of the language: a priority, a category, `none`.
    Word,
    /// A state.
    State,
    /// A member.
    Member,
    /// A label.
    Label,
    /// A team.
    Team,
    /// A workflow.
    Workflow,
    /// A time, a day or a duration.
    Time,
    /// Something to order by.
    SortKey,
}

/// The UTF-16 code units before a byte of a text.
fn units_at(text: &str, byte: usize) -> u32 {
    let before = text.get(..byte).unwrap_or(text);
    u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// The byte before which there are so many UTF-16 code units; the end of a shorter text.
fn byte_at(text: &str, units: u32) -> usize {
    let mut left = units as usize;
    for (byte, letter) in text.char_indices() {
        if left < letter.len_utf16() {
            return byte;
        }
        left -= letter.len_utf16();
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_counted_as_javascript_counts() {
        let text = "a😀é:x";
        assert_eq!([0, 1, 5, 7, 8].map(|byte| units_at(text, byte)), [0, 1, 3, 4, 5]);
        assert_eq!([0, 1, 2, 3, 4, 99].map(|units| byte_at(text, units)), [0, 1, 1, 5, 7, 9]);
    }
}
