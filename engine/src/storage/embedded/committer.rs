//! The committer: the one thread of a store that writes.
//!
//! It takes what is queued, merges it into one batch, makes that durable with one sync, and answers in order. After
//! any failure the backend is not used again: every waiter hears that the outcome is unknown, and the backend is
//! opened anew. It does not know what the bytes mean.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::backend::{Backend, Opener};
use super::group::{Answer, Group};
use super::queue::{Job, Work};
use super::{Panicked, Shared, Slot, contained};
use crate::storage::StorageError;
use crate::storage::commit::CommitOutcome;

/// How long after the last commit the backend is given a chance to sync what it rewrote on its own.
const TEND_AFTER: Duration = Duration::from_secs(1);

/// The first pause before a failed backend is reopened; it doubles up to [`REOPEN_PAUSE_MAX`].
const REOPEN_PAUSE_MIN: Duration = Duration::from_millis(50);

/// The longest pause between two tries to reopen.
const REOPEN_PAUSE_MAX: Duration = Duration::from_secs(5);

/// A backend that stayed up this long after reopening is taken as sound: the pause starts small again.
const SOUND_AFTER: Duration = Duration::from_secs(30);

/// How long closing waits for reads that still use the backend.
const LAST_READS_WAIT: Duration = Duration::from_secs(5);

pub(super) struct Committer<B: Backend> {
    shared: Arc<Shared<B>>,
    opener: Opener<B>,
    reopen_pause: Duration,
    opened_at: Instant,
}

impl<B: Backend> Committer<B> {
    pub(super) fn new(shared: Arc<Shared<B>>, opener: Opener<B>) -> Self {
        Self { shared, opener, reopen_pause: REOPEN_PAUSE_MIN, opened_at: Instant::now() }
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self) {
        let mut tend_after = None;
        loop {
            match self.shared.queue.next(tend_after) {
                Work::Group(jobs, _room) => {
                    self.group(jobs);
                    tend_after = Some(TEND_AFTER);
                }
                Work::Idle => tend_after = self.tend().then_some(TEND_AFTER),
                Work::Suspect(reason) => self.fail(&reason, Vec::new()),
                Work::Closed => break,
            }
        }
        self.close();
    }

    /// One group: merge, write, sync, answer.
    fn group(&mut self, jobs: Vec<Job>) {
        let Ok(backend) = self.shared.backend() else {
            return turn_away(jobs, "the store is being reopened");
        };
        let durable = &self.shared.heads;
        let mut group = Group::new(&*backend, durable);
        jobs.into_iter().for_each(|job| group.add(job));
        let writes = std::mem::take(&mut group.writes);
        let Group { heads, answers, commits, unsettled, panicked, .. } = group;
        let written = match panicked {
            Some(text) => Err(Panicked::Yes(text)),
            None if writes.is_empty() => Ok(false),
            None => contained(|| backend.commit(writes).map(|()| true)),
        };
        match written {
            Ok(synced) => {
                durable.keep(heads);
                unsettled.inspect(|tenant| durable.forget(*tenant));
                self.shared.counters.commits.fetch_add(commits, Ordering::Relaxed);
                self.shared.counters.groups.fetch_add(u64::from(synced), Ordering::Relaxed);
                answers.into_iter().for_each(Answer::send);
            }
            Err(failure) => {
                drop(backend);
                self.fail(&describe(failure), answers);
            }
        }
    }

    /// True when the backend had something to sync, so that asking again is worth it.
    fn tend(&mut self) -> bool {
        let Ok(backend) = self.shared.backend() else { return false };
        match contained(|| backend.tend()) {
            Ok(found) => found,
            Err(failure) => {
                drop(backend);
                self.fail(&describe(failure), Vec::new());
                false
            }
        }
    }

    /// Gives the backend up: unknown outcome for the group and everything queued, then a fresh one.
    ///
    /// The old heads go before anybody hears of the failure, so that whoever asks for the head next gets the one on disk.
    fn fail(&mut self, reason: &str, group: Vec<Answer>) {
        self.shared.counters.failures.fetch_add(1, Ordering::Relaxed);
        tracing::error!(folder = %self.shared.folder.display(), reason, "the store failed; reopening it");
        let slot = std::mem::replace(&mut *self.shared.slot.write(), Slot::Failed(reason.to_owned()));
        self.shared.heads.forget_all();
        group.into_iter().for_each(|answer| disown(answer, reason));
        for job in self.shared.queue.drain() {
            indeterminate(job, reason);
        }
        if let Slot::Open(backend) = slot {
            dispose(backend);
        }
        if self.opened_at.elapsed() > SOUND_AFTER {
            self.reopen_pause = REOPEN_PAUSE_MIN;
        }
        self.reopen();
    }

