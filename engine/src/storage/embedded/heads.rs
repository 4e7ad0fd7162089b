//! The durable heads of tenants' logs, in memory.
//!
//! Only the committer writes here, and only what is durable, so readers may trust it.

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use super::backend::Backend;
use crate::id::TenantId;
use crate::storage::StorageError;
use crate::storage::commit::Head;
use crate::storage::key::{Key, Space, full_key};
use crate::storage::scan::Scan;

/// Most heads kept; 40 bytes each. Beyond that all are forgotten and loaded again as needed.
const HEADS_MAX: usize = 65_536;

#[derive(Default)]
pub(super) struct Heads(Mutex<FxHashMap<TenantId, Head>>);

impl Heads {
    pub(super) fn get(&self, tenant: TenantId) -> Option<Head> {
        self.0.lock().get(&tenant).copied()
    }

    pub(super) fn keep(&self, heads: impl IntoIterator<Item = (TenantId, Head)>) {
        let mut kept = self.0.lock();
        if kept.len() > HEADS_MAX {
            kept.clear();
        }
        kept.extend(heads);
    }

    pub(super) fn forget(&self, tenant: TenantId) {
        self.0.lock().remove(&tenant);
    }

    pub(super) fn forget_all(&self) {
        self.0.lock().clear();
    }
}

/// Reads a head from the backend. Only while nothing undurable of this tenant is applied.
pub(super) fn load(backend: &impl Backend, tenant: TenantId) -> Result<Head, StorageError> {
    let epoch = match backend.get(&full_key(tenant, &Key::epoch()))? {
        None => 0,
        Some(bytes) => number(&bytes).ok_or_else(|| StorageError::corrupt("the writer epoch"))?,
    };
    let scan = Scan::prefix(&[Space::Log.byte()]).backward();
    let last = backend.scan(&scan.keys_of(tenant), scan.direction, 1)?;
    let seq = match last.entries.first() {
        None => 0,
        Some((key, _)) => {
            key.get(1..).and_then(number).ok_or_else(|| StorageError::corrupt("the head of the log"))?
        }
    };
    Ok(Head { epoch, seq })
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_be_bytes)
}
