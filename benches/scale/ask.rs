//! How the engine is asked: the one place that knows it, a function for each kind of question.
//!
//! A function that answers none cannot be asked yet: what would be measured with it is left out and said to be so. This
//! module knows no figures.

use std::sync::Arc;

use mortise_engine::command::issue::CreateRelation;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::event::Event;
use mortise_engine::filter::{Filter, GroupBy, Link, Sort, SortKey, Test, TextSearch};
use mortise_engine::id::{IssueId, TenantId};
use mortise_engine::model::{Issue, RelationKind, Seq};
use mortise_engine::query::{
    GroupsRequest, IssueList, IssuePageRequest, Like, ListGroup, LiveQuery, Past, Reader, Window,
};
use mortise_engine::{Engine, Limits};

/// Issues of a page, of what a search finds, and of a cell of a board.
pub(crate) const PAGE: usize = 50;
pub(crate) const FOUND: usize = 20;
pub(crate) const CARDS: usize = 10;

/// Groups of a board: as many as one page may have.
pub(crate) const GROUPS: usize = 250;

/// Somebody who asks one company.
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    pub(crate) engine: Engine,
    pub(crate) us: Principal,
}

/// A cell, or a column, of a board.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) total: u64,
    pub(crate) cards: Vec<Arc<Issue>>,
    pub(crate) lanes: Vec<Group>,
}

impl From<ListGroup> for Group {
    fn from(group: ListGroup) -> Self {
        let lanes = group.groups.into_iter().map(Self::from).collect();
        Self { total: group.list.total, cards: group.list.issues, lanes }
    }
}

/// What a search found.
#[derive(Debug)]
pub(crate) struct Found {
    /// The best first.
    pub(crate) issues: Vec<Arc<Issue>>,
    pub(crate) total: u64,
}

/// A list that somebody watches while it changes.
#[derive(Debug)]
pub(crate) struct Watched(LiveQuery);

impl Asker {
    /// The program that holds the company asks for itself.
    pub(crate) const fn of(engine: Engine, tenant: TenantId) -> Self {
        Self { engine, us: Principal::trusted_system(tenant) }
    }

    /// What one request reads with.
    pub(crate) async fn reader(&self) -> anyhow::Result<Reader> {
        Ok(self.engine.reader(&self.us).await?)
    }

    /// A page of a list.
    pub(crate) async fn page(
        &self,
        filter: &Filter,
        sort: &[Sort],
        window: &Window,
    ) -> anyhow::Result<IssueList> {
        let request =
            IssuePageRequest { filter: filter.clone(), sort: sort.to_vec(), window: window.clone() };
        Ok(self.reader().await?.issues(&request).await?)
    }

    /// How many issues pass.
    pub(crate) async fn count(&self, filter: &Filter) -> anyhow::Result<u64> {
        Ok(self.reader().await?.count(filter).await?)
    }

    /// A board: columns by one thing, lanes by another, the first cards of each cell.
    pub(crate) async fn board(
        &self,
        filter: &Filter,
        columns: GroupBy,
        lanes: GroupBy,
    ) -> anyhow::Result<Option<Vec<Group>>> {
        let request = GroupsRequest {
            filter: filter.clone(),
            sort: Vec::new(),
            by: columns,
            sub_by: Some(lanes),
            empty: false,
            groups: GROUPS,
            after: None,
            first: 0,
            sub_first: CARDS,
        };
        let list = self.reader().await?.groups(&request).await?;
        Ok(Some(list.groups.into_iter().map(Group::from).collect()))
    }

    /// The best of what a search finds among the issues that pass.
    pub(crate) async fn search(&self, text: &str, filter: &Filter) -> anyhow::Result<Option<Found>> {
        let words = Filter::Test(Test::Text(TextSearch::of(text)));
        let filter = Filter::All(vec![words, filter.clone()]);
        let best = [Sort { key: SortKey::Relevance, descending: true, nulls_first: false }];
        let list = self.page(&filter, &best, &Window::First(FOUND, None)).await?;
        Ok(Some(Found { issues: list.issues, total: list.total }))
    }

    /// Issues that may say the same as one with this title.
    pub(crate) async fn similar(&self, title: &str) -> anyhow::Result<Option<Vec<Arc<Issue>>>> {
        let like = Like::Text { title: title.to_owned(), description: String::new() };
        let found = self.reader().await?.similar(&like, &Filter::everything(), FOUND).await?;
        Ok(Some(found.into_iter().map(|similar| similar.issue).collect()))
    }

    /// A page of a list as it was at a place in the log.
    pub(crate) async fn page_at(
        &self,
        at: Seq,
        filter: &Filter,
        sort: &[Sort],
    ) -> anyhow::Result<Option<IssueList>> {
        let window = Window::First(PAGE, None);
        let request = IssuePageRequest { filter: filter.clone(), sort: sort.to_vec(), window };
        let then = self.reader().await?.at(Past::Seq(at)).await?;
        Ok(Some(then.issues(&request).await?))
    }

    /// Begins to watch the issues that pass.
    pub(crate) async fn watch(&self, filter: &Filter) -> anyhow::Result<Option<Watched>> {
        Ok(Some(Watched(LiveQuery::new(&self.reader().await?, filter.clone()).await?)))
    }

    /// Says that one issue blocks another.
    pub(crate) async fn relate(&self, blocker: IssueId, blocked: IssueId) -> anyhow::Result<Option<()>> {
        let create = CreateRelation {
            issue: blocker.into(),
            link: Link { kind: RelationKind::Blocks, reversed: false },
            other: blocked.into(),
            if_version: None,
            close: false,
        };
        self.engine.execute(OpContext::new(self.us.clone()), create).await?;
        Ok(Some(()))
    }

    /// How far the index has come. What is behind it is found in memory.
    pub(crate) async fn indexed_through(&self) -> anyhow::Result<Option<Seq>> {
        Ok(self.reader().await?.index_place())
    }

    /// Bytes that the company takes in memory, as the view itself estimates.
    pub(crate) async fn view_bytes(&self) -> anyhow::Result<Option<u64>> {
        self.reader().await?;
        Ok(Some(self.engine.memory().bytes))
    }
}

/// Bounds under which companies must take turns in memory.
pub(crate) fn limits_of_little_memory() -> Option<Limits> {
    Some(Limits { view_memory_bytes: 4 * 1024 * 1024, ..Limits::default() })
}

impl Watched {
    /// Takes the next event of the log, and says how many issues of the list it concerns.
    pub(crate) async fn take(&mut self, asker: &Asker, event: &Event) -> anyhow::Result<u64> {
        Ok(self.0.take(&asker.reader().await?, event).await?.len() as u64)
    }
}
