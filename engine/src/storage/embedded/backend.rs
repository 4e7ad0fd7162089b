//! What an embedded tree must be able to do: six synchronous calls.
//!
//! It does not know tenants: keys are full keys.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use crate::storage::StorageError;
use crate::storage::scan::{Direction, KeyRange, PAGE_BYTES_MAX, Page};

/// Bytes of a key that name the tenant.
const TENANT_BYTES: usize = 16;

/// The writes of a whole group, each key once: a value, or none to remove it.
pub(crate) type Writes = BTreeMap<Vec<u8>, Option<Bytes>>;

/// Opens a backend; called again after a failure.
pub(crate) type Opener<B> = Box<dyn Fn() -> Result<B, StorageError> + Send>;

/// An ordered tree on this machine's disk. Calls block and may panic: callers contain both.
pub(crate) trait Backend: Send + Sync + Sized + 'static {
    /// The backend's name, for people.
    const NAME: &'static str;
    /// Whether one scan never mixes two commits.
    const SNAPSHOT_READS: bool;
    /// Whether reads never see a commit before it is durable.
    const READS_ARE_DURABLE: bool;

    /// The value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, StorageError>;

    /// One page of a non-empty range; see [`collect_page`].
    fn scan(&self, range: &KeyRange, direction: Direction, limit: usize) -> Result<Page, StorageError>;

    /// Applies all writes atomically and makes them durable against a power cut.
    ///
    /// An error says nothing about whether they are on disk; the backend must be dropped and reopened after one.
    fn commit(&self, writes: Writes) -> Result<(), StorageError>;

    /// Makes durable what the backend rewrote on its own since the last call. True when there was something.
    fn tend(&self) -> Result<bool, StorageError> {
        Ok(false)
    }
}

/// Takes entries until a limit is reached and cuts the tenant off their keys.
pub(crate) fn collect_page<K: AsRef<[u8]>, V: Into<Bytes>>(
    entries: impl Iterator<Item = Result<(K, V), StorageError>>,
    limit: usize,
) -> Result<Page, StorageError> {
    let mut page = Page::default();
    let mut bytes = 0;
    for entry in entries {
        if page.entries.len() >= limit || bytes >= PAGE_BYTES_MAX {
            page.more = true;
            break;
        }
        let (key, value) = entry?;
        let value = value.into();
        bytes += value.len();
        page.entries.push((key.as_ref().get(TENANT_BYTES..).unwrap_or_default().to_vec(), value));
    }
    Ok(page)
}

/// How long to wait between two tries to open.
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// A pause while an earlier handle of a folder closes, which gives no sign when it has.
#[expect(
    clippy::disallowed_methods,
    reason = "opening blocks as documented, on a thread that is not the runtime's"
)]
pub(crate) fn pause_for_closing_handle() {
    std::thread::sleep(LOCK_PAUSE);
}
