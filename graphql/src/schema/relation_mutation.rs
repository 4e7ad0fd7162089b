//! What relates issues to one another, and takes it back.

use super::batch::changed;
use super::issue::IssueNode;
use super::payload::{Outcome, UserError};
use super::relation::IssueRelationType;
use super::scalar;
use crate::context::Asked;
use crate::error::Result;
use crate::lean::Row;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use mortise_engine::Committed;
use mortise_engine::command::issue::{CreateRelation, DeleteRelation};

/// A new relation between two issues. It may be said from either end.
#[derive(Debug, InputObject)]
pub(crate) struct IssueRelationCreateInput {
    /// The issue: global id or key.
    issue_id: ID,
    /// How it stands to the other.
    #[graphql(name = "type")]
    kind: IssueRelationType,
    /// The other issue: global id or key.
    related_issue_id: ID,
    /// Whether an issue that duplicates the other is closed as its duplicate. Other relations close nothing.
    #[graphql(default = true)]
    close: bool,
}

impl IssueRelationCreateInput {
    /// The command.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for an id that cannot be read; the field is named.
    fn command(self, if_version: Option<u64>) -> mortise_engine::Result<CreateRelation> {
        Ok(CreateRelation {
            issue: scalar::issue("input.issueId", &self.issue_id)?,
            link: self.kind.into(),
            other: scalar::issue("input.relatedIssueId", &self.related_issue_id)?,
            if_version,
            close: self.close,
        })
    }
}

/// A relation to take back. It may be said from either end.
#[derive(Debug, InputObject)]
pub(crate) struct IssueRelationDeleteInput {
    /// The issue: global id or key.
    issue_id: ID,
    /// How it stands to the other.
    #[graphql(name = "type")]
    kind: IssueRelationType,
    /// The other issue: global id or key.
    related_issue_id: ID,
}

impl IssueRelationDeleteInput {
    /// The command.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for an id that cannot be read; the field is named.
    fn command(self) -> mortise_engine::Result<DeleteRelation> {
        Ok(DeleteRelation {
            issue: scalar::issue("input.issueId", &self.issue_id)?,
            link: self.kind.into(),
            other: scalar::issue("input.relatedIssueId", &self.related_issue_id)?,
        })
    }
}

/// The answer to a change of a relation.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct IssueRelationPayload {
    /// Whether it was done, or already was so. False exactly when there are `userErrors`.
    success: bool,
    /// The issue as it became; null when it was refused.
    issue: Option<Row<IssueNode>>,
    /// The other issue as it became; null when it was refused.
    related_issue: Option<Row<IssueNode>>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
    /// The place in the company's log at which this answer is true.
    sync_cursor: String,
    /// The names of the events it wrote; for a dry run, those it would write.
    events: Vec<String>,
}

impl IssueRelationPayload {
    /// The answer to a change.
    ///
    /// # Errors
    ///
    /// Everything that is not the fault of the request's own content.
    async fn answer(asked: &Asked<'_>, done: mortise_engine::Result<Committed>) -> Result<Self> {
        let outcome = Outcome::of(asked.snapshot, done)?;
        // The command names the issue first, then the other.
        let mut issues = match &outcome.done {
            Some(done) => changed(asked, done).await?.into_iter(),
            None => Vec::new().into_iter(),
        };
        let mut next = || issues.next().flatten().map(IssueNode::now).map(Row);
        Ok(Self {
            success: outcome.errors.is_empty(),
            issue: next(),
            related_issue: next(),
            user_errors: outcome.errors,
            sync_cursor: outcome.sync_cursor,
            events: outcome.events,
        })
    }
}

/// Mutations of relations.
#[derive(Default)]
pub(crate) struct RelationMutation;

#[Object]
impl RelationMutation {
    /// Relates an issue to another. What is there already stays as it is. An issue duplicates at most one other, and those
    /// with a direction make no circle.
    async fn issue_relation_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which issues, and how.")] input: IssueRelationCreateInput,
        #[graphql(desc = "The `version` the issue was read at; another one is a `CONFLICT`.")]
        if_version: Option<u64>,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<IssueRelationPayload> {
        let asked = Asked::of(ctx)?;
        let command = input.command(if_version)?;
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        IssueRelationPayload::answer(&asked, done).await
    }

    /// Takes a relation back. An issue that was closed as a duplicate stays closed.
    async fn issue_relation_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which issues, and how they stand to each other.")] input: IssueRelationDeleteInput,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<IssueRelationPayload> {
        let asked = Asked::of(ctx)?;
        let command = input.command()?;
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        IssueRelationPayload::answer(&asked, done).await
    }
}
