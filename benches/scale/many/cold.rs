//! Companies that sleep: the first list and the first search of each, and lists while they take turns in little memory.

use std::path::Path;

use mortise_engine::filter::SortKey;
use mortise_engine::query::{IssueList, Window};
use mortise_engine::{Engine, Limits};

use super::seeding::{LARGE, SMALL};
use crate::ask::{self, Asker, Found, PAGE};
use crate::effort::Effort;
use crate::filters::{all, down, open};
use crate::process::Tree;
use crate::report::CrowdFigures;
use crate::shape::Shape;
use crate::timing::{Outcome, once_each};
use crate::words::{Chance, Words};
use crate::work::CrowdWork;

/// Companies that take turns in little memory, and how often each has its turn before it is measured.
const TURNS: (usize, usize) = (500, 1);

/// Issues that every company has: words are taken from their texts.
const ISSUES_MIN: u32 = 40;

/// An engine with many companies, all of them asleep.
pub(super) struct Companies {
    engine: Engine,
}

impl Companies {
    pub(super) const fn of(engine: Engine) -> Self {
        Self { engine }
    }

    pub(super) async fn open(data: &Path, limits: Limits) -> anyhow::Result<Self> {
        Ok(Self::of(Engine::builder(data).limits(limits).open().await?))
    }

    /// Somebody who asks, for each of so many companies whose slugs begin so, in an order that has nothing to do with how
    /// they lie in the store.
    pub(super) fn askers(&self, prefix: &str, many: usize) -> Vec<Asker> {
        let tenants = self.engine.tenants().into_iter().filter(|tenant| tenant.slug.starts_with(prefix));
        let mut askers: Vec<Asker> =
            tenants.map(|tenant| Asker::of(self.engine.clone(), tenant.id)).collect();
        let mut chance = Chance::of(0);
        for last in (1..askers.len()).rev() {
            askers.swap(last, chance.below(last + 1));
        }
        askers.truncate(many);
        askers
    }

    /// Puts them to sleep for good.
    pub(super) async fn close(self) {
        self.engine.close().await;
    }

    /// Closes, and says what came of it.
    pub(super) async fn figures(self, work: CrowdWork, outcome: Outcome) -> anyhow::Result<CrowdFigures> {
        let resident_bytes = Tree::of(std::process::id()).resident_bytes()?;
        self.close().await;
        Ok(CrowdFigures { work, outcome, resident_bytes, made: 0, missed: 0 })
    }
}

/// The list that is asked first: what is open, last changed first.
pub(super) async fn first_list(asker: &Asker) -> anyhow::Result<IssueList> {
    asker.page(&all([open()]), &[down(SortKey::Updated)], &Window::First(PAGE, None)).await
}

/// The first list of each of some companies.
pub(crate) async fn query(data: &Path, effort: Effort, large: bool) -> anyhow::Result<CrowdFigures> {
    let companies = Companies::open(data, Limits::default()).await?;
    let (work, prefix) = if large { (CrowdWork::LargeQuery, LARGE) } else { (CrowdWork::Query, SMALL) };
    let outcome = lists(&companies.askers(prefix, usize::try_from(effort.runs)?)).await?;
    companies.figures(work, outcome).await
}

/// The first search in each of some companies.
pub(crate) async fn search(data: &Path, effort: Effort) -> anyhow::Result<CrowdFigures> {
    let companies = Companies::open(data, Limits::default()).await?;
    let (words, shape, mut chance) = (Words::new(), Shape::of_many(ISSUES_MIN), Chance::of(1));
    let typed = |asker| {
        let number = u32::try_from(chance.below(ISSUES_MIN as usize)).unwrap_or_default();
        let texts = shape.texts(number, &words);
        words.two_of(&mut chance, &texts.description).map(|two| (asker, two.join(" ")))
    };
    let asked: Vec<(Asker, String)> =
        companies.askers(SMALL, usize::try_from(effort.runs)?).into_iter().filter_map(typed).collect();
    let ask = async |(asker, text): &(Asker, String)| asker.search(text, &all([])).await;
    let outcome = once_each(&asked, ask, |found: &Found| found.total).await?;
    companies.figures(CrowdWork::Search, outcome).await
}

/// Lists of companies of which only some fit into memory.
pub(crate) async fn evict(data: &Path) -> anyhow::Result<CrowdFigures> {
    let limits = ask::limits_of_little_memory();
    let companies = Companies::open(data, limits.clone().unwrap_or_default()).await?;
    let (many, turns) = TURNS;
    let asked = companies.askers(SMALL, many);
    let mut outcome = Outcome::not_yet();
    if limits.is_some() {
        for _ in 0..=turns {
            outcome = lists(&asked).await?;
        }
    }
    companies.figures(CrowdWork::Evict, outcome).await
}

async fn lists(askers: &[Asker]) -> anyhow::Result<Outcome> {
    let ask = async |asker: &Asker| first_list(asker).await.map(Some);
    once_each(askers, ask, |list: &IssueList| list.total).await
}
