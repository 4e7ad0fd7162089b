//! Deleting a comment.

use crate::access::Action;
use crate::command::issue::open_team;
use crate::command::{Command, Reads, World};
use crate::draft::Draft;
use crate::error::Result;
use crate::id::CommentId;

/// Deletes a comment for good. Its place in the thread stays, and so do the replies to it.
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
        let author = comment.author;
        let permit = world.policy.authorize(Action::DeleteComment, comment, Some(author))?;
        open_team(world, issue.team)?;
        let mut draft = Draft::new();
        draft.delete_comment(issue, permit);
        Ok(draft)
    }
}
