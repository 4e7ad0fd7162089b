//! One store: open or not, who uses it, and whose turn it is.
//!
//! It does not know how it is opened.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::{Notify, OwnedMutexGuard, OwnedSemaphorePermit};

use crate::storage::Store;

/// The place of one store.
#[derive(Default)]
pub(super) struct Slot {
    pub(super) open: Mutex<Option<Arc<Open>>>,
    /// Held by who opens, closes or removes it.
    pub(super) turn: Arc<tokio::sync::Mutex<()>>,
    /// When it was last asked for, in nanoseconds.
    pub(super) used: AtomicU64,
    /// When it did not open, and why.
    pub(super) failed: Mutex<Option<(Instant, String)>>,
}

/// What who asks for a store comes upon.
pub(super) enum Found {
    Open(Lease),
    /// The turn to open it, and room for it.
    Closed(OwnedMutexGuard<()>, OwnedSemaphorePermit),
}

/// A store that is open.
pub(super) struct Open {
    pub(super) store: Arc<dyn Store>,
    users: AtomicUsize,
    _room: OwnedSemaphorePermit,
}

impl Slot {
    /// Takes the store out to be closed, unless somebody uses it. For who has the turn.
    pub(super) fn take_unused(&self) -> Option<Arc<Open>> {
        let mut open = self.open.lock();
        let unused = open.as_ref().is_some_and(|open| open.users.load(Ordering::Acquire) == 0);
        if unused { open.take() } else { None }
    }
}

impl Open {
    /// A store that was opened now, in the room that it takes.
    pub(super) fn new(store: Arc<dyn Store>, room: OwnedSemaphorePermit) -> Self {
        Self { store, users: AtomicUsize::new(0), _room: room }
    }
}

/// An open store, in use until this is dropped.
pub(crate) struct Lease {
    open: Arc<Open>,
    freed: Arc<Notify>,
}

impl Lease {
    /// One more use of an open store; `freed` is told when the last ends.
    pub(super) fn of(open: Arc<Open>, freed: Arc<Notify>) -> Self {
        open.users.fetch_add(1, Ordering::AcqRel);
        Self { open, freed }
    }

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
