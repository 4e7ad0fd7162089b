//! The queue of records on their way into the store, and who writes them.
//!
//! A hook runs while somebody's change waits, so noting a run costs neither a wait nor a write. One task takes what was noted,
//! in batches, and writes it into the rooms of the installations; who reads runs has it write first. What waits is bounded in
//! number and in bytes, in all and of each company; what is beyond is dropped, and counted. Of hooks that let everything pass one a minute is kept as a whole, the others are counted.

use super::books::Books;
use super::waiting::{Held, Waiting};
use super::{RunAnswer, RunInput, RunMode, RunRecord, RunTask};
use crate::host::within;
use crate::service::{Inner, Plugins};
use mortise_engine::id::{InstallationId, TenantId};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Records that wait to be written.
const WAITING_MAX: usize = 4_096;

/// Records that are written at once.
const AT_ONCE: usize = 256;

/// Bytes of what a run knew.
const INPUT_BYTES_MAX: usize = 64 << 10;

/// One in so many milliseconds is kept as a whole of what is alike.
const SAMPLE_MS: i64 = 60_000;

/// Installations whose last whole record is remembered.
const SAMPLED_MAX: usize = 10_000;

/// A run that is over.
#[derive(Debug, Clone)]
pub(crate) struct Finished {
    /// Whose company.
    pub(crate) tenant: TenantId,
    /// The record.
    pub(crate) record: RunRecord,
    /// What it knew, where it can be done again.
    pub(crate) input: Option<Box<RunInput>>,
}

/// A run that waits to be written.
#[derive(Debug)]
pub(super) struct Noted {
    pub(super) tenant: TenantId,
    pub(super) record: RunRecord,
    /// What it knew, encoded.
    pub(super) input: Option<Vec<u8>>,
    /// Whether it is kept as a whole, or counted alone.
    pub(super) whole: bool,
    _held: Held,
}

/// What the task is told.
enum Told {
    /// A run.
    Run(Box<Noted>),
    /// Somebody made an installation begin anew.
    Begun(TenantId, InstallationId),
    /// Somebody wants to read: answer when all before is written.
    Flush(oneshot::Sender<()>),
}

/// Takes records and has them written behind it.
pub(crate) struct Recorder {
    queue: mpsc::Sender<Told>,
    /// What is in it.
    held: Waiting,
    /// For the task, until it is begun.
    waiting: Mutex<Option<mpsc::Receiver<Told>>>,
    /// When the last whole record of a kind was kept.
    sampled: Mutex<FxHashMap<(InstallationId, RunTask, bool), i64>>,
    dropped: AtomicU64,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("dropped", &self.dropped()).finish_non_exhaustive()
    }
}

impl Recorder {
    pub(crate) fn new() -> Self {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        Self {
            queue,
            held: Waiting::default(),
            waiting: Mutex::new(Some(waiting)),
            sampled: Mutex::default(),
            dropped: AtomicU64::new(0),
        }
    }

    /// Begins to write. A second time does nothing.
    pub(crate) fn begin(&self, plugins: &Arc<Inner>) {
        if let Some(waiting) = self.waiting.lock().take() {
            tokio::spawn(write(Arc::downgrade(plugins), waiting, plugins.config.write_every));
        }
    }

    /// Takes a record; it waits for nothing. One for which there is no room is dropped and counted; what it knew goes first.
    pub(crate) fn note(&self, finished: Finished) {
        let whole = self.is_kept_whole(&finished.record);
        let Finished { tenant, mut record, input } = finished;
        if !whole {
            // It is counted alone: nobody reads what it said.
            (record.logs, record.detail) = (Vec::new(), None);
        }
        let mut input = input.filter(|_| whole).and_then(|input| within(&*input, INPUT_BYTES_MAX));
        let bytes = weight(&record);
        let with_input = bytes.saturating_add(input.as_ref().map_or(0, Vec::len));
        let held = self.held.hold(tenant, with_input).or_else(|| {
            input = None;
            self.held.hold(tenant, bytes)
        });
        let noted = held.map(|held| Told::Run(Box::new(Noted { tenant, record, input, whole, _held: held })));
        if noted.is_none_or(|noted| self.queue.try_send(noted).is_err()) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// An installation begins anew: its failures of before are forgotten.
    pub(crate) async fn begun(&self, tenant: TenantId, installation: InstallationId) {
        drop(self.queue.send(Told::Begun(tenant, installation)).await);
    }

    /// Waits until all that was noted so far is written.
    pub(crate) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.queue.send(Told::Flush(done)).await.is_ok() {
            drop(written.await);
        }
    }

