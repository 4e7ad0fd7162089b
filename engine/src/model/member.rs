//! A member: a person, or a service account, in one tenant. The same person in two tenants is two members.

use super::words;
use crate::id::{MemberId, RootId};
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

words! {
    /// What a member is.
    MemberKind {
        /// Somebody who signs in.
        0 Person = "PERSON",
        /// A program's account: it owns API keys, has no password, never signs in, and holds no seat.
        1 Service = "SERVICE",
    }
}

impl Default for MemberKind {
    /// A person.
    fn default() -> Self {
        Self::Person
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
    /// What they are.
    #[cbor(n(10), default)]
    pub kind: MemberKind,
    /// The language and place whose words and forms they want, as BCP 47 writes them (`de-CH`); none: they have not said.
    #[n(11)]
    pub locale: Option<String>,
    /// Where their days and weeks begin, as the IANA names the zone; the company's when none is said.
    #[n(12)]
    pub time_zone: Option<String>,
    /// Which operator of the platform has closed the door to them, who took part: the platform may open it again. None once
    /// somebody else has said how they stand.
    #[n(13)]
    pub suspended_by: Option<RootId>,
}

impl Member {
    /// A person who takes part from now on, and of whom no more is known than this.
    #[must_use]
    pub const fn new(id: MemberId, name: String, role: Role, now: Timestamp) -> Self {
        Self {
            id,
            email: None,
            name,
            role,
            status: MemberStatus::Active,
            created_at: now,
            updated_at: now,
            version: 1,
            access_version: 1,
            source: None,
            kind: MemberKind::Person,
            locale: None,
            time_zone: None,
            suspended_by: None,
        }
    }

    /// Whether this is a program's account.
    #[must_use]
    pub const fn is_service(&self) -> bool {
        matches!(self.kind, MemberKind::Service)
    }

    /// Whether this is somebody who takes part and leads the company.
    #[must_use]
    pub const fn leads(&self) -> bool {
        self.is_active() && !self.is_service() && matches!(self.role, Role::SuperAdmin)
    }

    /// Whether they hold a seat.
    #[must_use]
    pub const fn holds_a_seat(&self) -> bool {
        self.is_active() && !self.is_service()
    }

    /// Whether they may act here and be assigned work.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.status, MemberStatus::Active)
    }
}
