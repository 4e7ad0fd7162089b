//! The records of all tenants in memory, found by what leads to one.
//!
//! It does not know whether a record was saved.

use crate::error::Result;
use crate::id::TenantId;
use crate::model::Tenant;
use crate::rows::tag;
use crate::storage::TenantStore;
use crate::tenant::each;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// See the module.
#[derive(Default)]
pub(super) struct Index {
    pub(super) by_id: FxHashMap<TenantId, Arc<Tenant>>,
    pub(super) by_slug: BTreeMap<String, TenantId>,
    /// By the request that founded it.
    pub(super) by_founding: FxHashMap<[u8; 32], TenantId>,
    /// Domains that were seen to be a tenant's own.
    pub(super) by_domain: FxHashMap<String, TenantId>,
}

impl Index {
    /// All of them, from their rows.
    pub(super) async fn read(store: &TenantStore) -> Result<Self> {
        let mut index = Self::default();
        each::<Tenant>(store, tag::TENANT, |tenant| index.take(Arc::new(tenant))).await?;
        Ok(index)
    }

    /// The tenants of which this index knows something else than another, with their records.
    pub(super) fn differing_from(&self, other: &Self) -> Vec<(TenantId, Option<Arc<Tenant>>)> {
        let changed = self.by_id.iter().filter(|(id, tenant)| other.by_id.get(id) != Some(tenant));
        let gone = other.by_id.keys().filter(|id| !self.by_id.contains_key(id));
        let changed = changed.map(|(id, tenant)| (*id, Some(tenant.clone())));
        changed.chain(gone.map(|id| (*id, None))).collect()
    }

    /// Takes a record in the place of what was known of the tenant.
    pub(super) fn take(&mut self, tenant: Arc<Tenant>) {
        self.by_slug.insert(tenant.slug.clone(), tenant.id);
        if let Some(scope) = tenant.founding.as_ref().and_then(|founding| founding.scope) {
            self.by_founding.insert(*scope, tenant.id);
        }
        if let Some(before) = self.by_id.get(&tenant.id).and_then(|before| own_domain(before)) {
            self.by_domain.remove(before);
        }
        if let Some(domain) = own_domain(&tenant) {
            self.by_domain.insert(domain.to_owned(), tenant.id);
        }
        self.by_id.insert(tenant.id, tenant);
    }

    /// Forgets a tenant, and what led to it.
    pub(super) fn forget(&mut self, tenant: &Tenant) {
        self.by_id.remove(&tenant.id);
        self.by_slug.remove(&tenant.slug);
        self.by_domain.retain(|_, id| *id != tenant.id);
        self.by_founding.retain(|_, id| *id != tenant.id);
    }
}

/// The domain that leads to a tenant.
fn own_domain(tenant: &Tenant) -> Option<&str> {
    let domain = tenant.branding.as_ref().and_then(|own| own.domain.as_ref());
    domain.filter(|domain| domain.verified_at.is_some()).map(|domain| domain.name.as_str())
}
