//! A [`Store`] over an embedded tree: the same committer, queue and heads for every backend.
//!
//! One thread per store commits. Every read, single ones too, runs on the runtime's blocking pool, a bounded number at
//! a time: the hop is most of a warm get's 15 to 20 µs, but a cold page would otherwise stall the runtime for the length
//! of a disk read. Readers of many keys use one `get_many` (50 warm keys in 60 to 140 µs). It does not know which tree
//! lies below.

use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use tokio::sync::{Semaphore, oneshot};

use super::commit::{ADOPTED_BYTES_MAX, BATCH_BYTES_MAX, BATCH_KEYS_MAX, VALUE_BYTES_MAX, within};
use super::folder::FolderLock;
use super::key::{KEY_BYTES_MAX, Key, full_key};
use super::scan::PAGE_ENTRIES_MAX;
use super::{
    Capabilities, Commit, CommitOutcome, Head, Page, Scan, StorageError, Store, StoreStats, Ticket,
    durable_file,
};
use crate::id::TenantId;

pub(crate) mod backend;
mod committer;
mod disk_usage;
mod group;
mod heads;
mod queue;

use backend::{Backend, Opener};
use committer::Committer;
use heads::Heads;
use queue::{Job, Queue};

/// Reads of one store that run at once; further ones wait.
const READS_MAX: usize = 32;

/// A store over the backend `B`.
pub(crate) struct EmbeddedStore<B: Backend> {
    shared: Arc<Shared<B>>,
    reads: Arc<Semaphore>,
    committer: Mutex<Option<JoinHandle<()>>>,
}

/// What the committer and the readers share.
struct Shared<B> {
    folder: PathBuf,
    slot: RwLock<Slot<B>>,
    queue: Queue,
    heads: Heads,
    counters: Counters,
}

/// The backend, or why there is none.
enum Slot<B> {
    Open(Arc<B>),
    Failed(String),
    Closed,
}

#[derive(Default)]
struct Counters {
    commits: AtomicU64,
    groups: AtomicU64,
    failures: AtomicU64,
}

impl<B> Shared<B> {
    /// The open backend.
    fn backend(&self) -> Result<Arc<B>, StorageError> {
        match &*self.slot.read() {
            Slot::Open(backend) => Ok(Arc::clone(backend)),
            Slot::Failed(reason) => Err(StorageError::unavailable(reason.clone())),
            Slot::Closed => Err(closed()),
        }
    }
}

fn closed() -> StorageError {
    StorageError::unavailable("it is closed")
}

/// Runs a call into a backend; a panic becomes an error with the panic's text.
fn contained<T>(call: impl FnOnce() -> Result<T, StorageError>) -> Result<T, Panicked<StorageError>> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(Panicked::No),
        Err(payload) => Err(Panicked::Yes(panic_text(&*payload))),
    }
}

/// How a contained call failed.
enum Panicked<E> {
    /// With an ordinary error.
    No(E),
    /// By a panic with this text; the backend must not be used again.
    Yes(String),
}

impl Panicked<StorageError> {
    fn into_error(self) -> StorageError {
        match self {
            Self::No(error) => error,
            Self::Yes(text) => StorageError::unavailable(format!("the backend panicked: {text}")),
        }
    }
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}

impl<B: Backend> EmbeddedStore<B> {
    /// Locks the folder, opens the backend under a probe and starts the committer. Blocks.
    pub(crate) fn open(folder: &Path, lock_wait: Duration, opener: Opener<B>) -> Result<Self, StorageError> {
        durable_file::create_folder(folder)?;
        let lock = FolderLock::acquire(folder, lock_wait)?;
        let backend = contained(&opener).map_err(Panicked::into_error)?;
        let shared = Arc::new(Shared {
            folder: folder.to_owned(),
            slot: RwLock::new(Slot::Open(Arc::new(backend))),
            queue: Queue::default(),
            heads: Heads::default(),
            counters: Counters::default(),
        });
        let committer = Committer::new(Arc::clone(&shared), opener);
        let thread = std::thread::Builder::new()
            .name("mortise-commit".to_owned())
            .spawn(move || {
                committer.run();
                drop(lock);
            })
            .map_err(|error| StorageError::io("start the committer thread", error))?;
        Ok(Self { shared, reads: Arc::new(Semaphore::new(READS_MAX)), committer: Mutex::new(Some(thread)) })
    }

    /// Runs a read on the blocking pool. A panic in it makes the committer reopen the backend.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&B) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        let permit = Arc::clone(&self.reads).acquire_owned().await.map_err(|_| closed())?;
        let shared = Arc::clone(&self.shared);
        let work = move || {
            let _permit = permit;
            let backend = shared.backend()?;
            contained(|| read(&backend)).map_err(|failure| {
                if let Panicked::Yes(text) = &failure {
                    shared.queue.suspect(format!("a read panicked: {text}"));
                }
                failure.into_error()
            })
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| StorageError::unavailable(format!("the read was given up: {error}")))?
    }

    /// Hands the committer a job and waits for its answer.
    async fn ask<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, StorageError>>) -> Job,
    ) -> Result<T, StorageError> {
        let (answer, answered) = oneshot::channel();
        self.shared.backend()?;
        self.shared.queue.push(job(answer)).await?;
        answered.await.map_err(|_| StorageError::unavailable("the backend failed meanwhile"))?
    }
}

