//! Deals with tenants: what is sold to one is sold one deal after another, and each tenant's by itself.
//!
//! It does not know what a deal is.

use crate::id::TenantId;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Weak};
use tokio::sync::OwnedMutexGuard;

/// See the module. It remembers a tenant only while somebody deals with it, or waits to.
#[derive(Default)]
pub(crate) struct Deals(Mutex<FxHashMap<TenantId, Weak<tokio::sync::Mutex<()>>>>);

impl Deals {
    /// The turn to deal with this tenant. Who also takes `records` takes this first.
    pub(crate) async fn turn(&self, tenant: TenantId) -> OwnedMutexGuard<()> {
        self.line(tenant).lock_owned().await
    }

    fn line(&self, tenant: TenantId) -> Arc<tokio::sync::Mutex<()>> {
        let mut lines = self.0.lock();
        lines.retain(|_, line| line.strong_count() > 0);
        let known = lines.get(&tenant).and_then(Weak::upgrade);
        known.unwrap_or_else(|| {
            let line = Arc::default();
            lines.insert(tenant, Arc::downgrade(&line));
            line
        })
    }
}
