//! Which companies are meant, of all there are.
//!
//! It does not know who asks.

use super::Platform;
use crate::id::TenantId;
use crate::model::{Tenant, TenantStatus, Tier};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Which companies those who run the platform ask for. What is not said, every company has.
#[derive(Debug, Clone, Default, PartialEq, Eq, minicbor::Encode)]
pub struct TenantFilter {
    /// How it stands: one of these.
    #[n(0)]
    pub status: Option<Vec<TenantStatus>>,
    /// What it has bought: one of these.
    #[n(1)]
    pub tier: Option<Vec<Tier>>,
    /// Where its data is to lie: one of these.
    #[n(2)]
    pub region: Option<Vec<String>>,
    /// A part of its slug or name, in whatever case.
    #[n(3)]
    pub search: Option<String>,
}

impl TenantFilter {
    /// Whether this company is meant.
    #[must_use]
    pub fn matches(&self, tenant: &Tenant) -> bool {
        self.matches_with(self.search.as_ref().map(|part| part.to_lowercase()).as_deref(), tenant)
    }

    /// The same, with what is searched for in small letters.
    fn matches_with(&self, search: Option<&str>, tenant: &Tenant) -> bool {
        let region = tenant.region.as_ref();
        self.status.as_ref().is_none_or(|any| any.contains(&tenant.status))
            && self.tier.as_ref().is_none_or(|any| any.contains(&tenant.tier))
            && self.region.as_ref().is_none_or(|any| region.is_some_and(|region| any.contains(region)))
            && search
                .is_none_or(|part| tenant.slug.contains(part) || tenant.name.to_lowercase().contains(part))
    }
}

/// The companies of a job.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub enum TenantSelection {
    /// These, each once, in this order.
    #[n(0)]
    These(#[n(0)] Vec<TenantId>),
    /// All that this meets when the job begins, by slug.
    #[n(1)]
    Meeting(#[n(0)] TenantFilter),
}

impl From<Vec<TenantId>> for TenantSelection {
    fn from(tenants: Vec<TenantId>) -> Self {
        Self::These(tenants)
    }
}

impl From<TenantFilter> for TenantSelection {
    fn from(filter: TenantFilter) -> Self {
        Self::Meeting(filter)
    }
}

impl TenantSelection {
    /// The companies, as things stand.
    pub(super) fn settle(self, platform: &Platform) -> Vec<TenantId> {
        match self {
            Self::These(mut tenants) => {
                let mut seen = FxHashSet::default();
                tenants.retain(|tenant| seen.insert(*tenant));
                tenants
            }
            Self::Meeting(filter) => platform.find(&filter).iter().map(|tenant| tenant.id).collect(),
        }
    }
}

impl Platform {
    /// The companies that are meant, by slug; those that are being erased are not there.
    pub(crate) fn find(&self, filter: &TenantFilter) -> Vec<Arc<Tenant>> {
        let search = filter.search.as_ref().map(|part| part.to_lowercase());
        let is_meant = |tenant: &Tenant| filter.matches_with(search.as_deref(), tenant);
        self.records_where(|tenant| !tenant.is_being_erased() && is_meant(tenant))
    }
}
