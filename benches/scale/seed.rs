//! Fills a company with issues, comments and their histories, through the engine as a library.
//!
//! The same company for the same shape, but for ids and times. What is old comes in as an import, in large batches; what
//! happened to it since is done as people do it, over the last year of a clock that is turned meanwhile.

mod changes;
mod found;
mod import;
mod relations;
mod writers;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use indicatif::ProgressBar;
use mortise_engine::Engine;
use mortise_engine::id::TenantId;
use mortise_engine::time::{Clock, Timestamp};

use crate::company::Company;
use crate::shape::Shape;
use crate::words::Words;
pub(crate) use changes::steps;
pub(crate) use found::found;
pub(crate) use import::number_of;
pub(crate) use writers::{Guard, in_parallel};

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Days over which issues were made, and days after that over which they were changed.
const MADE_DAYS: i64 = 1_000;
const CHANGED_DAYS: i64 = 360;

/// Batches of one company on their way at once: enough for large groups per sync, below what the engine lets wait.
const WRITERS: usize = 64;

/// A clock that begins a year ago and is turned by each batch of changes.
#[derive(Debug, Clone)]
pub(crate) struct Past(Arc<AtomicI64>);

impl Past {
    /// At its beginning, when everything is made and nothing is changed.
    pub(crate) fn begin() -> Self {
        let now = Clock::system().now();
        Self(Arc::new(AtomicI64::new(now.plus_millis(-CHANGED_DAYS * DAY_MS).millis())))
    }

    /// The clock for the engine.
    pub(crate) fn clock(&self) -> Clock {
        let at = self.0.clone();
        Clock::from_fn(move || Timestamp::from_millis(at.load(Ordering::Relaxed)))
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }

    /// Lets one of so many parts of the year pass.
    fn pass_one_of(&self, parts: u32) {
        self.0.fetch_add(CHANGED_DAYS * DAY_MS / i64::from(parts.max(1)), Ordering::Relaxed);
    }
}

/// All that each writer of a company needs.
pub(crate) struct Plan {
    engine: Engine,
    company: Company,
    shape: Shape,
    words: Words,
    past: Past,
    /// When the last issue was made.
    made_until: Timestamp,
    /// Batches of changes by which the year passes, over all companies that share the clock.
    changes: u32,
    bar: ProgressBar,
}

/// How a company is filled.
pub(crate) struct Filling<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) past: &'a Past,
    pub(crate) shape: Shape,
    /// Companies of this shape that share the clock.
    pub(crate) companies: u32,
    pub(crate) bar: &'a ProgressBar,
    pub(crate) guard: &'a Guard,
}

impl Filling<'_> {
    /// Writes all issues, what happened to them, and which block which.
    pub(crate) async fn fill(&self, tenant: TenantId) -> anyhow::Result<()> {
        let plan = Arc::new(Plan {
            engine: self.engine.clone(),
            company: Company::of(self.engine, tenant).await?,
            shape: self.shape,
            words: Words::new(),
            past: self.past.clone(),
            made_until: self.past.now(),
            changes: changes::batches(&self.shape).saturating_mul(self.companies),
            bar: self.bar.clone(),
        });
        import::import(&plan, self.guard).await?;
        changes::change(&plan, self.guard).await?;
        relations::relate(&plan, self.guard).await
    }
}
