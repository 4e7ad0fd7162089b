//! What a list of issues is asked for: which, and in which order.

use super::filter::{At, IssueFilter};
use super::issue_sort::IssueSort;
use super::language;
use crate::error::Result;
use mortise_engine::filter::{Filter, Sort};
use mortise_engine::query::Reader;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// What the list is of: the issues of a team, of a view.
    pub(crate) within: Option<Filter>,
    /// Which of them.
    pub(crate) filter: Option<IssueFilter>,
    /// Which of them, as a text, and in which order when `sort` does not say.
    pub(crate) query: Option<String>,
    /// In which order.
    pub(crate) sort: Option<Vec<IssueSort>>,
    /// In which order when none is asked for; the engine's own when empty.
    pub(crate) usual: Vec<Sort>,
}

impl Wish {
    /// What to ask the engine, in the words and days of this reader.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for what cannot be read; the place is named.
    pub(crate) fn settle(self, reader: &Reader) -> Result<(Filter, Vec<Sort>)> {
        let filter = self.filter.map(|filter| filter.filter(&At::Argument("filter"))).transpose()?;
        let query = self.query.map(|text| language::read(reader, "query", &text)).transpose()?;
        let (said, order) = query.map(|query| (query.filter, query.sort)).unzip();
        let mut parts: Vec<_> = self.within.into_iter().chain(filter).chain(said).collect();
        let order = order.filter(|order| !order.is_empty()).unwrap_or(self.usual);
        // What stands alone stays as it is, and counts as it was counted when it was read.
        let whole = if parts.len() == 1 { parts.pop() } else { None };
        Ok((whole.unwrap_or(Filter::All(parts)), self.sort.map_or(order, IssueSort::all)))
    }
}
