//! What an import adds, in the engine's own terms.

use crate::id::{CommentId, IssueId, TeamId};
use crate::model::{IssueKind, IssueSource, Resolution};
use crate::time::Timestamp;

/// One thing to add. What is there already is passed over.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub enum ImportItem {
    /// A person of the archive, as a ghost member: shown, holding no seat, unable to sign in.
    #[n(0)]
    Person {
        /// Who they were there, such as `github:octocat`; unique.
        #[n(0)]
        source: String,
        /// How they are shown.
        #[n(1)]
        name: String,
    },
    /// A label of the whole tenant; one with the same name is used as it is.
    #[n(1)]
    Label {
        /// The word.
        #[n(0)]
        name: String,
        /// `#rrggbb`.
        #[n(1)]
        color: String,
        /// What it is for.
        #[n(2)]
        description: Option<String>,
    },
    /// An issue.
    #[n(2)]
    Issue(#[n(0)] Box<ImportedIssue>),
    /// A comment on an issue that was imported before, or earlier in the batch.
    #[n(3)]
    Comment(#[n(0)] Box<ImportedComment>),
}

/// An issue of another system.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct ImportedIssue {
    /// Its id, from [`imported_issue_id`](super::imported_issue_id).
    #[n(0)]
    pub id: IssueId,
    /// Where it came from.
    #[n(1)]
    pub source: IssueSource,
    /// The team it goes to.
    #[n(2)]
    pub team: TeamId,
    /// Its number there, kept.
    #[n(3)]
    pub number: u32,
    /// One line, 1 to 512 characters.
    #[n(4)]
    pub title: String,
    /// Markdown, at most 256 KiB.
    #[n(5)]
    pub description: Option<String>,
    /// What kind of work it is.
    #[n(6)]
    pub kind: IssueKind,
    /// When and why it was closed, if it was.
    #[n(7)]
    pub closed: Option<(Timestamp, Resolution)>,
    /// Who made it, by the source of a person.
    #[n(8)]
    pub creator: String,
    /// Who worked on it, by the sources of people.
    #[n(9)]
    pub assignees: Vec<String>,
    /// Its labels, by name.
    #[n(10)]
    pub labels: Vec<String>,
    /// When it was made there.
    #[n(11)]
    pub created_at: Timestamp,
    /// When it last changed there.
    #[n(12)]
    pub updated_at: Timestamp,
}

/// A comment of another system.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct ImportedComment {
    /// Its id, from [`imported_comment_id`](super::imported_comment_id).
    #[n(0)]
    pub id: CommentId,
    /// Where it came from.
    #[n(1)]
    pub source: IssueSource,
    /// The issue it is on.
    #[n(2)]
    pub issue: IssueId,
    /// Who wrote it, by the source of a person.
    #[n(3)]
    pub author: String,
    /// Markdown, at most 64 KiB.
    #[n(4)]
    pub body: String,
    /// The comment it answers; that one answers none.
    #[n(5)]
    pub parent: Option<CommentId>,
    /// When it was written there.
    #[n(6)]
    pub created_at: Timestamp,
    /// When it last changed there.
    #[n(7)]
    pub updated_at: Timestamp,
}
