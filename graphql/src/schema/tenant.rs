//! The company of who asks.

use super::word::Tier;
use crate::context::Asked;
use crate::error::Result;
use async_graphql::{Context, Object, SimpleObject};

/// The company of who asks.
#[derive(SimpleObject)]
pub(crate) struct Tenant {
    /// The name people type at sign-in.
    slug: String,
    /// How it is shown.
    name: String,
    /// What it has bought.
    tier: Tier,
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
