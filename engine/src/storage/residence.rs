//! Where one tenant lives: a [`Store`] in front of the store it lies in, which can become another one meanwhile.
//!
//! All handles of a tenant lead here, so that a move concerns nobody: calls go on, writes wait for the moment of the
//! change. While the tenant is being copied, the keys that are written are noted, to be copied again. It does not know
//! what is under the keys.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::{OwnedRwLockReadGuard, RwLock, RwLockWriteGuard};

use super::key::Key;
use super::store_paths::Place;
use super::stores::{Lease, Stores};
use super::{Capabilities, Commit, CommitOutcome, Head, Page, Scan, StorageError, Store, StoreStats, Ticket};
use crate::id::TenantId;

/// Most keys and prefixes that are noted while a tenant is copied; with more of them it is too busy to be moved.
const TOUCHED_MAX: usize = 200_000;

/// See the module.
pub(crate) struct Residence {
    tenant: TenantId,
    stores: Arc<Stores>,
    at: parking_lot::RwLock<Arc<At>>,
    /// Where it lived before, as long as calls may still be there.
    left: Mutex<Vec<Arc<At>>>,
    /// Held by every write until it is in the store's queue; by who moves the tenant, to keep writes back.
    writes: RwLock<()>,
    touched: Mutex<Watch>,
}

/// Where it lives from one change to the next.
struct At {
    /// None: it lives nowhere.
    place: Option<Place>,
    /// Held for reading by every call that is in the store.
    calls: Arc<RwLock<()>>,
}

impl At {
    fn new(place: Option<Place>) -> Arc<Self> {
        Arc::new(Self { place, calls: Arc::default() })
    }
}

/// What is noted of writes.
enum Watch {
    Off,
    On(Touched),
    /// There was more than can be noted.
    Lost,
}

/// Keys that were written, and prefixes that were cleared.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub(crate) keys: BTreeSet<Vec<u8>>,
    pub(crate) prefixes: BTreeSet<Vec<u8>>,
}

impl Touched {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.keys.len() + self.prefixes.len()
    }

    fn of(commit: &Commit) -> Self {
        let after = commit.head.map_or(0, |head| head.after);
        let log = (after.saturating_add(1)..).take(commit.log.len()).map(|seq| Key::log(seq).into());
        let rows = commit.puts.iter().map(|(key, _)| key).chain(&commit.deletes).cloned();
        Self { keys: log.chain(rows).collect(), prefixes: commit.clears.iter().cloned().collect() }
    }
}

/// The tenant's store for the length of a call.
struct Inside {
    lease: Lease,
    _call: OwnedRwLockReadGuard<()>,
}

impl Residence {
    /// The residence of a tenant that lies there.
    pub(crate) fn new(tenant: TenantId, stores: Arc<Stores>, place: Place) -> Self {
        Self {
            tenant,
            stores,
            at: parking_lot::RwLock::new(At::new(Some(place))),
            left: Mutex::default(),
            writes: RwLock::default(),
            touched: Mutex::new(Watch::Off),
        }
    }

    /// Begins to note what is written. What was written before is on its way to the store, or there.
    pub(crate) async fn watch(&self) {
        let _writes = self.writes.write().await;
        *self.touched.lock() = Watch::On(Touched::default());
    }

    /// Notes no more.
    pub(crate) fn unwatch(&self) {
        *self.touched.lock() = Watch::Off;
    }

    /// What was noted since this was last asked. It is in the store's queue, or through it.
    ///
    /// # Errors
    /// `Unavailable` when there was more than can be noted.
    pub(crate) fn take_touched(&self) -> Result<Touched, StorageError> {
        match &mut *self.touched.lock() {
            Watch::On(touched) => Ok(std::mem::take(touched)),
            Watch::Off => Ok(Touched::default()),
            Watch::Lost => {
                let reason = "more is written to the tenant than can be copied beside it";
                Err(StorageError::unavailable(reason))
            }
        }
    }

