//! What those who run the platform sell to a company, and where its data lives for that.
//!
//! It does not know what the tiers include, nor how a tenant moves.

use super::Engine;
use super::entitlements::Entitlement;
use super::placement::{Destination, Moved};
use crate::context::Operator;
use crate::error::Result;
use crate::id::TenantId;
use crate::model::{EntitlementKey, EntitlementValue, KeyScope, Tenant, Tier};
use crate::time::Timestamp;
use std::sync::Arc;

impl Engine {
    /// Sells another tier to a company, up or down. Its data moves to where that tier lives, behind this answer and while
    /// the company works; interrupted, it moves when the engine is opened next.
    ///
    /// # Errors
    ///
    /// As [`Engine::set_tier`]; `FORBIDDEN` for a key that only reads.
    pub async fn retier_tenant(&self, by: &Operator, tenant: TenantId, tier: Tier) -> Result<Arc<Tenant>> {
        by.expect(KeyScope::Write, "sell a tier")?;
        self.set_tier(by.about(tenant), tier).await
    }

    /// Agrees something with a company in place of what its tier includes, until a time or for good; none ends what was
    /// agreed.
    ///
    /// # Errors
    ///
    /// As [`Engine::override_entitlement`]; `FORBIDDEN` for a key that only reads.
    pub async fn agree_with_tenant(
        &self,
        by: &Operator,
        tenant: TenantId,
        key: EntitlementKey,
        value: Option<(EntitlementValue, Option<Timestamp>)>,
    ) -> Result<Arc<Tenant>> {
        by.expect(KeyScope::Write, "agree something with a company")?;
        self.override_entitlement(by.about(tenant), key, value).await
    }

    /// What a company may have, and how much of it is used.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for a tenant that is not there, `UNAVAILABLE` when it cannot be loaded.
    pub async fn entitlements_of(&self, by: &Operator, tenant: TenantId) -> Result<Vec<Entitlement>> {
        self.known_tenant(tenant)?;
        self.entitlements(&by.about(tenant).principal).await
    }

    /// Moves a company's data, as [`Engine::move_tenant`].
    ///
    /// # Errors
    ///
    /// As [`Engine::move_tenant`]; `FORBIDDEN` for a key below `ADMIN`.
    pub async fn relocate_tenant(&self, by: &Operator, tenant: TenantId, to: Destination) -> Result<Moved> {
        by.expect(KeyScope::Admin, "move a company")?;
        self.move_tenant(tenant, to).await
    }
}
