//! Merging a group of jobs into one batch: conditions are checked against the store and the group's own writes.
//!
//! It does not write: the committer does, and then sends the answers.

use bytes::Bytes;
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::backend::{Backend, Writes};
use super::heads::{self, Heads};
use super::queue::{Entries, Job};
use super::{Panicked, contained};
use crate::id::TenantId;
use crate::storage::StorageError;
use crate::storage::commit::{Commit, CommitOutcome, Conflict, Head};
use crate::storage::key::{Key, full_key, prefix_end};
use crate::storage::scan::{Direction, KeyRange, Scan};

/// Most keys a cleared prefix may hold.
const CLEAR_KEYS_MAX: usize = 256;

/// Keys removed in one step of erasing a tenant.
const ERASE_KEYS: usize = 1_000;

/// A group on its way to one batch.
pub(super) struct Group<'a, B> {
    backend: &'a B,
    durable: &'a Heads,
    /// What the batch will write.
    pub(super) writes: Writes,
    /// The heads once it is durable.
    pub(super) heads: FxHashMap<TenantId, Head>,
    /// The answers once it is durable, in the order of submission.
    pub(super) answers: Vec<Answer>,
    /// How many commits are among them.
    pub(super) commits: u64,
    /// A tenant whose head must be forgotten, because its keys are being erased or taken over.
    pub(super) unsettled: Option<TenantId>,
    /// What the backend said when a read of it panicked: the group must not be written.
    pub(super) panicked: Option<String>,
}

/// What to send to whom.
pub(super) enum Answer {
    Commit(oneshot::Sender<CommitOutcome>, CommitOutcome),
    Head(oneshot::Sender<Result<Head, StorageError>>, Result<Head, StorageError>),
    Step(oneshot::Sender<Result<bool, StorageError>>, Result<bool, StorageError>),
}

impl Answer {
    /// Sends; an asker that went away is no error.
    pub(super) fn send(self) {
        match self {
            Self::Commit(to, outcome) => drop(to.send(outcome)),
            Self::Head(to, head) => drop(to.send(head)),
            Self::Step(to, more) => drop(to.send(more)),
        }
    }
}

/// Why a commit is not written.
enum Rejection {
    Conflict(Conflict),
    Error(StorageError),
}

impl From<StorageError> for Rejection {
    fn from(error: StorageError) -> Self {
        Self::Error(error)
    }
}

impl<'a, B: Backend> Group<'a, B> {
    pub(super) fn new(backend: &'a B, durable: &'a Heads) -> Self {
        Self {
            backend,
            durable,
            writes: Writes::new(),
            heads: FxHashMap::default(),
            answers: Vec::new(),
            commits: 0,
            unsettled: None,
            panicked: None,
        }
    }

    /// Adds a job's writes and its answer.
    pub(super) fn add(&mut self, job: Job) {
        let answer = match job {
            Job::Commit { commit, answer } => Answer::Commit(answer, self.commit(commit)),
            Job::Head { tenant, answer } => Answer::Head(answer, self.head(tenant)),
            Job::Fence { tenant, answer } => Answer::Head(answer, self.fence(tenant)),
            Job::Erase { tenant, answer } => Answer::Step(answer, self.erase(tenant)),
            Job::Adopt { tenant, entries, answer } => Answer::Step(answer, Ok(self.adopt(tenant, entries))),
        };
        self.answers.push(answer);
    }

    fn commit(&mut self, commit: Commit) -> CommitOutcome {
        match self.admit(&commit) {
            Ok((mut head, cleared)) => {
                self.merge(commit, &mut head, cleared);
                self.commits += 1;
                CommitOutcome::Committed { seq: head.seq }
            }
            Err(Rejection::Conflict(conflict)) => CommitOutcome::Conflict(conflict),
            Err(Rejection::Error(error @ (StorageError::Corrupt { .. } | StorageError::TooLarge { .. }))) => {
                CommitOutcome::Refused(error)
            }
            Err(Rejection::Error(error)) => CommitOutcome::Retry { reason: error.to_string() },
        }
    }

    /// Checks everything a commit builds on; answers the head and the keys its clears remove.
    fn admit(&mut self, commit: &Commit) -> Result<(Head, Vec<Vec<u8>>), Rejection> {
        let head = self.head(commit.tenant)?;
        if let Some(expected) = commit.head {
            if expected.epoch != head.epoch {
                return Err(Rejection::Conflict(Conflict::Fenced { epoch: head.epoch }));
            }
            if expected.after != head.seq {
                return Err(Rejection::Conflict(Conflict::Moved { head }));
            }
        }
        for (index, condition) in commit.conditions.iter().enumerate() {
            let value = self.value(&full_key(commit.tenant, condition.key()))?;
            if !condition.holds(value.as_ref()) {
                return Err(Rejection::Conflict(Conflict::Condition { index }));
            }
        }
        let mut cleared = Vec::new();
        for prefix in &commit.clears {
            self.keys_with(commit.tenant, prefix, &mut cleared)?;
        }
        Ok((head, cleared))
    }

