//! Writing a comment.

use crate::access::Action;
use crate::command::issue::open_team;
use crate::command::{Command, IssueRef, Reads, World, system_member};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::{CommentId, IssueId};
use crate::model::{Comment, Issue};

/// Writes a comment on an issue, or a reply to one.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct CreateComment {
    /// On which issue.
    #[n(0)]
    pub issue: IssueRef,
    /// The id, chosen by the caller; else a new one.
    #[n(1)]
    pub id: Option<CommentId>,
    /// Markdown, 1 byte to 64 KiB.
    #[n(2)]
    pub body: String,
    /// The comment it answers; that one is on the same issue and answers none itself.
    #[n(3)]
    pub parent: Option<CommentId>,
}

impl Command for CreateComment {
    fn operation(&self) -> &'static str {
        "commentCreate"
    }

    fn reads(&self) -> Reads {
        Reads { issues: vec![self.issue.clone()], comments: self.id.into_iter().chain(self.parent).collect() }
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let issue = world.issue(&self.issue)?;
        open_team(world, issue.team)?;
        let permit = world.policy.authorize(Action::CreateComment, issue, None)?;
        let comment = self.comment(world, permit.resource())?;
        let mut draft = Draft::new();
        draft.create_comment(permit, comment);
        Ok(draft)
    }
}

impl CreateComment {
    fn comment(&self, world: &World<'_>, issue: &Issue) -> Result<Comment> {
        let max = world.limits.comments_per_issue_max;
        if issue.comment_count as usize >= max {
            return Err(Error::rejected(format!("{} has {max} comments, the most that fit", self.issue)));
        }
        Ok(Comment {
            id: self.free_id(world)?,
            issue: issue.id,
            author: world.policy.member().unwrap_or_else(system_member),
            body: super::body(world, &self.body)?,
            parent: self.parent.map(|parent| thread(world, issue.id, parent)).transpose()?,
            created_at: world.now,
            updated_at: world.now,
            edited_at: None,
            deleted_at: None,
            version: 1,
            source: None,
        })
    }

    fn free_id(&self, world: &World<'_>) -> Result<CommentId> {
        match self.id {
            Some(id) if world.comments.contains_key(&id) => {
                Err(Error::conflict(format!("there is a comment {id} already")).with_field("id"))
            }
            id => Ok(id.unwrap_or_else(CommentId::generate)),
        }
    }
}

/// A comment that can be answered: it is on this issue and opens a thread.
fn thread(world: &World<'_>, issue: IssueId, parent: CommentId) -> Result<CommentId> {
    let (on, comment) = world.comment(parent).map_err(|e| e.with_field("parentId"))?;
    if on.id != issue {
        return Err(Error::invalid("parentId", format!("comment {parent} is on another issue")));
    }
    if let Some(top) = comment.parent {
        let why =
            format!("comment {parent} is a reply itself: answer the comment that opens the thread, {top}");
        return Err(Error::invalid("parentId", why));
    }
    Ok(parent)
}
