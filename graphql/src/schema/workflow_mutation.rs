//! What changes workflows.

use super::payload::WorkflowPayload;
use super::scalar;
use super::word::WorkflowMode;
use super::workflow_input::{WorkflowStateInput, WorkflowTransitionInput, content};
use crate::context::Asked;
use crate::error::Result;
use async_graphql::{Context, ID, InputObject, Object};
use mortise_engine::Error;
use mortise_engine::command::workflow::{
    CancelMigration, CreateWorkflow, DiscardWorkflowDraft, PublishWorkflow, SaveWorkflowDraft,
    StartMigration, StrayCounts, UpdateWorkflow,
};
use mortise_engine::id::WorkflowId;
use mortise_engine::model::StateMapping;

/// A new workflow. States, initial state and moves are said together, or left out together: then it says what the workflow
/// says that a company begins with.
#[derive(Debug, InputObject)]
pub(crate) struct WorkflowCreateInput {
    /// The global id it shall have, `wf_…`, chosen by the client; a new one unless said.
    id: Option<ID>,
    /// How it is shown, 1 to 100 characters.
    name: String,
    /// How strictly the moves are kept. Unless said, `STRICT` where states and moves are said, and else `OPEN`.
    mode: Option<WorkflowMode>,
    /// The states, in the order in which boards show them. At most 50.
    states: Option<Vec<WorkflowStateInput>>,
    /// The key of the state of new issues.
    initial: Option<String>,
    /// The moves. At most 200.
    transitions: Option<Vec<WorkflowTransitionInput>>,
}

impl WorkflowCreateInput {
    /// The command.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for an id that cannot be read, and for content that is said in part; the field is named.
    fn command(self) -> mortise_engine::Result<CreateWorkflow> {
        let content = match (self.states, self.initial, self.transitions) {
            (None, None, None) => None,
            (Some(states), Some(initial), transitions) => {
                Some(content(states, initial, transitions.unwrap_or_default())?)
            }
            (None, _, _) => return Err(Error::invalid("input.states", "the states are not said")),
            (_, None, _) => return Err(Error::invalid("input.initial", "the initial state is not said")),
        };
        let id = self.id.map(|id| scalar::id("input.id", &id)).transpose()?;
        Ok(CreateWorkflow { id, name: self.name, mode: self.mode.map(Into::into), content })
    }
}

/// What to change in a workflow, for the issues of all its versions at once. What is not said stays.
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

/// All that the next version of a workflow shall say.
#[derive(Debug, InputObject)]
pub(crate) struct WorkflowDraftSaveInput {
    /// The states, in the order in which boards show them. At most 50.
    states: Vec<WorkflowStateInput>,
    /// The key of the state of new issues.
    initial: String,
    /// The moves. At most 200.
    #[graphql(default)]
    transitions: Vec<WorkflowTransitionInput>,
}

/// Where issues in one state go.
#[derive(Debug, InputObject)]
pub(crate) struct StateMapInput {
    /// The state they are in: global id, `st_…`.
    from: ID,
    /// The state they enter, one of the newest version: global id, `st_…`.
    to: ID,
}

/// How issues are moved to the newest version of a workflow.
#[derive(Debug, InputObject)]
pub(crate) struct WorkflowMigrateInput {
    /// Where issues go. Issues in states that the newest version has stay there unless said.
    #[graphql(default)]
    state_map: Vec<StateMapInput>,
}

impl WorkflowMigrateInput {
    /// The command.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for an id that cannot be read; the field is named.
    fn command(
        self,
        workflow: WorkflowId,
        if_version: Option<u64>,
    ) -> mortise_engine::Result<StartMigration> {
        let steps = (0..).zip(self.state_map).map(|(n, step): (usize, _)| {
            let field = |end: &str| format!("input.stateMap[{n}].{end}");
            Ok(StateMapping {
                from: scalar::id(&field("from"), &step.from)?,
                to: scalar::id(&field("to"), &step.to)?,
            })
        });
        let map = steps.collect::<mortise_engine::Result<_>>()?;
        Ok(StartMigration { workflow, if_version, map, strays: StrayCounts::default() })
    }
}

