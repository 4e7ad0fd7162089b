//! A tenant: one customer company. Its record lives in the platform's own store.

use super::words;
use crate::id::TenantId;
use crate::time::Timestamp;

words! {
    /// What a company has bought.
    Tier {
        /// For small companies.
        0 Basic = "BASIC",
        /// For growing companies.
        1 Premium = "PREMIUM",
        /// For large companies.
        2 Platinum = "PLATINUM",
    }
}

words! {
    /// Whether a company can be used.
    TenantStatus {
        /// In use.
        0 Active = "ACTIVE",
        /// Closed to all for now.
        1 Suspended = "SUSPENDED",
    }
}

/// Where a tenant's data lies. Every tenant has one, and it can change.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum Placement {
    /// In a store shared by many tenants: `shards/NN`.
    #[n(0)]
    Shard(#[n(0)] u16),
    /// In a store of its own: `dedicated/ID`.
    #[n(1)]
    Dedicated,
}

/// The record of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Tenant {
    /// The id.
    #[n(0)]
    pub id: TenantId,
    /// The name people type at sign-in: 2 to 40 of a–z, 0–9 and `-`; unique on the platform.
    #[n(1)]
    pub slug: String,
    /// How it is shown.
    #[n(2)]
    pub name: String,
    /// What it has bought.
    #[n(3)]
    pub tier: Tier,
    /// Whether it can be used.
    #[n(4)]
    pub status: TenantStatus,
    /// Where its data lies.
    #[n(5)]
    pub placement: Placement,
    /// When it was made.
    #[n(6)]
    pub created_at: Timestamp,
    /// When this record last changed.
    #[n(7)]
    pub updated_at: Timestamp,
    /// Counts the changes of this record, from 1.
    #[n(8)]
    pub version: u64,
}
