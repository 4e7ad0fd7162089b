//! Reads an archive on a thread of its own and cuts it into batches that the engine takes.
//!
//! The thread is never more than a few batches ahead, so that memory does not grow with the file. It does not know
//! what becomes of a batch.

use mortise::command::import::{IMPORT_ITEMS_MAX, IMPORT_TEXT_BYTES_MAX, ImportItem};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::super::archive::Archive;
use super::super::convert::to_import;
use super::super::error::ArchiveError;
use super::super::item::Kind;
use super::super::model::Item;
use super::items::{Source, text_bytes};

/// Batches that may wait to be written.
const AHEAD_MAX: usize = 4;

/// Part of an archive, within the engine's bounds.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// What to import, in order.
    pub(super) items: Vec<ImportItem>,
    /// Issues of the archive that begin in this batch or before it.
    pub(super) issues_passed: u64,
    /// The number of the newest of them.
    pub(super) last: u64,
}

/// An archive being read.
#[derive(Debug)]
pub(super) struct Reading {
    batches: mpsc::Receiver<Batch>,
    thread: JoinHandle<Result<(), Stop>>,
}

impl Reading {
    /// The next batch; none at the end or at a fault.
    pub(super) async fn next(&mut self) -> Option<Batch> {
        self.batches.recv().await
    }

    /// Whether the end was one.
    ///
    /// # Errors
    /// The fault at which reading stopped.
    pub(super) async fn finish(self) -> anyhow::Result<()> {
        drop(self.batches);
        match self.thread.await? {
            Ok(()) | Err(Stop::Unwanted) => Ok(()),
            Err(Stop::Fault(error)) => Err(error.into()),
        }
    }
}

/// Why reading stopped before the end.
#[derive(Debug)]
enum Stop {
    Fault(ArchiveError),
    /// Nobody takes batches any more.
    Unwanted,
}

impl From<ArchiveError> for Stop {
    fn from(error: ArchiveError) -> Self {
        Self::Fault(error)
    }
}

/// Begins to read.
pub(super) fn read(mut archive: Archive, source: Source) -> Reading {
    let (to, batches) = mpsc::channel(AHEAD_MAX);
    // Long stretches may hold nothing to send.
    let wanted = to.clone();
    let thread = tokio::task::spawn_blocking(move || {
        let mut cutter = Cutter { to, batch: Batch::default(), text_bytes: 0 };
        let read = archive.for_each(&|_| !wanted.is_closed(), |placed| {
            let (kind, thread) = match placed.item {
                Item::Label(_) => return Ok(()),
                Item::Issue(thread) => (Kind::Issue, thread),
                Item::Pull(thread) => (Kind::PullRequest, thread),
            };
            let issue = to_import(kind, thread, placed.json);
            let number = issue.number;
            source.items(issue).into_iter().try_for_each(|item| cutter.take(item, number))
        });
        archive.remove();
        read?;
        cutter.send()
    });
    Reading { batches, thread }
}

struct Cutter {
    to: mpsc::Sender<Batch>,
    batch: Batch,
    text_bytes: usize,
}

impl Cutter {
    fn take(&mut self, item: ImportItem, number: u64) -> Result<(), Stop> {
        let bytes = text_bytes(&item);
        let full = self.batch.items.len() >= IMPORT_ITEMS_MAX
            || self.text_bytes.saturating_add(bytes) > IMPORT_TEXT_BYTES_MAX;
        if full && !self.batch.items.is_empty() {
            self.send()?;
        }
        if matches!(item, ImportItem::Issue(_)) {
            self.batch.issues_passed += 1;
        }
        self.batch.last = number;
        self.batch.items.push(item);
        self.text_bytes = self.text_bytes.saturating_add(bytes);
        Ok(())
    }

    /// Sends the batch, once there is room for it, and begins the next.
    fn send(&mut self) -> Result<(), Stop> {
        let next = Batch { items: Vec::new(), ..self.batch };
        let batch = std::mem::replace(&mut self.batch, next);
        self.text_bytes = 0;
        if batch.items.is_empty() {
            return Ok(());
        }
        self.to.blocking_send(batch).map_err(|_| Stop::Unwanted)
    }
}
