//! The tenants in memory: loaded on first use, dropped when memory is short and nobody uses them, loaded again when they
//! are asked for or a write was lost.
//!
//! Whoever works with a tenant holds a handle to it. One that nobody else holds has nothing on its way, and nobody can
//! get a handle while its slot is locked: that is the moment in which it may go.

use crate::error::Result;
use crate::id::TenantId;
use crate::model::Tenant;
use crate::storage::{DataKey, KeyRing, Place, Residence, Scan, Store as _, Stores, TenantStore};
use crate::tenant::{Bell, LiveTenant, News, Shared};
use crate::time::Timestamp;
use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::Notify;

/// How often old rows of a tenant are looked for, in milliseconds: an hour.
const SWEEP_EVERY_MS: i64 = 60 * 60 * 1000;

/// A tenant's memory is estimated anew when its log has grown by one event for so many bytes: an issue takes some hundred.
const MEASURE_EVERY_BYTES: u64 = 4_096;

/// See the module.
pub(super) struct Tenants {
    pub(super) shared: Arc<Shared>,
    pub(super) keys: KeyRing,
    pub(super) stores: Arc<Stores>,
    /// A slot for each tenant that was ever asked for: a few hundred bytes.
    slots: RwLock<FxHashMap<TenantId, Arc<Slot>>>,
    /// Counts the uses of tenants, so that the least lately used is known.
    uses: AtomicU64,
    /// The bytes that tenants took when they were last counted, and those of tenants that were loaded since.
    bytes: AtomicU64,
    /// Told when a load has made memory short.
    pub(super) short: Arc<Notify>,
    closed: AtomicBool,
}

/// What the tenants in memory take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryUse {
    /// Tenants in memory.
    pub tenants: usize,
    /// Bytes of their views and small tables, estimated.
    pub bytes: u64,
}

/// The place of one tenant.
#[derive(Default)]
pub(super) struct Slot {
    live: RwLock<Option<Arc<LiveTenant>>>,
    /// Where it lives: the same for every load, so that a move concerns all that hold a handle.
    residence: OnceLock<Arc<Residence>>,
    /// Held by who loads it.
    turn: tokio::sync::Mutex<()>,
    /// An earlier load may still have changes on their way: the next one must shut it out.
    lost: AtomicBool,
    news: News,
    /// When it was last used, in uses of tenants.
    pub(super) used: AtomicU64,
    size: Mutex<Size>,
    /// When old rows were last looked for.
    swept: Mutex<Timestamp>,
}

/// The memory that a tenant takes, and the place in its log where that was estimated.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    bytes: u64,
    at: u64,
}

