//! Commands on workflows.

use super::{Command, World, text};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::WorkflowId;
use crate::model::{Workflow, WorkflowMode};

/// Changes a workflow's name, or how strictly its moves are kept. Issues stay in the states they are in.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct UpdateWorkflow {
    /// Which.
    #[n(0)]
    pub workflow: WorkflowId,
    /// The version it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// How it is shown, 1 to 100 characters.
    #[n(2)]
    pub name: Option<String>,
    /// How strictly the moves are kept.
    #[n(3)]
    pub mode: Option<WorkflowMode>,
}

impl Command for UpdateWorkflow {
    fn operation(&self) -> &'static str {
        "workflowUpdate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let missing = || Error::not_found(format!("workflow {}", self.workflow));
        let before = world.directory.workflow(self.workflow).cloned().ok_or_else(missing)?;
        let permit = world.policy.authorize(Action::ManageWorkflows, Some(before.clone()), None)?;
        world.expect_version(&format!("workflow `{}`", before.name), self.if_version, before.version)?;
        let mut after = Workflow::clone(&before);
        if let Some(name) = &self.name {
            after.name = text::line("name", "the name", name, world.limits.name_chars_max)?;
        }
        after.mode = self.mode.unwrap_or(after.mode);
        let mut draft = Draft::new();
        draft.answer_with(Subject::Workflow(after.id));
        if after != *before {
            crate::workflow::validate(&after)?;
            let version = before.version.saturating_add(1);
            draft.save_workflow(permit, Workflow { updated_at: world.now, version, ..after });
        }
        Ok(draft)
    }
}
