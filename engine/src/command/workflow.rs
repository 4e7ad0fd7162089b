//! Commands on workflows: making one, drafting and publishing its next version, moving issues to it.

mod content;
mod create;
mod draft;
mod migrate;
mod publish;
mod update;

pub use content::{NewState, NewTransition, WorkflowContent};
pub use create::CreateWorkflow;
pub use draft::{DiscardWorkflowDraft, SaveWorkflowDraft};
pub use migrate::{CancelMigration, StartMigration, StrayCounts};
pub(crate) use migrate::{FinishMigration, MigrateIssues};
pub use publish::PublishWorkflow;
pub use update::UpdateWorkflow;

use super::World;
use crate::access::{Action, Authorized};
use crate::error::{Error, Result};
use crate::id::WorkflowId;
use crate::model::{EntitlementKey, Workflow};
use std::sync::Arc;

/// Refuses a company that may not have workflows of its own. Here alone the question is asked. The workflow that a company
/// began with it keeps, and may name and make strict; what it had when it bought less goes on, and does not grow.
///
/// # Errors
///
/// `ENTITLEMENT_EXCEEDED`, naming the tier that would lift it.
pub(super) fn may_be_custom(world: &World<'_>) -> Result<()> {
    world.entitled.require(EntitlementKey::CustomWorkflows)
}

/// A workflow, with leave to change it.
fn managed(world: &World<'_>, id: WorkflowId) -> Result<Authorized<Arc<Workflow>>> {
    let missing = || Error::not_found(format!("workflow {id}"));
    let workflow = world.directory.workflow(id).cloned().ok_or_else(missing)?;
    world.policy.authorize(Action::ManageWorkflows, workflow, None)
}

/// Leave to write the row of a workflow that one may change.
fn to_save(world: &World<'_>, workflow: &Arc<Workflow>) -> Result<Authorized<Option<Arc<Workflow>>>> {
    world.policy.authorize(Action::ManageWorkflows, Some(workflow.clone()), None)
}

/// The workflow as it becomes.
fn changed(world: &World<'_>, after: Workflow) -> Workflow {
    Workflow { version: after.version.saturating_add(1), updated_at: world.now, ..after }
}
