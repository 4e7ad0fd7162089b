//! What an issue follows: one version of a workflow.

use crate::directory::Directory;
use crate::id::{StateId, WorkflowVersionId};
use crate::model::{
    Issue, IssueKind, StateCategory, Team, Workflow, WorkflowState, WorkflowTransition, WorkflowVersion,
};
use std::sync::Arc;

/// One version of a workflow, to be asked for its states and moves. A name and a mode the workflow has as a whole.
#[derive(Debug, Clone, Copy)]
pub struct Flow<'a> {
    workflow: &'a Arc<Workflow>,
    /// None: what the workflow's own row says.
    version: Option<&'a Arc<WorkflowVersion>>,
}

impl<'a> Flow<'a> {
    /// What an issue follows; none when it names something that is not there.
    #[must_use]
    pub fn of(directory: &'a Directory, issue: &Issue) -> Option<Self> {
        match issue.workflow_version {
            None => {
                let workflow = directory.workflow_with(issue.state)?;
                Self::version(directory, WorkflowVersionId::first_of(workflow.id))
            }
            Some(id) => Self::version(directory, id),
        }
    }

    /// What a new issue of this kind follows in a team.
    #[must_use]
    pub fn for_new(directory: &'a Directory, team: &Team, kind: IssueKind) -> Option<Self> {
        directory.workflow(team.workflow_for(kind)).map(Self::newest)
    }

    /// The newest version of a workflow.
    #[must_use]
    pub const fn newest(workflow: &'a Arc<Workflow>) -> Self {
        Self { workflow, version: None }
    }

    /// The published version with this id.
    #[must_use]
    pub fn version(directory: &'a Directory, id: WorkflowVersionId) -> Option<Self> {
        if let Some(version) = directory.version(id) {
            let workflow = directory.workflow(version.workflow)?;
            return (version.published_at.is_some()).then_some(Self { workflow, version: Some(version) });
        }
        // A first version has the id of its workflow, and no row of its own while it is the only one.
        let workflow = directory.workflow(crate::id::WorkflowId::from_uuid(id.uuid()))?;
        workflow.published.is_none().then_some(Self::newest(workflow))
    }

    /// The workflow.
    #[must_use]
    pub const fn workflow(&self) -> &'a Arc<Workflow> {
        self.workflow
    }

    /// The id of the version.
    #[must_use]
    pub fn id(&self) -> WorkflowVersionId {
        self.version.map_or_else(|| self.workflow.newest(), |version| version.id)
    }

    /// What the row of an issue that follows it says.
    #[must_use]
    pub fn mark(&self) -> Option<WorkflowVersionId> {
        match self.version {
            None => self.workflow.published,
            Some(version) => Some(version.id),
        }
    }

    /// The states, in order.
    #[must_use]
    pub fn states(&self) -> &'a [WorkflowState] {
        self.version.map_or(&self.workflow.states, |version| &version.states)
    }

    /// The moves it lists.
    #[must_use]
    pub fn transitions(&self) -> &'a [WorkflowTransition] {
        self.version.map_or(&self.workflow.transitions, |version| &version.transitions)
    }

    /// The state of a new issue.
    #[must_use]
    pub fn initial(&self) -> StateId {
        self.version.map_or(self.workflow.initial, |version| version.initial)
    }

    /// The state with this id.
    #[must_use]
    pub fn state(&self, id: StateId) -> Option<&'a WorkflowState> {
        self.states().iter().find(|state| state.id == id)
    }

    /// The first state of this category, in order.
    #[must_use]
    pub fn first_of(&self, category: StateCategory) -> Option<&'a WorkflowState> {
        self.states().iter().find(|state| state.category == category)
    }

    /// The listed move between two states: one that names the state that is left before one from any.
    #[must_use]
    pub fn transition(&self, from: StateId, to: StateId) -> Option<&'a WorkflowTransition> {
        let mut from_any = None;
        for transition in self.transitions().iter().filter(|t| t.to == to) {
            match transition.from {
                Some(left) if left == from => return Some(transition),
                None => from_any = Some(transition),
                Some(_) => {}
            }
        }
        from_any
    }
}
