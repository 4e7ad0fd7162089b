//! What those who run the platform do with a company besides saying how it stands: they found it, and change its record.
//!
//! It does not know when a first super admin is given a link: `first_admin` does.

use super::first_admin::AdminInvitation;
use super::founding::Founded;
use super::named_request::NamedRequest;
use super::{Engine, to_the_end};
use crate::context::Operator;
use crate::error::Result;
use crate::id::TenantId;
use crate::model::{KeyScope, Placement, Tenant, Tier};
use crate::platform::{NewTenant, TenantFilter, TenantSettings};
use std::sync::Arc;

/// A company that was founded by those who run the platform.
#[derive(Debug)]
pub struct Provisioned {
    /// What was founded.
    pub founded: Founded,
    /// The link of its first super admin, who has no password yet.
    pub invitation: Option<AdminInvitation>,
}

impl Engine {
    /// Founds a company for those who run the platform. A super admin without a password gets a link. Asked again by the
    /// same operator under the same name, it answers the company that was founded as long as that is there, with a new link
    /// in place of the former as long as nobody has worked there. A password is set by the founding alone: asked again, the
    /// one that comes with the request is not looked at, for whoever asks could guess.
    ///
    /// # Errors
    ///
    /// As [`Engine::create_tenant`]; `FORBIDDEN` for a key that only reads, `CONFLICT` when the name stands for another
    /// request, `RATE_LIMITED` when too many links were asked for.
    pub async fn provision_tenant(
        &self,
        by: &Operator,
        new: NewTenant,
        name: Option<String>,
    ) -> Result<Provisioned> {
        by.expect(KeyScope::Write, "found a company")?;
        let request = NamedRequest::of(self, (by, "tenantCreate"), name.as_deref(), &Asked::of(&new))?;
        let has_password = new.admin.as_ref().is_some_and(|admin| admin.password.is_some());
        let (engine, by) = (self.clone(), by.clone());
        let work = async move {
            let founded = Box::pin(engine.found(new, Some(request))).await?;
            let tenant = founded.tenant.id;
            if !founded.replayed {
                tracing::info!(tenant.id = %tenant, slug = founded.tenant.slug, operator = ?by.root(),
                    key = ?by.key(), "a company was founded");
            }
            let invitation = match founded.admin.filter(|_| !has_password) {
                Some(_) => engine.link_of_first_admin(&by, tenant).await?,
                None => None,
            };
            Ok(Provisioned { founded, invitation })
        };
        to_the_end(Box::pin(work)).await
    }

    /// The companies that are meant, by slug.
    #[must_use]
    pub fn find_tenants(&self, filter: &TenantFilter) -> Vec<Arc<Tenant>> {
        self.0.platform.find(filter)
    }

    /// The tenant with this slug.
    #[must_use]
    pub fn tenant_by_slug(&self, slug: &str) -> Option<Arc<Tenant>> {
        self.0.platform.tenant_by_slug(slug)
    }

    /// All tenants, by slug.
    #[must_use]
    pub fn tenants(&self) -> Vec<Arc<Tenant>> {
        self.0.platform.tenants()
    }

    /// The company with this id, for those who run the platform.
    #[must_use]
    pub fn tenant_by_id(&self, id: TenantId) -> Option<Arc<Tenant>> {
        self.0.platform.tenant(id)
    }

    /// Changes a company's record: its name, language, time zone and region.
    ///
    /// # Errors
    ///
    /// As [`Engine::set_tenant_settings`]; `FORBIDDEN` for a key that only reads.
    pub async fn update_tenant(
        &self,
        by: &Operator,
        tenant: TenantId,
        settings: TenantSettings,
    ) -> Result<Arc<Tenant>> {
        by.expect(KeyScope::Write, "change a company")?;
        let changed = self.set_tenant_settings(tenant, settings).await?;
        tracing::info!(tenant.id = %tenant, operator = ?by.root(), key = ?by.key(), "a company's record was changed");
        Ok(changed)
    }
}

/// What a request for a company asks, without secrets: a password is no part of what it is known by.
#[derive(minicbor::Encode)]
struct Asked<'n> {
    #[n(0)]
    slug: &'n str,
    #[n(1)]
    name: &'n str,
    #[n(2)]
    tier: Tier,
    #[n(3)]
    admin: Option<(&'n str, &'n str)>,
    #[n(4)]
    team: Option<&'n str>,
    #[n(5)]
    language: Option<crate::model::SearchLanguage>,
    #[n(6)]
    time_zone: Option<&'n str>,
    #[n(7)]
    region: Option<&'n str>,
    #[n(8)]
    home: Option<Tier>,
    #[n(9)]
    placement: Option<&'n Placement>,
}

impl<'n> Asked<'n> {
    fn of(new: &'n NewTenant) -> Self {
        Self {
            slug: &new.slug,
            name: &new.name,
            tier: new.tier,
            admin: new.admin.as_ref().map(|admin| (admin.email.as_str(), admin.name.as_str())),
            team: new.team.as_deref(),
            language: new.language,
            time_zone: new.time_zone.as_deref(),
            region: new.region.as_deref(),
            home: new.home,
            placement: new.placement.as_ref(),
        }
    }
}
