//! The data folder: where everything lies, who holds it, and which version wrote it.
//!
//! ```text
//! DATA/FORMAT          format version and store kind
//!     /LOCK            held while open, with the holder's pid
//!     /platform        the platform's own store
//!     /shards/00       a store shared by many tenants
//!     /dedicated/ID    a store of one tenant
//!     /index  /views   derived, may be deleted while nobody holds the folder
//!     /keys            master key and wrapped data keys
//!     /mail  /blobs    outgoing mail and attachments
//!     /spool           what is taken in at the moment, sealed with keys that are nowhere; emptied when opened
//! ```
//!
//! It does not know which tenant lives in which store.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::embedded::{self, EmbeddedStore};
use super::fjall::FjallBackend;
use super::sled::SledBackend;
use super::store_paths::{Place, StorePaths};
use super::{Capabilities, StorageError, Store, durable_file, sealed_file, spool};
use crate::id::TenantId;

mod format;
mod lock;

pub use format::StoreKind;
pub(crate) use lock::FolderLock;

/// How long opening waits for another holder by default: a killed process may take a moment to die.
pub(crate) const LOCK_WAIT_DEFAULT: Duration = Duration::from_secs(10);

/// Folders made on opening.
const FOLDERS: [&str; 9] =
    ["platform", "shards", "dedicated", "index", VIEWS, "keys", "mail", "blobs", SPOOL];

/// The folder of view checkpoints.
const VIEWS: &str = "views";

/// The folder of what is taken in at the moment.
const SPOOL: &str = "spool";

/// How to open a data folder.
#[derive(Debug, Clone)]
pub struct FolderOptions {
    /// Which backend its stores use. A folder keeps the kind it was created with.
    pub kind: StoreKind,
    /// How long to wait for another holder to let go.
    pub lock_wait: Duration,
}

impl Default for FolderOptions {
    fn default() -> Self {
        Self { kind: StoreKind::Sled, lock_wait: LOCK_WAIT_DEFAULT }
    }
}

/// An open data folder. Dropping it lets others open it.
#[derive(Debug)]
pub struct DataFolder {
    root: PathBuf,
    kind: StoreKind,
    _lock: FolderLock,
}

impl DataFolder {
    /// Creates or opens a data folder, exclusively, and brings an older format up to date. Blocks.
    ///
    /// # Errors
    /// `Locked` when another holder stays longer than the wait, `Format` when a newer program or another store kind
    /// wrote the folder, `Io` when it cannot be made.
    pub fn open(root: &Path, options: &FolderOptions) -> Result<Self, StorageError> {
        durable_file::create_folder(root)?;
        let lock = FolderLock::acquire(root, options.lock_wait)?;
        format::check_and_migrate(root, options.kind, format::MIGRATIONS)?;
        for folder in FOLDERS {
            durable_file::create_folder(&root.join(folder))?;
        }
        let views = root.join(VIEWS);
        sealed_file::remove_unfinished(&views)
            .map_err(|source| StorageError::io(format!("clean {}", views.display()), source))?;
        spool::remove_left_over(&root.join(SPOOL));
        Ok(Self { root: root.to_owned(), kind: options.kind, _lock: lock })
    }

    /// Which backend a folder was made for; none for a folder that is new, or not readable as one.
    pub fn kind_of(root: &Path) -> Option<StoreKind> {
        format::recorded_kind(root)
    }

    /// Which backend the folder's stores use.
    pub fn kind(&self) -> StoreKind {
        self.kind
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The platform's own store.
    pub fn platform(&self) -> PathBuf {
        self.root.join("platform")
    }

    /// A store shared by many tenants.
    pub fn shard(&self, number: u16) -> PathBuf {
        StorePaths::in_folder(self.root.clone()).of(Place::Shard(number))
    }

    /// A store of one tenant.
    pub fn dedicated(&self, tenant: TenantId) -> PathBuf {
        StorePaths::in_folder(self.root.clone()).of(Place::Dedicated(tenant))
    }

    /// The folder in which each tenant has its search index, under its id. Derived.
    pub fn indexes(&self) -> PathBuf {
        self.root.join("index")
    }

    /// The folder of view checkpoints, a file for each tenant that has one, by its id. Derived.
    pub fn views(&self) -> PathBuf {
        self.root.join(VIEWS)
    }

    /// The folder of what is taken in at the moment.
    pub fn spool(&self) -> PathBuf {
        self.root.join(SPOOL)
    }

    /// Keys: the master key, wrapped data keys, signing keys.
    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// The master key's default file.
    pub fn master_key(&self) -> PathBuf {
        self.keys().join("master.key")
    }

    /// The folder of wrapped data keys.
    pub fn tenant_keys(&self) -> PathBuf {
        self.keys().join("tenants")
    }

    /// Outgoing mail.
    pub fn mail(&self) -> PathBuf {
        self.root.join("mail")
    }

    /// Attachments.
    pub fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }
}

/// How to open one store. Cache and ballast are per store: lower them where thousands are open.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Memory for cached blocks, in bytes.
    pub cache_bytes: u64,
    /// Memory for rows that were written and are not in a file of their own yet, in bytes; only fjall asks, when a store
    /// is made.
    pub write_buffer_bytes: u64,
    /// Disk room kept free for opening on a full disk, in bytes; only sled needs it.
    pub ballast_bytes: u64,
    /// How long to wait for another holder of the store's folder.
    pub lock_wait: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            cache_bytes: 64 * 1_024 * 1_024,
            write_buffer_bytes: 64 * 1_024 * 1_024,
            ballast_bytes: 8 * 1_024 * 1_024,
            lock_wait: LOCK_WAIT_DEFAULT,
        }
    }
}

impl StoreOptions {
    /// For a store that takes so many parts less memory and room than others.
    #[must_use]
    pub(crate) fn part(&self, parts: u64) -> Self {
        Self {
            cache_bytes: self.cache_bytes / parts,
            write_buffer_bytes: self.write_buffer_bytes / parts,
            ballast_bytes: self.ballast_bytes / parts,
            lock_wait: self.lock_wait,
        }
    }
}

/// What stores of this kind can take and promise.
pub(crate) fn capabilities_of(kind: StoreKind) -> Capabilities {
    match kind {
        StoreKind::Sled => embedded::capabilities::<SledBackend>(),
        StoreKind::Fjall => embedded::capabilities::<FjallBackend>(),
    }
}

/// Creates or opens the store in a folder. Blocks while the backend recovers.
///
/// # Errors
/// `Locked` when another holder stays longer than the wait; `Corrupt`, `Io` or `Unavailable` when the backend does not
/// open.
pub fn open_store(
    kind: StoreKind,
    path: &Path,
    options: &StoreOptions,
) -> Result<Arc<dyn Store>, StorageError> {
    let folder = path.to_owned();
    let settings = options.clone();
    match kind {
        StoreKind::Sled => {
            let opener = Box::new(move || SledBackend::open(&folder, &settings));
            Ok(Arc::new(EmbeddedStore::open(path, options.lock_wait, opener)?))
        }
        StoreKind::Fjall => {
            let opener = Box::new(move || FjallBackend::open(&folder, &settings));
            Ok(Arc::new(EmbeddedStore::open(path, options.lock_wait, opener)?))
        }
    }
}

#[cfg(test)]
mod tests;
