//! Workflows and their states: the objects and their queries.

use super::page::{self, PageArguments};
use super::scalar::{self, DateTime};
use super::word::{StateCategory, WorkflowMode};
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::{Connection, Id, Row, Rows};
use async_graphql::{Context, ID, Object};
use mortise_engine::directory::Directory;
use mortise_engine::id::{StateId, TeamId, WorkflowId};
use mortise_engine::model::{self, Issue, Workflow, WorkflowState, WorkflowTransition};
use std::sync::Arc;

/// A workflow, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct WorkflowNode(pub(crate) Arc<Workflow>);

impl WorkflowNode {
    pub(crate) fn id_of(&self) -> WorkflowId {
        self.0.id
    }
}

crate::lean_object! {
    /// The states that a team's issues pass through, and the moves between them.
    "Workflow" for WorkflowNode, cx Snapshot {
        /// The global id, `wf_…`.
        "id" id: Id<WorkflowId> = |workflow, _| Id(workflow.0.id);
        /// How it is shown.
        "name" name: &str = |workflow, _| workflow.0.name.as_str();
        /// How strictly the moves are kept.
        "mode" mode: WorkflowMode = |workflow, _| workflow.0.mode.into();
        /// The states, in the order in which boards show them.
        "states" states: Rows<StateNode> = |workflow, _| StateNode::all(&workflow.0);
        /// The state of a new issue.
        "initialState" initial_state: Row<StateNode> = |workflow, _| {
            Row(StateNode { id: workflow.0.initial, workflow: Some(workflow.0.clone()) })
        };
        /// The moves that are allowed in the mode `STRICT`.
        "transitions" transitions: Rows<TransitionNode> = |workflow, _| {
            let moves = workflow.0.transitions.iter().cloned();
            moves.map(|transition| TransitionNode { transition, workflow: workflow.0.clone() }).collect()
        };
        /// When it was made.
        "createdAt" created_at: DateTime = |workflow, _| DateTime(workflow.0.created_at);
        /// When it last changed.
        "updatedAt" updated_at: DateTime = |workflow, _| DateTime(workflow.0.updated_at);
        /// Counts its changes, from 1: for `ifVersion`.
        "version" version: u64 = |workflow, _| workflow.0.version;
    }
}

/// A state of a workflow, as the API shows it. Its workflow is always there; were it not, the id is still shown.
#[derive(Debug, Clone)]
pub(crate) struct StateNode {
    id: StateId,
    workflow: Option<Arc<Workflow>>,
}

impl StateNode {
    /// All states of a workflow.
    pub(crate) fn all(workflow: &Arc<Workflow>) -> Rows<Self> {
        let node = |state: &WorkflowState| Self { id: state.id, workflow: Some(workflow.clone()) };
        workflow.states.iter().map(node).collect()
    }

    /// The state with this id: one of the team's own workflow, or of any other.
    pub(crate) fn of(directory: &Directory, team: Option<TeamId>, id: StateId) -> Self {
        let own = team.and_then(|team| directory.workflow_of(team));
        let workflow = own
            .filter(|w| w.state(id).is_some())
            .or_else(|| directory.workflows().find(|workflow| workflow.state(id).is_some()));
        Self { id, workflow: workflow.cloned() }
    }

    /// The states that an issue may move to.
    pub(crate) fn reachable(directory: &Directory, issue: &Issue) -> Rows<Self> {
        let Some(workflow) = directory.workflow_of(issue.team) else { return Rows(Vec::new()) };
        let fits = |state: &Self| {
            state.id != issue.state && mortise_engine::workflow::fit(workflow, issue.state, state.id).is_ok()
        };
        Rows(Self::all(workflow).0.into_iter().filter(fits).collect())
    }

    pub(crate) fn id_of(&self) -> StateId {
        self.id
    }

    /// Whether there is such a state.
    pub(crate) const fn is_known(&self) -> bool {
        self.workflow.is_some()
    }

    fn row(&self) -> Option<&WorkflowState> {
        self.workflow.as_ref().and_then(|workflow| workflow.state(self.id))
    }
}

crate::lean_object! {
    /// A state that issues can be in.
    "WorkflowState" for StateNode, cx Snapshot {
        /// The global id, `st_…`.
        "id" id: Id<StateId> = |state, _| Id(state.id);
        /// How it is shown; unique in its workflow.
        "name" name: &str = |state, _| state.row().map_or("", |row| row.name.as_str());
        /// What it means.
        "category" category: StateCategory = |state, _| {
            state.row().map_or(model::StateCategory::Unstarted, |row| row.category).into()
        };
        /// `#rrggbb`, in lower case.
        "color" color: &str = |state, _| state.row().map_or("", |row| row.color.as_str());
        /// Its place among the states of its workflow, from 0.
        "position" position: u32 = |state, _| {
            let position = state.workflow.as_ref().and_then(|w| w.states.iter().position(|s| s.id == state.id));
            position.and_then(|at| u32::try_from(at).ok()).unwrap_or_default()
        };
        /// The global id of the workflow it belongs to.
        "workflowId" workflow_id: Option<Id<WorkflowId>> = |state, _| state.workflow.as_ref().map(|w| Id(w.id));
    }
}

/// An allowed move, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct TransitionNode {
    transition: WorkflowTransition,
    workflow: Arc<Workflow>,
}

crate::lean_object! {
    /// A move that a workflow in the mode `STRICT` allows.
    "WorkflowTransition" for TransitionNode, cx Snapshot {
        /// The state that is left; null means any.
        "from" from: Option<Row<StateNode>> = |edge, _| {
            edge.transition.from.map(|id| Row(StateNode { id, workflow: Some(edge.workflow.clone()) }))
        };
        /// The state that is entered.
        "to" to: Row<StateNode> = |edge, _| {
            Row(StateNode { id: edge.transition.to, workflow: Some(edge.workflow.clone()) })
        };
    }
}

/// Queries about workflows and their states.
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
        Ok(asked.snapshot.directory().workflow(scalar::id("id", &id)?).cloned().map(WorkflowNode).map(Row))
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
        let all = asked.snapshot.directory().workflows().cloned().map(WorkflowNode).collect();
        let arguments = PageArguments { first, after, last, before };
        page::of_ids(all, WorkflowNode::id_of, arguments, asked.snapshot)
    }

    /// The states of the company's workflows, in the order in which they were made.
    async fn workflow_states(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that this team's issues can be in.")] team_id: Option<ID>,
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
        let of_team = team.map(|team| directory.team(team).map(|t| t.workflow));
        let wanted = |workflow: &&Arc<Workflow>| of_team.is_none_or(|of| of == Some(workflow.id));
        let all = directory.workflows().filter(wanted).flat_map(|w| StateNode::all(w).0).collect();
        let arguments = PageArguments { first, after, last, before };
        page::of_ids(all, StateNode::id_of, arguments, asked.snapshot)
    }
}