    /// Records that were dropped since this process began.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Whether a record is kept as a whole: all but what is alike, of which one a minute is.
    fn is_kept_whole(&self, record: &RunRecord) -> bool {
        let not_run = record.outcome.answer == RunAnswer::NotRun;
        let shown_alone = record.task == RunTask::NextStates && record.outcome.answer == RunAnswer::Narrowed;
        let plain =
            record.mode == RunMode::Live && (record.outcome.answer == RunAnswer::Allowed || shown_alone);
        if !plain && !not_run {
            return true;
        }
        let mut sampled = self.sampled.lock();
        if sampled.len() >= SAMPLED_MAX {
            sampled.clear();
        }
        let now = record.at.millis();
        let last = sampled.entry((record.installation, record.task, not_run)).or_insert(i64::MIN);
        // A clock that was ahead is no reason to keep none.
        let due = now >= last.saturating_add(SAMPLE_MS) || now < *last;
        if due {
            *last = now;
        }
        due
    }
}

/// Bytes that a record takes while it waits, about.
fn weight(record: &RunRecord) -> usize {
    let log = |log: &super::RunLog| {
        log.fields
            .iter()
            .fold(log.message.len(), |bytes, (name, value)| bytes + name.len() + value.len() + 48)
    };
    let logs: usize = record.logs.iter().map(|one| log(one) + 64).sum();
    let texts =
        [&record.about, &record.version, &record.outcome.words].iter().map(|text| text.len()).sum::<usize>();
    size_of::<Noted>() + logs + texts + record.detail.as_ref().map_or(0, String::len) + 1_024
}

/// The task: it ends with the plugins.
async fn write(plugins: Weak<Inner>, mut waiting: mpsc::Receiver<Told>, every: Duration) {
    let mut books = Books::default();
    let mut told = Vec::new();
    while !told.is_empty() || waiting.recv_many(&mut told, AT_ONCE).await > 0 {
        let Some(plugins) = plugins.upgrade().map(Plugins) else { return };
        let mut readers = Vec::new();
        for told in told.drain(..) {
            match told {
                Told::Run(noted) => books.take(*noted),
                Told::Begun(tenant, installation) => books.begin_anew(tenant, installation),
                Told::Flush(reader) => readers.push(reader),
            }
        }
        books.write(&plugins).await;
        drop(plugins);
        let nobody_waits = readers.is_empty();
        for reader in readers {
            // Who does not wait any more needs not be told.
            let _ = reader.send(());
        }
        // What comes within a moment is written together; who wants to read comes at once.
        if nobody_waits && waiting.len() < AT_ONCE {
            rest(&mut waiting, &mut told, every).await;
        }
    }
}

/// Waits a moment, but for nobody who reads: what comes first is taken into `told` by the next turn.
async fn rest(waiting: &mut mpsc::Receiver<Told>, told: &mut Vec<Told>, every: Duration) {
    let until = tokio::time::Instant::now() + every;
    while told.len() < AT_ONCE {
        match tokio::time::timeout_at(until, waiting.recv()).await {
            Ok(Some(one)) => {
                let reads = matches!(one, Told::Flush(_));
                told.push(one);
                if reads {
                    return;
                }
            }
            Ok(None) | Err(_) => return,
        }
    }
}
