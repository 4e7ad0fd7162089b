//! A workflow: the states that a team's issues pass through, and the moves between them.
//!
//! Its row holds what its newest version says; earlier versions have rows of their own. A state is the same state in
//! every version that has its key: what it means is fixed, how it is called and shown is as the newest version says.

use super::{Migration, WorkflowTransition, words};
use crate::id::{StateId, WorkflowId, WorkflowVersionId};
use crate::time::Timestamp;
use std::borrow::Cow;

words! {
    /// What a state means, whatever it is called. The last two are terminal.
    StateCategory {
        /// Not yet looked at.
        0 Triage = "TRIAGE",
        /// Looked at, not planned.
        1 Backlog = "BACKLOG",
        /// Planned, not begun.
        2 Unstarted = "UNSTARTED",
        /// Being worked on.
        3 Started = "STARTED",
        /// Done.
        4 Completed = "COMPLETED",
        /// Will not be done.
        5 Canceled = "CANCELED",
    }
}

impl StateCategory {
    /// Whether work on the issue has ended.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled)
    }
}

words! {
    /// How strictly the moves are kept.
    WorkflowMode {
        /// Any state may follow any other.
        0 Open = "OPEN",
        /// Only the listed moves are allowed.
        1 Strict = "STRICT",
    }
}

/// One state of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct WorkflowState {
    /// The id.
    #[n(0)]
    pub id: StateId,
    /// How it is shown; unique in the workflow, whatever its case.
    #[n(1)]
    pub name: String,
    /// What it means.
    #[n(2)]
    pub category: StateCategory,
    /// `#rrggbb`, in lower case.
    #[n(3)]
    pub color: String,
    /// What versions know it by; none in rows from before there were keys: see [`WorkflowState::key`].
    #[n(4)]
    pub key: Option<String>,
    /// How many issues should be in it at once. It is shown, and refuses nothing.
    #[n(5)]
    pub wip_limit: Option<u32>,
}

impl WorkflowState {
    /// What versions know it by, such as `in_review`: unique in the workflow.
    #[must_use]
    pub fn key(&self) -> Cow<'_, str> {
        let made = || {
            let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
            Cow::Owned(self.name.chars().map(letter).collect())
        };
        self.key.as_deref().map_or_else(made, Cow::Borrowed)
    }
}

/// The row of a workflow with its states, in the order in which boards show them.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Workflow {
    /// The id.
    #[n(0)]
    pub id: WorkflowId,
    /// How it is shown.
    #[n(1)]
    pub name: String,
    /// How strictly the moves are kept.
    #[n(2)]
    pub mode: WorkflowMode,
    /// The states, in order.
    #[n(3)]
    pub states: Vec<WorkflowState>,
    /// The state of a new issue.
    #[n(4)]
    pub initial: StateId,
    /// The allowed moves.
    #[n(5)]
    pub transitions: Vec<WorkflowTransition>,
    /// When it was made.
    #[n(6)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[n(7)]
    pub updated_at: Timestamp,
    /// Counts the changes of this row, from 1.
    #[n(8)]
    pub version: u64,
    /// The newest version; none while there is but the first, which has no row of its own.
    #[n(9)]
    pub published: Option<WorkflowVersionId>,
    /// States of earlier versions that the newest does not have, as they last were.
    #[cbor(n(10), skip_if = "Vec::is_empty")]
    pub retired: Vec<WorkflowState>,
    /// Its issues are being moved to the newest version.
    #[n(11)]
    pub migration: Option<Box<Migration>>,
}

impl Workflow {
    /// The state with this id, of the newest version.
    #[must_use]
    pub fn state(&self, id: StateId) -> Option<&WorkflowState> {
        self.states.iter().find(|s| s.id == id)
    }

    /// The states of the newest version, then those of earlier ones.
    pub fn all_states(&self) -> impl Iterator<Item = &WorkflowState> {
        self.states.iter().chain(&self.retired)
    }

    /// The state with this id, of whichever version.
    #[must_use]
    pub fn any_state(&self, id: StateId) -> Option<&WorkflowState> {
        self.all_states().find(|s| s.id == id)
    }

    /// The id of the newest version.
    #[must_use]
    pub fn newest(&self) -> WorkflowVersionId {
        self.published.unwrap_or(WorkflowVersionId::first_of(self.id))
    }

    /// The first state of this category, in order.
    #[must_use]
    pub fn first_of(&self, category: StateCategory) -> Option<&WorkflowState> {
        self.states.iter().find(|s| s.category == category)
    }
}