    /// Tries to open the backend again until it opens or the store is closed.
    fn reopen(&mut self) {
        while !self.shared.queue.closed_within(self.reopen_pause) {
            self.reopen_pause = (self.reopen_pause * 2).min(REOPEN_PAUSE_MAX);
            turn_away(self.shared.queue.drain(), "the store is being reopened");
            match contained(&self.opener) {
                Ok(backend) => {
                    tracing::info!(folder = %self.shared.folder.display(), "the store is open again");
                    self.opened_at = Instant::now();
                    *self.shared.slot.write() = Slot::Open(Arc::new(backend));
                    return;
                }
                Err(failure) => {
                    let reason = describe(failure);
                    tracing::error!(folder = %self.shared.folder.display(), reason, "the store does not open");
                    *self.shared.slot.write() = Slot::Failed(reason);
                }
            }
        }
    }

    /// Closes the backend once the last reads are done.
    fn close(&mut self) {
        let slot = std::mem::replace(&mut *self.shared.slot.write(), Slot::Closed);
        let Slot::Open(backend) = slot else { return };
        let deadline = Instant::now() + LAST_READS_WAIT;
        while Arc::strong_count(&backend) > 1 && Instant::now() < deadline {
            #[expect(
                clippy::disallowed_methods,
                reason = "the committer's own thread, waiting for reads that end in a moment"
            )]
            std::thread::sleep(Duration::from_millis(1));
        }
        if let Err(failure) = contained(|| {
            drop(backend);
            Ok(())
        }) {
            tracing::error!(folder = %self.shared.folder.display(), reason = describe(failure), "closing failed");
        }
    }
}

fn describe(failure: Panicked<StorageError>) -> String {
    failure.into_error().to_string()
}

/// Drops a broken backend on a thread of its own: its destructor may panic or never return.
fn dispose<B: Backend>(backend: Arc<B>) {
    let dropping = move || drop(backend);
    if let Err(error) = std::thread::Builder::new().name("mortise-dispose".to_owned()).spawn(dropping) {
        tracing::error!(%error, "cannot start a thread to dispose of a broken backend");
    }
}

/// Answers that the group failed: nobody knows what is on disk.
fn disown(answer: Answer, reason: &str) {
    let unavailable = || StorageError::unavailable(reason);
    match answer {
        Answer::Commit(to, outcome @ (CommitOutcome::Refused(_) | CommitOutcome::Retry { .. })) => {
            drop(to.send(outcome));
        }
        // What a conflicting commit met may itself have been part of the batch, so its outcome is as unknown.
        Answer::Commit(to, _) => drop(to.send(CommitOutcome::Indeterminate { reason: reason.to_owned() })),
        Answer::Head(to, _) => drop(to.send(Err(unavailable()))),
        Answer::Step(to, _) => drop(to.send(Err(unavailable()))),
    }
}

/// Answers a queued job whose predecessors may or may not be on disk.
fn indeterminate(job: Job, reason: &str) {
    match job {
        Job::Commit { answer, .. } => {
            drop(answer.send(CommitOutcome::Indeterminate { reason: reason.to_owned() }));
        }
        job => refuse(job, reason),
    }
}

/// Answers jobs that came while there was no backend: certainly not written.
fn turn_away(jobs: Vec<Job>, reason: &str) {
    for job in jobs {
        match job {
            Job::Commit { answer, .. } => {
                drop(answer.send(CommitOutcome::Retry { reason: reason.to_owned() }))
            }
            job => refuse(job, reason),
        }
    }
}

fn refuse(job: Job, reason: &str) {
    let unavailable = || StorageError::unavailable(reason);
    match job {
        Job::Commit { .. } => {}
        Job::Head { answer, .. } | Job::Fence { answer, .. } => drop(answer.send(Err(unavailable()))),
        Job::Erase { answer, .. } | Job::Adopt { answer, .. } => drop(answer.send(Err(unavailable()))),
    }
}
