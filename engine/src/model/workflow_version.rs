//! A version of a workflow: the draft of the next one, or one that was published and never changes again.

use super::{Workflow, WorkflowState, WorkflowTransition, words};
use crate::id::{ApiKeyId, MemberId, RootId, StateId, WorkflowId, WorkflowVersionId};
use crate::time::Timestamp;

words! {
    /// What a version is.
    VersionStatus {
        /// Being written; no issue follows it.
        0 Draft = "DRAFT",
        /// Published, the newest or an earlier one.
        1 Published = "PUBLISHED",
        /// A draft that was given up. The next draft takes its place.
        2 Discarded = "DISCARDED",
    }
}

/// The row of a version. The first version of a workflow has one only when a second was published.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct WorkflowVersion {
    /// The id.
    #[n(0)]
    pub id: WorkflowVersionId,
    /// The workflow.
    #[n(1)]
    pub workflow: WorkflowId,
    /// Counts the versions of the workflow, from 1.
    #[n(2)]
    pub number: u32,
    /// What it is.
    #[n(3)]
    pub status: VersionStatus,
    /// The states, in order.
    #[n(4)]
    pub states: Vec<WorkflowState>,
    /// The state of a new issue.
    #[n(5)]
    pub initial: StateId,
    /// The moves it lists.
    #[n(6)]
    pub transitions: Vec<WorkflowTransition>,
    /// When it was made.
    #[n(7)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[n(8)]
    pub updated_at: Timestamp,
    /// Counts the changes of this row, from 1.
    #[n(9)]
    pub version: u64,
    /// When it was published.
    #[n(10)]
    pub published_at: Option<Timestamp>,
    /// Who published it; none also: an operator on a visit, or the program that embeds the engine.
    #[n(11)]
    pub published_by: Option<MemberId>,
}

impl WorkflowVersion {
    /// The first version of a workflow that has no other yet.
    #[must_use]
    pub fn first(workflow: &Workflow) -> Self {
        Self {
            id: WorkflowVersionId::first_of(workflow.id),
            workflow: workflow.id,
            number: 1,
            status: VersionStatus::Published,
            states: workflow.states.clone(),
            initial: workflow.initial,
            transitions: workflow.transitions.clone(),
            created_at: workflow.created_at,
            updated_at: workflow.created_at,
            version: 1,
            published_at: Some(workflow.created_at),
            published_by: None,
        }
    }

    /// The state with this id.
    #[must_use]
    pub fn state(&self, id: StateId) -> Option<&WorkflowState> {
        self.states.iter().find(|s| s.id == id)
    }
}

/// Where issues in one state go when they are moved to a version that lacks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct StateMapping {
    /// The state they are in.
    #[n(0)]
    pub from: StateId,
    /// The state they enter.
    #[n(1)]
    pub to: StateId,
}

/// Issues are on their way to the newest version of a workflow: what is left to do follows from the issues themselves.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Migration {
    /// Where issues in other states than those of the version go; states that it has may be here too.
    #[n(0)]
    pub map: Vec<StateMapping>,
    /// How many issues there were to move when it began.
    #[n(1)]
    pub total: u64,
    /// The member who began it; none: an operator on a visit, or the program that embeds the engine.
    #[n(2)]
    pub by: Option<MemberId>,
    /// When it began.
    #[n(3)]
    pub started_at: Timestamp,
    /// The API key that began it, in the name of `by`.
    #[n(4)]
    pub key: Option<ApiKeyId>,
    /// The operator who began it, on a visit.
    #[n(5)]
    pub operator: Option<RootId>,
}

impl Migration {
    /// Where an issue in this state goes, when the map says it.
    #[must_use]
    pub fn target(&self, from: StateId) -> Option<StateId> {
        self.map.iter().find(|step| step.from == from).map(|step| step.to)
    }
}

/// How the moving of issues ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct MigrationEnd {
    /// It was called off.
    #[n(0)]
    pub canceled: bool,
    /// Issues that could not be moved, and stay where they were. Not counted where it was called off.
    #[n(1)]
    pub left: u64,
}
