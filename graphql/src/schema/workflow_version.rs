//! Versions of workflows: the draft of the next one, and those that were published.

use super::member::MemberNode;
use super::scalar::DateTime;
use super::transition::TransitionNode;
use super::word::WorkflowProblemCode;
use super::workflow::WorkflowNode;
use super::workflow_state::StateNode;
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::{Id, Row, Rows};
use async_graphql::{Context, Enum};
use mortise_engine::directory::Directory;
use mortise_engine::id::{StateId, WorkflowVersionId};
use mortise_engine::model::{VersionStatus, Workflow, WorkflowTransition, WorkflowVersion};
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
    /// None: as the workflow's row says. So it is with the only version of a workflow that has no other yet, and with the
    /// newest where that alone is asked for.
    version: Option<Arc<WorkflowVersion>>,
}

impl VersionNode {
    /// A version that has a row.
    pub(crate) const fn new(workflow: Arc<Workflow>, version: Arc<WorkflowVersion>) -> Self {
        Self { workflow, version: Some(version) }
    }

    /// The version with this id, a draft too; one that was given up is not there.
    pub(crate) fn of(directory: &Directory, id: WorkflowVersionId) -> Option<Self> {
        match directory.version(id).filter(|version| version.status != VersionStatus::Discarded) {
            Some(version) => Some(Self::new(directory.workflow(version.workflow)?.clone(), version.clone())),
            None => Flow::version(directory, id).map(|flow| Self::of_row(flow.workflow())),
        }
    }

    /// What the row of a workflow says.
    pub(crate) fn of_row(workflow: &Arc<Workflow>) -> Self {
        Self { workflow: workflow.clone(), version: None }
    }

    /// The versions of a workflow that were published.
    pub(crate) fn all(directory: &Directory, workflow: &Arc<Workflow>) -> Vec<Self> {
        if workflow.published.is_none() {
            return vec![Self::of_row(workflow)];
        }
        let of_it = |version: &&Arc<WorkflowVersion>| {
            version.workflow == workflow.id && version.status == VersionStatus::Published
        };
        directory.versions().filter(of_it).map(|v| Self::new(workflow.clone(), v.clone())).collect()
    }

    pub(crate) fn id_of(&self) -> WorkflowVersionId {
        self.version.as_ref().map_or(WorkflowVersionId::first_of(self.workflow.id), |version| version.id)
    }

    pub(crate) fn number_of(&self) -> u32 {
        self.version.as_ref().map_or(1, |version| version.number)
    }

    /// What its row says; what it would say, where it has none.
    fn says<T>(&self, row: impl FnOnce(&WorkflowVersion) -> T, first: impl FnOnce(&Workflow) -> T) -> T {
        self.version.as_ref().map_or_else(|| first(&self.workflow), |version| row(version))
    }

    /// Its row, while it is a draft.
    fn draft(&self) -> Option<&WorkflowVersion> {
        self.version.as_deref().filter(|version| version.status == VersionStatus::Draft)
    }

    /// The moves it lists.
    pub(crate) fn moves(&self) -> &[WorkflowTransition] {
        self.version.as_ref().map_or(&self.workflow.transitions, |version| &version.transitions)
    }

    /// A state as this version says.
    pub(crate) fn state(&self, id: StateId) -> StateNode {
        match &self.version {
            Some(version) => StateNode::of_version(&self.workflow, version, id),
            None => StateNode::newest(&self.workflow, id),
        }
    }

