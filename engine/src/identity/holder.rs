//! Whom a credential speaks for, and where its record is kept.
//!
//! It does not know whether the member or operator still exists.

use crate::id::{MemberId, RootId, TenantId};
use minicbor::{Decode, Encode};

/// The one a credential speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
pub enum Holder {
    /// A person or service account of one company.
    #[n(0)]
    Member {
        /// The company.
        #[n(0)]
        tenant: TenantId,
        /// The member in it.
        #[n(1)]
        member: MemberId,
    },
    /// An operator of the platform; belongs to no company.
    #[n(1)]
    Root {
        /// The operator.
        #[n(0)]
        root: RootId,
    },
}

/// Where the record of an opaque token is kept.
///
/// Read from the token's text before its secret is checked, so it says where to look and proves nothing. The secret's
/// hash covers it: a token with another namespace written into it matches no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Namespace {
    /// Among one company's records.
    Tenant(TenantId),
    /// Among the platform's own records.
    Platform,
}

impl Holder {
    /// The member; none for an operator.
    #[must_use]
    pub const fn member(self) -> Option<MemberId> {
        match self {
            Self::Member { member, .. } => Some(member),
            Self::Root { .. } => None,
        }
    }

    /// Where this holder's credentials are kept.
    #[must_use]
    pub const fn namespace(self) -> Namespace {
        match self {
            Self::Member { tenant, .. } => Namespace::Tenant(tenant),
            Self::Root { .. } => Namespace::Platform,
        }
    }
}
