//! Pages of lists that are all in memory, read forwards.

use crate::schema::page::{PAGE_SIZE_DEFAULT, size};
use async_graphql::SimpleObject;
use mortise_engine::Limits;

/// Where a page lies in its list.
#[derive(SimpleObject)]
pub(super) struct PageInfo {
    /// Whether there is more behind it.
    pub(super) has_next_page: bool,
    /// The cursor behind which the next page begins.
    pub(super) end_cursor: Option<String>,
}

/// The part of a list that is asked for.
pub(super) struct Cut<T> {
    pub(super) nodes: Vec<T>,
    pub(super) page_info: PageInfo,
    pub(super) total: usize,
}

/// Cuts a page out of a list. `cursor` names a node; `before` says whether a node lies at a cursor or before it.
///
/// # Errors
///
/// `INVALID_INPUT` for a size out of bounds.
pub(super) fn cut<T>(
    all: Vec<T>,
    (first, after): (Option<i32>, Option<String>),
    limits: &Limits,
    cursor: impl Fn(&T) -> String,
    before: impl Fn(&T, &str) -> bool,
) -> mortise_engine::Result<Cut<T>> {
    let first = first.map_or(Ok(PAGE_SIZE_DEFAULT), |first| size("first", first, limits))?;
    let total = all.len();
    let behind = |node: &T| after.as_deref().is_none_or(|after| !before(node, after));
    let mut rest = all.into_iter().skip_while(|node| !behind(node));
    let nodes: Vec<T> = rest.by_ref().take(first).collect();
    let page_info = PageInfo { has_next_page: rest.next().is_some(), end_cursor: nodes.last().map(cursor) };
    Ok(Cut { nodes, page_info, total })
}
