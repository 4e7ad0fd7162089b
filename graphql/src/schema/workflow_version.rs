//! Versions of workflows: the draft of the next one, and those that were published.

use super::member::MemberNode;
use super::scalar::DateTime;
use super::transition::TransitionNode;
use super::word::WorkflowProblemCode;
use super::workflow::WorkflowNode;
use super::workflow_state::StateNode;
use crate::context::Snapshot;
use crate::lean::{Id, Row, Rows};
use async_graphql::Enum;
use mortise_engine::directory::Directory;
use mortise_engine::id::WorkflowVersionId;
use mortise_engine::model::{VersionStatus, Workflow, WorkflowVersion};
use mortise_engine::workflow::{Flow, Problem, problems_of_draft};
use std::sync::Arc;

/// What a version of a workflow is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum WorkflowVersionStatus {
    /// Being written: no issue follows it.
    Draft,
    /// The newest: new issues follow it.
    Published,
    /// An earlier one: issues follow it until they are moved.
    Retired,
}

crate::lean_enum!(WorkflowVersionStatus);

/// A version, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct VersionNode {
    workflow: Arc<Workflow>,
    version: Arc<WorkflowVersion>,
}

impl VersionNode {
    /// A version that has a row.
    pub(crate) const fn new(workflow: Arc<Workflow>, version: Arc<WorkflowVersion>) -> Self {
        Self { workflow, version }
    }

    /// The version with this id, a draft too; one that was given up is not there.
    pub(crate) fn of(directory: &Directory, id: WorkflowVersionId) -> Option<Self> {
        match directory.version(id).filter(|version| version.status != VersionStatus::Discarded) {
            Some(version) => Some(Self::new(directory.workflow(version.workflow)?.clone(), version.clone())),
            None => Flow::version(directory, id).map(|flow| Self::first(flow.workflow())),
        }
    }

    /// The only version of a workflow that has no other yet.
    fn first(workflow: &Arc<Workflow>) -> Self {
        Self::new(workflow.clone(), Arc::new(WorkflowVersion::first(workflow)))
    }

    /// The versions of a workflow that were published.
    pub(crate) fn all(directory: &Directory, workflow: &Arc<Workflow>) -> Vec<Self> {
        if workflow.published.is_none() {
            return vec![Self::first(workflow)];
        }
        let of_it = |version: &&Arc<WorkflowVersion>| {
            version.workflow == workflow.id && version.status == VersionStatus::Published
        };
        directory.versions().filter(of_it).map(|v| Self::new(workflow.clone(), v.clone())).collect()
    }

    pub(crate) fn id_of(&self) -> WorkflowVersionId {
        self.version.id
    }

    fn standing(&self) -> WorkflowVersionStatus {
        match self.version.status {
            VersionStatus::Published if self.workflow.newest() == self.version.id => {
                WorkflowVersionStatus::Published
            }
            VersionStatus::Published => WorkflowVersionStatus::Retired,
            VersionStatus::Draft | VersionStatus::Discarded => WorkflowVersionStatus::Draft,
        }
    }
}

crate::lean_object! {
    /// A version of a workflow. Once published it never changes; an issue follows the version it began with until it is
    /// moved to another.
    "WorkflowVersion" for VersionNode, cx Snapshot {
        /// The global id, `wfv_…`.
        "id" id: Id<WorkflowVersionId> = |version, _| Id(version.version.id);
        /// Counts the versions of the workflow, from 1.
        "number" number: u32 = |version, _| version.version.number;
        /// What it is.
        "status" status: WorkflowVersionStatus = |version, _| version.standing();
        /// The workflow.
        "workflow" workflow: Row<WorkflowNode> = |version, _| Row(WorkflowNode::now(version.workflow.clone()));
        /// The states, in the order in which boards show them, as this version says.
        "states" states: Rows<StateNode> = |version, _| {
            let ids = version.version.states.iter().map(|state| state.id);
            ids.map(|id| StateNode::of_version(&version.workflow, &version.version, id)).collect()
        };
        /// The state of a new issue.
        "initialState" initial_state: Row<StateNode> = |version, _| {
            Row(StateNode::of_version(&version.workflow, &version.version, version.version.initial))
        };
        /// The moves it lists.
        "transitions" transitions: Rows<TransitionNode> = |version, _| {
            let moves = version.version.transitions.iter();
            moves.map(|step| TransitionNode::new(step, &version.workflow, Some(&version.version))).collect()
        };
        /// What keeps a draft from being published, each with the state that fails; empty when it can be.
        "problems" problems: Rows<ProblemNode> = |version, cx| match version.version.status {
            VersionStatus::Draft => {
                let found = problems_of_draft(&version.version, &version.workflow, &cx.directory());
                found.into_iter().map(|problem| ProblemNode { problem, of: version.clone() }).collect()
            }
            _ => Rows(Vec::new()),
        };
        /// How many issues follow it, deleted and archived ones and those included that who asks does not see. For admins;
        /// null for others, and for a draft.
        "issueCount" issue_count: Option<u64> = |version, cx| {
            let directory = cx.directory();
            Flow::version(&directory, version.version.id).and_then(|flow| cx.reader().followers(&flow))
        };
        /// When it was first drafted.
        "createdAt" created_at: DateTime = |version, _| DateTime(version.version.created_at);
        /// When it last changed.
        "updatedAt" updated_at: DateTime = |version, _| DateTime(version.version.updated_at);
        /// When it was published; null for a draft.
        "publishedAt" published_at: Option<DateTime> = |version, _| version.version.published_at.map(DateTime);
        /// Who published it; null for a draft, and for what a company began with.
        "publishedBy" published_by: Option<Row<MemberNode>> = |version, cx| {
            version.version.published_by.and_then(|id| MemberNode::find(cx, id))
        };
        /// Counts the changes of the draft, from 1: for `ifVersion`.
        "version" version: u64 = |version, _| version.version.version;
    }
}

/// A problem of a draft, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct ProblemNode {
    problem: Problem,
    of: VersionNode,
}

crate::lean_object! {
    /// A reason for which issues could not follow a version of a workflow.
    "WorkflowProblem" for ProblemNode, cx Snapshot {
        /// What is wrong.
        "code" code: WorkflowProblemCode = |problem, _| problem.problem.code.into();
        /// A sentence that says it.
        "message" message: &str = |problem, _| problem.problem.message.as_str();
        /// The state that fails, or that a failing move enters.
        "state" state: Option<Row<StateNode>> = |problem, _| {
            let of = &problem.of;
            problem.problem.state.map(|id| Row(StateNode::of_version(&of.workflow, &of.version, id)))
        };
    }
}