impl Tenants {
    pub(super) fn new(shared: Arc<Shared>, keys: KeyRing, stores: Stores) -> Self {
        Self {
            shared,
            keys,
            stores: Arc::new(stores),
            slots: RwLock::default(),
            uses: AtomicU64::new(1),
            bytes: AtomicU64::new(0),
            short: Arc::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// A tenant that is in memory and whole.
    pub(super) fn loaded(&self, id: TenantId) -> Option<Arc<LiveTenant>> {
        self.slots.read().get(&id).and_then(|slot| self.taken(slot))
    }

    fn taken(&self, slot: &Slot) -> Option<Arc<LiveTenant>> {
        let live = slot.live.read().as_ref().filter(|live| !live.is_broken()).cloned()?;
        slot.used.store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        Some(live)
    }

    /// Loads a tenant. Those who ask meanwhile wait for the same load.
    pub(super) async fn load(&self, record: Arc<Tenant>) -> Result<Arc<LiveTenant>> {
        let slot = self.slot(record.id);
        let _turn = slot.turn.lock().await;
        if let Some(live) = self.taken(&slot) {
            return Ok(live);
        }
        let key = self.keys.open(record.id).await?;
        let store = self.store(&slot, &record, key);
        // One that is here and broken may still have changes on their way; they must not land behind our back.
        if slot.live.read().is_some() {
            slot.lost.store(true, Ordering::Release);
        }
        let (shared, news) = (self.shared.clone(), slot.news.clone());
        let take_over = slot.lost.load(Ordering::Acquire);
        let live = LiveTenant::load(shared, record, store, news, take_over).await?;
        slot.lost.store(false, Ordering::Release);
        let before = slot.live.write().replace(live.clone());
        slot.used.store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        if let Some(before) = before {
            dispose(before);
        }
        slot.measure(&live).await;
        let before = self.bytes.fetch_add(slot.bytes(), Ordering::Relaxed);
        if before.saturating_add(slot.bytes()) > self.shared.limits.view_memory_bytes {
            self.short.notify_one();
        }
        Ok(live)
    }

    /// A tenant's store, for rows that have nothing to do with its view: the tenant is not loaded for them.
    pub(super) async fn store_of(&self, record: &Tenant) -> Result<TenantStore> {
        let slot = self.slot(record.id);
        if let Some(live) = slot.peek() {
            return Ok(live.store().clone());
        }
        let key = self.keys.open(record.id).await?;
        Ok(self.store(&slot, record, key))
    }

    /// Whether there is any row in this range of a tenant's. Reads no value and needs no key.
    pub(super) async fn has_any(&self, record: &Tenant, range: Scan) -> Result<bool> {
        let found = self.residence(record).scan(record.id, range.limit(1)).await?;
        Ok(!found.entries.is_empty())
    }

    /// Makes the data key of a new tenant and opens its empty store.
    pub(super) async fn found(&self, record: &Tenant) -> Result<TenantStore> {
        let key = self.keys.create(record.id).await?;
        Ok(self.store(&self.slot(record.id), record, key))
    }

    fn slot(&self, id: TenantId) -> Arc<Slot> {
        let bell = &self.shared.bell;
        self.slots.write().entry(id).or_insert_with(|| Arc::new(Slot::of(id, bell.clone()))).clone()
    }

    /// Where a tenant lives.
    pub(super) fn residence(&self, record: &Tenant) -> Arc<Residence> {
        self.slot(record.id).residence(&self.stores, record)
    }

    /// The tenant's store, where it lives.
    fn store(&self, slot: &Slot, record: &Tenant, key: DataKey) -> TenantStore {
        TenantStore::new(slot.residence(&self.stores, record), record.id, key)
    }

    /// Ends what is done with a tenant that is being erased, whoever holds it: nothing of it is written any more, and what is
    /// asked of it is `UNAVAILABLE`. A [`Reader`](crate::query::Reader) has the small tables it was made with until it is
    /// dropped.
    pub(super) fn give_up(&self, id: TenantId) {
        if let Some(live) = self.slot(id).live.read().as_ref() {
            live.be_gone();
        }
    }

    /// Drops a tenant that is being erased from memory. It lives nowhere by now, so that it is not loaded again.
    pub(super) async fn forget(&self, id: TenantId) {
        let slot = self.slot(id);
        let _turn = slot.turn.lock().await;
        let live = slot.live.write().take();
        if let Some(live) = live {
            live.be_gone();
            live.give_up().await;
            dispose(live);
        }
        *slot.size.lock() = Size::default();
        self.shared.rows.tidy();
    }

    /// Forgets the place of a tenant that was erased.
    pub(super) fn remove(&self, id: TenantId) {
        self.slots.write().remove(&id);
        self.shared.bell.mark(id, false);
    }

    /// Tenants in memory, and the bytes they take.
    pub(super) fn memory(&self) -> MemoryUse {
        let slots = self.slots.read();
        let sizes = slots.values().map(|slot| slot.bytes()).filter(|bytes| *bytes > 0);
        let none = MemoryUse { tenants: 0, bytes: 0 };
        sizes.fold(none, |all, bytes| MemoryUse { tenants: all.tenants + 1, bytes: all.bytes + bytes })
    }

    /// Counts the bytes that tenants take anew.
    pub(super) fn count_bytes(&self) -> u64 {
        let bytes = self.memory().bytes;
        self.bytes.store(bytes, Ordering::Relaxed);
        bytes
    }

    /// The slots of the tenants in memory, the least lately used first.
    pub(super) fn by_use(&self) -> Vec<Arc<Slot>> {
        let slots = self.slots.read();
        let mut slots: Vec<_> = slots.values().filter(|slot| slot.live.read().is_some()).cloned().collect();
        slots.sort_by_cached_key(|slot| slot.used.load(Ordering::Relaxed));
        slots
    }

    /// Drops a tenant from memory, if nobody uses it.
    pub(super) async fn unload(&self, id: TenantId) -> Result<bool> {
        let slot = self.slots.read().get(&id).cloned();
        let Some(slot) = slot.filter(|slot| slot.live.read().is_some()) else { return Ok(true) };
        let saved = slot.prepare_to_leave(&self.shared).await;
        let left = slot.leave();
        self.shared.rows.tidy();
        saved.map(|()| left)
    }

    /// Whether it was closed.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Finishes queued writes and closes the stores.
    pub(super) async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.short.notify_one();
        for slot in self.by_use() {
            slot.write_key_uses().await;
            if let Err(error) = slot.save(true).await {
                tracing::warn!(?error, "no checkpoint was written; the tenant will be read from its rows");
            }
        }
        let slots = std::mem::take(&mut *self.slots.write());
        dispose(slots.into_values().map(|slot| slot.live.write().take()).collect::<Vec<_>>());
        self.stores.close().await;
    }
}

impl Slot {
    fn of(tenant: TenantId, bell: Arc<Bell>) -> Self {
        Self { news: News::with_bell(tenant, bell), ..Self::default() }
    }

