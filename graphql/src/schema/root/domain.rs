//! Companies' own domains: shown, and said to be their own.
//!
//! It does not know how that is seen: whoever runs the platform looks.

use super::{Asked, answered};
use crate::error::Result;
use crate::schema::payload::UserError;
use crate::schema::scalar::{self, DateTime};
use async_graphql::{Context, ID, Object, SimpleObject};
use mortise_engine::model;

/// The domain that a company has named.
#[derive(SimpleObject)]
pub(super) struct TenantDomain {
    /// The domain.
    name: String,
    /// Since when it leads to the company; null while it leads nowhere.
    verified_at: Option<DateTime>,
    /// What is to stand in a TXT record of it to show that it is the company's.
    challenge: String,
}

impl From<(model::CustomDomain, String)> for TenantDomain {
    fn from((domain, challenge): (model::CustomDomain, String)) -> Self {
        Self { name: domain.name, verified_at: domain.verified_at.map(DateTime), challenge }
    }
}

/// The answer to a domain's being taken as a company's own.
#[derive(SimpleObject)]
pub(super) struct TenantDomainPayload {
    /// Whether it was done, or already was so. False exactly when there are `userErrors`.
    success: bool,
    /// The domain as it became; null when it was refused.
    domain: Option<TenantDomain>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

/// Queries about domains.
#[derive(Default)]
pub(super) struct DomainQuery;

#[Object]
impl DomainQuery {
    /// The domain that a company's super admins have named; null when they have named none.
    async fn tenant_domain(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] id: ID,
    ) -> Result<Option<TenantDomain>> {
        let named = Asked::of(ctx)?.engine.named_domain(scalar::id("id", &id)?).await?;
        Ok(named.map(TenantDomain::from))
    }
}

/// Mutations of domains.
#[derive(Default)]
pub(super) struct DomainMutation;

#[Object]
impl DomainMutation {
    /// Says that a company's domain was seen to be its own: it leads to the company from now on. Whoever asks has looked, for
    /// the challenge in a TXT record of it, say. Needs `ADMIN`.
    async fn tenant_domain_verify(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] id: ID,
        #[graphql(desc = "The domain that was looked at: another may have been named since.")] domain: String,
    ) -> Result<TenantDomainPayload> {
        let asked = Asked::of(ctx)?;
        let id = scalar::id("id", &id)?;
        let (named, user_errors) = answered(asked.engine.verify_domain_of(asked.operator, id, domain).await)?;
        let domain = named.map(TenantDomain::from);
        Ok(TenantDomainPayload { success: user_errors.is_empty(), domain, user_errors })
    }
}
