//! What a list of issues is asked for: which, and in which order.

use super::filter::{At, IssueFilter};
use super::issue_sort::IssueSort;
use crate::error::Result;
use mortise_engine::filter::{Filter, Sort};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// What the list is of: the issues of a team, of a view.
    pub(crate) within: Option<Filter>,
    /// Which of them.
    pub(crate) filter: Option<IssueFilter>,
    /// In which order.
    pub(crate) sort: Option<Vec<IssueSort>>,
    /// In which order when none is asked for; the engine's own when empty.
    pub(crate) usual: Vec<Sort>,
}

impl Wish {
    /// What to ask the engine.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for what cannot be read; the place is named.
    pub(crate) fn settle(self) -> Result<(Filter, Vec<Sort>)> {
        let filter = self.filter.map(|filter| filter.filter(&At::Argument("filter"))).transpose()?;
        let parts = self.within.into_iter().chain(filter).collect();
        Ok((Filter::All(parts), self.sort.map_or(self.usual, IssueSort::all)))
    }
}
