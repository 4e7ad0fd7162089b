//! A label: a word that issues are marked with.

use crate::id::{LabelId, TeamId};
use crate::time::Timestamp;

/// The row of a label. Names are unique among the labels of its scope, whatever their case.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Label {
    /// The id.
    #[n(0)]
    pub id: LabelId,
    /// The word.
    #[n(1)]
    pub name: String,
    /// `#rrggbb`, in lower case.
    #[n(2)]
    pub color: String,
    /// What it is for.
    #[n(3)]
    pub description: Option<String>,
    /// The one team that uses it; none means every team of the tenant.
    #[n(4)]
    pub team: Option<TeamId>,
    /// When it was made.
    #[n(5)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[n(6)]
    pub updated_at: Timestamp,
    /// When it was deleted. Issues keep it, and history keeps its name; no issue gets it anew.
    #[n(7)]
    pub deleted_at: Option<Timestamp>,
    /// Counts the changes of this row, from 1.
    #[n(8)]
    pub version: u64,
}
