//! Platform keys: with what operators and their programs prove themselves to the platform's own API. All are in memory.
//!
//! It does not know what a key may do.

use super::Platform;
use crate::error::{Error, Result};
use crate::id::ApiKeyId;
use crate::identity::ApiKeyRecord;
use crate::rows::{self, PlatformKey, tag};
use crate::storage::{Batch, TenantStore};
use crate::tenant::each;
use crate::time::Timestamp;
use parking_lot::RwLock;
use rustc_hash::FxHashMap;

/// Platform keys that can be in force at once.
const IN_FORCE_MAX: usize = 200;

/// Platform keys that are kept, those that were revoked included.
const KEPT_MAX: usize = 1_000;

/// When a key was last used is written when that has become so much later, in milliseconds: an hour.
const USE_NOTED_EVERY_MS: i64 = 60 * 60 * 1000;

/// See the module.
#[derive(Default)]
pub(crate) struct Keys {
    known: RwLock<FxHashMap<ApiKeyId, ApiKeyRecord>>,
    /// Held while a key is changed.
    turn: tokio::sync::Mutex<()>,
}

impl Keys {
    pub(super) async fn read(store: &TenantStore) -> Result<Self> {
        let mut known = FxHashMap::default();
        each::<PlatformKey>(store, tag::PLATFORM_KEY, |key| {
            known.insert(key.record.id, key.record);
        })
        .await?;
        Ok(Self { known: RwLock::new(known), ..Self::default() })
    }

    /// The key with this id, whether or not it is in force.
    pub(crate) fn get(&self, id: ApiKeyId) -> Option<ApiKeyRecord> {
        self.known.read().get(&id).cloned()
    }

    /// All keys, the newest first.
    pub(crate) fn all(&self) -> Vec<ApiKeyRecord> {
        let mut keys: Vec<_> = self.known.read().values().cloned().collect();
        keys.sort_by_key(|key| std::cmp::Reverse(key.id));
        keys
    }

    /// The key that is over since longest, when there are too many to keep.
    fn surplus(&self, now: Timestamp) -> Option<ApiKeyId> {
        let known = self.known.read();
        let over = known.values().filter(|key| !is_in_force(key, now));
        over.min_by_key(|key| key.id).map(|key| key.id).filter(|_| known.len() >= KEPT_MAX)
    }
}

fn is_in_force(key: &ApiKeyRecord, now: Timestamp) -> bool {
    key.revoked_ms.is_none() && key.expires_ms.is_none_or(|ends| ends > now.millis())
}

impl Platform {
    /// Keeps a new key.
    pub(crate) async fn add_key(&self, record: ApiKeyRecord, now: Timestamp) -> Result<()> {
        let _turn = self.keys.turn.lock().await;
        let in_force = self.keys.known.read().values().filter(|key| is_in_force(key, now)).count();
        if in_force >= IN_FORCE_MAX {
            let message =
                format!("there are {IN_FORCE_MAX} platform keys in force already: revoke one first");
            return Err(Error::conflict(message));
        }
        let surplus = self.keys.surplus(now);
        let mut batch = Batch::new();
        if let Some(surplus) = surplus {
            batch.delete(rows::platform_key(surplus));
        }
        batch.put(rows::platform_key(record.id), &PlatformKey { record: record.clone() })?;
        self.commit(batch).await?;
        let mut known = self.keys.known.write();
        if let Some(surplus) = surplus {
            known.remove(&surplus);
        }
        known.insert(record.id, record);
        Ok(())
    }

    /// Revokes a key: it stops working at once, also when it cannot be saved. Then it is to be revoked again.
    pub(crate) async fn revoke_key(&self, id: ApiKeyId, now: Timestamp) -> Result<ApiKeyRecord> {
        let _turn = self.keys.turn.lock().await;
        let record = self.keys.get(id).ok_or_else(|| Error::not_found(format!("platform key {id}")))?;
        let record = ApiKeyRecord { revoked_ms: record.revoked_ms.or(Some(now.millis())), ..record };
        self.keys.known.write().insert(id, record.clone());
        self.put_key(&record).await?;
        Ok(record)
    }

    /// Notes that a key was used, to an hour or so.
    pub(crate) async fn note_key_use(&self, id: ApiKeyId, now: Timestamp) {
        let is_new = |key: &ApiKeyRecord| {
            key.last_used_ms.is_none_or(|at| at.saturating_add(USE_NOTED_EVERY_MS) <= now.millis())
        };
        if !self.keys.get(id).is_some_and(|key| is_new(&key)) {
            return;
        }
        let _turn = self.keys.turn.lock().await;
        let Some(record) = self.keys.get(id).filter(is_new) else { return };
        let record = ApiKeyRecord { last_used_ms: Some(now.millis()), ..record };
        // Also when it cannot be written: else every request would try.
        self.keys.known.write().insert(id, record.clone());
        if let Err(error) = self.put_key(&record).await {
            tracing::warn!(?error, "could not note when a platform key was used");
        }
    }

    async fn put_key(&self, record: &ApiKeyRecord) -> Result<()> {
        let mut batch = Batch::new();
        batch.put(rows::platform_key(record.id), &PlatformKey { record: record.clone() })?;
        self.commit(batch).await
    }
}
