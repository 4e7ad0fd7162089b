//! States of workflows, as the API shows them.

use super::word::StateCategory;
use crate::context::Snapshot;
use crate::lean::Id;
use mortise_engine::directory::Directory;
use mortise_engine::id::{StateId, WorkflowId};
use mortise_engine::model::{self, Workflow, WorkflowState, WorkflowVersion};
use std::sync::Arc;

/// A state, as the newest version says that has it, or as one version says. Its workflow is always there; were it not, the
/// id is still shown.
#[derive(Debug, Clone)]
pub(crate) struct StateNode {
    id: StateId,
    workflow: Option<Arc<Workflow>>,
    version: Option<Arc<WorkflowVersion>>,
}

impl StateNode {
    /// The states of the newest version of a workflow.
    pub(crate) fn all(workflow: &Arc<Workflow>) -> impl Iterator<Item = Self> {
        workflow.states.iter().map(|state| Self::newest(workflow, state.id))
    }

    /// A state as the newest version of its workflow says.
    pub(crate) fn newest(workflow: &Arc<Workflow>, id: StateId) -> Self {
        Self { id, workflow: Some(workflow.clone()), version: None }
    }

    /// A state as a version of its workflow says.
    pub(crate) fn of_version(workflow: &Arc<Workflow>, version: &Arc<WorkflowVersion>, id: StateId) -> Self {
        Self { id, workflow: Some(workflow.clone()), version: Some(version.clone()) }
    }

    /// The state with this id, of whichever workflow.
    pub(crate) fn of(directory: &Directory, id: StateId) -> Self {
        Self { id, workflow: directory.workflow_with(id).cloned(), version: None }
    }

    pub(crate) fn id_of(&self) -> StateId {
        self.id
    }

    /// Whether there is such a state.
    pub(crate) const fn is_known(&self) -> bool {
        self.workflow.is_some()
    }

    fn row(&self) -> Option<&WorkflowState> {
        let own = self.version.as_ref().and_then(|version| version.state(self.id));
        own.or_else(|| self.workflow.as_ref().and_then(|workflow| workflow.any_state(self.id)))
    }

    fn place(&self) -> Option<usize> {
        match &self.version {
            Some(version) => version.states.iter().position(|state| state.id == self.id),
            None => self.workflow.as_ref()?.all_states().position(|state| state.id == self.id),
        }
    }
}

crate::lean_object! {
    /// A state that issues can be in. It is the same state in every version of its workflow that has its key: what it means
    /// is fixed, its name and looks are as the newest version says.
    "WorkflowState" for StateNode, cx Snapshot {
        /// The global id, `st_…`.
        "id" id: Id<StateId> = |state, _| Id(state.id);
        /// What versions of its workflow know it by, such as `in_review`.
        "key" key: String = |state, _| state.row().map_or_else(String::new, |row| row.key().into_owned());
        /// How it is shown; unique in its version.
        "name" name: &str = |state, _| state.row().map_or("", |row| row.name.as_str());
        /// What it means.
        "category" category: StateCategory = |state, _| {
            state.row().map_or(model::StateCategory::Unstarted, |row| row.category).into()
        };
        /// `#rrggbb`, in lower case.
        "color" color: &str = |state, _| state.row().map_or("", |row| row.color.as_str());
        /// Its place among the states of its version, from 0; those that the newest version lacks come behind.
        "position" position: u32 = |state, _| {
            state.place().and_then(|at| u32::try_from(at).ok()).unwrap_or_default()
        };
        /// How many issues should be in it at once. It is for boards to show, and refuses nothing.
        "wipLimit" wip_limit: Option<u32> = |state, _| state.row().and_then(|row| row.wip_limit);
        /// Whether the newest version of its workflow does not have it: issues are in it until they are moved.
        "isRetired" is_retired: bool = |state, _| {
            state.workflow.as_ref().is_some_and(|workflow| workflow.retired.iter().any(|s| s.id == state.id))
        };
        /// The global id of the workflow it belongs to.
        "workflowId" workflow_id: Option<Id<WorkflowId>> = |state, _| state.workflow.as_ref().map(|w| Id(w.id));
    }
}
