//! The tenants in memory: loaded on first use, loaded again when a write was lost.

use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::model::{Placement, Tenant};
use crate::storage::{DataKey, KeyRing, Store, TenantStore};
use crate::tenant::{LiveTenant, Shared};
use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::time::Duration;

/// How often old rows are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(60 * 60);

/// See the module.
pub(super) struct Tenants {
    keys: KeyRing,
    shard: Arc<dyn Store>,
    loaded: RwLock<FxHashMap<TenantId, Arc<LiveTenant>>>,
    /// One lock per tenant that is being loaded, so that it is loaded once.
    loading: Mutex<FxHashMap<TenantId, Arc<tokio::sync::Mutex<()>>>>,
}

impl Tenants {
    pub(super) fn new(keys: KeyRing, shard: Arc<dyn Store>) -> Self {
        Self { keys, shard, loaded: RwLock::default(), loading: Mutex::default() }
    }

    /// A tenant that is in memory and whole.
    pub(super) fn loaded(&self, id: TenantId) -> Option<Arc<LiveTenant>> {
        self.loaded.read().get(&id).filter(|live| !live.is_broken()).cloned()
    }

    /// Loads a tenant. Those who ask meanwhile wait for the same load.
    pub(super) async fn load(&self, shared: &Arc<Shared>, record: Arc<Tenant>) -> Result<Arc<LiveTenant>> {
        let id = record.id;
        let turn = self.loading.lock().entry(id).or_default().clone();
        let turn = turn.lock().await;
        if let Some(live) = self.loaded(id) {
            return Ok(live);
        }
        let key = self.keys.open(id).await?;
        let store = self.store(&record, key)?;
        let live = LiveTenant::load(shared.clone(), record, store).await?;
        self.loaded.write().insert(id, live.clone());
        spawn_sweeps(&live);
        drop(turn);
        self.loading.lock().remove(&id);
        Ok(live)
    }

    /// Makes the data key of a new tenant and opens its empty store.
    pub(super) async fn found(&self, record: &Tenant) -> Result<TenantStore> {
        let key = self.keys.create(record.id).await?;
        self.store(record, key)
    }

    /// Destroys the data key of a tenant that was never finished.
    pub(super) async fn abandon(&self, id: TenantId) -> Result<()> {
        self.keys.destroy(id).await.map_err(Error::from)
    }

    /// The tenant's store, where its record says it lies.
    fn store(&self, record: &Tenant, key: DataKey) -> Result<TenantStore> {
        match record.placement {
            Placement::Shard(0) => Ok(TenantStore::new(self.shard.clone(), record.id, key)),
            Placement::Shard(_) | Placement::Dedicated => {
                Err(Error::unavailable("this version opens tenants of the first shard only; use a newer one"))
            }
        }
    }

    /// Finishes queued writes and closes the stores.
    pub(super) async fn close(&self) {
        self.loaded.write().clear();
        self.shard.close().await;
    }
}

/// Sweeps a tenant now and then, for as long as it is in memory.
fn spawn_sweeps(live: &Arc<LiveTenant>) {
    let live = Arc::downgrade(live);
    tokio::spawn(async move {
        while let Some(live) = live.upgrade().filter(|live| !live.is_broken()) {
            if let Err(error) = live.sweep().await {
                tracing::warn!(tenant.id = %live.store().tenant(), ?error, "could not sweep old rows; trying again later");
            }
            drop(live);
            #[expect(clippy::disallowed_methods, reason = "a pause between sweeps, which nothing waits for")]
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    });
}
