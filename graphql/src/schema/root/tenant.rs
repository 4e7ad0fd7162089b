//! Companies, as those who run the platform see them.

use super::Asked;
use super::choose::TenantFilter;
use super::page::{self, PageInfo};
use super::word::TenantStatus;
use crate::error::Result;
use crate::schema::scalar::{self, DateTime};
use crate::schema::word::{ApiKeyScope, Tier};
use async_graphql::{Context, ID, Object, SimpleObject};
use mortise_engine::model;
use std::sync::Arc;

/// A company, as those who run the platform see it: how it stands, and nothing of what is in it.
#[derive(SimpleObject)]
pub(super) struct Tenant {
    /// The global id, `ten_…`.
    id: ID,
    /// The name people type at sign-in.
    slug: String,
    /// How it is shown.
    name: String,
    /// What it has bought.
    tier: Tier,
    /// Whether it can be used.
    status: TenantStatus,
    /// What goes with a status other than `ACTIVE`.
    hold: Option<Hold>,
    /// Where in the world its data is to lie, in the platform's own words.
    region: Option<String>,
    /// Where its data lies: `shard 7`, a store that it shares with others, or `dedicated`, one of its own.
    placement: String,
    /// The language that most of its texts are in, by its two letters; English when null.
    language: Option<String>,
    /// Where its days and weeks begin, as the IANA names the zone; UTC when null.
    time_zone: Option<String>,
    /// When it was founded.
    created_at: DateTime,
    /// When this record last changed.
    updated_at: DateTime,
    /// Counts the changes of this record, from 1: for `ifVersion`.
    version: u64,
}

/// What goes with a company that is suspended or closed.
#[derive(SimpleObject)]
pub(super) struct Hold {
    /// Since when.
    since: DateTime,
    /// Why, as its people read it when they sign in.
    reason: Option<String>,
    /// Whether its people may still look at what is there.
    reads: bool,
    /// Of a closed company: until when it can be opened again. From then on it may be erased.
    grace_until: Option<DateTime>,
}

impl From<&model::Tenant> for Tenant {
    fn from(tenant: &model::Tenant) -> Self {
        Self {
            id: scalar::global(tenant.id),
            slug: tenant.slug.clone(),
            name: tenant.name.clone(),
            tier: tenant.tier.into(),
            status: tenant.status.into(),
            hold: tenant.lifecycle.as_ref().map(|held| Hold {
                since: DateTime(held.since),
                reason: held.reason.clone(),
                reads: held.reads,
                grace_until: held.grace_until.map(DateTime),
            }),
            region: tenant.region.clone(),
            placement: tenant.placement.to_string(),
            language: tenant.language.map(|language| language.code().to_owned()),
            time_zone: tenant.time_zone.clone(),
            created_at: DateTime(tenant.created_at),
            updated_at: DateTime(tenant.updated_at),
            version: tenant.version,
        }
    }
}

/// A page of companies.
#[derive(SimpleObject)]
pub(super) struct TenantConnection {
    /// The companies, by slug.
    nodes: Vec<Tenant>,
    /// Where the page lies.
    page_info: PageInfo,
    /// Companies of the whole list.
    total_count: usize,
}

/// Who asks.
#[derive(SimpleObject)]
pub(super) struct OperatorViewer {
    /// The operator, `root_…`.
    id: Option<ID>,
    /// How they are called.
    name: Option<String>,
    /// The key that proves them, `key_…`.
    key_id: Option<ID>,
    /// How far it reaches: `READ` sees companies, `WRITE` founds, suspends and changes them, `ADMIN` closes and erases
    /// them, and acts among their people.
    scope: ApiKeyScope,
}

/// Companies in one answer of those that may be erased; there are more when these are gone.
const ERASED_AT_ONCE: usize = 250;

/// Queries about companies.
#[derive(Default)]
pub(super) struct TenantQuery;

#[Object]
impl TenantQuery {
    /// Who asks.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<OperatorViewer> {
        let asked = Asked::of(ctx)?;
        let name = match asked.operator.root() {
            Some(root) => asked.engine.operator_name(root).await?,
            None => None,
        };
        Ok(OperatorViewer {
            id: asked.operator.root().map(scalar::global),
            name,
            key_id: asked.operator.key().map(scalar::global),
            scope: asked.operator.reach().into(),
        })
    }

    /// A company by global id; null when there is none.
    async fn tenant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id, `ten_…`.")] id: ID,
    ) -> Result<Option<Tenant>> {
        let asked = Asked::of(ctx)?;
        Ok(asked.engine.tenant_by_id(scalar::id("id", &id)?).map(|tenant| Tenant::from(&*tenant)))
    }

    /// A company by the name people type at sign-in; null when there is none.
    async fn tenant_by_slug(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name, such as `acme`.")] slug: String,
    ) -> Result<Option<Tenant>> {
        Ok(Asked::of(ctx)?.engine.tenant_by_slug(&slug).map(|tenant| Tenant::from(&*tenant)))
    }

    /// The companies that were closed and whose grace is over, 250 at most: `tenantErase` takes them; ask again for the
    /// others.
    async fn tenants_to_erase(&self, ctx: &Context<'_>) -> Result<Vec<Tenant>> {
        let due = Asked::of(ctx)?.engine.tenants_to_erase();
        Ok(due.iter().take(ERASED_AT_ONCE).map(|tenant| Tenant::from(&**tenant)).collect())
    }

    /// Companies, by slug.
    async fn tenants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which; every one unless said.")] filter: Option<TenantFilter>,
        #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
        #[graphql(desc = "The cursor behind which the page begins.")] after: Option<String>,
    ) -> Result<TenantConnection> {
        let asked = Asked::of(ctx)?;
        let all = asked.engine.find_tenants(&filter.unwrap_or_default().settle()?);
        let before = |tenant: &Arc<model::Tenant>, slug: &str| tenant.slug.as_str() <= slug;
        let limits = asked.engine.limits();
        let cut = page::cut(all, (first, after), limits, |tenant| tenant.slug.clone(), before)?;
        Ok(TenantConnection {
            nodes: cut.nodes.iter().map(|tenant| Tenant::from(&**tenant)).collect(),
            page_info: cut.page_info,
            total_count: cut.total,
        })
    }
}
