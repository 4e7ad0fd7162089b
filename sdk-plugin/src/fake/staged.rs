//! What a plugin staged.

use crate::prelude::{Edit, NewIssue};

/// A staged command.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// A new issue, and the id that it was given.
    CreateIssue {
        /// The id.
        id: String,
        /// What it is to be.
        issue: NewIssue,
    },
    /// Changes of an issue.
    UpdateIssue {
        /// Which.
        id: String,
        /// What is to change.
        edits: Vec<Edit>,
        /// The revision that it must still be at.
        expect: Option<String>,
    },
    /// A move to another state.
    Transition {
        /// Which.
        id: String,
        /// To which state, by id or key.
        to: String,
    },
    /// A comment.
    AddComment {
        /// On which issue.
        issue: String,
        /// Its text.
        body: String,
    },
    /// A relation of two issues.
    LinkIssues {
        /// The one.
        a: String,
        /// The kind.
        kind: String,
        /// The other.
        b: String,
    },
}
