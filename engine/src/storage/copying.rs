//! Copying a tenant from one store to another, entry by entry, as it lies there: sealed values stay sealed.
//!
//! It does not know when that is done, nor who writes meanwhile: what was written since is copied again, by key.

use bytes::Bytes;

use super::residence::Touched;
use super::{ADOPTED_BYTES_MAX, Commit, CommitOutcome, Scan, StorageError, Store};
use crate::id::TenantId;

/// Entries read at once.
const PAGE: usize = 500;

/// How much was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Copied {
    /// Entries that were written.
    pub(crate) entries: u64,
    /// Bytes of their keys and values.
    pub(crate) bytes: u64,
}

impl std::ops::AddAssign for Copied {
    fn add_assign(&mut self, other: Self) {
        self.entries = self.entries.saturating_add(other.entries);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// Keys inside the tenant, each with its value or none to remove it.
type Entries = Vec<(Vec<u8>, Option<Bytes>)>;

/// Waits until all that was queued in a store before is durable.
///
/// # Errors
/// `Unavailable` when that is not known.
pub(crate) async fn settled(store: &dyn Store, tenant: TenantId) -> Result<(), StorageError> {
    // Queues are served in order, and a commit of nothing takes its turn like any other.
    match store.commit(Commit::new(tenant)).await {
        CommitOutcome::Committed { .. } => Ok(()),
        outcome => Err(StorageError::unavailable(format!("what was queued may be lost: {outcome:?}"))),
    }
}

/// Copies all that a tenant has. `goes_on` is asked before each page.
///
/// # Errors
/// As [`Store::scan`] and [`Store::adopt`]; `Unavailable` when it was not to go on.
pub(crate) async fn copy_all(
    from: &dyn Store,
    to: &dyn Store,
    tenant: TenantId,
    goes_on: impl Fn() -> bool + Send + Sync,
) -> Result<Copied, StorageError> {
    settled(from, tenant).await?;
    let mut copied = Copied::default();
    let mut scan = Scan::prefix(&[]).limit(PAGE);
    loop {
        if !goes_on() {
            return Err(StorageError::unavailable("it is being closed"));
        }
        let page = from.scan(tenant, scan.clone()).await?;
        let last = page.entries.last().map(|(key, _)| key.clone());
        let entries = page.entries.into_iter().map(|(key, value)| (key, Some(value))).collect();
        copied += put(to, tenant, entries).await?;
        match last {
            Some(last) if page.more => scan = scan.after(&last),
            _ => return Ok(copied),
        }
    }
}

/// Copies what was written since: the newest of each key that was touched, or that it is gone.
///
/// # Errors
/// As [`copy_all`].
pub(crate) async fn copy_touched(
    from: &dyn Store,
    to: &dyn Store,
    tenant: TenantId,
    touched: Touched,
) -> Result<Copied, StorageError> {
    settled(from, tenant).await?;
    let mut copied = Copied::default();
    for prefix in &touched.prefixes {
        let (now, before) = (under(from, tenant, prefix).await?, under(to, tenant, prefix).await?);
        let kept: std::collections::BTreeSet<_> = now.iter().map(|(key, _)| key.clone()).collect();
        let gone = before.into_iter().filter(|(key, _)| !kept.contains(key)).map(|(key, _)| (key, None));
        copied += put(to, tenant, gone.chain(now).collect()).await?;
    }
    let keys: Vec<_> = touched.keys.into_iter().collect();
    for keys in keys.chunks(PAGE) {
        let values = from.get_many(tenant, keys).await?;
        copied += put(to, tenant, keys.iter().cloned().zip(values).collect()).await?;
    }
    Ok(copied)
}

/// All under a prefix.
async fn under(store: &dyn Store, tenant: TenantId, prefix: &[u8]) -> Result<Entries, StorageError> {
    let (mut found, mut scan) = (Entries::new(), Scan::prefix(prefix).limit(PAGE));
    loop {
        let page = store.scan(tenant, scan.clone()).await?;
        found.extend(page.entries.into_iter().map(|(key, value)| (key, Some(value))));
        match found.last() {
            Some((last, _)) if page.more => scan = scan.after(last),
            _ => return Ok(found),
        }
    }
}

/// Hands entries over, as many at once as a store takes.
async fn put(to: &dyn Store, tenant: TenantId, entries: Entries) -> Result<Copied, StorageError> {
    let mut copied = Copied::default();
    let (mut part, mut bytes) = (Entries::new(), 0);
    for (key, value) in entries {
        let size = key.len() + value.as_ref().map_or(0, Bytes::len);
        if bytes + size > ADOPTED_BYTES_MAX {
            to.adopt(tenant, std::mem::take(&mut part)).await?;
            bytes = 0;
        }
        bytes += size;
        copied += Copied { entries: 1, bytes: size as u64 };
        part.push((key, value));
    }
    if !part.is_empty() {
        to.adopt(tenant, part).await?;
    }
    Ok(copied)
}