    /// Keeps writes back until this is dropped. Those that had begun are in the store's queue.
    pub(crate) async fn pause(&self) -> RwLockWriteGuard<'_, ()> {
        self.writes.write().await
    }

    /// Lives there from now on, or nowhere: then every call is `Unavailable`. Calls that are in the store before go on there,
    /// and hold nobody up: see [`moved_out`](Self::moved_out).
    pub(crate) fn live_in(&self, place: Option<Place>) {
        let mut at = self.at.write();
        if at.place != place {
            let before = std::mem::replace(&mut *at, At::new(place));
            self.left.lock().push(before);
        }
    }

    /// Whether it lives anywhere.
    pub(crate) fn has_place(&self) -> bool {
        self.at.read().place.is_some()
    }

    /// Waits until no call is left in a store in which it lived before.
    pub(crate) async fn moved_out(&self) {
        loop {
            let Some(before) = self.left.lock().first().cloned() else { return };
            drop(before.calls.write().await);
            self.left.lock().retain(|at| !Arc::ptr_eq(at, &before));
        }
    }

    async fn enter(&self) -> Result<Inside, StorageError> {
        loop {
            let at = self.at.read().clone();
            // Somebody waits to have it alone: it lives elsewhere by now.
            let Ok(call) = at.calls.clone().try_read_owned() else { continue };
            if Arc::ptr_eq(&at, &self.at.read()) {
                let place = at.place.ok_or_else(|| StorageError::unavailable("the tenant lives nowhere"))?;
                return Ok(Inside { lease: self.stores.enter(place).await?, _call: call });
            }
        }
    }

    fn note(&self, of: impl FnOnce() -> Touched) {
        let mut watch = self.touched.lock();
        if let Watch::On(touched) = &mut *watch {
            let Touched { keys, prefixes } = of();
            touched.keys.extend(keys);
            touched.prefixes.extend(prefixes);
            if touched.len() > TOUCHED_MAX {
                *watch = Watch::Lost;
            }
        }
    }

    fn is_watched(&self) -> bool {
        matches!(*self.touched.lock(), Watch::On(_))
    }
}

impl Inside {
    fn store(&self) -> &dyn Store {
        self.lease.store()
    }
}

#[async_trait]
impl Store for Residence {
    async fn get(&self, tenant: TenantId, key: &[u8]) -> Result<Option<Bytes>, StorageError> {
        self.enter().await?.store().get(tenant, key).await
    }

    async fn get_many(&self, tenant: TenantId, keys: &[Vec<u8>]) -> Result<Vec<Option<Bytes>>, StorageError> {
        self.enter().await?.store().get_many(tenant, keys).await
    }

    async fn scan(&self, tenant: TenantId, scan: Scan) -> Result<Page, StorageError> {
        self.enter().await?.store().scan(tenant, scan).await
    }

    async fn submit(&self, commit: Commit) -> Ticket {
        let _writes = self.writes.read().await;
        let inside = match self.enter().await {
            Ok(inside) => inside,
            Err(error) => return Ticket::answered(CommitOutcome::Retry { reason: error.to_string() }),
        };
        let touched = self.is_watched().then(|| Touched::of(&commit));
        let ticket = inside.store().submit(commit).await;
        // Behind the queue and not before: who takes what was noted finds it in the store once the queue is through.
        if let Some(touched) = touched {
            self.note(|| touched);
        }
        ticket
    }

    async fn changes(
        &self,
        tenant: TenantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Bytes)>, StorageError> {
        self.enter().await?.store().changes(tenant, after, limit).await
    }

    async fn head(&self, tenant: TenantId) -> Result<Head, StorageError> {
        self.enter().await?.store().head(tenant).await
    }

    async fn fence(&self, tenant: TenantId) -> Result<Head, StorageError> {
        let _writes = self.writes.read().await;
        let fenced = self.enter().await?.store().fence(tenant).await;
        // A fence that failed may have been raised.
        self.note(|| Touched { keys: BTreeSet::from([Key::epoch().into()]), ..Touched::default() });
        fenced
    }

    async fn erase_tenant(&self, tenant: TenantId) -> Result<(), StorageError> {
        let _writes = self.writes.read().await;
        self.enter().await?.store().erase_tenant(tenant).await
    }

    async fn adopt(
        &self,
        tenant: TenantId,
        entries: Vec<(Vec<u8>, Option<Bytes>)>,
    ) -> Result<(), StorageError> {
        let _writes = self.writes.read().await;
        self.enter().await?.store().adopt(tenant, entries).await
    }

    fn capabilities(&self) -> Capabilities {
        self.stores.capabilities()
    }

    async fn stats(&self) -> Result<StoreStats, StorageError> {
        self.enter().await?.store().stats().await
    }

    /// A tenant closes no store: others may live there.
    async fn close(&self) {}
}

impl std::fmt::Debug for Residence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Residence").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
