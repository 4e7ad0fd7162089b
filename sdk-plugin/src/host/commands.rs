//! Changing the company's issues. Permission `issues-write`. Commands are staged: nobody sees anything, this call included,
//! until the handler has returned ok; then all of them happen or none.

use crate::prelude::{Edit, Error, NewIssue};

impl NewIssue {
    /// An issue of this team with this title, and nothing else said.
    #[must_use]
    pub fn in_team(team: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            team: team.into(),
            title: title.into(),
            description: String::new(),
            state: None,
            kind: None,
            priority: None,
            assignees: Vec::new(),
            labels: Vec::new(),
            parent: None,
            estimate: None,
            due_date: None,
        }
    }
}

/// Makes an issue; its id can be used at once in later commands.
///
/// # Errors
///
/// When it is not granted, wrong in itself, or one command too many.
pub fn create_issue(issue: &NewIssue) -> Result<String, Error> {
    super::ask!(commands::create_issue(issue))
}

/// Changes an issue.
///
/// # Errors
///
/// As [`create_issue`].
pub fn update_issue(id: &str, edits: &[Edit]) -> Result<(), Error> {
    super::ask!(commands::update_issue(id, edits, None))
}

/// Changes an issue if it is still at this revision when the handler has returned; else nothing of the run happens, and it
/// is tried again.
///
/// # Errors
///
/// As [`create_issue`].
pub fn update_issue_at(id: &str, edits: &[Edit], revision: &str) -> Result<(), Error> {
    super::ask!(commands::update_issue(id, edits, Some(revision)))
}

/// Moves an issue to a state, by its id or key. It passes by the workflow of the issue, and other plugins may deny it.
///
/// # Errors
///
/// As [`create_issue`].
pub fn transition(id: &str, to: &str) -> Result<(), Error> {
    super::ask!(commands::transition(id, to))
}

/// Writes a comment; answers its id.
///
/// # Errors
///
/// As [`create_issue`].
pub fn add_comment(issue: &str, body: &str) -> Result<String, Error> {
    super::ask!(commands::add_comment(issue, body))
}

/// Relates two issues: `blocks`, `blocked-by`, `duplicate-of`, `relates-to`.
///
/// # Errors
///
/// As [`create_issue`].
pub fn link_issues(a: &str, kind: &str, b: &str) -> Result<(), Error> {
    super::ask!(commands::link_issues(a, kind, b))
}