/// What a store over this backend can take and promises.
pub(crate) const fn capabilities<B: Backend>() -> Capabilities {
    Capabilities {
        backend: B::NAME,
        key_bytes_max: KEY_BYTES_MAX,
        value_bytes_max: VALUE_BYTES_MAX,
        batch_bytes_max: BATCH_BYTES_MAX,
        batch_keys_max: BATCH_KEYS_MAX,
        snapshot_reads: B::SNAPSHOT_READS,
        reads_are_durable: B::READS_ARE_DURABLE,
    }
}

impl<B: Backend> Drop for EmbeddedStore<B> {
    fn drop(&mut self) {
        // The committer finishes what is queued and then releases the folder.
        self.shared.queue.close();
    }
}

#[async_trait]
impl<B: Backend> Store for EmbeddedStore<B> {
    async fn get(&self, tenant: TenantId, key: &[u8]) -> Result<Option<Bytes>, StorageError> {
        let key = full_key(tenant, key);
        self.read(move |backend| backend.get(&key)).await
    }

    async fn get_many(&self, tenant: TenantId, keys: &[Vec<u8>]) -> Result<Vec<Option<Bytes>>, StorageError> {
        within("one read (keys)", keys.len(), PAGE_ENTRIES_MAX)?;
        let keys: Vec<_> = keys.iter().map(|key| full_key(tenant, key)).collect();
        self.read(move |backend| keys.iter().map(|key| backend.get(key)).collect()).await
    }

    async fn scan(&self, tenant: TenantId, scan: Scan) -> Result<Page, StorageError> {
        let range = scan.keys_of(tenant);
        if range.is_empty() || scan.limit == 0 {
            return Ok(Page::default());
        }
        self.read(move |backend| backend.scan(&range, scan.direction, scan.limit)).await
    }

    async fn submit(&self, commit: Commit) -> Ticket {
        if let Err(error) = commit.check() {
            return Ticket::answered(CommitOutcome::Refused(error));
        }
        let (answer, ticket) = Ticket::pair();
        let queued = match self.shared.backend() {
            Ok(_) => self.shared.queue.push(Job::Commit { commit, answer }).await,
            Err(error) => Err(error),
        };
        match queued {
            Ok(()) => ticket,
            Err(error) => Ticket::answered(CommitOutcome::Retry { reason: error.to_string() }),
        }
    }

    async fn changes(
        &self,
        tenant: TenantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Bytes)>, StorageError> {
        let head = self.head(tenant).await?;
        let Some(first) = after.checked_add(1).filter(|first| *first <= head.seq) else {
            return Ok(Vec::new());
        };
        let from = Bound::Included(Key::log(first).into());
        let to = Bound::Included(Key::log(head.seq).into());
        let page = self.scan(tenant, Scan::range(from, to).limit(limit)).await?;
        let numbered = (first..).zip(page.entries).map(|(seq, (key, record))| {
            if *Key::log(seq) == *key {
                Ok((seq, record))
            } else {
                Err(StorageError::corrupt("a log record"))
            }
        });
        numbered.collect()
    }

    async fn head(&self, tenant: TenantId) -> Result<Head, StorageError> {
        self.shared.backend()?;
        match self.shared.heads.get(tenant) {
            Some(head) => Ok(head),
            // Only the committer may look: the backend can show records that are not durable yet.
            None => self.ask(|answer| Job::Head { tenant, answer }).await,
        }
    }

    async fn fence(&self, tenant: TenantId) -> Result<Head, StorageError> {
        self.ask(|answer| Job::Fence { tenant, answer }).await
    }

    async fn erase_tenant(&self, tenant: TenantId) -> Result<(), StorageError> {
        self.fence(tenant).await?;
        while self.ask(|answer| Job::Erase { tenant, answer }).await? {}
        Ok(())
    }

    async fn adopt(
        &self,
        tenant: TenantId,
        entries: Vec<(Vec<u8>, Option<Bytes>)>,
    ) -> Result<(), StorageError> {
        within("what is taken over at once (bytes)", queue::bytes_of(&entries), ADOPTED_BYTES_MAX)?;
        self.ask(|answer| Job::Adopt { tenant, entries, answer }).await.map(drop)
    }

    fn capabilities(&self) -> Capabilities {
        capabilities::<B>()
    }

    async fn stats(&self) -> Result<StoreStats, StorageError> {
        let folder = self.shared.folder.clone();
        let bytes_on_disk = tokio::task::spawn_blocking(move || disk_usage::of(&folder))
            .await
            .map_err(|error| StorageError::unavailable(error.to_string()))??;
        let counters = &self.shared.counters;
        Ok(StoreStats {
            bytes_on_disk,
            commits: counters.commits.load(Ordering::Relaxed),
            groups: counters.groups.load(Ordering::Relaxed),
            failures: counters.failures.load(Ordering::Relaxed),
        })
    }

    async fn close(&self) {
        self.shared.queue.close();
        let Some(thread) = self.committer.lock().take() else { return };
        let joined = tokio::task::spawn_blocking(move || thread.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!(folder = %self.shared.folder.display(), "the committer did not end cleanly");
        }
    }
}
