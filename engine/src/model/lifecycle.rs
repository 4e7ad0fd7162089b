//! What happens to a company as a whole: it is founded, suspended, opened again, closed.
//!
//! It does not know who may do that, nor what a suspension keeps from whom: the policy says.

use super::{Seq, Tenant, TenantStatus};
use crate::id::{MemberId, RootId, TeamId};
use crate::time::Timestamp;
use minicbor::bytes::ByteArray;

/// What goes with a company that is not in use.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Lifecycle {
    /// Since when.
    #[n(0)]
    pub since: Timestamp,
    /// Why, in words that the company's people read when they sign in.
    #[n(1)]
    pub reason: Option<String>,
    /// Of a suspended company: whether its people may still look at what is there.
    #[n(2)]
    pub reads: bool,
    /// Of a closed company: until when it can be opened again. From then on it may be erased.
    #[n(3)]
    pub grace_until: Option<Timestamp>,
    /// Of a company that was closed while it was suspended: how it was. Opened again, it is so once more.
    #[n(4)]
    pub before: Option<Box<Lifecycle>>,
}

/// That the company's log does not say yet how it stands: the record, by which it stands so, is saved first.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Untold {
    /// How it stood before.
    #[n(0)]
    pub before: TenantStatus,
    /// The operator who changed it; none for the embedding program.
    #[n(1)]
    pub root: Option<RootId>,
}

/// How a company was founded, so that the same request does not found another.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Founding {
    /// The hash of who asked, and of the name they gave to the request, if they gave one.
    #[n(0)]
    pub scope: Option<ByteArray<32>>,
    /// The hash of what was asked.
    #[n(1)]
    pub input: ByteArray<32>,
    /// The first super admin.
    #[n(2)]
    pub admin: Option<MemberId>,
    /// The first team.
    #[n(3)]
    pub team: Option<TeamId>,
    /// The place of its log at which it was founded: whoever is beyond has worked there.
    #[n(4)]
    pub seq: Seq,
    /// The operator who founded it; none for the embedding program, and for companies of old.
    #[n(5)]
    pub root: Option<RootId>,
}

impl Tenant {
    /// Whether nothing keeps its people from working.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.status, TenantStatus::Active)
    }

    /// Whether its people may sign in: to work, or to look at what is there.
    #[must_use]
    pub fn lets_people_in(&self) -> bool {
        match self.status {
            TenantStatus::Active => true,
            TenantStatus::Suspended => self.lifecycle.as_ref().is_some_and(|held| held.reads),
            TenantStatus::Closed => false,
        }
    }

    /// Whether it was closed and its grace is over, so that it may be erased.
    #[must_use]
    pub fn may_be_erased(&self, now: Timestamp) -> bool {
        let grace_until = self.lifecycle.as_ref().and_then(|held| held.grace_until);
        self.status == TenantStatus::Closed && grace_until.is_some_and(|until| until <= now)
    }

    /// How it stands, for its people, by the name that they have typed: `acme is suspended (an invoice is open)`.
    #[must_use]
    pub fn standing(&self) -> String {
        let word = self.status.as_str().to_lowercase();
        match self.lifecycle.as_ref().and_then(|held| held.reason.as_deref()) {
            Some(reason) => format!("{} is {word} ({reason})", self.slug),
            None => format!("{} is {word}", self.slug),
        }
    }
}
