//! The kinds of work, and the loads that are made of them.

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Work {
    /// Make an issue.
    Create,
    /// Read an issue and five comments on it.
    Read,
    /// List fifty issues by state and assignee, the last changed first, with their people and labels.
    List,
    /// Search two words among the open issues, the best twenty.
    Search,
    /// A team's board in one request: a column for each state, a lane for each priority, ten cards in each cell.
    Board,
    /// Move an issue to another state and comment on it.
    UpdateAndComment,
}

/// Some clients doing one kind of work, each its next as soon as its last is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Load {
    pub(crate) work: Work,
    pub(crate) clients: usize,
}

/// What is measured, in this order: reading first, on what was seeded; creating last, for it changes the size.
pub(crate) const LOADS: &[Load] = &[
    Load { work: Work::Read, clients: 16 },
    Load { work: Work::List, clients: 16 },
    Load { work: Work::Search, clients: 16 },
    Load { work: Work::Board, clients: 16 },
    Load { work: Work::UpdateAndComment, clients: 16 },
    Load { work: Work::Create, clients: 1 },
    Load { work: Work::Create, clients: 16 },
    Load { work: Work::Create, clients: 64 },
];

impl Work {
    /// Whether it writes.
    pub(crate) const fn writes(self) -> bool {
        matches!(self, Self::Create | Self::UpdateAndComment)
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create an issue",
            Self::Read => "read an issue and 5 comments",
            Self::List => "list 50 by state and assignee",
            Self::Search => "two-word search, filtered",
            Self::Board => "board: groups with lanes in one request",
            Self::UpdateAndComment => "update and comment",
        })
    }
}