    fn standing(&self) -> WorkflowVersionStatus {
        let Some(version) = &self.version else { return WorkflowVersionStatus::Published };
        match version.status {
            VersionStatus::Published if self.workflow.newest() == version.id => {
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
        "id" id: Id<WorkflowVersionId> = |version, _| Id(version.id_of());
        /// Counts the versions of the workflow, from 1.
        "number" number: u32 = |version, _| version.number_of();
        /// What it is.
        "status" status: WorkflowVersionStatus = |version, _| version.standing();
        /// The workflow.
        "workflow" workflow: Row<WorkflowNode> = |version, _| Row(WorkflowNode::now(version.workflow.clone()));
        /// The state of a new issue.
        "initialState" initial_state: Row<StateNode> = |version, _| {
            Row(version.state(version.says(|row| row.initial, |workflow| workflow.initial)))
        };
        /// How many issues follow it, deleted and archived ones and those included that who asks does not see. For admins;
        /// null for others, and for a draft.
        "issueCount" issue_count: Option<u64> = |version, cx| {
            let directory = cx.directory();
            Flow::version(&directory, version.id_of()).and_then(|flow| cx.reader().followers(&flow))
        };
        /// When it was first drafted.
        "createdAt" created_at: DateTime = |version, _| {
            DateTime(version.says(|row| row.created_at, |workflow| workflow.created_at))
        };
        /// When it last changed.
        "updatedAt" updated_at: DateTime = |version, _| {
            DateTime(version.says(|row| row.updated_at, |workflow| workflow.created_at))
        };
        /// When it was published; null for a draft.
        "publishedAt" published_at: Option<DateTime> = |version, _| {
            version.says(|row| row.published_at, |workflow| Some(workflow.created_at)).map(DateTime)
        };
        /// Who published it; null for a draft, for what a company began with, and when an operator on a visit or the
        /// program that embeds the engine did: the audit says who that was.
        "publishedBy" published_by: Option<Row<MemberNode>> = |version, cx| {
            version.says(|row| row.published_by, |_| None).and_then(|id| MemberNode::find(cx, id))
        };
        /// Counts the changes of the draft, on from those of the versions before it: for `ifVersion`.
        "version" version: u64 = |version, _| version.says(|row| row.version, |_| 1);
    }
    stock {
        /// The states, in the order in which boards show them, as this version says.
        async fn states(&self, ctx: &Context<'_>) -> Result<Rows<StateNode>> {
            let states = self.version.as_ref().map_or(&self.workflow.states, |version| &version.states);
            let states = states.iter().map(|state| self.state(state.id));
            Asked::of(ctx)?.snapshot.charged(states)
        }

        /// The moves it lists.
        async fn transitions(&self, ctx: &Context<'_>) -> Result<Rows<TransitionNode>> {
            TransitionNode::all(Asked::of(ctx)?.snapshot, self)
        }

        /// What is wrong with a draft, each with the state that fails; it can be published when none of them `blocks`.
        async fn problems(&self, ctx: &Context<'_>) -> Result<Rows<ProblemNode>> {
            let cx = Asked::of(ctx)?.snapshot;
            // To judge is work, whatever comes of it.
            cx.charge(1)?;
            let Some(draft) = self.draft() else { return Ok(Rows(Vec::new())) };
            let found = problems_of_draft(draft, &self.workflow, &cx.directory());
            cx.charged(found.into_iter().map(|problem| ProblemNode { problem, of: self.clone() }))
        }
    }
}

/// A problem of a draft, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct ProblemNode {
    problem: Problem,
    of: VersionNode,
}

crate::lean_object! {
    /// What is wrong with a version of a workflow: what keeps it from being published, or a warning.
    "WorkflowProblem" for ProblemNode, cx Snapshot {
        /// What is wrong.
        "code" code: WorkflowProblemCode = |problem, _| problem.problem.code.into();
        /// Whether it keeps the draft from being published; else it is a warning.
        "blocks" blocks: bool = |problem, _| problem.problem.code.blocks();
        /// A sentence that says it.
        "message" message: &str = |problem, _| problem.problem.message.as_str();
        /// The state that fails, or that a failing move enters.
        "state" state: Option<Row<StateNode>> = |problem, _| {
            problem.problem.state.map(|id| Row(problem.of.state(id)))
        };
    }
}
