//! The company of who asks.

use super::entitlement::EntitlementNode;
use super::word::Tier;
use crate::context::Asked;
use crate::error::Result;
use async_graphql::{ComplexObject, Context, Object, SimpleObject};

/// The company of who asks.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Tenant {
    /// The name people type at sign-in.
    slug: String,
    /// How it is shown.
    name: String,
    /// What it has bought.
    tier: Tier,
}

#[ComplexObject]
impl Tenant {
    /// What it may have, by its tier or by agreement, and how much of it is used.
    async fn entitlements(&self, ctx: &Context<'_>) -> Result<Vec<EntitlementNode>> {
        EntitlementNode::all(&Asked::of(ctx)?).await
    }
}

/// Queries about the company itself.
#[derive(Default)]
pub(crate) struct TenantQuery;

#[Object]
impl TenantQuery {
    /// The company of who asks.
    async fn tenant(&self, ctx: &Context<'_>) -> Result<Tenant> {
        let tenant = Asked::of(ctx)?.snapshot.reader().tenant();
        Ok(Tenant { slug: tenant.slug.clone(), name: tenant.name.clone(), tier: tenant.tier.into() })
    }
}
