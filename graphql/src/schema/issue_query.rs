//! Queries for issues: one by id or key, and pages by filter and order.

use super::filter::{At, IssueFilter};
use super::issue::IssueNode;
use super::issue_sort::IssueSort;
use super::page::PageArguments;
use super::scalar;
use crate::context::Asked;
use crate::error::Result;
use crate::lean::{Connection, Row};
use async_graphql::{Context, ID, Object};
use mortise_engine::filter::{Filter, Sort, Test};
use mortise_engine::query::IssuePageRequest;
use std::sync::Arc;

/// Queries about issues.
#[derive(Default)]
pub(crate) struct IssueQuery;

#[Object]
impl IssueQuery {
    /// An issue by global id or by key; null when there is none, or it is deleted.
    async fn issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The global id, `iss_…`, or the key, such as `ENG-12`; former team keys still work."
        )]
        id: ID,
    ) -> Result<Option<Row<IssueNode>>> {
        let asked = Asked::of(ctx)?;
        let issue = scalar::issue("id", &id)?;
        let found = asked.snapshot.rows(asked.snapshot.reader().issue(&issue)).await?;
        Ok(found.map(IssueNode).map(Row))
    }

    /// Issues by filter and order, with the exact number of all that pass. Archived and deleted ones are left out unless
    /// the filter speaks of them.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a list")]
    async fn issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] filter: Option<IssueFilter>,
        #[graphql(
            desc = "In which order, each step where the one before leaves a tie; the newest first unless said."
        )]
        sort: Option<Vec<IssueSort>>,
        #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
        #[graphql(desc = "The cursor behind which the page begins; goes with `first`.")] after: Option<
            String,
        >,
        #[graphql(desc = "Nodes of the page, counted from the end, 1 to 250.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; goes with `last`.")] before: Option<String>,
    ) -> Result<Row<Connection<IssueNode>>> {
        let asked = Asked::of(ctx)?;
        let sort = sort.map(IssueSort::all).unwrap_or_default();
        page_of_issues(&asked, None, filter, sort, PageArguments { first, after, last, before }).await
    }
}

/// A page of the issues that pass a filter, and a test besides.
///
/// # Errors
///
/// As [`Reader::issues`](mortise_engine::query::Reader::issues), and `INVALID_INPUT` for ids and page arguments that
/// cannot be read.
pub(crate) async fn page_of_issues(
    asked: &Asked<'_>,
    besides: Option<Test>,
    filter: Option<IssueFilter>,
    sort: Vec<Sort>,
    arguments: PageArguments,
) -> Result<Row<Connection<IssueNode>>> {
    let asks_for = filter.map(|filter| filter.filter(&At::Argument("filter"))).transpose()?;
    let parts = besides.map(Filter::Test).into_iter().chain(asks_for).collect();
    let window = arguments.window(asked.engine.limits())?;
    let request = IssuePageRequest { filter: Filter::All(parts), sort, window };
    let found = asked.snapshot.rows(asked.snapshot.reader().issues(&request)).await?;
    asked.snapshot.charge(found.issues.len())?;
    let nodes = found.issues.into_iter().map(IssueNode).collect();
    let cursors = found.cursors;
    let cursor = move |index: usize, _: &IssueNode| cursors.of(index).unwrap_or_default();
    let page = Connection::new(nodes, Arc::new(cursor)).with_neighbours(found.has_previous, found.has_next);
    Ok(Row(page.with_total(usize::try_from(found.total).unwrap_or(usize::MAX))))
}
