//! What changes workflows.

use super::payload::WorkflowPayload;
use super::scalar;
use super::word::WorkflowMode;
use crate::context::Asked;
use crate::error::Result;
use async_graphql::{Context, ID, InputObject, Object};
use mortise_engine::command::workflow::UpdateWorkflow;
use mortise_engine::id::WorkflowId;

/// What to change in a workflow. What is not said stays.
#[derive(Debug, InputObject)]
pub(crate) struct WorkflowUpdateInput {
    /// How it is shown, 1 to 100 characters.
    name: Option<String>,
    /// How strictly the moves are kept.
    mode: Option<WorkflowMode>,
}

impl WorkflowUpdateInput {
    /// The command.
    fn command(self, workflow: WorkflowId, if_version: Option<u64>) -> UpdateWorkflow {
        UpdateWorkflow { workflow, if_version, name: self.name, mode: self.mode.map(Into::into) }
    }
}

/// Mutations of workflows.
#[derive(Default)]
pub(crate) struct WorkflowMutation;

#[Object]
impl WorkflowMutation {
    /// Changes a workflow. For admins.
    async fn workflow_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow: global id, `wf_…`.")] id: ID,
        #[graphql(desc = "What to change.")] input: WorkflowUpdateInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<WorkflowPayload> {
        let asked = Asked::of(ctx)?;
        let command = input.command(scalar::id("id", &id)?, if_version);
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        WorkflowPayload::answer(&asked, done).await
    }
}
