//! A workflow: the states that a team's issues pass through, and the moves between them.

use super::words;
use crate::id::{StateId, WorkflowId};
use crate::time::Timestamp;

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
}

/// An allowed move.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct WorkflowTransition {
    /// The state that is left; none means any.
    #[n(0)]
    pub from: Option<StateId>,
    /// The state that is entered.
    #[n(1)]
    pub to: StateId,
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
}

impl Workflow {
    /// The state with this id.
    #[must_use]
    pub fn state(&self, id: StateId) -> Option<&WorkflowState> {
        self.states.iter().find(|s| s.id == id)
    }

    /// The first state of this category, in order.
    #[must_use]
    pub fn first_of(&self, category: StateCategory) -> Option<&WorkflowState> {
        self.states.iter().find(|s| s.category == category)
    }
}
