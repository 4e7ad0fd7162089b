//! The bounded queue in front of the committer thread.
//!
//! It does not know what jobs do, only what they weigh.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::id::TenantId;
use crate::storage::StorageError;
use crate::storage::commit::{Commit, CommitOutcome, Head};

/// Room in the queue, in bytes of keys and values.
const QUEUE_BYTES_MAX: usize = 16 * 1_024 * 1_024;

/// What even the smallest job takes of that room, in bytes: so at most 4,096 jobs wait.
const JOB_BYTES_MIN: usize = 4 * 1_024;

/// Most bytes the committer merges into one batch and one sync.
const GROUP_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// Most jobs in one group.
const GROUP_JOBS_MAX: usize = 512;

/// Keys inside a tenant, each with its value or none to remove it.
pub(super) type Entries = Vec<(Vec<u8>, Option<Bytes>)>;

/// Bytes of all keys and values.
pub(super) fn bytes_of(entries: &Entries) -> usize {
    entries.iter().map(|(key, value)| key.len() + value.as_ref().map_or(0, Bytes::len)).sum()
}

type Answer<T> = oneshot::Sender<Result<T, StorageError>>;

/// Something only the committer may do.
pub(super) enum Job {
    /// Apply a commit.
    Commit { commit: Commit, answer: oneshot::Sender<CommitOutcome> },
    /// Load a durable head.
    Head { tenant: TenantId, answer: Answer<Head> },
    /// Raise the writer epoch.
    Fence { tenant: TenantId, answer: Answer<Head> },
    /// Remove some of a tenant's keys; true when more remain. Always alone in its group.
    Erase { tenant: TenantId, answer: Answer<bool> },
    /// Write these keys of a tenant as they are. Always alone in its group.
    Adopt { tenant: TenantId, entries: Entries, answer: Answer<bool> },
}

impl Job {
    fn bytes(&self) -> usize {
        let bytes = match self {
            Self::Commit { commit, .. } => commit.bytes(),
            Self::Adopt { entries, .. } => bytes_of(entries),
            Self::Head { .. } | Self::Fence { .. } | Self::Erase { .. } => 0,
        };
        bytes.max(JOB_BYTES_MIN)
    }

    fn is_alone(&self) -> bool {
        matches!(self, Self::Erase { .. } | Self::Adopt { .. })
    }
}

/// What the committer does next.
pub(super) enum Work {
    /// These jobs, as one group; their room is given back when the permits drop.
    Group(Vec<Job>, Vec<OwnedSemaphorePermit>),
    /// Nothing came within the wait.
    Idle,
    /// A reader met a panic in the backend.
    Suspect(String),
    /// The queue is closed and empty.
    Closed,
}

pub(super) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
    room: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<(Job, OwnedSemaphorePermit)>,
    suspect: Option<String>,
    closed: bool,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            wake: Condvar::new(),
            room: Arc::new(Semaphore::new(QUEUE_BYTES_MAX)),
        }
    }
}

impl Queue {
    /// Appends a job as soon as there is room. Room is given in the order of asking.
    pub(super) async fn push(&self, job: Job) -> Result<(), StorageError> {
        let bytes = u32::try_from(job.bytes().min(QUEUE_BYTES_MAX)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.room).acquire_many_owned(bytes).await.map_err(|_| super::closed())?;
        let mut state = self.state.lock();
        if state.closed {
            return Err(super::closed());
        }
        state.jobs.push_back((job, permit));
        self.wake.notify_one();
        Ok(())
    }

    /// Tells the committer that the backend cannot be trusted any more.
    pub(super) fn suspect(&self, reason: String) {
        self.state.lock().suspect = Some(reason);
        self.wake.notify_one();
    }

    /// Takes no more jobs; those queued are still done.
    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.room.close();
        self.wake.notify_one();
    }

    /// Waits for work; without a limit, or at most `idle`.
    pub(super) fn next(&self, idle: Option<Duration>) -> Work {
        let mut state = self.state.lock();
        loop {
            if let Some(reason) = state.suspect.take() {
                return Work::Suspect(reason);
            }
            if !state.jobs.is_empty() {
                return take_group(&mut state.jobs);
            }
            if state.closed {
                return Work::Closed;
            }
            match idle {
                None => self.wake.wait(&mut state),
                Some(wait) if self.wake.wait_for(&mut state, wait).timed_out() => return Work::Idle,
                Some(_) => {}
            }
        }
    }

    /// Everything queued, and forgets suspicion: the backend is being replaced.
    pub(super) fn drain(&self) -> Vec<Job> {
        let mut state = self.state.lock();
        state.suspect = None;
        state.jobs.drain(..).map(|(job, _)| job).collect()
    }

    /// Sleeps up to `pause`; true when the queue was closed.
    pub(super) fn closed_within(&self, pause: Duration) -> bool {
        let mut state = self.state.lock();
        let closed = |state: &mut State| !state.closed;
        self.wake.wait_while_for(&mut state, closed, pause);
        state.closed
    }
}

fn take_group(jobs: &mut VecDeque<(Job, OwnedSemaphorePermit)>) -> Work {
    let (mut group, mut permits, mut bytes) = (Vec::new(), Vec::new(), 0);
    while let Some((job, permit)) = jobs.pop_front() {
        bytes += job.bytes();
        let alone = job.is_alone();
        group.push(job);
        permits.push(permit);
        let full = group.len() >= GROUP_JOBS_MAX || bytes >= GROUP_BYTES_MAX;
        if alone || full || jobs.front().is_some_and(|(next, _)| next.is_alone()) {
            break;
        }
    }
    Work::Group(group, permits)
}
