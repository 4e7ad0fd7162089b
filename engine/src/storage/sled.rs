//! The sled backend: version 0.34.7, one tree, made durable by ourselves.
//!
//! sled's `flush` hands data to the kernel without a sync, so after it we sync the log file through a descriptor of our
//! own, and before that every file sled has put into `blobs`: pages that do not fit a quarter of a segment go there,
//! and one that a power cut takes away keeps the whole store from opening. sled panics where others return errors;
//! callers contain that. It does not know tenants.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ::sled::{Batch, Config, Db};
use bytes::Bytes;

use super::ballast::Ballast;
use super::durable_file;
use super::embedded::backend::{Backend, Writes, collect_page, pause_for_closing_handle};
use super::folder::StoreOptions;
use super::scan::{Direction, KeyRange, Page};
use super::{Holder, StorageError};

mod blobs;

use blobs::Blobs;

/// Where sled keeps its files, inside the store's folder.
const FOLDER: &str = "sled";

/// sled's log file.
const LOG_FILE: &str = "db";

/// Bytes of a log segment, fixed at creation.
///
/// A page (up to 17 rows) above a quarter of a segment goes to a blob file with a sync of its own. Measured at rows of
/// 4 KiB, 128 KiB segments make 300 lone commits a second, 256 KiB 2,200, 512 KiB 2,600; smaller segments in turn write
/// less while old ones are collected (25, 36 and 52 KiB per lone commit of a 700-byte row).
const SEGMENT_BYTES: usize = 256 * 1_024;

pub(crate) struct SledBackend {
    db: Db,
    log: File,
    blobs: Blobs,
}

impl SledBackend {
    /// Creates or recovers the tree in a store's folder; on a full disk gives up the ballast. Blocks.
    pub(crate) fn open(folder: &Path, options: &StoreOptions) -> Result<Self, StorageError> {
        let ballast = Ballast::in_folder(folder, options.ballast_bytes);
        let path = folder.join(FOLDER);
        ballast.make_room();
        let opened = match Self::open_when_free(&path, options) {
            Err(error) if error.is_disk_full() && ballast.drop_overboard() => {
                Self::open_when_free(&path, options)
            }
            opened => opened,
        }?;
        ballast.lay();
        Ok(opened)
    }

    /// Opens, waiting out an earlier handle of this process that is still closing.
    fn open_when_free(path: &PathBuf, options: &StoreOptions) -> Result<Self, StorageError> {
        let deadline = Instant::now() + options.lock_wait;
        loop {
            match Self::try_open(path, options.cache_bytes) {
                Err(StorageError::Locked { .. }) if Instant::now() < deadline => pause_for_closing_handle(),
                opened => return opened,
            }
        }
    }

    fn try_open(path: &PathBuf, cache_bytes: u64) -> Result<Self, StorageError> {
        let doing = || format!("open the sled store {}", path.display());
        let is_new = !path.join(LOG_FILE).exists();
        remove_unfinished_snapshots(path).map_err(|source| StorageError::io(doing(), source))?;
        let config = Config::new().path(path).cache_capacity(cache_bytes).segment_size(SEGMENT_BYTES);
        let db = config.open().map_err(|error| match error {
            ::sled::Error::Io(source) if source.to_string().contains("could not acquire lock") => {
                StorageError::Locked { path: path.clone(), holder: Holder::Unknown }
            }
            error => failed(doing(), error),
        })?;
        let io_failed = |source| StorageError::io(doing(), source);
        let log = File::options().write(true).open(path.join(LOG_FILE)).map_err(io_failed)?;
        let backend = Self { db, log, blobs: Blobs::in_folder(path) };
        if is_new {
            sync_new(path).map_err(io_failed)?;
        }
        // Recovery may have rewritten the log, and an earlier process may have died before syncing.
        backend.make_durable()?;
        Ok(backend)
    }

    fn make_durable(&self) -> Result<(), StorageError> {
        let doing = "sync the sled store";
        self.db.flush().map_err(|error| failed(doing, error))?;
        self.blobs.sync_new().map_err(|source| StorageError::io(doing, source))?;
        self.log.sync_data().map_err(|source| StorageError::io(doing, source))
    }
}

impl Backend for SledBackend {
    const NAME: &'static str = "sled";
    const SNAPSHOT_READS: bool = false;
    const READS_ARE_DURABLE: bool = false;

    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, StorageError> {
        let value = self.db.get(key).map_err(|error| failed("read from the sled store", error))?;
        Ok(value.map(|value| Bytes::copy_from_slice(&value)))
    }

    fn scan(&self, range: &KeyRange, direction: Direction, limit: usize) -> Result<Page, StorageError> {
        let entries = self.db.range::<&[u8], _>(range.bounds());
        let entry = |entry: ::sled::Result<(::sled::IVec, ::sled::IVec)>| {
            let (key, value) = entry.map_err(|error| failed("scan the sled store", error))?;
            Ok((key, Bytes::copy_from_slice(&value)))
        };
        match direction {
            Direction::Forward => collect_page(entries.map(entry), limit),
            Direction::Backward => collect_page(entries.rev().map(entry), limit),
        }
    }

    fn commit(&self, writes: Writes) -> Result<(), StorageError> {
        let mut batch = Batch::default();
        for (key, value) in writes {
            match value {
                Some(value) => batch.insert(key, value.as_ref()),
                None => batch.remove(key),
            }
        }
        self.db.apply_batch(batch).map_err(|error| failed("commit to the sled store", error))?;
        self.make_durable()
    }

    fn tend(&self) -> Result<bool, StorageError> {
        self.blobs.sync_new().map_err(|source| StorageError::io("sync the sled store", source))
    }
}

/// Removes snapshots whose writing was cut off by a full disk or a crash: sled would take one for the newest snapshot
/// and never open again. Nothing depends on them yet, because sled drops older snapshots and reuses log segments only
/// after a snapshot has got its final name.
fn remove_unfinished_snapshots(path: &Path) -> io::Result<()> {
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b"snap.") && name.as_encoded_bytes().ends_with(b".generating")
        {
            durable_file::remove_if_present(&entry.path())?;
        }
    }
    Ok(())
}

/// Makes a new store's files and names durable: sled syncs none of them.
fn sync_new(path: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    durable_file::sync_folder(path)?;
    durable_file::sync_parent(path)
}

/// What a sled error means to us.
fn failed(doing: impl Into<String>, error: ::sled::Error) -> StorageError {
    match error {
        ::sled::Error::Io(source) => StorageError::io(doing, source),
        ::sled::Error::Corruption { .. } => StorageError::corrupt("the sled store"),
        error => StorageError::io(doing, io::Error::other(error)),
    }
}
