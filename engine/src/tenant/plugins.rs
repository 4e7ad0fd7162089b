//! The rows of plugins beside a tenant's log: the bytes of their code, written and read in parts, and what their host keeps for
//! installations. Removed in bounded batches, and looked for in the sweep where that was interrupted.
//!
//! It does not know what is kept.

use super::LiveTenant;
use crate::command::plugin::PLUGIN_PART_BYTES;
use crate::error::{Error, Result};
use crate::id::InstallationId;
use crate::model::{Digest, InstallationStatus, PluginCode};
use crate::rows::{self, PluginPart, tag};
use crate::storage::{Batch, CommitOutcome, Key, Scan, TenantStore, prefix_end};
use std::ops::Bound;
use std::sync::Arc;

/// Rows removed with one commit.
const PER_COMMIT: usize = 50;

/// Parts of code that are written with one commit, and read at once: a batch has room for a mebibyte.
const PARTS_AT_ONCE: usize = 16;

impl LiveTenant {
    /// The turn to bring code and installations of plugins, with what is kept beside them, from one state to another.
    pub(crate) async fn plugins_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.plugins_turn.lock().await
    }

    /// Removes what is left of code that is not there, and of installations that are removed. Asked hourly.
    pub(super) async fn sweep_plugins(&self) -> Result<()> {
        let _turn = self.plugins_turn().await;
        let directory = self.directory();
        let code_is_there = |digest| directory.plugin_code(digest).is_some_and(|c| c.removed_at.is_none());
        let mut from = Bound::Included(rows::all(tag::PLUGIN_PART).into());
        while let Some(key) = first_key(self.store(), tag::PLUGIN_PART, from).await? {
            let Some(digest) = rows::plugin_digest(&key) else { return Err(unknown(&key)) };
            if !code_is_there(digest) {
                forget_parts(self.store(), digest).await?;
            }
            from = behind(&rows::plugin_parts(digest));
        }
        let is_there =
            |id| directory.installation(id).is_some_and(|i| i.status != InstallationStatus::Removed);
        let mut from = Bound::Included(rows::all(tag::PLUGIN_ENTRY).into());
        while let Some(key) = first_key(self.store(), tag::PLUGIN_ENTRY, from).await? {
            let Some(id) = rows::plugin_installation(&key) else { return Err(unknown(&key)) };
            if !is_there(id) {
                forget_entries(self.store(), id).await?;
            }
            from = behind(&rows::plugin_entries(id));
        }
        Ok(())
    }
}

/// The digest of these bytes, made where it keeps nobody waiting.
pub(crate) async fn digest_of(bytes: &Arc<[u8]>) -> Result<Digest> {
    let bytes = bytes.clone();
    tokio::task::spawn_blocking(move || Digest::of(&bytes)).await.map_err(Error::internal)
}

/// Writes the bytes of a plugin's code. Interrupted, it leaves parts that are written again, or swept.
pub(crate) async fn write_plugin_bytes(store: &TenantStore, digest: Digest, bytes: &[u8]) -> Result<()> {
    let parts: Vec<_> = (0_u32..).zip(bytes.chunks(PLUGIN_PART_BYTES)).collect();
    for parts in parts.chunks(PARTS_AT_ONCE) {
        let mut batch = Batch::new();
        for (number, bytes) in parts {
            batch.insert(rows::plugin_part(digest, *number), &PluginPart { bytes: bytes.to_vec() })?;
        }
        match store.commit(batch).await {
            CommitOutcome::Committed { .. } => {}
            CommitOutcome::Refused(error) => return Err(error.into()),
            outcome => {
                let message = "the bytes of the plugin could not be saved; upload it again";
                return Err(Error::unavailable(message).with_source(format!("{outcome:?}")));
            }
        }
    }
    Ok(())
}

/// The bytes of a plugin's code, which are those that its digest says; `INTERNAL` when they are others, or not there.
pub(crate) async fn plugin_bytes(store: &TenantStore, code: &PluginCode) -> Result<Vec<u8>> {
    let length = usize::try_from(code.bytes).map_err(Error::internal)?;
    let mut bytes = Vec::with_capacity(length);
    let parts = u32::try_from(length.div_ceil(PLUGIN_PART_BYTES)).map_err(Error::internal)?;
    let keys: Vec<_> = (0..parts).map(|part| rows::plugin_part(code.digest, part)).collect();
    for keys in keys.chunks(PARTS_AT_ONCE) {
        for part in store.get_many::<PluginPart>(keys).await? {
            let missing =
                || Error::internal(format!("bytes of the plugin code {} are not there", code.digest));
            bytes.extend_from_slice(&part.ok_or_else(missing)?.bytes);
        }
    }
    let bytes = Arc::<[u8]>::from(bytes);
    if digest_of(&bytes).await? != code.digest {
        return Err(Error::internal(format!("the bytes of the plugin code {} are others", code.digest)));
    }
    Ok(bytes.to_vec())
}

/// Removes the bytes of a plugin's code.
pub(crate) async fn forget_parts(store: &TenantStore, digest: Digest) -> Result<()> {
    forget(store, &rows::plugin_parts(digest)).await
}

/// Removes all that is kept for an installation.
pub(crate) async fn forget_entries(store: &TenantStore, installation: InstallationId) -> Result<()> {
    forget(store, &rows::plugin_entries(installation)).await
}

async fn forget(store: &TenantStore, prefix: &Key) -> Result<()> {
    loop {
        let (keys, more) = store.keys(Scan::prefix(prefix).limit(PER_COMMIT)).await?;
        if keys.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::new();
        keys.iter().for_each(|key| batch.delete(Key::from_stored(key)));
        match store.commit(batch).await {
            CommitOutcome::Committed { .. } if more => {}
            CommitOutcome::Committed { .. } => return Ok(()),
            outcome => {
                let message = "what a plugin left could not be removed; it is tried again later";
                return Err(Error::unavailable(message).with_source(format!("{outcome:?}")));
            }
        }
    }
}

/// The first key of a kind behind this bound.
async fn first_key(store: &TenantStore, tag: u8, from: Bound<Vec<u8>>) -> Result<Option<Vec<u8>>> {
    let to = prefix_end(&rows::all(tag)).map_or(Bound::Unbounded, Bound::Excluded);
    let (keys, _) = store.keys(Scan::range(from, to).limit(1)).await?;
    Ok(keys.into_iter().next())
}

/// Behind all keys that begin so.
fn behind(prefix: &[u8]) -> Bound<Vec<u8>> {
    prefix_end(prefix).map_or(Bound::Excluded(prefix.to_vec()), Bound::Included)
}

fn unknown(key: &[u8]) -> Error {
    Error::internal(format!("a key of plugins has {} bytes", key.len()))
}
