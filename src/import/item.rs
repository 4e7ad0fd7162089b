//! The shape in which the importer hands an item to whoever applies it: bounded, normalised, with a stable key for
//! everything that must not be imported twice.
//!
//! It does not know the engine's commands.

use jiff::Timestamp;

/// The label every pull request gets.
pub(crate) const PULL_REQUEST_LABEL: &str = "pull-request";

/// The longest title, in characters.
pub(crate) const MAX_TITLE_CHARS: usize = 512;

/// The longest description, in bytes. What is longer continues in comments.
pub(crate) const MAX_BODY_BYTES: usize = 256 * 1024;

/// The longest comment, in bytes. What is longer continues in further comments.
pub(crate) const MAX_COMMENT_BYTES: usize = 64 * 1024;

/// What an item was at its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An issue.
    Issue,
    /// A pull request.
    PullRequest,
}

impl Kind {
    /// The list of the archive it stands in.
    pub(crate) fn list(self) -> &'static str {
        match self {
            Self::Issue => "issues",
            Self::PullRequest => "pulls",
        }
    }
}

/// One issue to import.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ImportIssue {
    /// Its number at the source, to be kept: 1 to 2,147,483,647.
    pub(crate) number: u64,
    /// The source's own id; empty if the archive has none.
    pub(crate) source_id: String,
    /// Its page at the source; empty if the archive has none.
    pub(crate) url: String,
    /// At most [`MAX_TITLE_CHARS`], in one line, never empty.
    pub(crate) title: String,
    /// Markdown, at most [`MAX_BODY_BYTES`].
    pub(crate) body: String,
    /// What it was.
    pub(crate) kind: Kind,
    /// How it ended; `None` while open.
    pub(crate) closed: Option<Closed>,
    /// Account name; `None` if the account is gone.
    pub(crate) author: Option<String>,
    /// Account names, each once.
    pub(crate) assignees: Vec<String>,
    /// Label names, each once; a pull request's include [`PULL_REQUEST_LABEL`].
    pub(crate) labels: Vec<String>,
    /// When it was opened.
    pub(crate) created_at: Timestamp,
    /// When it last changed; not before `created_at`.
    pub(crate) updated_at: Timestamp,
    /// By time, a reply always after what it replies to.
    pub(crate) comments: Vec<ImportComment>,
    /// What the archive says and this does not.
    pub(crate) losses: Vec<Loss>,
    /// What was changed on the way or could not be known.
    pub(crate) notes: Vec<Note>,
}

/// The end of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closed {
    /// When.
    pub(crate) at: Timestamp,
    /// Whether by a merge.
    pub(crate) merged: bool,
    /// Account that merged it, if it was and is known.
    pub(crate) merged_by: Option<String>,
}

/// One comment to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImportComment {
    /// Names the comment within the repository, the same in every later archive of it: the archive gives comments
    /// no ids, so this is made of the issue's number, the time, and a count among comments of the same time. The
    /// author is not in it (accounts are renamed), nor the index (earlier comments get deleted).
    pub(crate) key: String,
    /// Its place among comments of the same sort and time, from 0; part of the key.
    pub(crate) nth: u64,
    /// Account name; `None` if the account is gone or was not recorded.
    pub(crate) author: Option<String>,
    /// Markdown, at most [`MAX_COMMENT_BYTES`].
    pub(crate) body: String,
    /// When it was written.
    pub(crate) created_at: Timestamp,
    /// When it was last edited; not before `created_at`.
    pub(crate) updated_at: Timestamp,
    /// What it was.
    pub(crate) kind: CommentKind,
    /// Index in [`ImportIssue::comments`] of the comment this replies to, which itself is no reply.
    pub(crate) reply_to: Option<usize>,
}

/// What a comment was at its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CommentKind {
    /// A comment.
    Comment,
    /// A review; its state is the first line of the body too.
    Review {
        /// In words: `commented`, `approved`, `changes requested`.
        state: String,
    },
    /// A remark within a review.
    ReviewComment,
    /// The rest of a text that was too long for one comment or description.
    Continuation,
}

/// Values of one field that are not carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Loss {
    /// The field, for all indexes: `pulls[].comments[].authorAssociation`.
    pub(crate) field: String,
    /// The first of the values, shortened.
    pub(crate) value: String,
    /// How many there are in this item.
    pub(crate) count: u64,
    /// Why.
    pub(crate) reason: &'static str,
}

/// Something an import changes or cannot know, without losing a value that the archive has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Note {
    /// The title was empty.
    TitleMissing,
    /// The title had line breaks, other control characters or outer spaces.
    TitleTidied,
    /// The title passed [`MAX_TITLE_CHARS`].
    TitleCut,
    /// The description passed [`MAX_BODY_BYTES`].
    BodyContinued,
    /// A comment passed [`MAX_COMMENT_BYTES`].
    CommentContinued,
    /// An author's account no longer exists.
    AuthorDeleted,
    /// The archive does not say who wrote a comment.
    AuthorUnrecorded,
    /// Closed, but the archive does not say when; the last change is taken.
    CloseTimeMissing,
    /// A time of closing or merging that contradicts the state, or differs from the other one.
    EndTimeDropped,
    /// Last changed before it was made; the time of making is taken.
    UpdatedBeforeCreated,
    /// Exactly five labels, which is as many as the archiving tool keeps: there may have been more.
    FiveLabels,
    /// Exactly five assignees, likewise.
    FiveAssignees,
    /// A review without a text, a verdict or remarks, left out.
    ReviewEmpty,
}

impl Note {
    /// A sentence for the report.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::TitleMissing => "no title; `(no title)` is used",
            Self::TitleTidied => "line breaks or outer spaces removed from a title",
            Self::TitleCut => "title cut at 512 characters",
            Self::BodyContinued => "description longer than 256 KiB, continued in comments",
            Self::CommentContinued => "comment longer than 64 KiB, continued in further comments",
            Self::AuthorDeleted => "author's account no longer exists",
            Self::AuthorUnrecorded => "author not recorded in the archive",
            Self::CloseTimeMissing => "time of closing not recorded; time of the last change is used",
            Self::EndTimeDropped => "second, different time of closing or merging left out",
            Self::UpdatedBeforeCreated => "last changed before it was made; time of making is used",
            Self::FiveLabels => "five labels, as many as an archive keeps: there may have been more",
            Self::FiveAssignees => "five assignees, as many as an archive keeps: there may have been more",
            Self::ReviewEmpty => "review without text, verdict or remarks left out",
        }
    }
}