/// Mutations of workflows.
#[derive(Default)]
pub(crate) struct WorkflowMutation;

#[Object]
impl WorkflowMutation {
    /// Makes a workflow and publishes its first version. No team follows it yet. For admins.
    async fn workflow_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shall be.")] input: WorkflowCreateInput,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<WorkflowPayload> {
        let asked = Asked::of(ctx)?;
        let command = input.command()?;
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        WorkflowPayload::answer(&asked, done).await
    }

    /// Changes what a workflow has as a whole: its name and mode. For admins.
    async fn workflow_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow: global id, `wf_…`.")] id: ID,
        #[graphql(desc = "What to change.")] input: WorkflowUpdateInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<WorkflowPayload> {
        let asked = Asked::of(ctx)?;
        let command = input.command(scalar::id("id", &id)?, if_version);
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        WorkflowPayload::answer(&asked, done).await
    }

    /// Saves the draft of a workflow's next version, in the place of one that is there. It may be unfinished: what keeps it
    /// from being published is in `workflow.draft.problems`. For admins.
    async fn workflow_draft_save(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow: global id, `wf_…`.")] id: ID,
        #[graphql(desc = "All that it shall say.")] input: WorkflowDraftSaveInput,
        #[graphql(
            desc = "The `version` of the draft it was read at, 0 for none; another one is a `CONFLICT`."
        )]
        if_version: Option<u64>,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<WorkflowPayload> {
        let asked = Asked::of(ctx)?;
        let workflow = scalar::id("id", &id)?;
        let content = content(input.states, input.initial, input.transitions)?;
        let command = SaveWorkflowDraft { workflow, if_version, content };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        WorkflowPayload::answer(&asked, done).await
    }

    /// Gives the draft of a workflow's next version up. For admins.
    async fn workflow_draft_discard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow: global id, `wf_…`.")] id: ID,
        #[graphql(desc = "The `version` of the draft it was read at; another one is a `CONFLICT`.")]
        if_version: Option<u64>,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<WorkflowPayload> {
        let asked = Asked::of(ctx)?;
        let command = DiscardWorkflowDraft { workflow: scalar::id("id", &id)?, if_version };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        WorkflowPayload::answer(&asked, done).await
    }

    /// Publishes the draft of a workflow: new issues follow it from now on, and it never changes again. Issues that are
    /// there keep what they follow until they are moved with `workflowMigrate`. For admins.
    async fn workflow_publish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow: global id, `wf_…`.")] id: ID,
        #[graphql(desc = "The `version` of the draft it was read at; another one is a `CONFLICT`.")]
        if_version: Option<u64>,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<WorkflowPayload> {
        let asked = Asked::of(ctx)?;
        let command = PublishWorkflow { workflow: scalar::id("id", &id)?, if_version };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        WorkflowPayload::answer(&asked, done).await
    }

    /// Begins to move the issues that a workflow is for, and that follow something else, to its newest version. The answer
    /// does not wait until they are there: `workflow.migration` says how many are left. For admins.
    async fn workflow_migrate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow: global id, `wf_…`.")] id: ID,
        #[graphql(desc = "Where issues go: see `workflowMigrationPlan`.")] input: WorkflowMigrateInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<WorkflowPayload> {
        let asked = Asked::of(ctx)?;
        let command = input.command(scalar::id("id", &id)?, if_version)?;
        let cx = asked.operation(idempotency_key, dry_run);
        let done = asked.engine.migrate_workflow(cx, command).await;
        WorkflowPayload::answer(&asked, done).await
    }

    /// Calls off the moving of issues to the newest version of a workflow: those that were moved stay there, the others
    /// where they are. Where none are being moved, nothing happens. For admins.
    async fn workflow_migration_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow: global id, `wf_…`.")] id: ID,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<WorkflowPayload> {
        let asked = Asked::of(ctx)?;
        let command = CancelMigration { workflow: scalar::id("id", &id)?, if_version };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        WorkflowPayload::answer(&asked, done).await
    }
}