    /// Adds an admitted commit to the batch: removals first, then writes, then the log.
    fn merge(&mut self, commit: Commit, head: &mut Head, cleared: Vec<Vec<u8>>) {
        let tenant = commit.tenant;
        let removed = commit.deletes.iter().map(|key| full_key(tenant, key)).chain(cleared);
        self.writes.extend(removed.map(|key| (key, None)));
        self.writes.extend(commit.puts.into_iter().map(|(key, value)| (full_key(tenant, &key), Some(value))));
        for record in commit.log {
            head.seq += 1;
            self.writes.insert(full_key(tenant, &Key::log(head.seq)), Some(record));
        }
        self.heads.insert(tenant, *head);
    }

    fn fence(&mut self, tenant: TenantId) -> Result<Head, StorageError> {
        let mut head = self.head(tenant)?;
        head.epoch += 1;
        let value = Bytes::copy_from_slice(&head.epoch.to_be_bytes());
        self.writes.insert(full_key(tenant, &Key::epoch()), Some(value));
        self.heads.insert(tenant, head);
        Ok(head)
    }

    /// The epoch goes last: until then it keeps earlier writers out.
    fn erase(&mut self, tenant: TenantId) -> Result<bool, StorageError> {
        let everything = Scan::prefix(&[]);
        let range = everything.keys_of(tenant);
        let page = self.read(|backend| backend.scan(&range, Direction::Forward, ERASE_KEYS))?;
        let epoch = full_key(tenant, &Key::epoch());
        let keys: Vec<_> = page.entries.iter().map(|(key, _)| full_key(tenant, key)).collect();
        let only_epoch = keys.iter().all(|key| *key == epoch);
        self.writes.extend(keys.into_iter().filter(|key| only_epoch || *key != epoch).map(|key| (key, None)));
        self.heads.remove(&tenant);
        self.unsettled = Some(tenant);
        Ok(!only_epoch)
    }

    /// There is never more to do.
    fn adopt(&mut self, tenant: TenantId, entries: Entries) -> bool {
        let entries = entries.into_iter().map(|(key, value)| (full_key(tenant, &key), value));
        self.writes.extend(entries);
        self.heads.remove(&tenant);
        self.unsettled = Some(tenant);
        false
    }

    /// The head after the group so far.
    fn head(&mut self, tenant: TenantId) -> Result<Head, StorageError> {
        if let Some(head) = self.heads.get(&tenant) {
            return Ok(*head);
        }
        let head = match self.durable.get(tenant) {
            Some(head) => head,
            None => self.read(|backend| heads::load(backend, tenant))?,
        };
        self.heads.insert(tenant, head);
        Ok(head)
    }

    /// A value after the group so far.
    fn value(&mut self, full_key: &[u8]) -> Result<Option<Bytes>, StorageError> {
        match self.writes.get(full_key) {
            Some(written) => Ok(written.clone()),
            None => self.read(|backend| backend.get(full_key)),
        }
    }

    /// Adds the full keys under a prefix, after the group so far.
    fn keys_with(
        &mut self,
        tenant: TenantId,
        prefix: &[u8],
        found: &mut Vec<Vec<u8>>,
    ) -> Result<(), StorageError> {
        let start = full_key(tenant, prefix);
        let range = KeyRange { end: prefix_end(&start), start };
        let page = self.read(|backend| backend.scan(&range, Direction::Forward, CLEAR_KEYS_MAX))?;
        if page.more {
            let size = CLEAR_KEYS_MAX + 1;
            return Err(StorageError::TooLarge {
                what: "a cleared prefix (keys)",
                size,
                limit: CLEAR_KEYS_MAX,
            });
        }
        found.extend(page.entries.iter().map(|(key, _)| full_key(tenant, key)));
        found.extend(self.writes.range::<[u8], _>(range.bounds()).map(|(key, _)| key.clone()));
        Ok(())
    }

    /// Reads from the backend. A panic is kept as the group's end; unwinding further would lose the askers before the
    /// store is marked as failed.
    fn read<T>(&mut self, read: impl FnOnce(&B) -> Result<T, StorageError>) -> Result<T, StorageError> {
        contained(|| read(self.backend)).map_err(|failure| {
            if let Panicked::Yes(text) = &failure {
                self.panicked = Some(text.clone());
            }
            failure.into_error()
        })
    }
}
