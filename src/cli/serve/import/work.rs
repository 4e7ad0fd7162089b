//! An import under way, told line by line to whoever asked for it.
//!
//! It goes on for as long as somebody listens and the server runs; what was written stays, and the next run goes on from
//! there. It does not know HTTP.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use hyper::body::Bytes;
use mortise::graphql::beside::Place;
use mortise::{Error, Importer};
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::timeout;

use super::fault;
use crate::cli::chunks::Chunk;
use crate::import::account::account;
use crate::import::apply::{Target, apply, plan};
use crate::import::archive::Archive;
use crate::import::validate::Survey;

/// Lines that wait to be taken; of progress that is not taken in time some is left out.
pub(super) const LINES_AHEAD: usize = 16;

/// How long the last line may wait to be taken.
const LINE_PATIENCE: Duration = Duration::from_secs(60);

/// How often who waits for their turn is told so, and asked whether they still may.
const TURN_PATIENCE: Duration = Duration::from_secs(30);

/// In so many steps progress is told.
const STEPS: u64 = 200;

/// See the module.
pub(super) struct Work {
    pub(super) importer: Importer,
    pub(super) archive: Archive,
    /// The company's slug.
    pub(super) tenant: String,
    /// The team's key.
    pub(super) team: String,
    pub(super) dry_run: bool,
    /// Held while anything is there of it.
    pub(super) place: Arc<Place>,
    /// Where it waits for its turn.
    pub(super) desks: Arc<Semaphore>,
}

/// Held while anything is done for it.
struct Turn {
    _place: Arc<Place>,
    _desk: OwnedSemaphorePermit,
}

impl Work {
    /// Imports, unless nobody listens any more or `stopping` says so.
    pub(super) async fn run(self, to: mpsc::Sender<Chunk>, mut stopping: watch::Receiver<bool>) {
        let tenant = self.importer.tenant();
        tracing::info!(tenant.id = %tenant, bytes = self.archive.bytes(), rehearsal = self.dry_run, "an import begins");
        let stops = stopping.clone();
        let done = tokio::select! {
            // Why it ends is said before what comes of its end.
            biased;
            error = stopped(&mut stopping) => Err(error.into()),
            () = to.closed() => {
                tracing::info!(tenant.id = %tenant, "an import ends early: nobody listens; what was written stays");
                return;
            }
            done = Box::pin(self.done(&to, stops)) => done,
        };
        let last = match done {
            Ok(account) => {
                tracing::info!(tenant.id = %tenant, added = ?account.get("added"), "an import is done");
                json!({ "report": account })
            }
            Err(error) => json!({ "error": fault::told(&error, tenant) }),
        };
        // Whoever does not take it has gone.
        let _ = timeout(LINE_PATIENCE, to.send(Ok(line(&last)))).await;
    }

    async fn done(self, to: &mpsc::Sender<Chunk>, stopping: watch::Receiver<bool>) -> anyhow::Result<Value> {
        let Self { importer, archive, tenant, team, dry_run, place, desks } = self;
        let desk = turn(&importer, desks, archive.bytes(), to).await?;
        let turn = Arc::new(Turn { _place: place, _desk: desk });
        let (archive, survey) = surveyed(archive, to.clone(), stopping, turn.clone()).await?;
        let target = Target { importer: &importer, team: &team };
        let plan = match plan(target, &survey).await {
            Ok(plan) if !dry_run => plan,
            rehearsed => {
                archive.let_go().await;
                return rehearsed.map(|_plan| account(&tenant, &team, &survey, None));
            }
        };
        let progress = Progress::new("written", survey.numbers.count(), to.clone());
        let added = apply(target, &plan, archive, &survey, |passed| progress.reached(passed)).await?;
        Ok(account(&tenant, &team, &survey, Some(added)))
    }
}

/// Waits until it is the turn of an archive of so many bytes. Who waits is told that nothing was read yet.
async fn turn(
    importer: &Importer,
    desks: Arc<Semaphore>,
    bytes: u64,
    to: &mpsc::Sender<Chunk>,
) -> anyhow::Result<OwnedSemaphorePermit> {
    let mut turn = pin!(desks.acquire_owned());
    loop {
        if let Ok(desk) = timeout(TURN_PATIENCE, &mut turn).await {
            return Ok(desk?);
        }
        importer.expect_may().await?;
        // Progress that is not taken in time is old.
        let _ = to.try_send(Ok(line(&json!({ "read": 0, "of": bytes }))));
    }
}

/// The first pass, on a thread of its own, which goes on for as long as somebody listens and the server runs.
async fn surveyed(
    archive: Archive,
    to: mpsc::Sender<Chunk>,
    stopping: watch::Receiver<bool>,
    turn: Arc<Turn>,
) -> anyhow::Result<(Archive, Survey)> {
    let progress = Progress::new("read", archive.bytes(), to);
    let survey = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        archive.surveyed(move |bytes| {
            progress.reached(bytes);
            !progress.to.is_closed() && !*stopping.borrow()
        })
    });
    survey.await?.context("cannot import this archive; nothing was written")
}

/// Tells from time to time how far something has come.
struct Progress {
    what: &'static str,
    of: u64,
    told: AtomicU64,
    to: mpsc::Sender<Chunk>,
}

impl Progress {
    const fn new(what: &'static str, of: u64, to: mpsc::Sender<Chunk>) -> Self {
        Self { what, of, told: AtomicU64::new(0), to }
    }

    fn reached(&self, now: u64) {
        let next = self.told.load(Ordering::Relaxed).saturating_add((self.of / STEPS).max(1));
        if now >= next {
            self.told.store(now, Ordering::Relaxed);
            // Progress that is not taken in time is old.
            let _ = self.to.try_send(Ok(line(&json!({ self.what: now, "of": self.of }))));
        }
    }
}

fn line(value: &Value) -> Bytes {
    Bytes::from(format!("{value}\n"))
}

/// Waits until the server stops, and says so.
pub(super) async fn stopped(stopping: &mut watch::Receiver<bool>) -> Error {
    // Who would say so is gone only when it has stopped.
    let _ = stopping.wait_for(|stops| *stops).await.is_ok();
    Error::unavailable("the server is stopping; run the import again, it goes on where it stopped")
}
