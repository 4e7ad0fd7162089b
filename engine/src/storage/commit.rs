//! What is asked of a store in one atomic step, and what it answers.
//!
//! It does not know what the bytes mean; sealing happens above.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::StorageError;
use super::key::{KEY_BYTES_MAX, Space};
use crate::id::TenantId;

/// Largest stored value, in bytes. Larger ones are split by [`TenantStore`](super::TenantStore).
pub const VALUE_BYTES_MAX: usize = 64 * 1_024;

/// Most bytes of keys and values in one commit.
pub const BATCH_BYTES_MAX: usize = 1_024 * 1_024;

/// Most keys one commit writes or removes; also the most conditions, and the most cleared prefixes.
pub const BATCH_KEYS_MAX: usize = 100;

/// Most bytes of keys and values that a store takes over at once.
pub const ADOPTED_BYTES_MAX: usize = 1_024 * 1_024;

/// Writes of one tenant that happen together or not at all.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Whose keys are written.
    pub tenant: TenantId,
    /// What the head must be. Needed when `log` is not empty; rows alone may go without.
    pub head: Option<HeadCondition>,
    /// Log records, numbered from the head's next sequence number on.
    pub log: Vec<Bytes>,
    /// What must hold for single keys.
    pub conditions: Vec<Condition>,
    /// Prefixes whose keys are removed before anything is written.
    pub clears: Vec<Vec<u8>>,
    /// Keys that are removed; absent ones are no error.
    pub deletes: Vec<Vec<u8>>,
    /// Keys that are written, after all removals.
    pub puts: Vec<(Vec<u8>, Bytes)>,
}

/// The writer epoch and the last sequence number a commit builds on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadCondition {
    /// The epoch the writer got from [`Store::fence`](super::Store::fence).
    pub epoch: u64,
    /// The sequence number of the last record before this commit; zero for an empty log.
    pub after: u64,
}

/// Something that must hold for a key when the commit is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The key has no value.
    Absent(Vec<u8>),
    /// The key has some value.
    Present(Vec<u8>),
    /// The key has exactly this stored value.
    ValueIs(Vec<u8>, Bytes),
}

impl Condition {
    pub(crate) fn key(&self) -> &[u8] {
        match self {
            Self::Absent(key) | Self::Present(key) | Self::ValueIs(key, _) => key,
        }
    }

    pub(crate) fn holds(&self, value: Option<&Bytes>) -> bool {
        match self {
            Self::Absent(_) => value.is_none(),
            Self::Present(_) => value.is_some(),
            Self::ValueIs(_, expected) => value == Some(expected),
        }
    }
}

/// Where a tenant's log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// The writer epoch; zero when nobody has fenced.
    pub epoch: u64,
    /// The last sequence number; zero for an empty log.
    pub seq: u64,
}

/// How a commit ended.
#[derive(Debug)]
pub enum CommitOutcome {
    /// Durable, also against a power cut.
    Committed {
        /// The head's sequence number after this commit.
        seq: u64,
    },
    /// Not written: something the commit builds on has changed.
    Conflict(Conflict),
    /// Not written, and not because of the commit: submit it again later.
    Retry {
        /// What happened, for the log.
        reason: String,
    },
    /// Perhaps written, perhaps not: read the head, or retry with the same idempotency key.
    Indeterminate {
        /// What happened, for the log.
        reason: String,
    },
    /// Not written, and never will be in this form.
    Refused(StorageError),
}

/// What a commit built on and found changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// Another writer has taken the tenant over.
    Fenced {
        /// The epoch that holds now.
        epoch: u64,
    },
    /// The log has another head.
    Moved {
        /// The head as it is.
        head: Head,
    },
    /// The condition with this index does not hold.
    Condition {
        /// Its place in [`Commit::conditions`].
        index: usize,
    },
}

impl Commit {
    /// A commit that does nothing yet.
    pub fn new(tenant: TenantId) -> Self {
        Self {
            tenant,
            head: None,
            log: Vec::new(),
            conditions: Vec::new(),
            clears: Vec::new(),
            deletes: Vec::new(),
            puts: Vec::new(),
        }
    }

    /// Bytes of all keys and values.
    pub fn bytes(&self) -> usize {
        let log: usize = self.log.iter().map(|record| record.len() + 9).sum();
        let puts: usize = self.puts.iter().map(|(key, value)| key.len() + value.len()).sum();
        let removals: usize = self.deletes.iter().chain(&self.clears).map(Vec::len).sum();
        let conditions: usize = self
            .conditions
            .iter()
            .map(|condition| {
                condition.key().len()
                    + if let Condition::ValueIs(_, value) = condition { value.len() } else { 0 }
            })
            .sum();
        log + puts + removals + conditions
    }

    /// Keys written or removed, cleared prefixes apart.
    pub fn keys(&self) -> usize {
        self.log.len() + self.puts.len() + self.deletes.len()
    }

    /// Refuses what no backend takes, before it is queued.
    pub(crate) fn check(&self) -> Result<(), StorageError> {
        within("a batch (keys)", self.keys(), BATCH_KEYS_MAX)?;
        within("a batch (cleared prefixes)", self.clears.len(), BATCH_KEYS_MAX)?;
        within("a batch (conditions)", self.conditions.len(), BATCH_KEYS_MAX)?;
        within("a batch (bytes)", self.bytes(), BATCH_BYTES_MAX)?;
        if !self.log.is_empty() && self.head.is_none() {
            return Err(StorageError::Forbidden { what: "a log record without the head it follows" });
        }
        for value in self.log.iter().chain(self.puts.iter().map(|(_, value)| value)) {
            within("a value (bytes)", value.len(), VALUE_BYTES_MAX)?;
        }
        for key in self.puts.iter().map(|(key, _)| key).chain(&self.deletes).chain(&self.clears) {
            within("a key (bytes)", key.len(), KEY_BYTES_MAX)?;
            match Space::of(key) {
                Some(Space::Data | Space::Chunk) => {}
                Some(Space::Log) => return Err(StorageError::Forbidden { what: "a row in the log" }),
                Some(Space::Epoch) => return Err(StorageError::Forbidden { what: "the writer epoch" }),
                None => return Err(StorageError::Forbidden { what: "a key of no known space" }),
            }
        }
        Ok(())
    }
}

/// Refuses a size above its limit.
pub(crate) fn within(what: &'static str, size: usize, limit: usize) -> Result<(), StorageError> {
    if size > limit { Err(StorageError::TooLarge { what, size, limit }) } else { Ok(()) }
}

/// The answer to a submitted commit, later. Dropping it does not take the commit back.
#[derive(Debug)]
#[must_use = "a commit's outcome is known only from its ticket"]
pub struct Ticket(oneshot::Receiver<CommitOutcome>);

impl Ticket {
    /// A ticket and the end that answers it. A dropped answerer resolves to `Indeterminate`.
    pub(crate) fn pair() -> (oneshot::Sender<CommitOutcome>, Self) {
        let (answer, ticket) = oneshot::channel();
        (answer, Self(ticket))
    }

    /// A ticket that is answered already.
    pub(crate) fn answered(outcome: CommitOutcome) -> Self {
        let (answer, ticket) = Self::pair();
        // The receiver is in our hands, so this cannot fail.
        let _ = answer.send(outcome);
        ticket
    }
}

impl Future for Ticket {
    type Output = CommitOutcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<CommitOutcome> {
        Pin::new(&mut self.0).poll(cx).map(|answer| {
            answer.unwrap_or_else(|_| CommitOutcome::Indeterminate {
                reason: "the committer went away before answering".to_owned(),
            })
        })
    }
}
