//! How issues stand to each other, and what an issue once had.

use super::{IssueKind, Priority, Resolution, StateCategory, words};
use crate::id::{IssueId, LabelId, MemberId, StateId};
use crate::time::Timestamp;

words! {
    /// How one issue stands to another. It is stored once, with the first of the two.
    RelationKind {
        /// The other cannot be finished before this one is.
        0 Blocks = "BLOCKS",
        /// This one says what the other says already.
        1 Duplicates = "DUPLICATES",
        /// They have to do with each other; without direction.
        2 Relates = "RELATES",
        /// This one comes before the other.
        3 Precedes = "PRECEDES",
    }
}

/// A relation of the issue it is stored with to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode)]
pub struct Relation {
    /// The kind.
    #[n(0)]
    pub kind: RelationKind,
    /// The other issue.
    #[n(1)]
    pub to: IssueId,
}

/// What an issue once had and moved away from, whether or not it came back to it. Lists are in order, each value once.
#[derive(Debug, Clone, Default, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct Past {
    /// States.
    #[n(0)]
    pub states: Vec<StateId>,
    /// Categories of states.
    #[n(1)]
    pub categories: Vec<StateCategory>,
    /// Priorities.
    #[n(2)]
    pub priorities: Vec<Priority>,
    /// Kinds.
    #[n(3)]
    pub kinds: Vec<IssueKind>,
    /// Reasons for which it was closed.
    #[n(4)]
    pub resolutions: Vec<Resolution>,
    /// People who worked on it.
    #[n(5)]
    pub assignees: Vec<MemberId>,
    /// Labels.
    #[n(6)]
    pub labels: Vec<LabelId>,
}

impl Past {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes values into one of the lists.
    pub(crate) fn note<T: Ord + Copy>(list: &mut Vec<T>, values: impl IntoIterator<Item = T>) {
        for value in values {
            if let Err(at) = list.binary_search(&value) {
                list.insert(at, value);
            }
        }
    }
}

/// Somebody who wrote comments on an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, minicbor::Encode, minicbor::Decode)]
pub struct Commenter {
    /// Who.
    #[n(0)]
    pub member: MemberId,
    /// How many that are not deleted, at least one.
    #[n(1)]
    pub comments: u32,
}

/// The dates of an issue that follow from its moves, as they were before a move: with them a move can be undone.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Dates {
    /// When it had left triage.
    #[n(0)]
    pub triaged_at: Option<Timestamp>,
    /// When work had started.
    #[n(1)]
    pub started_at: Option<Timestamp>,
    /// When it had been completed.
    #[n(2)]
    pub completed_at: Option<Timestamp>,
    /// When it had been canceled.
    #[n(3)]
    pub canceled_at: Option<Timestamp>,
    /// When it had entered its state; none: when it was made.
    #[n(4)]
    pub state_since: Option<Timestamp>,
    /// How often it had been reopened.
    #[n(5)]
    pub reopen_count: u32,
}
