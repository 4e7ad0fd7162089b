//! Where an installation's things lie, as far as reading goes: its room in the engine, or a map in tests.

use async_trait::async_trait;
use mortise_engine::{PluginRoom, Result};

/// Reads of one installation's room.
#[async_trait]
pub(crate) trait Shelf: Send + Sync {
    /// What is kept under this name.
    async fn get(&self, name: &[u8]) -> Result<Option<Vec<u8>>>;

    /// What is kept under names that begin so, in the order of names, behind `after`; at most `limit`. None is the end, fewer
    /// are not.
    async fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>>;
}

#[async_trait]
impl Shelf for PluginRoom {
    async fn get(&self, name: &[u8]) -> Result<Option<Vec<u8>>> {
        Self::get(self, name).await
    }

    async fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        Self::scan(self, prefix, after, limit).await
    }
}

/// A room of the engine.
#[derive(Debug, Clone)]
pub(crate) struct RoomShelf(pub(crate) PluginRoom);

#[async_trait]
impl Shelf for RoomShelf {
    async fn get(&self, name: &[u8]) -> Result<Option<Vec<u8>>> {
        self.0.get(name).await
    }

    async fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        self.0.scan(prefix, after, limit).await
    }
}

/// A shelf in memory.
#[cfg(test)]
#[derive(Debug, Default)]
pub(crate) struct Heap(pub(crate) parking_lot::Mutex<std::collections::BTreeMap<Vec<u8>, Vec<u8>>>);

#[cfg(test)]
#[async_trait]
impl Shelf for Heap {
    async fn get(&self, name: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.0.lock().get(name).cloned())
    }

    async fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let kept = self.0.lock();
        let behind = kept.iter().filter(|(name, _)| after.is_none_or(|after| name.as_slice() > after));
        let found = behind.filter(|(name, _)| name.starts_with(prefix)).take(limit);
        Ok(found.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}
