//! The stores of tenants: opened when they are first asked for, closed when others need the room, or when a store of one
//! tenant has long been idle.
//!
//! Whoever works with a store holds a [`Lease`] for the length of one call, so that a tenant in memory keeps no store
//! open, and none is closed in use. It does not know which tenant lives where.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::folder::{DataFolder, StoreOptions, capabilities_of, open_store};
use super::{Capabilities, StorageError, Store, durable_file};
use crate::id::TenantId;
use crate::model::Placement;

/// How long a store that is asked for waits for another one to be no longer used, when as many are open as may be.
const ROOM_WAIT: Duration = Duration::from_millis(if cfg!(test) { 300 } else { 5_000 });

/// How often it is looked whether a store is no longer used, besides when that is told.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A store of one tenant that was not used for so long is closed.
pub(crate) const IDLE: Duration = Duration::from_secs(120);

/// A store of one tenant takes so many parts less memory and ballast than one of many.
const DEDICATED_PART: u64 = 4;

/// Nobody has this id: its log is empty in every store.
const NOBODY: TenantId = TenantId::from_uuid(uuid::Uuid::nil());

/// A store among those of a data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// One of many tenants, by its number.
    Shard(u16),
    /// The one of this tenant.
    Dedicated(TenantId),
}

impl Place {
    /// The store in which a tenant lies that is placed so.
    pub(crate) const fn of(tenant: TenantId, placement: &Placement) -> Self {
        match placement {
            Placement::Shard(number) => Self::Shard(*number),
            Placement::Dedicated => Self::Dedicated(tenant),
        }
    }
}

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
}

/// The place of one store.
#[derive(Default)]
struct Slot {
    open: Mutex<Option<Arc<Open>>>,
    /// Held by who opens, closes or removes it.
    turn: tokio::sync::Mutex<()>,
    /// When it was last asked for, in nanoseconds.
    used: AtomicU64,
}

struct Open {
    store: Arc<dyn Store>,
    users: AtomicUsize,
    _room: OwnedSemaphorePermit,
}

/// An open store, in use until this is dropped.
pub(crate) struct Lease {
    open: Arc<Open>,
    freed: Arc<Notify>,
}

impl Lease {
    /// The store.
    pub(crate) fn store(&self) -> &dyn Store {
        &*self.open.store
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.open.users.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.freed.notify_one();
        }
    }
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
        let paths = StorePaths::in_folder(PathBuf::new());
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
        }
    }

    /// What all of them can take and promise.
    pub(crate) const fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// A store, opened when it is not.
    ///
    /// # Errors
    /// `Unavailable` when as many are open as may be and all stay in use, or all were closed; as
    /// [`open_store`](super::open_store) when it does not open.
    pub(crate) async fn enter(self: &Arc<Self>, place: Place) -> Result<Lease, StorageError> {
        let slot = self.slot(place);
        if let Some(lease) = self.taken(&slot) {
            return Ok(lease);
        }
        let _turn = slot.turn.lock().await;
        if let Some(lease) = self.taken(&slot) {
            return Ok(lease);
        }
        let room = self.room().await?;
        let (stores, began) = (self.clone(), Instant::now());
        let store = off_the_runtime(move || (stores.opener)(place)).await?;
        if self.closed.load(Ordering::Acquire) {
            store.close().await;
            return Err(closed());
        }
        tracing::debug!(?place, duration_ms = began.elapsed().as_millis(), "opened a store");
        let open = Arc::new(Open { store, users: AtomicUsize::new(1), _room: room });
        *slot.open.lock() = Some(open.clone());
        slot.used.store(self.now(), Ordering::Relaxed);
        Ok(Lease { open, freed: self.freed.clone() })
    }

    fn slot(&self, place: Place) -> Arc<Slot> {
        self.slots.lock().entry(place).or_default().clone()
    }

    /// A lease of a store that is open.
    fn taken(&self, slot: &Slot) -> Option<Lease> {
        let open = slot.open.lock();
        let open = open.as_ref()?;
        // Under the lock: whoever closes it looks at the users under the same.
        open.users.fetch_add(1, Ordering::AcqRel);
        slot.used.store(self.now(), Ordering::Relaxed);
        Some(Lease { open: open.clone(), freed: self.freed.clone() })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Room for one more, made by closing the one that was least lately used and is not in use.
    async fn room(&self) -> Result<OwnedSemaphorePermit, StorageError> {
        let found = async {
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
        };
        let max = self.open_max;
        tokio::time::timeout(ROOM_WAIT, found).await.unwrap_or_else(|_| {
            let reason = format!("{max} stores are open and in use, and `stores_open_max` allows no more");
            Err(StorageError::unavailable(reason))
        })
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
            let Ok(_turn) = slot.turn.try_lock() else { continue };
            if let Some(open) = slot.take_unused() {
                open.store.close().await;
                tracing::debug!(?place, "closed a store");
                return true;
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
        let slot = self.slot(place);
        let _turn = slot.turn.lock().await;
        if let Some(open) = self.once_unused(&slot).await? {
            open.store.close().await;
        }
        let path = self.paths.of(place);
        off_the_runtime(move || remove_folder(&path)).await?;
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
    /// As [`Store::scan`].
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
        off_the_runtime(move || Ok(!path.exists())).await
    }

    /// How many are open.
    pub(crate) fn open_count(&self) -> usize {
        self.slots.lock().values().filter(|slot| slot.open.lock().is_some()).count()
    }

    /// Whether those that are open can be read.
    ///
    /// # Errors
    /// As [`Store::head`].
    pub(crate) async fn ready(&self) -> Result<(), StorageError> {
        let slots: Vec<_> = self.slots.lock().values().cloned().collect();
        for lease in slots.iter().filter_map(|slot| self.taken(slot)) {
            lease.store().head(NOBODY).await?;
        }
        Ok(())
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

impl Slot {
    /// Takes the store out to be closed, unless somebody uses it. For who has the turn.
    fn take_unused(&self) -> Option<Arc<Open>> {
        let mut open = self.open.lock();
        let unused = open.as_ref().is_some_and(|open| open.users.load(Ordering::Acquire) == 0);
        if unused { open.take() } else { None }
    }
}

/// Where the stores of tenants lie.
#[derive(Debug, Clone)]
pub(crate) struct StorePaths {
    root: PathBuf,
}

impl StorePaths {
    /// Those in a data folder.
    pub(crate) const fn in_folder(root: PathBuf) -> Self {
        Self { root }
    }

    /// The folder of a store.
    pub(crate) fn of(&self, place: Place) -> PathBuf {
        match place {
            Place::Shard(number) => self.root.join("shards").join(format!("{number:02}")),
            Place::Dedicated(tenant) => self.root.join("dedicated").join(tenant.uuid().to_string()),
        }
    }
}

/// Removes a folder, durably. False when there was none. Blocks.
///
/// # Errors
/// `Io` when it cannot be removed.
pub(crate) fn remove_folder(path: &Path) -> Result<bool, StorageError> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        removed => removed
            .and_then(|()| durable_file::sync_parent(path))
            .map(|()| true)
            .map_err(|source| StorageError::io(format!("remove {}", path.display()), source)),
    }
}

fn closed() -> StorageError {
    StorageError::unavailable("it is closed")
}

/// Runs what blocks on a thread that may.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StorageError> + Send + 'static,
) -> Result<T, StorageError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| StorageError::unavailable(error.to_string()))?
}

#[cfg(test)]
mod tests;
