//! One tenant's storage: typed records in, sealed bytes out.
//!
//! The only handle the engine uses. It holds the tenant and its data key, so no call can reach another tenant; large
//! values are split into parts below it. It does not know which records exist, and it does not cache.

use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;

use super::key::{Key, Space, describe};
use super::{Commit, CommitOutcome, DataKey, Head, Record, Scan, StorageError, Store, Ticket, decode};
use crate::id::TenantId;

mod batch;
mod value;

pub use batch::Batch;
use value::{Manifest, Opened};

/// Times a large value is read again when it is overwritten while its parts are read.
const TORN_READS_MAX: usize = 3;

/// Values that are opened where they are asked for: a fraction of a millisecond. More are opened off the runtime's threads.
const OPENED_HERE_MAX: usize = 128;

/// One tenant's view of a store. Clones share the store and the key.
#[derive(Clone)]
pub struct TenantStore {
    store: Arc<dyn Store>,
    tenant: TenantId,
    key: DataKey,
}

impl std::fmt::Debug for TenantStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TenantStore").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// A page of decoded records.
#[derive(Debug, Clone)]
pub struct Records<R> {
    /// Keys inside the tenant, with their records, in the order asked for.
    pub entries: Vec<(Vec<u8>, R)>,
    /// Whether the range holds more; go on with [`Scan::after`].
    pub more: bool,
}

impl TenantStore {
    /// A tenant's view of a store, opened and sealed with the tenant's data key.
    pub fn new(store: Arc<dyn Store>, tenant: TenantId, key: DataKey) -> Self {
        Self { store, tenant, key }
    }

    /// Whose view this is.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// A key for another purpose of this tenant, named by a sentence that is used for nothing else.
    pub(crate) fn derive_key(&self, purpose: &str) -> [u8; 32] {
        self.key.derive(purpose)
    }

    /// The record under a key.
    ///
    /// # Errors
    /// `Corrupt` when the bytes were damaged or moved, `Codec` when they are of another type or a newer version,
    /// otherwise as [`Store::get`].
    pub async fn get<R: Record>(&self, key: &Key) -> Result<Option<R>, StorageError> {
        match self.store.get(self.tenant, key).await? {
            Some(sealed) => Ok(Some(decode(&self.plain(key, &sealed).await?)?)),
            None => Ok(None),
        }
    }

