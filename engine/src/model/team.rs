//! A team: the owner of a numbered row of issues.

use crate::id::{TeamId, WorkflowId};
use crate::time::Timestamp;

/// The row of a team.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Team {
    /// The id.
    #[n(0)]
    pub id: TeamId,
    /// The first part of its issues' keys: 2 to 7 of A–Z and 0–9, a letter first. Unique, also among former keys.
    #[n(1)]
    pub key: String,
    /// How it is shown.
    #[n(2)]
    pub name: String,
    /// What it is for.
    #[n(3)]
    pub description: Option<String>,
    /// The workflow its issues follow.
    #[n(4)]
    pub workflow: WorkflowId,
    /// Keys it had before; issues are still found by them.
    #[n(5)]
    pub former_keys: Vec<String>,
    /// When it was made.
    #[n(6)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[n(7)]
    pub updated_at: Timestamp,
    /// When it was archived: its issues can be read and not changed.
    #[n(8)]
    pub archived_at: Option<Timestamp>,
    /// Counts the changes of this row, from 1.
    #[n(9)]
    pub version: u64,
}
