//! Credentials that held lately: who shows them is let through to be known, whoever else guesses at the same address.
//!
//! It does not know what they are: it keeps their hashes, under a key of this process.

use std::hash::{BuildHasher, RandomState};

use http::HeaderValue;
use quick_cache::sync::Cache;

/// How many are remembered, at some 40 bytes each.
const REMEMBERED_MAX: usize = 50_000;

/// See the module.
pub(super) struct Credentials {
    held: Cache<u64, ()>,
    hasher: RandomState,
}

impl Default for Credentials {
    fn default() -> Self {
        Self { held: Cache::new(REMEMBERED_MAX), hasher: RandomState::new() }
    }
}

impl Credentials {
    /// They hold.
    pub(super) fn hold(&self, shown: &HeaderValue) {
        let hash = self.hash(shown);
        if self.held.get(&hash).is_none() {
            self.held.insert(hash, ());
        }
    }

    /// They hold no longer.
    pub(super) fn forget(&self, shown: &HeaderValue) {
        self.held.remove(&self.hash(shown));
    }

    /// Whether they held lately.
    pub(super) fn held(&self, shown: &HeaderValue) -> bool {
        self.held.get(&self.hash(shown)).is_some()
    }

    fn hash(&self, shown: &HeaderValue) -> u64 {
        self.hasher.hash_one(shown.as_bytes())
    }
}
