//! Storage: the one door to the disk.
//!
//! [`Store`] is bytes in and bytes out: small enough for an embedded tree, an SQL table or a distributed store. Every
//! key belongs to one tenant, every commit concerns one tenant and is durable when it is answered. [`TenantStore`] is
//! what the engine holds: one tenant's view of a store, sealed with that tenant's key.
//!
//! Key space of a tenant (sixteen bytes of tenant id in front of each):
//!
//! | space | key | holds |
//! | --- | --- | --- |
//! | `D` | tag, ids, numbers, text | rows |
//! | `E` | – | the writer epoch |
//! | `L` | sequence number | the event log |
//! | `P` | owner's key, index | parts of values above 48 KiB |
//!
//! sled and fjall appear here and nowhere else. This module does not know what a row or an event means.

use async_trait::async_trait;
use bytes::Bytes;

use crate::id::TenantId;

mod ballast;
mod blocking;
mod codec;
mod commit;
mod copying;
mod durable_file;
mod embedded;
mod error;
mod fjall;
mod folder;
mod key;
mod key_ring;
mod master_key;
mod refusal;
mod residence;
mod scan;
mod seal;
mod sealed_file;
mod sled;
mod spool;
mod store_paths;
mod stores;
mod tenant_store;
mod traces;

#[cfg(test)]
mod conformance;

pub use codec::{CodecError, Record, decode, encode};
pub use commit::{
    ADOPTED_BYTES_MAX, BATCH_BYTES_MAX, BATCH_KEYS_MAX, Commit, CommitOutcome, Condition, Conflict, Head,
    HeadCondition, Ticket, VALUE_BYTES_MAX,
};
pub(crate) use copying::{Copied, copy_all, copy_touched};
pub(crate) use durable_file::{remove_file, remove_folder};
pub use error::{Holder, StorageError};
pub use folder::{DataFolder, FolderOptions, StoreKind, StoreOptions, open_store};
pub use key::{KEY_BYTES_MAX, Key, KeyBuilder, Space, prefix_end};
pub use key_ring::KeyRing;
pub use master_key::{MasterKey, MasterKeySource};
pub(crate) use residence::Residence;
pub use scan::{Direction, PAGE_BYTES_MAX, PAGE_ENTRIES_MAX, Page, Scan};
pub use seal::DataKey;
pub(crate) use sealed_file::{PartStream, SealedReader, SealedWriter};
pub use spool::{SpoolWriter, Spooled};
pub(crate) use store_paths::Place;
pub use stores::StoresUse;
pub(crate) use stores::{IDLE, Stores};
pub use tenant_store::{Batch, Records, TenantStore};
pub(crate) use traces::traces_of;

/// An ordered map of bytes with atomic, conditional, durable commits.
///
/// Keys are given without the tenant. Reads may see a commit a moment before its ticket is answered unless
/// [`Capabilities::reads_are_durable`]; [`head`](Store::head) and [`changes`](Store::changes) never do.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// The value of a key.
    ///
    /// # Errors
    /// `Unavailable` while the store is being reopened, `Io` or `Corrupt` when the backend cannot read.
    async fn get(&self, tenant: TenantId, key: &[u8]) -> Result<Option<Bytes>, StorageError>;

    /// The values of several keys, in their order; at most [`PAGE_ENTRIES_MAX`].
    ///
    /// # Errors
    /// As [`get`](Store::get); `TooLarge` for too many keys.
    async fn get_many(&self, tenant: TenantId, keys: &[Vec<u8>]) -> Result<Vec<Option<Bytes>>, StorageError>;

    /// One page of a range.
    ///
    /// # Errors
    /// As [`get`](Store::get).
    async fn scan(&self, tenant: TenantId, scan: Scan) -> Result<Page, StorageError>;

    /// Queues a commit and returns as soon as there is room for it.
    ///
    /// A tenant's commits are applied in the order in which their `submit` calls returned. Answers wait in the ticket.
    async fn submit(&self, commit: Commit) -> Ticket;

    /// Submits a commit and waits for its outcome.
    async fn commit(&self, commit: Commit) -> CommitOutcome {
        self.submit(commit).await.await
    }

    /// Durable log records behind `after`, in order, without gaps, at most `limit` of them.
    ///
    /// # Errors
    /// As [`get`](Store::get); `Corrupt` when a record is missing.
    async fn changes(
        &self,
        tenant: TenantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Bytes)>, StorageError>;

    /// The durable head of a tenant's log.
    ///
    /// # Errors
    /// As [`get`](Store::get).
    async fn head(&self, tenant: TenantId) -> Result<Head, StorageError>;

    /// Raises the writer epoch durably, so that commits of every earlier writer are refused from now on.
    ///
    /// # Errors
    /// `Unavailable` when the store failed meanwhile; the epoch may then have been raised or not.
    async fn fence(&self, tenant: TenantId) -> Result<Head, StorageError>;

    /// Removes every key of a tenant, in bounded steps. May be repeated after an interruption.
    ///
    /// # Errors
    /// `Unavailable` when the store failed meanwhile; call it again.
    async fn erase_tenant(&self, tenant: TenantId) -> Result<(), StorageError>;

    /// Takes over entries of a tenant as they lie in another store, log and epoch included: keys inside the tenant, each
    /// with its value or none to remove it; at most [`ADOPTED_BYTES_MAX`]. For moving a tenant here while it lives
    /// elsewhere: nobody else may write it here.
    ///
    /// # Errors
    /// `TooLarge` for too many bytes, `Unavailable` when the store failed meanwhile; they may be there then or not.
    async fn adopt(
        &self,
        tenant: TenantId,
        entries: Vec<(Vec<u8>, Option<Bytes>)>,
    ) -> Result<(), StorageError>;

    /// What this backend can take and promises.
    fn capabilities(&self) -> Capabilities;

    /// Figures for metrics. Walks the store's folder: ask seldom.
    ///
    /// # Errors
    /// `Io` when the folder cannot be read.
    async fn stats(&self) -> Result<StoreStats, StorageError>;

    /// Finishes queued commits, closes the backend and releases the folder. Later calls are `Unavailable`.
    async fn close(&self);
}

/// What a backend can take and promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// The backend's name, for people.
    pub backend: &'static str,
    /// Longest key, in bytes.
    pub key_bytes_max: usize,
    /// Largest value, in bytes.
    pub value_bytes_max: usize,
    /// Largest commit, in bytes.
    pub batch_bytes_max: usize,
    /// Most keys in a commit.
    pub batch_keys_max: usize,
    /// Whether one page never mixes two commits.
    pub snapshot_reads: bool,
    /// Whether a read never sees a commit before it is durable.
    pub reads_are_durable: bool,
}

/// Figures of a store since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoreStats {
    /// Bytes the store's folder takes on disk.
    pub bytes_on_disk: u64,
    /// Commits made durable.
    pub commits: u64,
    /// Real syncs: commits divided by this is the size of a group.
    pub groups: u64,
    /// Times the backend failed and was reopened.
    pub failures: u64,
}
