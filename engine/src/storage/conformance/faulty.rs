//! A backend that fails on command, around a real one.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use super::*;
use crate::storage::embedded::backend::Writes;
use crate::storage::scan::KeyRange;

/// What the next commit does instead of committing.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Fault {
    /// Fails before anything is written.
    Before = 1,
    /// Writes durably and then fails, as a sync may.
    After = 2,
    /// Panics.
    Panic = 3,
}

/// The switches, shared with the test.
#[derive(Default)]
pub(super) struct Faults {
    commit: AtomicU8,
    pub(super) read_panics: AtomicBool,
    pub(super) does_not_open: AtomicBool,
}

impl Faults {
    pub(super) fn fail_next_commit(&self, fault: Fault) {
        self.commit.store(fault as u8, Ordering::SeqCst);
    }
}

pub(super) struct Faulty<B> {
    inner: B,
    faults: Arc<Faults>,
}

/// Opens a store whose backend obeys the switches.
pub(super) fn open_faulty<B: Candidate>(folder: &Path) -> (Arc<dyn Store>, Arc<Faults>) {
    let faults = Arc::new(Faults::default());
    let (switches, inner) = (Arc::clone(&faults), opener::<B>(folder));
    let opener: Opener<Faulty<B>> = Box::new(move || {
        if switches.does_not_open.load(Ordering::SeqCst) {
            return Err(StorageError::unavailable("told not to open"));
        }
        Ok(Faulty { inner: inner()?, faults: Arc::clone(&switches) })
    });
    let store = EmbeddedStore::open(folder, options().lock_wait, opener).unwrap();
    (Arc::new(store), faults)
}

impl<B: Backend> Backend for Faulty<B> {
    const NAME: &'static str = "faulty";
    const SNAPSHOT_READS: bool = B::SNAPSHOT_READS;
    const READS_ARE_DURABLE: bool = B::READS_ARE_DURABLE;

    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, StorageError> {
        assert!(!self.faults.read_panics.swap(false, Ordering::SeqCst), "told to panic in a read");
        self.inner.get(key)
    }

    fn scan(&self, range: &KeyRange, direction: Direction, limit: usize) -> Result<Page, StorageError> {
        self.inner.scan(range, direction, limit)
    }

    fn commit(&self, writes: Writes) -> Result<(), StorageError> {
        let failed = || Err(StorageError::io("sync", std::io::Error::other("told to fail")));
        match self.faults.commit.swap(0, Ordering::SeqCst) {
            1 => failed(),
            2 => self.inner.commit(writes).and_then(|()| failed()),
            3 => panic!("told to panic in a commit"),
            _ => self.inner.commit(writes),
        }
    }
}
