//! Making a workflow.

use super::content::bounded;
use super::{WorkflowContent, may_be_custom};
use crate::access::Action;
use crate::command::{Command, World, text};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::{WorkflowId, WorkflowVersionId};
use crate::model::{Workflow, WorkflowMode, WorkflowVersion};
use crate::workflow::{problems_of_draft, seed_workflow};

/// Makes a workflow and publishes its first version. No team follows it yet.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct CreateWorkflow {
    /// The id, chosen by the caller; else a new one.
    #[n(0)]
    pub id: Option<WorkflowId>,
    /// How it is shown.
    #[n(1)]
    pub name: String,
    /// How strictly its moves are kept. Unless said, only those that its content lists are allowed; any, when it says what a
    /// company begins with.
    #[n(2)]
    pub mode: Option<WorkflowMode>,
    /// What its first version says; what a company begins with unless said.
    #[n(3)]
    pub content: Option<WorkflowContent>,
}

impl CreateWorkflow {
    /// A workflow of this name that says what a company begins with.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { id: None, name: name.into(), mode: None, content: None }
    }
}

impl Command for CreateWorkflow {
    fn operation(&self) -> &'static str {
        "workflowCreate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.authorize(Action::ManageWorkflows, None, None)?;
        may_be_custom(world)?;
        if let Some(id) = self.id.filter(|id| is_taken(world, *id)) {
            return Err(Error::conflict(format!("there is a workflow {id} already")).with_field("id"));
        }
        let max = world.limits.workflows_max;
        if world.directory.workflows().count() >= max {
            let message = format!(
                "a company has at most {max} workflows: change one that is there, or ask those who run the platform to raise `workflows_max`"
            );
            return Err(Error::invalid("name", message));
        }
        let seed = seed_workflow(world.now);
        // Who lists moves means them.
        let usual = if self.content.is_some() { WorkflowMode::Strict } else { WorkflowMode::Open };
        let mut workflow = Workflow {
            id: self.id.unwrap_or(seed.id),
            name: text::line("name", "the workflow's name", &self.name, world.limits.name_chars_max)?,
            mode: self.mode.unwrap_or(usual),
            ..seed
        };
        if let Some(content) = &self.content {
            let content = content.read(world, |_| None)?;
            workflow.states = content.states;
            workflow.initial = content.initial;
            workflow.transitions = content.transitions;
        }
        let first = WorkflowVersion::first(&workflow);
        bounded(world, &first)?;
        super::publish::refuse_problems(&problems_of_draft(&first, &workflow, world.directory))?;
        let mut draft = Draft::new();
        draft.save_workflow(permit, workflow);
        Ok(draft)
    }
}

/// Whether a new workflow cannot have this id. Its first version has the same, and must not be another's.
fn is_taken(world: &World<'_>, id: WorkflowId) -> bool {
    let first = WorkflowVersionId::first_of(id);
    world.directory.workflow(id).is_some() || world.directory.version(first).is_some()
}
