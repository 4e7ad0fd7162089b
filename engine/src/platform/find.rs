//! Which companies are meant, of all there are.

use crate::model::{Tenant, TenantStatus, Tier};

/// Which companies those who run the platform ask for. What is not said, every company has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantFilter {
    /// How it stands: one of these.
    pub status: Option<Vec<TenantStatus>>,
    /// What it has bought: one of these.
    pub tier: Option<Vec<Tier>>,
    /// Where its data is to lie: one of these.
    pub region: Option<Vec<String>>,
    /// A part of its slug or name, in whatever case.
    pub search: Option<String>,
}

impl TenantFilter {
    /// Whether this company is meant.
    #[must_use]
    pub fn matches(&self, tenant: &Tenant) -> bool {
        let region = tenant.region.as_ref();
        self.status.as_ref().is_none_or(|any| any.contains(&tenant.status))
            && self.tier.as_ref().is_none_or(|any| any.contains(&tenant.tier))
            && self.region.as_ref().is_none_or(|any| region.is_some_and(|region| any.contains(region)))
            && self.search.as_ref().is_none_or(|part| {
                let part = part.to_lowercase();
                tenant.slug.contains(&part) || tenant.name.to_lowercase().contains(&part)
            })
    }
}
