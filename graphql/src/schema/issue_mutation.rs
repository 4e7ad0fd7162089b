//! Mutations of issues.

use super::batch::IssueBatchPayload;
use super::costs::CHANGE_UNITS;
use super::issue_input::{
    BatchMode, IssueAssignInput, IssueCreateInput, IssueTransitionInput, IssueUpdateInput,
};
use super::payload::IssuePayload;
use super::scalar;
use crate::context::Asked;
use crate::error::Result;
use async_graphql::{Context, ID, Object};
use mortise_engine::command::issue::{DeleteIssue, IssuePatch, Operation, RestoreIssue, UpdateIssue};

/// Mutations of issues.
#[derive(Default)]
pub(crate) struct IssueMutation;

#[Object]
impl IssueMutation {
    /// Makes an issue. It gets the next number of its team.
    async fn issue_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shall be.")] input: IssueCreateInput,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<IssuePayload> {
        let asked = Asked::of(ctx)?;
        let command = input.command()?;
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        IssuePayload::answer(&asked, done).await
    }

    /// Changes any fields of an issue at once.
    async fn issue_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The issue: global id or key.")] id: ID,
        #[graphql(desc = "What to change.")] input: IssueUpdateInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<IssuePayload> {
        let asked = Asked::of(ctx)?;
        let command = UpdateIssue {
            issue: scalar::issue("id", &id)?,
            if_version,
            patch: input.patch()?,
            operation: Operation::Update,
        };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        IssuePayload::answer(&asked, done).await
    }

    /// Moves an issue to another state.
    async fn issue_transition(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The issue: global id or key.")] id: ID,
        #[graphql(desc = "Where to.")] input: IssueTransitionInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<IssuePayload> {
        let asked = Asked::of(ctx)?;
        let command = UpdateIssue {
            issue: scalar::issue("id", &id)?,
            if_version,
            patch: input.patch()?,
            operation: Operation::Transition,
        };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        IssuePayload::answer(&asked, done).await
    }

    /// Says who works on an issue.
    async fn issue_assign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The issue: global id or key.")] id: ID,
        #[graphql(desc = "Who.")] input: IssueAssignInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<IssuePayload> {
        let asked = Asked::of(ctx)?;
        let command = UpdateIssue {
            issue: scalar::issue("id", &id)?,
            if_version,
            patch: input.patch()?,
            operation: Operation::Assign,
        };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        IssuePayload::answer(&asked, done).await
    }

    /// Puts an issue into the archive, or takes it out.
    async fn issue_archive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The issue: global id or key.")] id: ID,
        #[graphql(desc = "In (true) or out (false).", default = true)] archived: bool,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<IssuePayload> {
        let asked = Asked::of(ctx)?;
        let command = UpdateIssue {
            issue: scalar::issue("id", &id)?,
            if_version,
            patch: IssuePatch { archived: Some(archived), ..IssuePatch::default() },
            operation: Operation::Archive,
        };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        IssuePayload::answer(&asked, done).await
    }

    /// Deletes an issue. It can be restored; its number is never given again.
    async fn issue_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The issue: global id or key.")] id: ID,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<IssuePayload> {
        let asked = Asked::of(ctx)?;
        let command = DeleteIssue { issue: scalar::issue("id", &id)?, if_version };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        IssuePayload::answer(&asked, done).await
    }

    /// Takes a deleted issue back.
    async fn issue_restore(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The issue: global id or key.")] id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<IssuePayload> {
        let asked = Asked::of(ctx)?;
        let command = RestoreIssue { issue: scalar::issue("id", &id)? };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        IssuePayload::answer(&asked, done).await
    }

    /// Changes several issues in the same way.
    async fn issue_batch_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The issues, each once: global ids or keys.")] ids: Vec<ID>,
        #[graphql(desc = "What to change in each.")] input: IssueUpdateInput,
        #[graphql(desc = "What happens when one cannot be changed.", default)] mode: BatchMode,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<IssueBatchPayload> {
        let asked = Asked::of(ctx)?;
        let issues = scalar::issues("ids", &ids)?;
        let (patch, atomic) = (input.patch()?, mode == BatchMode::Atomic);
        let cx = asked.operation(idempotency_key, dry_run);
        // More are refused, and cost nothing.
        let most = asked.engine.limits().bulk_best_effort_max;
        asked.snapshot.charge(CHANGE_UNITS.saturating_mul(issues.len().min(most)))?;
        let done = asked.engine.update_issues(cx, issues, patch, atomic).await;
        IssueBatchPayload::answer(&asked, ids, done).await
    }
}
