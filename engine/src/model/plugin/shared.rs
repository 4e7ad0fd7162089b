//! What companies with the same plugin have alike, held once in a process: ten thousand installations of fifty plugins have
//! fifty manifests, and as many names and lists of hooks.
//!
//! It shows in memory alone: stored bytes are those of any other value. It knows no rows.

pub(super) mod text;
pub(super) mod value;

use super::{PluginHooks, PluginPermissions};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, LazyLock, Weak};

/// So many values may be there, whether anybody has them or not.
const FEW: usize = 64;

/// What can be held once.
pub(super) trait Shared: Hash + Eq + 'static {
    /// Where those are that there are.
    fn pool() -> &'static Mutex<Pool<Self>>;
}

/// A kind of value with the place where it is held once.
macro_rules! shared {
    ($($kind:ty),+) => {
        $(impl Shared for $kind {
            fn pool() -> &'static Mutex<Pool<Self>> {
                static POOL: LazyLock<Mutex<Pool<$kind>>> = LazyLock::new(Mutex::default);
                &POOL
            }
        })+
    };
}

shared!(str, PluginHooks, PluginPermissions);

/// This value, as all have it who ask for the same.
pub(super) fn once<T: Shared + ?Sized>(value: impl AsRef<T> + Into<Arc<T>>) -> Arc<T> {
    T::pool().lock().once(value)
}

/// Values by a hash of them; of two with one hash the first is held, and the other is its owner's alone. Who asked for one keeps
/// it alive; this does not.
pub(super) struct Pool<T: ?Sized> {
    by_hash: FxHashMap<u64, Weak<T>>,
    /// Keyed by chance, so that nobody can make many values with one hash.
    hashes: RandomState,
    /// How many there may be before those are looked for that nobody has any more.
    room: usize,
}

impl<T: ?Sized> Default for Pool<T> {
    fn default() -> Self {
        Self { by_hash: FxHashMap::default(), hashes: RandomState::new(), room: 0 }
    }
}

impl<T: Hash + Eq + ?Sized> Pool<T> {
    fn once(&mut self, value: impl AsRef<T> + Into<Arc<T>>) -> Arc<T> {
        let hash = self.hashes.hash_one(value.as_ref());
        if let Some(there) = self.by_hash.get(&hash).and_then(Weak::upgrade) {
            return if *there == *value.as_ref() { there } else { value.into() };
        }
        if self.by_hash.len() >= self.room {
            self.let_go();
        }
        let value = value.into();
        self.by_hash.insert(hash, Arc::downgrade(&value));
        value
    }

    /// Lets go of what nobody has any more; its bytes are in memory until then. All are looked at, so this is not done again
    /// before they have doubled.
    fn let_go(&mut self) {
        self.by_hash.retain(|_, value| value.strong_count() > 0);
        self.room = FEW.max(self.by_hash.len().saturating_mul(2));
        self.by_hash.shrink_to(self.room);
    }
}

#[cfg(test)]
mod tests;
