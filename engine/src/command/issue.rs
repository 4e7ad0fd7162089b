//! Commands on issues.

mod batch;
mod confidential;
mod create;
mod delete;
mod fields;
mod moving;
mod relation;
mod retyped;
mod update;

pub use batch::UpdateIssues;
pub(crate) use batch::{COMMENTING_MAX, PER_BATCH};
pub use create::CreateIssue;
pub(in crate::command) use create::{initial, new_flow, open_team, rank_at};
pub use delete::{DeleteIssue, RestoreIssue};
pub(in crate::command) use fields::resolution_after;
pub(in crate::command) use moving::{end_approvals, state_change};
pub use relation::{CreateRelation, DeleteRelation};
pub use update::{IssuePatch, Operation, UpdateIssue};

use super::IssueIndex;
use crate::directory::Directory;
use crate::id::{IssueId, ParseIdError};
use std::{fmt, str::FromStr};

/// An issue as people name it: by its global id, or by its key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
pub enum IssueRef {
    /// By id: `iss_…`.
    #[n(0)]
    Id(#[n(0)] IssueId),
    /// By the team's key, now or formerly, and the number: `ENG-12`.
    #[n(1)]
    Key(#[n(0)] String, #[n(1)] u32),
}

impl IssueRef {
    /// The id behind the name, if there is such an issue.
    pub(crate) fn find(&self, directory: &Directory, index: &dyn IssueIndex) -> Option<IssueId> {
        match self {
            Self::Id(id) => Some(*id).filter(|id| index.contains(*id)),
            Self::Key(key, number) => {
                directory.team_by_key(key).and_then(|team| index.find(team.id, *number))
            }
        }
    }
}

impl From<IssueId> for IssueRef {
    fn from(id: IssueId) -> Self {
        Self::Id(id)
    }
}

impl fmt::Display for IssueRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "issue {id}"),
            Self::Key(key, number) => write!(f, "issue {key}-{number}"),
        }
    }
}

impl FromStr for IssueRef {
    type Err = ParseIdError;

    /// Reads a global id, or a key in either case.
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        if let Some((key, number)) = text.rsplit_once('-')
            && key.len() <= 7
            && let Ok(key) = super::text::team_key("id", key)
            && number.bytes().all(|b| b.is_ascii_digit())
            && let Ok(number) = number.parse()
        {
            return Ok(Self::Key(key, number));
        }
        text.parse().map(Self::Id)
    }
}
