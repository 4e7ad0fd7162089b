//! The stores of tenants: opened when they are first asked for, closed when others need the room, or when a store of one
//! tenant has long been idle.
//!
//! Whoever works with a store holds a [`Lease`] for the length of one call, so that a tenant in memory keeps no store
//! open, and none is closed in use. It does not know which tenant lives where.

mod slot;

pub(crate) use slot::Lease;
use slot::{Found, Open, Slot};

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::sync::{Notify, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

use super::blocking::off_the_runtime;
use super::folder::{DataFolder, StoreOptions, capabilities_of, open_store};
use super::store_paths::{Place, StorePaths};
use super::{Capabilities, StorageError, Store, durable_file};
use crate::id::TenantId;

/// How long who asks for a store waits in all: for others who open or close it, and for another one to be no longer used
/// when as many are open as may be.
const ROOM_WAIT: Duration = Duration::from_millis(if cfg!(test) { 2_000 } else { 5_000 });

/// How often it is looked whether a store is no longer used, besides when that is told.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A store of one tenant that was not used for so long is closed.
pub(crate) const IDLE: Duration = Duration::from_secs(120);

/// A store of one tenant takes so many parts less memory and ballast than one of many.
const DEDICATED_PART: u64 = 4;

/// For so long who asks for a store that did not open hears why, and it is not tried again: no other store is closed for it.
const FAILED_FOR: Duration = Duration::from_secs(2);

/// Opens the store of a place. Blocks.
type Opener = Box<dyn Fn(Place) -> Result<Arc<dyn Store>, StorageError> + Send + Sync>;

/// See the module.
pub(crate) struct Stores {
    opener: Opener,
    paths: StorePaths,
    capabilities: Capabilities,
    /// A slot for each store that was ever asked for.
    slots: Mutex<FxHashMap<Place, Arc<Slot>>>,
    open_max: usize,
    room: Arc<Semaphore>,
    /// Told when a store is no longer used.
    freed: Arc<Notify>,
    /// What moments of use are counted from.
    began: Instant,
    closed: AtomicBool,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    opened: AtomicU64,
    closed: AtomicU64,
    refused: AtomicU64,
}

/// How stores of tenants come and go, since the engine was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoresUse {
    /// Stores that are open now.
    pub open: usize,
    /// Stores that were opened, one that was opened twice counted twice.
    pub opened: u64,
    /// Stores that were closed, because others needed the room or nobody used them.
    pub closed: u64,
    /// Calls that were refused because there was no room in time.
    pub refused: u64,
}

impl Stores {
    /// The stores of a data folder, of which at most `open_max` are open at once.
    pub(crate) fn new(folder: &DataFolder, options: &StoreOptions, open_max: usize) -> Self {
        let (kind, paths) = (folder.kind(), StorePaths::in_folder(folder.root().to_owned()));
        let (of_many, of_one) = (options.clone(), options.part(DEDICATED_PART));
        let places = paths.clone();
        let opener = move |place| {
            let options = if matches!(place, Place::Shard(_)) { &of_many } else { &of_one };
            open_store(kind, &places.of(place), options)
        };
        Self::opened_by(Box::new(opener), paths, capabilities_of(kind), open_max)
    }

    /// One store in the place of all, as a test has made it.
    #[cfg(test)]
    pub(crate) fn all_in(store: Arc<dyn Store>) -> Self {
        let capabilities = store.capabilities();
        let paths = StorePaths::in_folder(std::path::PathBuf::new());
        Self::opened_by(Box::new(move |_| Ok(store.clone())), paths, capabilities, 1)
    }

    fn opened_by(opener: Opener, paths: StorePaths, capabilities: Capabilities, open_max: usize) -> Self {
        let open_max = open_max.max(1);
        Self {
            opener,
            paths,
            capabilities,
            slots: Mutex::default(),
            open_max,
            room: Arc::new(Semaphore::new(open_max)),
            freed: Arc::default(),
            began: Instant::now(),
            closed: AtomicBool::new(false),
            counts: Counts::default(),
        }
    }

