//! Workflows: the object and the queries for them, their states and versions.

use super::migration::{MigrationNode, PlanNode};
use super::page::{self, PageArguments};
use super::scalar::{self, DateTime};
use super::transition::TransitionNode;
use super::word::WorkflowMode;
use super::workflow_state::StateNode;
use super::workflow_version::VersionNode;
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::{Connection, Id, Row, Rows};
use async_graphql::{Context, ID, Object};
use mortise_engine::id::{TeamId, WorkflowId};
use mortise_engine::model::{VersionStatus, Workflow, WorkflowVersion};
use std::sync::Arc;

/// A workflow, as the API shows it; its draft as a rehearsal would leave it, where it was one.
#[derive(Debug, Clone)]
pub(crate) struct WorkflowNode(pub(crate) Arc<Workflow>, pub(super) Option<Arc<WorkflowVersion>>);

impl WorkflowNode {
    /// A workflow as it is now.
    pub(crate) const fn now(workflow: Arc<Workflow>) -> Self {
        Self(workflow, None)
    }

    pub(crate) fn id_of(&self) -> WorkflowId {
        self.0.id
    }

    fn drafted(&self, cx: &Snapshot) -> Option<VersionNode> {
        let directory = cx.directory();
        let draft = match &self.1 {
            Some(drafted) => Some(drafted).filter(|drafted| drafted.status == VersionStatus::Draft),
            None => directory.draft_of(self.0.id),
        };
        draft.map(|draft| VersionNode::new(self.0.clone(), draft.clone()))
    }
}

crate::lean_object! {
    /// The states that a team's issues pass through, and the moves between them. What it says comes in versions; its name and
    /// mode hold for all of them at once.
    "Workflow" for WorkflowNode, cx Snapshot {
        /// The global id, `wf_…`.
        "id" id: Id<WorkflowId> = |workflow, _| Id(workflow.0.id);
        /// How it is shown.
        "name" name: &str = |workflow, _| workflow.0.name.as_str();
        /// How strictly the moves are kept.
        "mode" mode: WorkflowMode = |workflow, _| workflow.0.mode.into();
        /// The state of a new issue.
        "initialState" initial_state: Row<StateNode> = |workflow, _| {
            Row(StateNode::newest(&workflow.0, workflow.0.initial))
        };
        /// The newest version: new issues follow it.
        "publishedVersion" published_version: Option<Row<VersionNode>> = |workflow, cx| {
            VersionNode::of(&cx.directory(), workflow.0.newest()).map(Row)
        };
        /// The draft of the next version; null when there is none.
        "draft" draft: Option<Row<VersionNode>> = |workflow, cx| workflow.drafted(cx).map(Row);
        /// Issues are being moved to the newest version. For admins; null for others, and when none are.
        "migration" migration: Option<Row<MigrationNode>> = |workflow, cx| MigrationNode::of(cx, &workflow.0).map(Row);
        /// When it was made.
        "createdAt" created_at: DateTime = |workflow, _| DateTime(workflow.0.created_at);
        /// When it last changed. Drafts do not count.
        "updatedAt" updated_at: DateTime = |workflow, _| DateTime(workflow.0.updated_at);
        /// Counts its changes, from 1: for `ifVersion`. Drafts count for themselves.
        "version" version: u64 = |workflow, _| workflow.0.version;
    }
    stock {
        /// The states of the newest version, in the order in which boards show them.
        async fn states(&self, ctx: &Context<'_>) -> Result<Rows<StateNode>> {
            Asked::of(ctx)?.snapshot.charged(StateNode::all(&self.0))
        }

        /// States of earlier versions that the newest does not have: issues are in them until they are moved.
        async fn retired_states(&self, ctx: &Context<'_>) -> Result<Rows<StateNode>> {
            let retired = self.0.retired.iter().map(|state| StateNode::newest(&self.0, state.id));
            Asked::of(ctx)?.snapshot.charged(retired)
        }

        /// The moves that the newest version lists: those that are allowed in the mode `STRICT`, with their rules.
        async fn transitions(&self, ctx: &Context<'_>) -> Result<Rows<TransitionNode>> {
            TransitionNode::all(Asked::of(ctx)?.snapshot, &VersionNode::of_row(&self.0))
        }

        /// The versions that were published, the first one first.
        async fn versions(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
            #[graphql(desc = "The cursor behind which the page begins; goes with `first`.")] after: Option<String>,
            #[graphql(desc = "Nodes of the page, counted from the end, 1 to 250.")] last: Option<i32>,
            #[graphql(desc = "The cursor before which the page ends; goes with `last`.")] before: Option<String>,
        ) -> Result<Row<Connection<VersionNode>>> {
            let asked = Asked::of(ctx)?;
            let all = VersionNode::all(&asked.snapshot.directory(), &self.0);
            let arguments = PageArguments { first, after, last, before };
            // Their ids tell no order: the first version has that of its workflow, which may be chosen.
            page::of_ids(all, VersionNode::number_of, arguments, asked.snapshot)
        }
    }
}