    /// Where it lives: as its record says, until it moves.
    fn residence(&self, stores: &Arc<Stores>, record: &Tenant) -> Arc<Residence> {
        let place = Place::of(record.id, &record.placement);
        self.residence.get_or_init(|| Arc::new(Residence::new(record.id, stores.clone(), place))).clone()
    }

    /// The tenant, for who looks after it: that is no use of it.
    pub(super) fn peek(&self) -> Option<Arc<LiveTenant>> {
        self.live.read().as_ref().filter(|live| !live.is_broken()).cloned()
    }

    /// The bytes it takes in memory.
    pub(super) fn bytes(&self) -> u64 {
        self.size.lock().bytes
    }

    /// Estimates its memory.
    async fn measure(&self, live: &Arc<LiveTenant>) {
        let (measured, at) = (live.clone(), live.applied().0);
        if let Ok(bytes) = tokio::task::spawn_blocking(move || measured.memory_bytes()).await {
            *self.size.lock() = Size { bytes: bytes as u64, at };
        }
    }

    /// Estimates its memory again, if much has happened.
    pub(super) async fn measure_again(&self) {
        let Some(live) = self.peek() else { return };
        let size = *self.size.lock();
        if live.applied().0.saturating_sub(size.at) > size.bytes / MEASURE_EVERY_BYTES {
            self.measure(&live).await;
        }
    }

    /// Writes a checkpoint, if it should have one.
    pub(super) async fn save(&self, leaving: bool) -> Result<()> {
        match self.peek().filter(|live| live.wants_checkpoint(leaving)) {
            Some(live) => live.save_checkpoint().await,
            None => Ok(()),
        }
    }

    /// Looks for old rows, if that was long ago.
    pub(super) async fn sweep(&self, now: Timestamp) {
        let due = self.swept.lock().plus_millis(SWEEP_EVERY_MS) <= now;
        let Some(live) = self.peek().filter(|_| due) else { return };
        *self.swept.lock() = now;
        if let Err(error) = live.sweep().await {
            tracing::warn!(tenant.id = %live.store().tenant(), ?error, "could not sweep old rows; trying again later");
        }
    }

    /// Writes when the tenant's API keys were used last.
    pub(super) async fn write_key_uses(&self) {
        let Some(live) = self.peek() else { return };
        if let Err(error) = live.write_key_uses().await {
            tracing::warn!(tenant.id = %live.store().tenant(), ?error, "could not note when API keys were used");
        }
    }

    /// Whether somebody works with the tenant, as far as can be seen.
    pub(super) fn is_held(&self) -> bool {
        self.live.read().as_ref().is_some_and(|live| Arc::strong_count(live) > 1)
    }

    /// What is to be done before the tenant leaves: what it would otherwise do while it is in memory.
    pub(super) async fn prepare_to_leave(&self, shared: &Shared) -> Result<()> {
        if self.is_held() {
            return Ok(());
        }
        self.write_key_uses().await;
        self.sweep(shared.clock.now()).await;
        self.save(true).await
    }

    /// Drops the tenant from memory. False when somebody works with it: answers a request, or brings its search index up to
    /// date.
    pub(super) fn leave(&self) -> bool {
        let mut place = self.live.write();
        let Some(live) = place.take() else { return true };
        // The only handle: nobody gets another while the slot is locked, and the weak ones lead nowhere from here on.
        match Arc::try_unwrap(live) {
            Ok(mut live) => {
                if live.is_broken() || !live.is_still() {
                    self.lost.store(true, Ordering::Release);
                }
                dispose(live);
                *self.size.lock() = Size::default();
                true
            }
            Err(held) => {
                *place = Some(held);
                false
            }
        }
    }
}

/// Drops tenants, or handles to them, where that disturbs nobody: a large one takes a while.
fn dispose(live: impl Send + 'static) {
    tokio::task::spawn_blocking(move || drop(live));
}
