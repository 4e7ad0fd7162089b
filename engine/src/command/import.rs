//! Importing: people, labels, issues and comments of another system, with their original numbers and times.
//!
//! An import is a row of batches. Ids of issues and comments are derived from what they were in their source
//! ([`imported_issue_id`]), people are known by their source and labels by their name; so a batch that was applied
//! before adds nothing, and an import that was interrupted continues. Reading archives is not done here.

mod id;

pub use id::{imported_comment_id, imported_issue_id};

use super::{Command, IssueRef, Reads, World};
use crate::draft::Draft;
use crate::error::Result;
use crate::id::{CommentId, IssueId, TeamId};
use crate::model::{IssueKind, IssueSource, Resolution};
use crate::time::Timestamp;

/// Items of one batch: each writes at most four keys, and a batch of the store holds 100.
pub const IMPORT_ITEMS_MAX: usize = 24;

/// Bytes of text in a batch of several items, so that none of its values needs parts. A longer item comes alone.
pub const IMPORT_TEXT_BYTES_MAX: usize = 40 * 1024;

/// Brings in some items of an archive. Those that are there already are passed over: the answer names what was added.
///
/// What an item names must be there, or come before it in the same batch.
#[derive(Debug, Clone, Default, PartialEq, minicbor::Encode)]
pub struct ImportBatch {
    /// The items, in order; at most [`IMPORT_ITEMS_MAX`].
    #[n(0)]
    pub items: Vec<ImportItem>,
}

/// One thing of an archive.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub enum ImportItem {
    /// Somebody who took part. Unless a member with that source is there, they become a ghost: a member without an
    /// address, who holds no seat and cannot sign in.
    #[n(0)]
    Person {
        /// Who they were there, such as `github:octocat`.
        #[n(0)]
        source: String,
        /// How they are shown, 1 to 100 characters.
        #[n(1)]
        name: String,
    },
    /// A label for all teams, unless there is one with that name, whatever its case.
    #[n(1)]
    Label {
        /// The word, 1 to 100 characters.
        #[n(0)]
        name: String,
        /// `#rrggbb`; a neutral grey unless said.
        #[n(1)]
        color: Option<String>,
        /// What it is for, at most 2 KiB.
        #[n(2)]
        description: Option<String>,
    },
    /// An issue.
    #[n(2)]
    Issue(#[n(0)] Box<ImportedIssue>),
    /// A comment.
    #[n(3)]
    Comment(#[n(0)] Box<ImportedComment>),
}

/// An issue as it was in its source.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct ImportedIssue {
    /// The id: [`imported_issue_id`].
    #[n(0)]
    pub id: IssueId,
    /// Where it came from.
    #[n(1)]
    pub source: IssueSource,
    /// The team it comes to.
    #[n(2)]
    pub team: TeamId,
    /// Its number there, which it keeps: 1 to 2,147,483,647.
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
    /// When and why it was closed; none while it is open.
    #[n(7)]
    pub closed: Option<(Timestamp, Resolution)>,
    /// Who made it, such as `github:octocat`.
    #[n(8)]
    pub creator: String,
    /// Who worked on it, likewise; at most 20. Unlike elsewhere these need not be active members.
    #[n(9)]
    pub assignees: Vec<String>,
    /// Names of its labels, whatever their case; at most 50.
    #[n(10)]
    pub labels: Vec<String>,
    /// When it was made.
    #[n(11)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[n(12)]
    pub updated_at: Timestamp,
}

/// A comment as it was in its source.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct ImportedComment {
    /// The id: [`imported_comment_id`].
    #[n(0)]
    pub id: CommentId,
    /// The issue it is on: [`imported_issue_id`].
    #[n(1)]
    pub issue: IssueId,
    /// Where it came from.
    #[n(2)]
    pub source: IssueSource,
    /// Who wrote it, such as `github:octocat`.
    #[n(3)]
    pub author: String,
    /// Markdown, 1 byte to 64 KiB.
    #[n(4)]
    pub body: String,
    /// The comment it answers, which answers none: [`imported_comment_id`].
    #[n(5)]
    pub reply_to: Option<CommentId>,
    /// When it was written.
    #[n(6)]
    pub created_at: Timestamp,
    /// When it was last edited; the same as `created_at` if never.
    #[n(7)]
    pub updated_at: Timestamp,
}

impl ImportBatch {
    /// Whether one more item fits; a first one always does.
    #[must_use]
    pub fn has_room_for(&self, item: &ImportItem) -> bool {
        let text: usize = self.items.iter().chain([item]).map(ImportItem::text_bytes).sum();
        self.items.is_empty() || (self.items.len() < IMPORT_ITEMS_MAX && text <= IMPORT_TEXT_BYTES_MAX)
    }
}

impl ImportItem {
    /// Bytes of its text.
    fn text_bytes(&self) -> usize {
        match self {
            Self::Person { source, name } => source.len().saturating_add(name.len()),
            Self::Label { name, description, .. } => {
                name.len().saturating_add(description.as_ref().map_or(0, String::len))
            }
            Self::Issue(issue) => {
                issue.title.len().saturating_add(issue.description.as_ref().map_or(0, String::len))
            }
            Self::Comment(comment) => comment.body.len(),
        }
    }
}

impl Command for ImportBatch {
    fn operation(&self) -> &'static str {
        "import"
    }

    fn reads(&self) -> Reads {
        let mut reads = Reads::default();
        for item in &self.items {
            if let ImportItem::Comment(comment) = item {
                reads.issues.push(IssueRef::Id(comment.issue));
                reads.comments.extend([comment.id].into_iter().chain(comment.reply_to));
            }
        }
        reads
    }

    fn decide(&self, _world: &World<'_>) -> Result<Draft> {
        Ok(Draft::new())
    }
}
