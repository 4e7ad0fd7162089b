//! A comment on an issue. Comments answer one another one level deep.

use super::IssueSource;
use crate::id::{CommentId, IssueId, MemberId};
use crate::time::Timestamp;

/// The row of a comment.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct Comment {
    /// The id; ids sort as the comments were written.
    #[n(0)]
    pub id: CommentId,
    /// The issue it is about.
    #[n(1)]
    pub issue: IssueId,
    /// Who wrote it.
    #[n(2)]
    pub author: MemberId,
    /// The text, in markdown. Empty once the comment is deleted.
    #[n(3)]
    pub body: String,
    /// The comment it answers; that one answers none.
    #[n(4)]
    pub parent: Option<CommentId>,
    /// When it was written.
    #[n(5)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[n(6)]
    pub updated_at: Timestamp,
    /// When its text was last edited.
    #[n(7)]
    pub edited_at: Option<Timestamp>,
    /// When it was deleted.
    #[n(8)]
    pub deleted_at: Option<Timestamp>,
    /// Counts the changes of this row, from 1.
    #[n(9)]
    pub version: u64,
    /// Where it was imported from.
    #[n(10)]
    pub source: Option<IssueSource>,
}
