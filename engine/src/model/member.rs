//! A member: a person in one tenant. The same person in two tenants is two members.

use super::words;
use crate::id::MemberId;
use crate::time::Timestamp;

words! {
    /// What a member may do in general; each role may do what the one before may.
    Role {
        /// Works on issues.
        0 User = "USER",
        /// Manages teams, labels and workflows.
        1 Admin = "ADMIN",
        /// Manages the company: people, roles, settings.
        2 SuperAdmin = "SUPER_ADMIN",
    }
}

words! {
    /// Whether a member takes part.
    MemberStatus {
        /// Signs in and holds a seat.
        0 Active = "ACTIVE",
        /// May not sign in for now; holds no seat.
        1 Suspended = "SUSPENDED",
        /// Has left; what they wrote stays.
        2 Removed = "REMOVED",
        /// Known only from an import; holds no seat and cannot sign in.
        3 Ghost = "GHOST",
    }
}

/// The row of a member.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Member {
    /// The id.
    #[n(0)]
    pub id: MemberId,
    /// The address they sign in with, in lower case; unique in the tenant. Ghosts have none.
    #[n(1)]
    pub email: Option<String>,
    /// How they are shown.
    #[n(2)]
    pub name: String,
    /// What they may do.
    #[n(3)]
    pub role: Role,
    /// Whether they take part.
    #[n(4)]
    pub status: MemberStatus,
    /// When they were added.
    #[n(5)]
    pub created_at: Timestamp,
    /// When this row last changed.
    #[n(6)]
    pub updated_at: Timestamp,
    /// Counts the changes of this row, from 1.
    #[n(7)]
    pub version: u64,
    /// Raised when their rights shrink or their sessions end: older tokens stop working.
    #[n(8)]
    pub access_version: u64,
    /// Who they were in an imported archive, such as `github:octocat`.
    #[n(9)]
    pub source: Option<String>,
}

impl Member {
    /// Whether they may sign in and be assigned work.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.status, MemberStatus::Active)
    }
}
