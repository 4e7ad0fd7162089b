//! What writes, edits and deletes comments.

use super::payload::CommentPayload;
use super::scalar;
use crate::context::Asked;
use crate::error::Result;
use async_graphql::{Context, ID, InputObject, Object};
use mortise_engine::command::comment::{CreateComment, DeleteComment, EditComment};

/// A new comment.
#[derive(Debug, InputObject)]
pub(crate) struct CommentCreateInput {
    /// The global id it shall have, `cmt_…`, chosen by the client; a new one unless said.
    id: Option<ID>,
    /// The issue it is about: global id or key.
    issue_id: ID,
    /// The text, in markdown, at most 64 KiB.
    body: String,
    /// The comment it answers; that one must answer none.
    parent_id: Option<ID>,
}

impl CommentCreateInput {
    /// The command.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for an id that cannot be read; the field is named.
    fn command(self) -> mortise_engine::Result<CreateComment> {
        Ok(CreateComment {
            id: self.id.map(|id| scalar::id("input.id", &id)).transpose()?,
            issue: scalar::issue("input.issueId", &self.issue_id)?,
            body: self.body,
            parent: self.parent_id.map(|id| scalar::id("input.parentId", &id)).transpose()?,
        })
    }
}

/// What to change in a comment.
#[derive(Debug, InputObject)]
pub(crate) struct CommentUpdateInput {
    /// The new text, in markdown, at most 64 KiB.
    body: String,
}

/// Mutations of comments.
#[derive(Default)]
pub(crate) struct CommentMutation;

#[Object]
impl CommentMutation {
    /// Writes a comment on an issue.
    async fn comment_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shall be.")] input: CommentCreateInput,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<CommentPayload> {
        let asked = Asked::of(ctx)?;
        let command = input.command()?;
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        CommentPayload::answer(&asked, done).await
    }

    /// Changes a comment's text.
    async fn comment_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The comment: global id, `cmt_…`.")] id: ID,
        #[graphql(desc = "What to change.")] input: CommentUpdateInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<CommentPayload> {
        let asked = Asked::of(ctx)?;
        let comment = scalar::id("id", &id)?;
        let command = EditComment { comment, if_version, body: input.body };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        CommentPayload::answer(&asked, done).await?.or_as_it_is(&asked, comment).await
    }

    /// Deletes a comment: its text goes, its place in the history stays.
    async fn comment_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The comment: global id, `cmt_…`.")] id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<CommentPayload> {
        let asked = Asked::of(ctx)?;
        let command = DeleteComment { comment: scalar::id("id", &id)? };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        CommentPayload::answer(&asked, done).await
    }
}
