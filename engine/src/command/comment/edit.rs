//! Editing a comment's text.

use crate::access::Action;
use crate::command::issue::open_team;
use crate::command::{Command, Reads, World};
use crate::draft::Draft;
use crate::error::Result;
use crate::event::Subject;
use crate::id::CommentId;

/// Gives a comment another text. Its author alone may.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct EditComment {
    /// Which.
    #[n(0)]
    pub comment: CommentId,
    /// The new text: markdown, 1 byte to 64 KiB.
    #[n(1)]
    pub body: String,
    /// The version it was read at; another one is a conflict.
    #[n(2)]
    pub if_version: Option<u64>,
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
        let author = comment.author;
        let permit = world.policy.authorize(Action::EditComment, comment, Some(author))?;
        open_team(world, issue.team)?;
        let body = super::body(world, &self.body)?;
        let mut draft = Draft::new();
        draft.answer_with(Subject::Issue(issue.id));
        if body != permit.resource().body {
            draft.edit_comment(issue, permit, body);
        }
        Ok(draft)
    }
}
