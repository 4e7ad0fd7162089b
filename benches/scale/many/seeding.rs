//! Fills a folder with many companies, some of them large.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use mortise_engine::Engine;
use mortise_engine::context::Principal;
use mortise_engine::model::Seq;

use super::Crowd;
use crate::ask::Asker;
use crate::report::Seeded;
use crate::seed::{self, Filling, Guard, Past, in_parallel};
use crate::shape::Shape;
use crate::{index, progress};

/// Companies that are filled at once.
const AT_ONCE: usize = 16;

/// What the slugs of companies begin with, those of small and those of large ones.
pub(super) const SMALL: &str = "small-";
pub(super) const LARGE: &str = "large-";

/// Fills a fresh folder.
pub(crate) async fn seed(data: &Path, store: &str, crowd: &Crowd) -> anyhow::Result<Seeded> {
    let store = store.parse().map_err(anyhow::Error::msg)?;
    let (past, guard) = (Past::begin(), Guard::of(data));
    let engine = Engine::builder(data).store(store).clock(past.clock()).open().await?;
    let (small, large) = (Shape::of_many(crowd.issues), Shape::of_many(crowd.large_issues));
    let steps = |shape: &Shape, companies: u32| seed::steps(shape) * u64::from(companies);
    let bar = progress::bar(steps(&small, crowd.tenants) + steps(&large, crowd.large), "rows")?;
    let began = Instant::now();
    let companies = Arc::new(Companies { engine, past, guard: guard.clone(), bar });
    // The small ones first, together: while one waits to be founded, others are filled.
    for (prefix, shape, count) in [(SMALL, small, crowd.tenants), (LARGE, large, crowd.large)] {
        let companies = companies.clone();
        in_parallel(count, AT_ONCE, &guard, move |number| {
            let companies = companies.clone();
            async move { companies.fill(&format!("{prefix}{number}"), shape, count).await }
        })
        .await?;
    }
    let writing = began.elapsed();
    companies.bar.finish_and_clear();
    let indexed = companies.catch_up().await?.map(|()| began.elapsed() - writing);
    let events = companies.most_events().await?;
    companies.engine.close().await;
    Seeded::of(writing, indexed, events)
}

struct Companies {
    engine: Engine,
    past: Past,
    guard: Guard,
    bar: indicatif::ProgressBar,
}

impl Companies {
    async fn fill(&self, slug: &str, shape: Shape, companies: u32) -> anyhow::Result<()> {
        let tenant = seed::found(&self.engine, slug, &shape).await?;
        let filling = Filling {
            engine: &self.engine,
            past: &self.past,
            shape,
            // Each kind has half of the year.
            companies: companies.saturating_mul(2),
            bar: &self.bar,
            guard: &self.guard,
        };
        filling.fill(tenant).await
    }

    /// Waits until all are indexed.
    async fn catch_up(&self) -> anyhow::Result<Option<()>> {
        for tenant in self.engine.tenants() {
            if index::catch_up(&Asker::of(self.engine.clone(), tenant.id)).await?.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }

    /// The length of the longest log. The last company of each kind stands for its kind.
    async fn most_events(&self) -> anyhow::Result<Seq> {
        let mut most = Seq::default();
        for slug in [format!("{SMALL}0"), format!("{LARGE}0")] {
            let Some(tenant) = self.engine.tenant_by_slug(&slug) else { continue };
            most = most.max(self.engine.reader(&Principal::trusted_system(tenant.id)).await?.seq());
        }
        Ok(most)
    }
}
