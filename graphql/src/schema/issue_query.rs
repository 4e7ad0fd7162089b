//! Queries for issues: one by id or key, and pages by filter and order.

use super::filter::IssueFilter;
use super::issue::IssueNode;
use super::issue_sort::IssueSort;
use super::page::PageArguments;
use super::scalar;
use super::sight::{PastMoment, Sight};
use super::wish::Wish;
use crate::context::Asked;
use crate::error::Result;
use crate::lean::{Connection, Row};
use async_graphql::{Context, ID, Object};
use mortise_engine::query::{IssueList, IssuePageRequest};
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
        #[graphql(desc = "As it was then, if it was there.")] at: Option<PastMoment>,
    ) -> Result<Option<Row<IssueNode>>> {
        let asked = Asked::of(ctx)?;
        let issue = scalar::issue("id", &id)?;
        let sight = Sight::of(&asked, at, None).await?;
        let found = asked.snapshot.rows(sight.reader(asked.snapshot).issue(&issue)).await?;
        Ok(found.map(|issue| Row(IssueNode::seen(issue, &sight))))
    }

    /// Issues by filter and order, with the exact number of all that pass. Archived and deleted ones are left out unless
    /// the filter speaks of them.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a list")]
    async fn issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] filter: Option<IssueFilter>,
        #[graphql(
            desc = "Which, as a text of the query language; `filter` must hold as well. Its order counts when `sort` does not say."
        )]
        query: Option<String>,
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
        #[graphql(desc = "As they were then. Refused when more than 200,000 events happened since.")]
        at: Option<PastMoment>,
        #[graphql(
            desc = "Where days and weeks begin, as the IANA names the zone, such as `Europe/Berlin`; the viewer's, else the company's, unless said."
        )]
        time_zone: Option<String>,
    ) -> Result<Row<Connection<IssueNode>>> {
        let asked = Asked::of(ctx)?;
        let sight = Sight::of(&asked, at, time_zone).await?;
        let wish = Wish { filter, query, sort, ..Wish::default() };
        page_of_issues(&asked, wish, &sight, PageArguments { first, after, last, before }).await
    }
}

/// A page of the issues that are wished for.
///
/// # Errors
///
/// As [`Reader::issues`](mortise_engine::query::Reader::issues), and `INVALID_INPUT` for ids and page arguments that
/// cannot be read.
pub(crate) async fn page_of_issues(
    asked: &Asked<'_>,
    wish: Wish,
    sight: &Sight,
    arguments: PageArguments,
) -> Result<Row<Connection<IssueNode>>> {
    let (filter, sort) = wish.settle(sight.reader(asked.snapshot))?;
    let window = arguments.window(asked.engine.limits())?;
    let request = IssuePageRequest { filter, sort, window };
    let found = asked.snapshot.rows(sight.reader(asked.snapshot).issues(&request)).await?;
    asked.snapshot.charge(found.issues.len())?;
    Ok(Row(connection(found, sight)))
}

/// A page as the engine found it.
pub(crate) fn connection(found: IssueList, sight: &Sight) -> Connection<IssueNode> {
    let nodes = found.issues.into_iter().map(|issue| IssueNode::seen(issue, sight)).collect();
    let cursors = found.cursors;
    let cursor = move |index: usize, _: &IssueNode| cursors.of(index).unwrap_or_default();
    let page = Connection::new(nodes, Arc::new(cursor)).with_neighbours(found.has_previous, found.has_next);
    page.with_total(usize::try_from(found.total).unwrap_or(usize::MAX))
}