    /// What all of them can take and promise.
    pub(crate) const fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// A store, opened when it is not. Dropping this stops no store half way in opening.
    ///
    /// # Errors
    /// `Unavailable` when as many are open as may be and all stay in use, it did not open a moment ago, or all were closed;
    /// as [`open_store`](super::open_store) when it does not open.
    pub(crate) async fn enter(self: &Arc<Self>, place: Place) -> Result<Lease, StorageError> {
        let slot = self.slot(place);
        if let Some(lease) = self.taken(&slot) {
            return Ok(lease);
        }
        let found = tokio::time::timeout(ROOM_WAIT, self.find(&slot)).await;
        match found.unwrap_or_else(|_| Err(self.refused()))? {
            Found::Open(lease) => Ok(lease),
            // A task of its own: turn and room are free when the store is open, and not when the asker goes away.
            Found::Closed(turn, room) => {
                joined(tokio::spawn(self.clone().open(place, slot, turn, room))).await
            }
        }
    }

    async fn find(&self, slot: &Slot) -> Result<Found, StorageError> {
        let turn = slot.turn.clone().lock_owned().await;
        if let Some(lease) = self.taken(slot) {
            return Ok(Found::Open(lease));
        }
        if let Some((_, reason)) = slot.failed.lock().as_ref().filter(|(at, _)| at.elapsed() < FAILED_FOR) {
            return Err(StorageError::unavailable(format!("it did not open a moment ago: {reason}")));
        }
        Ok(Found::Closed(turn, self.room().await?))
    }

    fn refused(&self) -> StorageError {
        self.counts.refused.fetch_add(1, Ordering::Relaxed);
        let max = self.open_max;
        StorageError::unavailable(format!(
            "{max} stores are open and in use, and `stores_open_max` allows no more; or it takes long to open"
        ))
    }

    /// Opens a store. For who has the turn, and room for it.
    async fn open(
        self: Arc<Self>,
        place: Place,
        slot: Arc<Slot>,
        _turn: OwnedMutexGuard<()>,
        room: OwnedSemaphorePermit,
    ) -> Result<Lease, StorageError> {
        let (stores, began) = (self.clone(), Instant::now());
        let store = match off_the_runtime(move || (stores.opener)(place)).await {
            Ok(store) => store,
            Err(error) => {
                tracing::warn!(
                    ?place,
                    ?error,
                    "a store of tenants does not open; those who live there are refused"
                );
                *slot.failed.lock() = Some((Instant::now(), error.to_string()));
                return Err(error);
            }
        };
        if self.closed.load(Ordering::Acquire) {
            store.close().await;
            return Err(closed());
        }
        tracing::debug!(?place, duration_ms = began.elapsed().as_millis(), "opened a store");
        self.counts.opened.fetch_add(1, Ordering::Relaxed);
        let open = Arc::new(Open::new(store, room));
        let lease = Lease::of(open.clone(), self.freed.clone());
        *slot.failed.lock() = None;
        *slot.open.lock() = Some(open);
        slot.used.store(self.now(), Ordering::Relaxed);
        Ok(lease)
    }

    fn slot(&self, place: Place) -> Arc<Slot> {
        self.slots.lock().entry(place).or_default().clone()
    }

