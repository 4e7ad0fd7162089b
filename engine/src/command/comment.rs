//! Commands on comments. Comments answer one another one level deep.

use super::issue::open_team;
use super::{Command, IssueRef, Reads, World, text};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::CommentId;
use crate::model::{Comment, Issue};

/// Writes a comment on an issue.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct CreateComment {
    /// The id, chosen by the caller; else a new one.
    #[n(0)]
    pub id: Option<CommentId>,
    /// The issue it is about.
    #[n(1)]
    pub issue: IssueRef,
    /// Markdown, 1 byte to 64 KiB.
    #[n(2)]
    pub body: String,
    /// The comment it answers; that one answers none.
    #[n(3)]
    pub parent: Option<CommentId>,
}

impl Command for CreateComment {
    fn operation(&self) -> &'static str {
        "commentCreate"
    }

    fn reads(&self) -> Reads {
        let comments = self.parent.into_iter().chain(self.id).collect();
        Reads { issues: vec![self.issue.clone()], comments }
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let issue = world.issue(&self.issue).map_err(|e| e.with_field("issueId"))?;
        if let Some(refusal) = world.circumstances.refusal_of_comment(issue.id) {
            return Err(refusal);
        }
        open_team(world, issue.team)?;
        room(world, &issue, 0)?;
        if let Some(id) = self.id.filter(|id| world.comments.has(*id)) {
            return Err(Error::conflict(format!("there is a comment {id} already")).with_field("id"));
        }
        if let Some(parent) = self.parent {
            let (on, comment) = world.comment(parent).map_err(|e| e.with_field("parentId"))?;
            if on.id != issue.id {
                return Err(Error::not_found(format!("comment {parent}")).with_field("parentId"));
            }
            if let Some(top) = comment.parent {
                let message =
                    format!("comment {parent} is an answer itself: answer the comment {top} above it");
                return Err(Error::invalid("parentId", message));
            }
        }
        let comment = Comment {
            id: self.id.unwrap_or_else(|| world.circumstances.fresh_comment()),
            issue: issue.id,
            author: world.policy.member().unwrap_or_else(super::system_member),
            body: body(world, &self.body)?,
            parent: self.parent,
            created_at: world.now,
            updated_at: world.now,
            edited_at: None,
            deleted_at: None,
            version: 1,
            source: None,
        };
        let mut draft = Draft::new();
        draft.create_comment(world.policy.authorize(Action::CreateComment, issue, None)?, comment);
        Ok(draft)
    }
}

/// Edits a comment's text.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct EditComment {
    /// Which.
    #[n(0)]
    pub comment: CommentId,
    /// The version it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// The new text.
    #[n(2)]
    pub body: String,
}

impl Command for EditComment {
    fn operation(&self) -> &'static str {
        "commentUpdate"
    }

    fn reads(&self) -> Reads {
        Reads { comments: vec![self.comment], ..Reads::default() }
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let (issue, comment) = world.comment(self.comment)?;
        world.expect_version(&format!("comment {}", comment.id), self.if_version, comment.version)?;
        open_team(world, issue.team)?;
        let (author, same) = (comment.author, comment.body == self.body);
        let permit = world.policy.authorize(Action::EditComment, comment, Some(author))?;
        let body = body(world, &self.body)?;
        let mut draft = Draft::new();
        if same {
            draft.answer_with(crate::event::Subject::Issue(issue.id));
        } else {
            draft.edit_comment(issue, permit, body);
        }
        Ok(draft)
    }
}

/// Deletes a comment: its text goes, its place in the thread stays.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct DeleteComment {
    /// Which.
    #[n(0)]
    pub comment: CommentId,
}

impl Command for DeleteComment {
    fn operation(&self) -> &'static str {
        "commentDelete"
    }

    fn reads(&self) -> Reads {
        Reads { comments: vec![self.comment], ..Reads::default() }
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let (issue, comment) = world.comment(self.comment)?;
        open_team(world, issue.team)?;
        let author = comment.author;
        let permit = world.policy.authorize(Action::DeleteComment, comment, Some(author))?;
        let mut draft = Draft::new();
        draft.delete_comment(issue, permit);
        Ok(draft)
    }
}

/// Refuses when an issue has as many comments as it can, counting those that are on their way.
pub(super) fn room(world: &World<'_>, issue: &Issue, waiting: usize) -> Result<()> {
    let max = world.limits.comments_per_issue_max;
    if (issue.comment_count as usize).saturating_add(waiting) < max {
        return Ok(());
    }
    Err(Error::invalid("issueId", format!("an issue has at most {max} comments: go on in a new one")))
}

pub(super) fn body(world: &World<'_>, text: &str) -> Result<String> {
    let body = text::body("body", "the comment", Some(text), world.limits.comment_bytes_max)?;
    body.ok_or_else(|| Error::invalid("body", "the comment is empty"))
}
