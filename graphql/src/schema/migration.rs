//! Moving issues to the newest version of a workflow: what it would mean, and how far it has come.

use super::member::MemberNode;
use super::scalar::DateTime;
use super::workflow_state::StateNode;
use super::workflow_version::VersionNode;
use crate::context::Snapshot;
use crate::error::Result;
use crate::lean::{Row, Rows};
use mortise_engine::id::WorkflowId;
use mortise_engine::model::{Migration, Workflow};
use mortise_engine::query::{MigrationPlan, MigrationStep};
use std::sync::Arc;

/// Issues that are on their way, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct MigrationNode {
    workflow: Arc<Workflow>,
    migration: Migration,
}

impl MigrationNode {
    /// What is under way in a workflow, for those who manage it.
    pub(crate) fn of(cx: &Snapshot, workflow: &Arc<Workflow>) -> Option<Self> {
        let migration = workflow.migration.as_deref().filter(|_| cx.reader().manages_workflows())?.clone();
        Some(Self { workflow: workflow.clone(), migration })
    }
}

crate::lean_object! {
    /// Issues are being moved to the newest version of a workflow, a few at a time; other changes go on meanwhile.
    "WorkflowMigration" for MigrationNode, cx Snapshot {
        /// How many issues there were to move.
        "total" total: u64 = |migration, _| migration.migration.total;
        /// How many are left.
        "remaining" remaining: u64 = |migration, cx| cx.reader().to_migrate(&migration.workflow);
        /// When it began.
        "startedAt" started_at: DateTime = |migration, _| DateTime(migration.migration.started_at);
        /// Who began it; null when an operator on a visit or the program that embeds the engine did: the audit says who
        /// that was.
        "startedBy" started_by: Option<Row<MemberNode>> = |migration, cx| {
            migration.migration.by.and_then(|id| MemberNode::find(cx, id))
        };
    }
}

/// What moving issues would mean, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct PlanNode {
    plan: Arc<MigrationPlan>,
    /// The draft, where it is about that: its states may not be known otherwise.
    draft: Option<VersionNode>,
}

impl PlanNode {
    /// What it means for a workflow, or would mean for its draft.
    ///
    /// # Errors
    ///
    /// As [`Reader::migration_plan`](mortise_engine::query::Reader::migration_plan) and [`Snapshot::charge`].
    pub(crate) fn of(cx: &Snapshot, workflow: WorkflowId, draft: bool) -> Result<Self> {
        let reader = cx.reader();
        let (plan, draft) = if draft {
            let plan = reader.migration_plan_of_draft(workflow)?;
            let directory = cx.directory();
            let draft = directory.draft_of(workflow).and_then(|draft| VersionNode::of(&directory, draft.id));
            (plan, draft)
        } else {
            (reader.migration_plan(workflow)?, None)
        };
        cx.charge(plan.states.len())?;
        Ok(Self { plan: Arc::new(plan), draft })
    }
}

crate::lean_object! {
    /// What moving issues to the newest version of a workflow, or to its next, would mean. Archived and deleted issues, and
    /// those that who asks does not see, are counted too.
    "WorkflowMigrationPlan" for PlanNode, cx Snapshot {
        /// How many issues there are that the workflow is for and that do not follow that version.
        "total" total: u64 = |plan, _| plan.plan.total;
        /// The states they are in.
        "states" states: Rows<StepNode> = |plan, _| {
            plan.plan.states.iter().map(|step| StepNode { step: *step, draft: plan.draft.clone() }).collect()
        };
    }
}

/// Issues in one state, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct StepNode {
    step: MigrationStep,
    /// As in [`PlanNode`].
    draft: Option<VersionNode>,
}

crate::lean_object! {
    /// Issues in one state that are to be moved to another version.
    "WorkflowMigrationStep" for StepNode, cx Snapshot {
        /// The state they are in.
        "state" state: Row<StateNode> = |of, cx| Row(StateNode::of(&cx.directory(), of.step.state));
        /// How many there are.
        "count" count: u64 = |of, _| of.step.count;
        /// Whether that version does not have the state: then the map must say where they go.
        "isMissing" is_missing: bool = |of, _| of.step.is_missing;
        /// Where they could go: the same state; else one with the same key, the same name, or the same meaning.
        "suggested" suggested: Option<Row<StateNode>> = |of, cx| {
            of.step.suggested.map(|id| Row(match &of.draft {
                Some(draft) => draft.state(id),
                None => StateNode::of(&cx.directory(), id),
            }))
        };
    }
}
