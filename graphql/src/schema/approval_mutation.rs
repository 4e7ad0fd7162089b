//! What asks for approvals, gives them and takes them back.

use super::payload::IssuePayload;
use super::scalar;
use crate::context::Asked;
use crate::error::Result;
use async_graphql::{Context, ID, InputObject, Object};
use mortise_engine::command::approval::{GrantApproval, RequestApproval, WithdrawApproval};

/// Declares the inputs, which differ in the command they become.
macro_rules! inputs {
    ($($(#[$doc:meta])* $name:ident becomes $command:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, InputObject)]
        pub(crate) struct $name {
            /// The issue: global id or key.
            issue_id: ID,
            /// The state that the move leads to.
            state_id: ID,
        }

        impl $name {
            /// The command.
            ///
            /// # Errors
            ///
            /// `INVALID_INPUT` for an id that cannot be read; the field is named.
            fn command(self) -> mortise_engine::Result<$command> {
                Ok($command {
                    issue: scalar::issue("input.issueId", &self.issue_id)?,
                    to: scalar::id("input.stateId", &self.state_id)?,
                })
            }
        }
    )*};
}

inputs! {
    /// A move that others are asked to approve.
    ApprovalRequestInput becomes RequestApproval;
    /// A move that is approved.
    ApprovalGrantInput becomes GrantApproval;
    /// A move whose approval, or the request for it, is taken back.
    ApprovalWithdrawInput becomes WithdrawApproval;
}

/// Mutations of approvals.
#[derive(Default)]
pub(crate) struct ApprovalMutation;

#[Object]
impl ApprovalMutation {
    /// Asks that others approve the move of an issue to a state. Where that was asked already, nothing changes.
    async fn approval_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which issue, and where to.")] input: ApprovalRequestInput,
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

    /// Approves the move of an issue to a state, when that was asked for. Who asked cannot approve.
    async fn approval_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which issue, and where to.")] input: ApprovalGrantInput,
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

    /// Takes back what one said: who approved, their approval; who asked for it, or is an admin, the whole question.
    async fn approval_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which issue, and where to.")] input: ApprovalWithdrawInput,
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
}
