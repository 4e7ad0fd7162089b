//! The draft: what a command proposes to write. Only an [`Authorized`] thing can enter it, and only a draft can be
//! committed.
//!
//! A draft knows no sequence numbers and no bytes; the tenant's writer gives it its place in the log.

use crate::access::Authorized;
use crate::directory::DirectoryRow;
use crate::event::{EventBody, Subject};
use crate::id::IssueId;
use crate::model::{Comment, Issue};
use std::sync::Arc;

/// A row as it was and as it becomes.
#[derive(Debug, Clone)]
pub enum RowWrite {
    /// An issue.
    Issue {
        /// As it was; none when it is new.
        before: Option<Arc<Issue>>,
        /// As it becomes.
        after: Arc<Issue>,
        /// Its new description when that changed.
        description: Option<Text>,
    },
    /// A comment.
    Comment {
        /// As it was; none when it is new.
        before: Option<Arc<Comment>>,
        /// As it becomes.
        after: Arc<Comment>,
    },
    /// A row of a small table, as it becomes.
    Directory(DirectoryRow),
}

/// A text that was set; none when it was taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub Option<Arc<str>>);
