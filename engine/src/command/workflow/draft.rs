//! Drafting the next version of a workflow. A draft may be unfinished: what keeps it from being published is shown with it.

use super::content::bounded;
use super::{WorkflowContent, managed, may_be_custom};
use crate::command::{Command, World};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::{StateId, WorkflowId, WorkflowVersionId};
use crate::model::{VersionStatus, Workflow, WorkflowVersion};
use std::sync::Arc;

/// Saves the draft of a workflow's next version, in the place of one that may be there.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct SaveWorkflowDraft {
    /// Of which workflow.
    #[n(0)]
    pub workflow: WorkflowId,
    /// The version of the draft's row that it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// What it says.
    #[n(2)]
    pub content: WorkflowContent,
}

impl Command for SaveWorkflowDraft {
    fn operation(&self) -> &'static str {
        "workflowDraftSave"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = managed(world, self.workflow)?;
        may_be_custom(world)?;
        let workflow = permit.resource();
        let before = world.directory.draft_row(workflow.id);
        expect_draft(world, workflow, self.if_version)?;
        let known = |key: &str| known(workflow, before, key);
        let content = self.content.read(world, known)?;
        let row = match before {
            Some(before) => WorkflowVersion::clone(before),
            None => new_row(world, workflow)?,
        };
        let mut after = WorkflowVersion {
            number: world.directory.newest_number(workflow).saturating_add(1),
            status: VersionStatus::Draft,
            states: content.states,
            initial: content.initial,
            transitions: content.transitions,
            ..row
        };
        bounded(world, &after)?;
        let mut draft = Draft::new();
        if before.is_some_and(|before| **before == after) {
            draft.answer_with(Subject::Workflow(workflow.id));
            return Ok(draft);
        }
        if let Some(before) = before {
            after.version = before.version.saturating_add(1);
        }
        after.updated_at = world.now;
        draft.save_version(&permit, before, after);
        Ok(draft)
    }
}

/// Gives the draft of a workflow's next version up. Where there is none, nothing happens.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct DiscardWorkflowDraft {
    /// Of which workflow.
    #[n(0)]
    pub workflow: WorkflowId,
    /// The version of the draft's row that it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
}

impl Command for DiscardWorkflowDraft {
    fn operation(&self) -> &'static str {
        "workflowDraftDiscard"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = managed(world, self.workflow)?;
        expect_draft(world, permit.resource(), self.if_version)?;
        let mut draft = Draft::new();
        match world.directory.draft_of(self.workflow) {
            None => draft.answer_with(Subject::Workflow(self.workflow)),
            Some(before) => {
                let after = WorkflowVersion {
                    status: VersionStatus::Discarded,
                    version: before.version.saturating_add(1),
                    updated_at: world.now,
                    ..WorkflowVersion::clone(before)
                };
                draft.save_version(&permit, Some(before), after);
            }
        }
        Ok(draft)
    }
}

/// Refuses when the draft is no longer at the version that the caller read.
pub(super) fn expect_draft(world: &World<'_>, workflow: &Workflow, if_version: Option<u64>) -> Result<()> {
    let is = world.directory.draft_of(workflow.id).map_or(0, |draft| draft.version);
    world.expect_version(&format!("the draft of workflow {}", workflow.name), if_version, is)
}

/// The state that a key stands for: one of the workflow's, or of the draft's.
fn known(workflow: &Workflow, draft: Option<&Arc<WorkflowVersion>>, key: &str) -> Option<StateId> {
    let drafted = draft.into_iter().flat_map(|draft| &draft.states);
    workflow.all_states().chain(drafted).find(|state| state.key() == key).map(|state| state.id)
}

/// A row for a draft; the rest of it is said by the caller.
fn new_row(world: &World<'_>, workflow: &Workflow) -> Result<WorkflowVersion> {
    let max = world.limits.workflow_versions_max;
    if world.directory.versions().count() >= max {
        let message = format!(
            "a company has at most {max} versions of its workflows, and there are as many: ask those who run the platform to raise `workflow_versions_max`"
        );
        return Err(Error::invalid("id", message));
    }
    let earlier = world.directory.versions().filter(|version| version.workflow == workflow.id);
    let newest = earlier.map(|version| version.version).max().unwrap_or(0);
    Ok(WorkflowVersion {
        id: WorkflowVersionId::generate(),
        workflow: workflow.id,
        number: 0,
        status: VersionStatus::Draft,
        states: Vec::new(),
        initial: workflow.initial,
        transitions: Vec::new(),
        created_at: world.now,
        updated_at: world.now,
        // Who read an earlier draft never takes this one for it.
        version: newest.saturating_add(1),
        published_at: None,
        published_by: None,
    })
}
