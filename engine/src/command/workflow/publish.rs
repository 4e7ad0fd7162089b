//! Publishing a draft: it becomes the newest version, for new issues, and never changes again. Issues that are there keep
//! what they follow until they are moved.

use super::draft::expect_draft;
use super::{changed, managed, may_be_custom, to_save};
use crate::command::{Command, World};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::WorkflowId;
use crate::model::{VersionStatus, Workflow, WorkflowState, WorkflowVersion};
use crate::workflow::{Problem, problems_of_draft};

/// Publishes the draft of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct PublishWorkflow {
    /// Of which workflow.
    #[n(0)]
    pub workflow: WorkflowId,
    /// The version of the draft's row that it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
}

impl Command for PublishWorkflow {
    fn operation(&self) -> &'static str {
        "workflowPublish"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = managed(world, self.workflow)?;
        may_be_custom(world)?;
        let before = permit.resource();
        expect_draft(world, before, self.if_version)?;
        let drafted = world.directory.draft_of(before.id).ok_or_else(|| {
            Error::rejected(format!("workflow {} has no draft to publish: save one first", before.name))
        })?;
        if before.migration.is_some() {
            let message = "issues are on their way to the newest version: publish another when they are there, or call that off with workflowMigrationCancel";
            return Err(Error::conflict(message));
        }
        refuse_problems(&problems_of_draft(drafted, before, world.directory))?;
        let after = Workflow {
            states: drafted.states.clone(),
            initial: drafted.initial,
            transitions: drafted.transitions.clone(),
            published: Some(drafted.id),
            retired: retired(world, before, drafted)?,
            ..Workflow::clone(before)
        };
        let version = WorkflowVersion {
            status: VersionStatus::Published,
            version: drafted.version.saturating_add(1),
            updated_at: world.now,
            published_at: Some(world.now),
            published_by: permit.by(),
            ..WorkflowVersion::clone(drafted)
        };
        let mut draft = Draft::new();
        if before.published.is_none() {
            // What the workflow's row said is an earlier version from now on.
            draft.save_version(&permit, None, WorkflowVersion::first(before));
        }
        draft.save_version(&permit, Some(drafted), version);
        draft.save_workflow(to_save(world, before)?, changed(world, after));
        Ok(draft)
    }
}

/// States of earlier versions that the newest does not have.
fn retired(world: &World<'_>, before: &Workflow, newest: &WorkflowVersion) -> Result<Vec<WorkflowState>> {
    let earlier = before.all_states().filter(|state| newest.state(state.id).is_none());
    let earlier: Vec<_> = earlier.cloned().collect();
    let max = world.limits.workflow_states_ever_max;
    if earlier.len().saturating_add(newest.states.len()) > max {
        let message = format!(
            "a workflow has at most {max} states in all its versions together: use keys of earlier ones again, or make another workflow"
        );
        return Err(Error::invalid("states", message));
    }
    Ok(earlier)
}

/// Refuses with everything that is wrong; warnings refuse nothing.
pub(super) fn refuse_problems(problems: &[Problem]) -> Result<()> {
    /// Problems that a refusal tells; the draft shows all.
    const TOLD_MAX: usize = 10;
    let blocking: Vec<_> = problems.iter().filter(|problem| problem.code.blocks()).collect();
    if blocking.is_empty() {
        return Ok(());
    }
    let told: Vec<_> = blocking.iter().take(TOLD_MAX).map(|problem| problem.message.as_str()).collect();
    let more = match blocking.len().saturating_sub(TOLD_MAX) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Err(Error::invalid("states", format!("issues could not follow this workflow: {}{more}", told.join("; "))))
}
