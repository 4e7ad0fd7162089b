//! The queue of records on their way into the store, and who writes them.
//!
//! A hook runs while somebody's change waits, so noting a run costs neither a wait nor a write. One task takes what was noted,
//! in batches, and writes it into the rooms of the installations; who reads runs has it write first. What waits is bounded in
//! number and in bytes, in all and of each company; what is beyond is dropped, and counted. A run that is alike others leaves a
//! [brief](super::brief), all others a whole record, and so does one a minute of what is alike.

use super::alike::{Likeness, Sampled};
use super::books::Books;
use super::brief::Brief;
use super::queue::{Batch, End, Told};
use super::waiting::{Held, Waiting};
use super::{RunId, RunInput, RunRecord};
use crate::host::within;
use crate::service::{Inner, Plugins};
use mortise_engine::id::{InstallationId, TenantId};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Bytes of what a run knew.
const INPUT_BYTES_MAX: usize = 64 << 10;

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
    _held: Held,
}

/// A run of which a brief waits to be written.
#[derive(Debug)]
pub(super) struct NotedBrief {
    pub(super) tenant: TenantId,
    pub(super) brief: Brief,
    _held: Held,
}

/// Takes records and has them written behind it.
pub(crate) struct Recorder {
    queue: End,
    begun: AtomicBool,
    /// What is in the queue.
    held: Waiting,
    sampled: Sampled,
    dropped: AtomicU64,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("dropped", &self.dropped()).finish_non_exhaustive()
    }
}

impl Recorder {
    pub(crate) fn new() -> Self {
        Self {
            queue: End(Arc::default()),
            begun: AtomicBool::new(false),
            held: Waiting::default(),
            sampled: Sampled::default(),
            dropped: AtomicU64::new(0),
        }
    }

    /// Begins to write. A second time does nothing.
    pub(crate) fn begin(&self, plugins: &Arc<Inner>) {
        if !self.begun.swap(true, Ordering::Relaxed) {
            let queue = End(Arc::clone(&self.queue.0));
            tokio::spawn(write(Arc::downgrade(plugins), queue, plugins.config.write_every));
        }
    }

    /// Takes a record; it waits for nothing. One for which there is no room is dropped and counted; what it knew goes first.
    pub(crate) fn note(&self, finished: Finished) {
        if self.keeps_whole(&Likeness::of(&finished.record)) {
            self.keep(finished);
        } else {
            self.brief(finished.tenant, Brief::of(finished.record));
        }
    }

    /// Whether a run leaves a whole record, or a brief. Asked once of each run.
    pub(crate) fn keeps_whole(&self, run: &Likeness) -> bool {
        self.sampled.keeps_whole(run)
    }

    /// The same of a run whose record is made only where it is [to be kept](Self::keeps_whole).
    pub(crate) fn keep(&self, Finished { tenant, record, input }: Finished) {
        let mut input = input.and_then(|input| within(&*input, INPUT_BYTES_MAX));
        let bytes = weight(&record);
        let with_input = bytes.saturating_add(input.as_ref().map_or(0, Vec::len));
        let held = self.held.hold(tenant, with_input).or_else(|| {
            input = None;
            self.held.hold(tenant, bytes)
        });
        self.put(held.map(|held| Told::Run(Box::new(Noted { tenant, record, input, _held: held }))));
    }

    /// Takes a brief, as long as there is room.
    pub(crate) fn brief(&self, tenant: TenantId, brief: Brief) {
        let bytes = size_of::<NotedBrief>().saturating_add(brief.weight());
        let held = self.held.hold(tenant, bytes);
        self.put(held.map(|held| Told::Brief(Box::new(NotedBrief { tenant, brief, _held: held }))));
    }

    fn put(&self, run: Option<Told>) {
        if run.is_none_or(|run| !self.queue.0.note(run)) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// An installation begins anew: its failures of before are forgotten.
    pub(crate) fn begun(&self, tenant: TenantId, installation: InstallationId) {
        self.queue.0.begun(Told::Begun(tenant, installation, RunId::generate()));
    }

    /// Waits until all that was noted so far is written.
    pub(crate) async fn flush(&self) {
        self.queue.0.flush().await;
    }

    /// Records that were dropped since this process began.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
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
async fn write(plugins: Weak<Inner>, queue: End, every: Duration) {
    let mut books = Books::default();
    while let Some(Batch { told, readers }) = queue.0.take().await {
        let Some(plugins) = plugins.upgrade().map(Plugins) else { return };
        for told in told {
            match told {
                Told::Run(noted) => books.take(*noted),
                Told::Brief(noted) => books.take_brief(*noted),
                Told::Begun(tenant, installation, at) => books.begin_anew(tenant, installation, at),
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
        if nobody_waits {
            queue.0.rest(every).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::brief::tests::brief;
    use super::*;

    #[test]
    fn two_thousand_verdicts_a_second_have_room_for_two_seconds_and_no_end_of_them_has() {
        let (recorder, tenant, installation) =
            (Recorder::new(), TenantId::generate(), InstallationId::generate());
        let passed = || recorder.brief(tenant, brief(installation, RunId::generate()));
        (0..4_000).for_each(|_| passed());
        assert_eq!(recorder.dropped(), 0);
        (0..1_000).for_each(|_| passed());
        assert!(recorder.dropped() > 0);
        let other = recorder.dropped();
        recorder.brief(TenantId::generate(), brief(installation, RunId::generate()));
        assert_eq!(recorder.dropped(), other, "others have room");
    }
}
