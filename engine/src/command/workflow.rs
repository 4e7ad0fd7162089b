//! Commands on workflows.

use super::{Command, World, text};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::WorkflowId;
use crate::model::{EntitlementKey, Workflow, WorkflowMode};

/// Changes a workflow's name or how strictly its moves are kept.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct UpdateWorkflow {
    /// Which.
    #[n(0)]
    pub workflow: WorkflowId,
    /// The version it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// How it is shown.
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
        world.expect_version(&format!("workflow {}", before.name), self.if_version, before.version)?;
        let permit = world.policy.authorize(Action::ManageWorkflows, Some(before.clone()), None)?;
        world.entitled.require(EntitlementKey::CustomWorkflows)?;
        let mut after = Workflow::clone(&before);
        if let Some(name) = &self.name {
            after.name = text::line("name", "the workflow's name", name, world.limits.name_chars_max)?;
        }
        after.mode = self.mode.unwrap_or(after.mode);
        crate::workflow::validate(&after)?;
        let mut draft = Draft::new();
        if *before == after {
            draft.answer_with(Subject::Workflow(after.id));
        } else {
            after.version = after.version.saturating_add(1);
            after.updated_at = world.now;
            draft.save_workflow(permit, after);
        }
        Ok(draft)
    }
}
