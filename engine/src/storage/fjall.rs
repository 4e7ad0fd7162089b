//! The fjall backend: a log-structured merge tree, one keyspace.
//!
//! A batch goes to the journal and is synced before it becomes visible, so reads only ever see durable commits. It
//! does not know tenants.

use std::io;
use std::path::Path;
use std::time::Instant;

use ::fjall::{Database, Keyspace, KeyspaceCreateOptions, OwnedWriteBatch, PersistMode};
use bytes::Bytes;

use super::StorageError;
use super::embedded::backend::{Backend, Writes, collect_page, pause_for_closing_handle};
use super::folder::StoreOptions;
use super::scan::{Direction, KeyRange, Page};

/// The one keyspace.
const KEYSPACE: &str = "kv";

/// Where fjall keeps its files, inside the store's folder.
const FOLDER: &str = "fjall";

/// Threads for flushing and compaction.
const WORKER_THREADS: usize = 1;

pub(crate) struct FjallBackend {
    database: Database,
    tree: Keyspace,
}

impl FjallBackend {
    /// Creates or recovers the tree in a store's folder. Blocks.
    pub(crate) fn open(folder: &Path, options: &StoreOptions) -> Result<Self, StorageError> {
        let deadline = Instant::now() + options.lock_wait;
        let path = folder.join(FOLDER);
        loop {
            match Self::try_open(&path, options) {
                Err(::fjall::Error::Locked) if Instant::now() < deadline => pause_for_closing_handle(),
                opened => {
                    return opened
                        .map_err(|error| failed(format!("open the fjall store {}", path.display()), error));
                }
            }
        }
    }

    fn try_open(path: &Path, options: &StoreOptions) -> ::fjall::Result<Self> {
        let database =
            Database::builder(path).cache_size(options.cache_bytes).worker_threads(WORKER_THREADS).open()?;
        let buffer = options.write_buffer_bytes;
        let tree =
            database.keyspace(KEYSPACE, || KeyspaceCreateOptions::default().max_memtable_size(buffer))?;
        Ok(Self { database, tree })
    }
}

impl Backend for FjallBackend {
    const NAME: &'static str = "fjall";
    const SNAPSHOT_READS: bool = true;
    const READS_ARE_DURABLE: bool = true;

    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, StorageError> {
        let value = self.tree.get(key).map_err(|error| failed("read from the fjall store", error))?;
        Ok(value.map(|value| Bytes::copy_from_slice(&value)))
    }

    fn scan(&self, range: &KeyRange, direction: Direction, limit: usize) -> Result<Page, StorageError> {
        let entries = self.tree.range::<&[u8], _>(range.bounds());
        let entry = |guard: ::fjall::Guard| {
            let (key, value) = guard.into_inner().map_err(|error| failed("scan the fjall store", error))?;
            Ok((key, Bytes::copy_from_slice(&value)))
        };
        match direction {
            Direction::Forward => collect_page(entries.map(entry), limit),
            Direction::Backward => collect_page(entries.rev().map(entry), limit),
        }
    }

    fn commit(&self, writes: Writes) -> Result<(), StorageError> {
        let mut batch = OwnedWriteBatch::with_capacity(self.database.clone(), writes.len())
            .durability(Some(PersistMode::SyncAll));
        for (key, value) in writes {
            match value {
                Some(value) => batch.insert(&self.tree, key, value.as_ref()),
                None => batch.remove(&self.tree, key),
            }
        }
        batch.commit().map_err(|error| failed("commit to the fjall store", error))
    }
}

/// What a fjall error means to us.
fn failed(doing: impl Into<String>, error: ::fjall::Error) -> StorageError {
    match error {
        ::fjall::Error::Io(source) | ::fjall::Error::Storage(::fjall::LsmError::Io(source)) => {
            StorageError::io(doing, source)
        }
        ::fjall::Error::Storage(_)
        | ::fjall::Error::JournalRecovery(_)
        | ::fjall::Error::Decompress(_)
        | ::fjall::Error::InvalidTrailer
        | ::fjall::Error::InvalidTag(_)
        | ::fjall::Error::Unrecoverable => StorageError::corrupt(format!("the fjall store ({error})")),
        error => StorageError::io(doing, io::Error::other(error)),
    }
}
