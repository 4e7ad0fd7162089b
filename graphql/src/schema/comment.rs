//! Comments: the object, and a page of those on one issue.

use super::abilities::CommentAbilities;
use super::issue::IssueNode;
use super::member::MemberNode;
use super::page::{self, PageArguments};
use super::scalar::{self, DateTime};
use super::sight::Sight;
use super::source::SourceNode;
use crate::context::{Asked, Snapshot, text_units};
use crate::error::Result;
use crate::lean::{Connection, Id, Row};
use async_graphql::{Context, ID, Object};
use mortise_engine::id::{CommentId, IssueId};
use mortise_engine::model::{Comment, Issue};
use mortise_engine::query::Window;
use std::sync::Arc;

/// A comment, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct CommentNode(pub(crate) Arc<Comment>, Sight);

impl CommentNode {
    /// A comment as it is now.
    pub(crate) const fn now(comment: Arc<Comment>) -> Self {
        Self(comment, Sight::PRESENT)
    }
}

crate::lean_object! {
    /// What somebody said about an issue. Comments answer one another one level deep.
    "Comment" for CommentNode, cx Snapshot {
        /// The global id, `cmt_…`.
        "id" id: Id<CommentId> = |comment, _| Id(comment.0.id);
        /// The text, in markdown. Empty once the comment is deleted.
        "body" body: &str = |comment, _| comment.0.body.as_str();
        /// Who wrote it; null when the program that embeds the engine did.
        "author" author: Option<Row<MemberNode>> = |comment, cx| MemberNode::find(cx, comment.0.author);
        /// The global id of the issue it is about.
        "issueId" issue_id: Id<IssueId> = |comment, _| Id(comment.0.issue);
        /// The global id of the comment it answers; that one answers none.
        "parentId" parent_id: Option<Id<CommentId>> = |comment, _| comment.0.parent.map(Id);
        /// When it was written.
        "createdAt" created_at: DateTime = |comment, _| DateTime(comment.0.created_at);
        /// When it last changed.
        "updatedAt" updated_at: DateTime = |comment, _| DateTime(comment.0.updated_at);
        /// When its text was last edited.
        "editedAt" edited_at: Option<DateTime> = |comment, _| comment.0.edited_at.map(DateTime);
        /// When it was deleted.
        "deletedAt" deleted_at: Option<DateTime> = |comment, _| comment.0.deleted_at.map(DateTime);
        /// Counts its changes, from 1: for `ifVersion`.
        "version" version: u64 = |comment, _| comment.0.version;
        /// Where it was imported from.
        "source" source: Option<Row<SourceNode>> = |comment, _| comment.0.source.clone().map(|source| Row(SourceNode(source)));
        /// What who asks may do with it.
        "viewerCan" viewer_can: Row<CommentAbilities> = |comment, _| Row(CommentAbilities::of(&comment.0));
    }
    stock {
        /// The issue it is about; null when that is deleted.
        async fn issue(&self, ctx: &Context<'_>) -> Result<Option<Row<IssueNode>>> {
            let asked = Asked::of(ctx)?;
            let found = asked.snapshot.rows(self.1.reader(asked.snapshot).issue(&self.0.issue.into())).await?;
            Ok(found.map(|issue| Row(IssueNode::seen(issue, &self.1))))
        }

        /// The comment it answers; null when there is none, or it is deleted.
        async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Row<CommentNode>>> {
            let Some(parent) = self.0.parent else { return Ok(None) };
            let asked = Asked::of(ctx)?;
            let found = asked.snapshot.rows(self.1.reader(asked.snapshot).comment(parent)).await?;
            Ok(found.map(|comment| Row(Self(comment, self.1.clone()))))
        }
    }
}

/// A page of the comments on an issue.
///
/// # Errors
///
/// `INVALID_INPUT` for page arguments that cannot be used, `UNAVAILABLE` when the store cannot be read.
pub(crate) async fn page_of_comments(
    asked: &Asked<'_>,
    issue: &Issue,
    sight: &Sight,
    arguments: PageArguments,
) -> Result<Row<Connection<CommentNode>>> {
    let (first, after) = match arguments.window(asked.engine.limits())? {
        Window::First(first, after) | Window::Last(first, after) => (first, after),
    };
    let after = after.map(|text| page::cursor::<CommentId>("after", &text)).transpose()?;
    let read = sight.reader(asked.snapshot).comments(issue, after, first);
    let (comments, more) = asked.snapshot.rows(read).await?;
    asked.snapshot.charge(comments.iter().map(|c| 1 + text_units(c.body.len())).sum())?;
    let nodes = comments.into_iter().map(|comment| CommentNode(comment, sight.clone())).collect();
    let cursor = |_: usize, comment: &CommentNode| comment.0.id.to_string();
    let page = Connection::new(nodes, Arc::new(cursor)).with_neighbours(after.is_some(), more);
    Ok(Row(page.with_total(usize::try_from(issue.comment_count).unwrap_or(usize::MAX))))
}

/// Queries about comments.
#[derive(Default)]
pub(crate) struct CommentQuery;

#[Object]
impl CommentQuery {
    /// A comment by global id; null when there is none, or it or its issue is deleted.
    async fn comment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id, `cmt_…`.")] id: ID,
    ) -> Result<Option<Row<CommentNode>>> {
        let asked = Asked::of(ctx)?;
        let found = asked.snapshot.rows(asked.snapshot.reader().comment(scalar::id("id", &id)?)).await?;
        Ok(found.map(CommentNode::now).map(Row))
    }
}