    /// A lease of a store that is open.
    fn taken(&self, slot: &Slot) -> Option<Lease> {
        let open = slot.open.lock();
        // Under the lock: whoever closes it looks at the users under the same.
        let lease = Lease::of(open.as_ref()?.clone(), self.freed.clone());
        slot.used.store(self.now(), Ordering::Relaxed);
        Some(lease)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Room for one more, made by closing the one that was least lately used and is not in use.
    async fn room(&self) -> Result<OwnedSemaphorePermit, StorageError> {
        loop {
            if self.closed.load(Ordering::Acquire) {
                return Err(closed());
            }
            if let Ok(room) = self.room.clone().try_acquire_owned() {
                return Ok(room);
            }
            if self.close_one(|_| true).await {
                continue;
            }
            tokio::select! {
                room = self.room.clone().acquire_owned() => return room.map_err(|_| closed()),
                () = self.freed.notified() => {}
            }
        }
    }

    /// Closes the stores of single tenants that were not used for so long.
    pub(crate) async fn close_idle(&self, idle: Duration) {
        let Some(before) = self.began.elapsed().checked_sub(idle) else { return };
        let before = u64::try_from(before.as_nanos()).unwrap_or(u64::MAX);
        while self.close_one(|(place, used)| matches!(place, Place::Dedicated(_)) && used <= before).await {}
    }

    /// Closes the least lately used of these stores that nobody uses. False when there is none.
    async fn close_one(&self, may: impl Fn((Place, u64)) -> bool) -> bool {
        let mut slots: Vec<_> = {
            let slots = self.slots.lock();
            let open = slots.iter().filter(|(_, slot)| slot.open.lock().is_some());
            let used = open.map(|(place, slot)| (slot.used.load(Ordering::Relaxed), *place, slot.clone()));
            used.filter(|(used, place, _)| may((*place, *used))).collect()
        };
        slots.sort_unstable_by_key(|(used, ..)| *used);
        for (_, place, slot) in slots {
            // Whoever has the turn opens or closes it already.
            let Ok(turn) = slot.turn.clone().try_lock_owned() else { continue };
            if let Some(open) = slot.take_unused() {
                self.counts.closed.fetch_add(1, Ordering::Relaxed);
                tracing::debug!(?place, "closing a store");
                // A task of its own, as with opening.
                let closing = tokio::spawn(async move {
                    open.store.close().await;
                    drop((open, turn));
                });
                return closing.await.is_ok();
            }
        }
        false
    }

    /// Removes a tenant from a store: all its keys from one of many, the whole folder of its own. What is not there is
    /// no error, so it may be repeated. Nobody may use the tenant there any more.
    ///
    /// # Errors
    /// `Unavailable` when the store failed meanwhile or is in use, `Io` when the folder cannot be removed.
    pub(crate) async fn clear(self: &Arc<Self>, place: Place, tenant: TenantId) -> Result<(), StorageError> {
        if let Place::Shard(_) = place {
            return self.enter(place).await?.store().erase_tenant(tenant).await;
        }
        joined(tokio::spawn(self.clone().remove(place))).await
    }

    /// Removes the folder of a store.
    async fn remove(self: Arc<Self>, place: Place) -> Result<(), StorageError> {
        let slot = self.slot(place);
        let _turn = slot.turn.lock().await;
        if let Some(open) = self.once_unused(&slot).await? {
            open.store.close().await;
        }
        let path = self.paths.of(place);
        off_the_runtime(move || durable_file::remove_folder(&path)).await?;
        self.slots.lock().remove(&place);
        Ok(())
    }

    /// Takes a store out, if it is open, as soon as nobody uses it. For who has the turn.
    async fn once_unused(&self, slot: &Slot) -> Result<Option<Arc<Open>>, StorageError> {
        let deadline = Instant::now() + ROOM_WAIT;
        loop {
            if slot.open.lock().is_none() {
                return Ok(None);
            }
            if let Some(open) = slot.take_unused() {
                return Ok(Some(open));
            }
            if Instant::now() > deadline {
                return Err(StorageError::unavailable("what is to be removed is still in use"));
            }
            // Another may be told in our place.
            drop(tokio::time::timeout(LOOK_AGAIN, self.freed.notified()).await);
        }
    }

    /// Whether nothing is left of a tenant in a store.
    ///
    /// # Errors
    /// As [`Store::scan`]; `Io` when it cannot be looked at.
    pub(crate) async fn is_clear(
        self: &Arc<Self>,
        place: Place,
        tenant: TenantId,
    ) -> Result<bool, StorageError> {
        if let Place::Shard(_) = place {
            let everything = super::Scan::prefix(&[]).limit(1);
            return Ok(self.enter(place).await?.store().scan(tenant, everything).await?.entries.is_empty());
        }
        let path = self.paths.of(place);
        off_the_runtime(move || durable_file::is_gone(&path)).await
    }

    /// How many are open.
    pub(crate) fn open_count(&self) -> usize {
        self.slots.lock().values().filter(|slot| slot.open.lock().is_some()).count()
    }

    /// How they came and went so far.
    pub(crate) fn usage(&self) -> StoresUse {
        StoresUse {
            open: self.open_count(),
            opened: self.counts.opened.load(Ordering::Relaxed),
            closed: self.counts.closed.load(Ordering::Relaxed),
            refused: self.counts.refused.load(Ordering::Relaxed),
        }
    }

    /// Finishes queued commits and closes all. Later calls are `Unavailable`.
    pub(crate) async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let slots: Vec<_> = self.slots.lock().values().cloned().collect();
        for slot in slots {
            let _turn = slot.turn.lock().await;
            let open = slot.open.lock().take();
            if let Some(open) = open {
                open.store.close().await;
            }
        }
    }
}

fn closed() -> StorageError {
    StorageError::unavailable("it is closed")
}

/// What came of a task.
async fn joined<T>(task: JoinHandle<Result<T, StorageError>>) -> Result<T, StorageError> {
    task.await.map_err(|error| StorageError::unavailable(error.to_string()))?
}

#[cfg(test)]
mod tests;
