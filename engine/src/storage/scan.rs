//! Asking for a page of keys in order.
//!
//! It does not know whether the backend reads from a snapshot: a page may mix two commits where
//! [`Capabilities::snapshot_reads`](super::Capabilities) is false.

use std::ops::Bound;

use bytes::Bytes;

use super::key::{full_key, prefix_end};
use crate::id::TenantId;

/// Most entries one page holds, whatever was asked.
pub const PAGE_ENTRIES_MAX: usize = 10_000;

/// Most bytes of values one page holds; a page always holds at least one entry.
pub const PAGE_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// From which end a scan starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Smallest key first.
    #[default]
    Forward,
    /// Largest key first.
    Backward,
}

/// A range of one tenant's keys, a direction and a limit.
#[derive(Debug, Clone)]
pub struct Scan {
    from: Bound<Vec<u8>>,
    to: Bound<Vec<u8>>,
    pub(crate) direction: Direction,
    pub(crate) limit: usize,
}

impl Scan {
    /// Keys between two bounds. Open bounds reach to the ends of the tenant's keys, never beyond.
    pub fn range(from: Bound<Vec<u8>>, to: Bound<Vec<u8>>) -> Self {
        Self { from, to, direction: Direction::Forward, limit: PAGE_ENTRIES_MAX }
    }

    /// Keys that start with `prefix`.
    pub fn prefix(prefix: &[u8]) -> Self {
        let to = prefix_end(prefix).map_or(Bound::Unbounded, Bound::Excluded);
        Self::range(Bound::Included(prefix.to_vec()), to)
    }

    /// Largest key first.
    #[must_use]
    pub fn backward(mut self) -> Self {
        self.direction = Direction::Backward;
        self
    }

    /// At most this many entries; [`PAGE_ENTRIES_MAX`] at most in any case.
    #[must_use]
    pub fn limit(mut self, entries: usize) -> Self {
        self.limit = entries.min(PAGE_ENTRIES_MAX);
        self
    }

    /// Goes on behind the last key of the page before.
    #[must_use]
    pub fn after(mut self, key: &[u8]) -> Self {
        match self.direction {
            Direction::Forward => self.from = Bound::Excluded(key.to_vec()),
            Direction::Backward => self.to = Bound::Excluded(key.to_vec()),
        }
        self
    }

    /// The half-open range of full keys.
    pub(crate) fn keys_of(&self, tenant: TenantId) -> KeyRange {
        let start = match &self.from {
            Bound::Included(key) => full_key(tenant, key),
            Bound::Excluded(key) => successor(full_key(tenant, key)),
            Bound::Unbounded => tenant.as_bytes().to_vec(),
        };
        let end = match &self.to {
            Bound::Included(key) => Some(successor(full_key(tenant, key))),
            Bound::Excluded(key) => Some(full_key(tenant, key)),
            Bound::Unbounded => prefix_end(tenant.as_bytes()),
        };
        KeyRange { start, end }
    }
}

/// The next key in byte order.
fn successor(mut key: Vec<u8>) -> Vec<u8> {
    key.push(0);
    key
}

/// Full keys from `start`, up to but without `end`; no end means the end of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyRange {
    pub(crate) start: Vec<u8>,
    pub(crate) end: Option<Vec<u8>>,
}

impl KeyRange {
    pub(crate) fn is_empty(&self) -> bool {
        self.end.as_ref().is_some_and(|end| *end <= self.start)
    }

    pub(crate) fn bounds(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        let end = self.end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        (Bound::Included(self.start.as_slice()), end)
    }
}

/// Keys inside the tenant with their values, in the order asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The entries.
    pub entries: Vec<(Vec<u8>, Bytes)>,
    /// Whether the range holds more behind the last entry.
    pub more: bool,
}
