//! Full-text search: issues by their texts, ranked, with the words marked.
//!
//! A search is an ordinary list of issues whose filter has a text. Only what is shown beside the issues is made here.

use super::costs::QUESTION_UNITS;
use super::filter::IssueFilter;
use super::issue_sort::IssueSort;
use super::page::PageArguments;
use super::search_facet::{FacetNode, facets_of};
use super::search_hit::{HitNode, Words};
use super::sight::Sight;
use super::wish::Wish;
use super::word::IssueGroupBy;
use crate::context::Asked;
use crate::error::Result;
use crate::lean::{Connection, Row, Rows};
use async_graphql::{Context, Object};
use mortise_engine::filter::{Filter, Sort, SortKey, Test, TextSearch};
use mortise_engine::query::IssuePageRequest;
use std::sync::Arc;

/// What matches best comes first, of equals the newest.
const BEST_FIRST: [Sort; 2] = [
    Sort { key: SortKey::Relevance, descending: true, nulls_first: false },
    Sort { key: SortKey::Created, descending: true, nulls_first: false },
];

/// Queries by text.
#[derive(Default)]
pub(crate) struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Issues by their texts: titles, descriptions, comments, and keys. One or two words must be there, of more at least
    /// three in five, in whichever text; `"phrases"`, `-without`, `prefix*` and `title:word` (also `description:` and
    /// `comment:`) are understood, and typos forgiven. What matches best comes first unless an order is given. Everything
    /// that was acknowledged is found.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a list")]
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was typed, at most 2 KiB.")] text: String,
        #[graphql(desc = "Whether it is still being typed: then the last word may go on.", default)]
        typing: bool,
        #[graphql(desc = "Which of them.")] filter: Option<IssueFilter>,
        #[graphql(desc = "Which of them, in the query language.")] query: Option<String>,
        #[graphql(desc = "In another order than by how well they match.")] sort: Option<Vec<IssueSort>>,
        #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
        #[graphql(desc = "The cursor behind which the page begins; goes with `first`.")] after: Option<
            String,
        >,
        #[graphql(desc = "Nodes of the page, counted from the end, 1 to 250.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; goes with `last`.")] before: Option<String>,
        #[graphql(
            desc = "Where days and weeks begin, as the IANA names the zone, such as `Europe/Berlin`; the viewer's, else the company's, unless said."
        )]
        time_zone: Option<String>,
    ) -> Result<IssueSearch> {
        let asked = Asked::of(ctx)?;
        let sight = Sight::of(&asked, None, time_zone).await?;
        let words = if typing { TextSearch::unfinished(text) } else { TextSearch::of(text) };
        let wish = Wish { filter, query, sort, ..Wish::default() };
        IssueSearch::ask(&asked, words, wish, sight, PageArguments { first, after, last, before }).await
    }
}

/// What a search found.
pub(crate) struct IssueSearch {
    filter: Filter,
    hits: Row<Connection<HitNode>>,
    sight: Sight,
    indexed_through: Option<String>,
}

impl IssueSearch {
    async fn ask(
        asked: &Asked<'_>,
        words: TextSearch,
        wish: Wish,
        sight: Sight,
        arguments: PageArguments,
    ) -> Result<Self> {
        let within = Some(Test::Text(words.clone()).into());
        let reader = sight.reader(asked.snapshot);
        let (filter, sort) = Wish { within, usual: BEST_FIRST.to_vec(), ..wish }.settle(reader)?;
        let window = arguments.window(asked.engine.limits())?;
        let request = IssuePageRequest { filter, sort, window };
        // Asked before and behind: the index may have become complete after it was searched.
        let before = reader.indexed_through();
        asked.snapshot.charge(QUESTION_UNITS)?;
        let found = asked.snapshot.rows(reader.issues(&request)).await?;
        let indexed_through = before.or_else(|| reader.indexed_through()).map(|seq| seq.to_string());
        asked.snapshot.charge(found.issues.len())?;
        let words = Arc::new(Words::new(words));
        let hit = |(issue, score)| HitNode::new(issue, score, &words, &sight);
        let nodes = found.issues.into_iter().zip(found.relevance).map(hit).collect();
        let cursors = found.cursors;
        let cursor = move |index: usize, _: &HitNode| cursors.of(index).unwrap_or_default();
        let page = Connection::new(nodes, Arc::new(cursor))
            .with_neighbours(found.has_previous, found.has_next)
            .with_total(usize::try_from(found.total).unwrap_or(usize::MAX));
        Ok(Self { filter: request.filter, hits: Row(page), sight, indexed_through })
    }
}

/// What a search found.
#[Object]
impl IssueSearch {
    /// The issues.
    async fn hits(&self) -> &Row<Connection<HitNode>> {
        &self.hits
    }

    /// How the hits divide, over all pages: how many have each state, label, assignee …; of each field the 50 most frequent
    /// values. By `PARENT` they do not.
    async fn facets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By what.")] by: Vec<IssueGroupBy>,
    ) -> Result<Rows<FacetNode>> {
        facets_of(&Asked::of(ctx)?, &self.filter, &by, &self.sight).await
    }

    /// Null when everything was searched that was acknowledged, as it nearly always is; else, while the index is made
    /// anew, the `syncCursor` up to which the answer is complete.
    async fn indexed_through(&self) -> Option<&str> {
        self.indexed_through.as_deref()
    }
}