/// Queries about workflows, their states and versions.
#[derive(Default)]
pub(crate) struct WorkflowQuery;

#[Object]
impl WorkflowQuery {
    /// A workflow by global id; null when there is none.
    async fn workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id, `wf_…`.")] id: ID,
    ) -> Result<Option<Row<WorkflowNode>>> {
        let asked = Asked::of(ctx)?;
        let found = asked.snapshot.directory().workflow(scalar::id("id", &id)?).cloned();
        Ok(found.map(WorkflowNode::now).map(Row))
    }

    /// The workflows of the company, in the order in which they were made.
    async fn workflows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
        #[graphql(desc = "The cursor behind which the page begins; goes with `first`.")] after: Option<
            String,
        >,
        #[graphql(desc = "Nodes of the page, counted from the end, 1 to 250.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; goes with `last`.")] before: Option<String>,
    ) -> Result<Row<Connection<WorkflowNode>>> {
        let asked = Asked::of(ctx)?;
        let all = asked.snapshot.directory().workflows().cloned().map(WorkflowNode::now).collect();
        let arguments = PageArguments { first, after, last, before };
        page::of_ids(all, WorkflowNode::id_of, arguments, asked.snapshot)
    }

    /// A version of a workflow by global id, a draft too; null when there is none.
    async fn workflow_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id, `wfv_…`.")] id: ID,
    ) -> Result<Option<Row<VersionNode>>> {
        let asked = Asked::of(ctx)?;
        Ok(VersionNode::of(&asked.snapshot.directory(), scalar::id("id", &id)?).map(Row))
    }

    /// What moving issues to the newest version of a workflow would mean, or to its draft once that is published: how many
    /// there are in each state, and where they could go. For admins.
    async fn workflow_migration_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow: global id, `wf_…`.")] id: ID,
        #[graphql(
            desc = "Ask of the draft, before it is published and can no longer be changed.",
            default = false
        )]
        draft: bool,
    ) -> Result<Row<PlanNode>> {
        let asked = Asked::of(ctx)?;
        PlanNode::of(asked.snapshot, scalar::id("id", &id)?, draft).map(Row)
    }

    /// The states of the newest versions of the company's workflows, in the order in which they were made.
    async fn workflow_states(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that this team's new issues can be in.")] team_id: Option<ID>,
        #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
        #[graphql(desc = "The cursor behind which the page begins; goes with `first`.")] after: Option<
            String,
        >,
        #[graphql(desc = "Nodes of the page, counted from the end, 1 to 250.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; goes with `last`.")] before: Option<String>,
    ) -> Result<Row<Connection<StateNode>>> {
        let asked = Asked::of(ctx)?;
        let team: Option<TeamId> = team_id.map(|id| scalar::id("teamId", &id)).transpose()?;
        let directory = asked.snapshot.directory();
        let of_team = team.map(|team| directory.team(team).map(|t| t.workflows()).unwrap_or_default());
        let wanted = |workflow: &&Arc<Workflow>| of_team.as_ref().is_none_or(|of| of.contains(&workflow.id));
        let all = directory.workflows().filter(wanted).flat_map(StateNode::all).collect();
        let arguments = PageArguments { first, after, last, before };
        page::of_ids(all, StateNode::id_of, arguments, asked.snapshot)
    }
}