    /// The records under several keys, in their order, in one read. Many are decoded off the runtime's own threads.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn get_many<R: Record + Send + 'static>(
        &self,
        keys: &[Key],
    ) -> Result<Vec<Option<R>>, StorageError> {
        let raw: Vec<Vec<u8>> = keys.iter().map(|key| key.to_vec()).collect();
        let values = self.store.get_many(self.tenant, &raw).await?;
        let records = self.records(raw.into_iter().zip(values).collect()).await?;
        Ok(records.into_iter().map(|(_, record)| record).collect())
    }

    /// A page of records of one type. The range must hold no other type. Many are decoded off the runtime's own threads.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn scan<R: Record + Send + 'static>(&self, scan: Scan) -> Result<Records<R>, StorageError> {
        let page = self.store.scan(self.tenant, scan).await?;
        let sealed = page.entries.into_iter().map(|(key, value)| (key, Some(value))).collect();
        let records = self.records(sealed).await?.into_iter();
        Ok(Records {
            entries: records.filter_map(|(key, record)| Some((key, record?))).collect(),
            more: page.more,
        })
    }

    /// How many keys there are in a range. Opens no value.
    ///
    /// # Errors
    /// As [`Store::scan`].
    pub async fn count(&self, scan: Scan) -> Result<usize, StorageError> {
        let (mut scan, mut count) = (scan, 0);
        loop {
            let page = self.store.scan(self.tenant, scan.clone()).await?;
            count += page.entries.len();
            match page.entries.last() {
                Some((last, _)) if page.more => scan = scan.after(last),
                _ => return Ok(count),
            }
        }
    }

    /// A page of the keys in a range, and whether it holds more. Opens no value.
    ///
    /// # Errors
    /// As [`Store::scan`].
    pub(crate) async fn keys(&self, scan: Scan) -> Result<(Vec<Vec<u8>>, bool), StorageError> {
        let page = self.store.scan(self.tenant, scan).await?;
        Ok((page.entries.into_iter().map(|(key, _)| key).collect(), page.more))
    }

    /// Whether there is any key in a range. Opens no value.
    ///
    /// # Errors
    /// As [`Store::scan`].
    pub(crate) async fn has_any(&self, scan: Scan) -> Result<bool, StorageError> {
        Ok(!self.store.scan(self.tenant, scan.limit(1)).await?.entries.is_empty())
    }

    /// Whether what is read is on disk.
    pub(crate) fn reads_are_durable(&self) -> bool {
        self.store.capabilities().reads_are_durable
    }

    /// Waits until what was read before is durable or gone: read it again to know which. A store may show rows before they
    /// are on disk.
    ///
    /// # Errors
    /// `Unavailable` when that is not known.
    pub(crate) async fn settled(&self) -> Result<(), StorageError> {
        // Groups of commits become durable one after another: this one is behind all that could be read.
        match self.commit(Batch::new()).await {
            CommitOutcome::Committed { .. } => Ok(()),
            CommitOutcome::Refused(error) => Err(error),
            outcome => Err(StorageError::unavailable(format!("an empty commit: {outcome:?}"))),
        }
    }

    /// The records of these sealed values, where there is one.
    async fn records<R: Record + Send + 'static>(
        &self,
        sealed: Vec<(Vec<u8>, Option<Bytes>)>,
    ) -> Result<Vec<(Vec<u8>, Option<R>)>, StorageError> {
        self.read(sealed, |plain| Ok(decode(&plain)?)).await
    }

    /// What `read` makes of these values once they are open, where there is one.
    async fn read<T: Send + 'static>(
        &self,
        sealed: Vec<(Vec<u8>, Option<Bytes>)>,
        read: fn(Vec<u8>) -> Result<T, StorageError>,
    ) -> Result<Vec<(Vec<u8>, Option<T>)>, StorageError> {
        let (key, tenant) = (self.key.clone(), self.tenant);
        let opened = if sealed.len() > OPENED_HERE_MAX {
            tokio::task::spawn_blocking(move || opened(&key, tenant, sealed, read))
                .await
                .map_err(|error| StorageError::unavailable(format!("the read was given up: {error}")))??
        } else {
            opened(&key, tenant, sealed, read)?
        };
        let mut found = Vec::with_capacity(opened.len());
        for (key, value) in opened {
            let value = match value {
                None => None,
                Some(Value::Whole(value)) => Some(value),
                Some(Value::Parts(manifest)) => Some(read(self.assemble(&key, manifest).await?)?),
            };
            found.push((key, value));
        }
        Ok(found)
    }

    /// Durable log records behind `after`, oldest first.
    ///
    /// # Errors
    /// As [`Store::changes`]; `Corrupt` when a record does not open.
    pub async fn changes(&self, after: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, StorageError> {
        let records = self.store.changes(self.tenant, after, limit).await?;
        self.open_log(records).await
    }

    /// Durable log records in front of `before`, newest first.
    ///
    /// # Errors
    /// As [`changes`](Self::changes).
    pub async fn changes_before(
        &self,
        before: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Vec<u8>)>, StorageError> {
        let head = self.head().await?;
        let last = head.seq.min(before.saturating_sub(1));
        let range =
            Scan::range(Bound::Included(vec![Space::Log.byte()]), Bound::Included(Key::log(last).into()));
        let page = self.store.scan(self.tenant, range.backward().limit(limit)).await?;
        let numbered = (1..=last).rev().zip(page.entries).map(|(seq, (key, record))| {
            if *Key::log(seq) == *key {
                Ok((seq, record))
            } else {
                Err(StorageError::corrupt("a log record"))
            }
        });
        self.open_log(numbered.collect::<Result<_, _>>()?).await
    }

    /// The durable head of the log.
    ///
    /// # Errors
    /// As [`Store::head`].
    pub async fn head(&self) -> Result<Head, StorageError> {
        self.store.head(self.tenant).await
    }

    /// Takes the tenant's writing over: commits of every earlier writer are refused from now on.
    ///
    /// # Errors
    /// As [`Store::fence`].
    pub async fn fence(&self) -> Result<Head, StorageError> {
        self.store.fence(self.tenant).await
    }

    /// Seals a batch, so that it is known to be one that a store takes before anything is queued.
    ///
    /// # Errors
    /// `TooLarge` when it exceeds what a store takes, `Codec` when a record does not encode.
    pub fn seal(&self, batch: Batch) -> Result<Commit, StorageError> {
        let commit = batch.seal(self.tenant, &self.key)?;
        commit.check()?;
        Ok(commit)
    }

    /// Queues a sealed batch of this tenant; see [`Store::submit`].
    pub async fn submit_sealed(&self, commit: Commit) -> Ticket {
        self.store.submit(commit).await
    }

    /// Seals a batch and queues it. A batch that cannot be sealed or is too large is `Refused`.
    pub async fn submit(&self, batch: Batch) -> Ticket {
        match self.seal(batch) {
            Ok(commit) => self.submit_sealed(commit).await,
            Err(error) => Ticket::answered(CommitOutcome::Refused(error)),
        }
    }

    /// Seals a batch, submits it and waits for its outcome.
    pub async fn commit(&self, batch: Batch) -> CommitOutcome {
        self.submit(batch).await.await
    }

    /// Removes every key of the tenant. Its data key is destroyed apart, by [`KeyRing`](super::KeyRing).
    ///
    /// # Errors
    /// As [`Store::erase_tenant`].
    pub async fn erase(&self) -> Result<(), StorageError> {
        self.store.erase_tenant(self.tenant).await
    }

    async fn open_log(&self, records: Vec<(u64, Bytes)>) -> Result<Vec<(u64, Vec<u8>)>, StorageError> {
        let (places, sealed): (Vec<_>, Vec<_>) =
            records.into_iter().map(|(seq, sealed)| (seq, (Vec::from(Key::log(seq)), Some(sealed)))).unzip();
        let opened = self.read(sealed, Ok).await?;
        Ok(places.into_iter().zip(opened).filter_map(|(seq, (_, plain))| Some((seq, plain?))).collect())
    }

    /// The plain value of a key, put together from its parts where it has some.
    async fn plain(&self, key: &[u8], sealed: &[u8]) -> Result<Vec<u8>, StorageError> {
        let manifest = match value::open(&self.key, self.tenant, key, sealed)? {
            Opened::Whole(plain) => return Ok(plain),
            Opened::Parts(manifest) => manifest,
        };
        self.assemble(key, manifest).await
    }

    /// Reads the parts of a large value. Overwritten meanwhile, it is read again from its manifest.
    async fn assemble(&self, key: &[u8], mut manifest: Manifest) -> Result<Vec<u8>, StorageError> {
        for _ in 0..TORN_READS_MAX {
            let parts = self.store.get_many(self.tenant, &manifest.part_keys(key)).await?;
            if let Some(plain) = manifest.join(&self.key, self.tenant, key, &parts)? {
                return Ok(plain);
            }
            let Some(sealed) = self.store.get(self.tenant, key).await? else { break };
            match value::open(&self.key, self.tenant, key, &sealed)? {
                Opened::Whole(plain) => return Ok(plain),
                Opened::Parts(newer) => manifest = newer,
            }
        }
        Err(StorageError::corrupt(format!("{} (its parts)", describe(key))))
    }
}

/// A value that was opened: what was read from it, or where its parts are.
enum Value<T> {
    Whole(T),
    Parts(Manifest),
}

#[expect(clippy::type_complexity, reason = "the entries as they came, each with what it holds")]
fn opened<T>(
    data_key: &DataKey,
    tenant: TenantId,
    sealed: Vec<(Vec<u8>, Option<Bytes>)>,
    read: fn(Vec<u8>) -> Result<T, StorageError>,
) -> Result<Vec<(Vec<u8>, Option<Value<T>>)>, StorageError> {
    let open = |key: &[u8], sealed: &[u8]| match value::open(data_key, tenant, key, sealed)? {
        Opened::Whole(plain) => Ok::<_, StorageError>(Value::Whole(read(plain)?)),
        Opened::Parts(manifest) => Ok(Value::Parts(manifest)),
    };
    let entries = sealed.into_iter().map(|(key, sealed)| {
        let value = sealed.map(|sealed| open(&key, &sealed)).transpose()?;
        Ok((key, value))
    });
    entries.collect()
}
