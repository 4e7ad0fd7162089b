//! Changing what a workflow has as a whole: its name, and how strictly its moves are kept.

use super::{changed, managed, to_save};
use crate::command::{Command, World, text};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::WorkflowId;
use crate::model::{Workflow, WorkflowMode};

/// Changes a workflow's name or how strictly its moves are kept, for the issues of all its versions at once.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct UpdateWorkflow {
    /// Which.
    #[n(0)]
    pub workflow: WorkflowId,
    /// The version of its row that it was read at; another one is a conflict.
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
        let permit = managed(world, self.workflow)?;
        let before = permit.resource();
        world.expect_version(&format!("workflow {}", before.name), self.if_version, before.version)?;
        let mut after = Workflow::clone(before);
        if let Some(name) = &self.name {
            after.name = text::line("name", "the workflow's name", name, world.limits.name_chars_max)?;
        }
        after.mode = self.mode.unwrap_or(after.mode);
        if let Some(problem) = crate::workflow::problems(&after).into_iter().next() {
            return Err(Error::invalid("mode", problem.message));
        }
        let mut draft = Draft::new();
        if **before == after {
            draft.answer_with(Subject::Workflow(after.id));
        } else {
            draft.save_workflow(to_save(world, before)?, changed(world, after));
        }
        Ok(draft)
    }
}
