//! What companies with the same plugin have alike, held once in a process: ten thousand installations of fifty plugins have
//! fifty manifests, and as many names and lists of hooks.
//!
//! It shows in memory alone: stored bytes are those of any other value. It knows no rows.

pub(super) mod settings;
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

/// Keyed by chance, so that nobody can make many values with one hash.
static HASHES: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// This value, as all have it who ask for the same. Of two with one hash the first is held, and the other is its owner's alone.
pub(super) fn once<T: Shared + ?Sized>(value: impl AsRef<T> + Into<Arc<T>>) -> Arc<T> {
    let hash = HASHES.hash_one(value.as_ref());
    // Values may be long: they are looked at while nobody waits for the pool.
    let there = T::pool().lock().get(hash);
    match there {
        Some(there) if *there == *value.as_ref() => there,
        Some(_) => value.into(),
        None => {
            let value = value.into();
            T::pool().lock().keep(hash, &value);
            value
        }
    }
}

/// Values by a hash of them. Who asked for one keeps it alive; this does not.
pub(super) struct Pool<T: ?Sized> {
    by_hash: FxHashMap<u64, Weak<T>>,
    /// How many there may be before those are looked for that nobody has any more.
    room: usize,
}

impl<T: ?Sized> Default for Pool<T> {
    fn default() -> Self {
        Self { by_hash: FxHashMap::default(), room: 0 }
    }
}

impl<T: ?Sized> Pool<T> {
    fn get(&self, hash: u64) -> Option<Arc<T>> {
        self.by_hash.get(&hash).and_then(Weak::upgrade)
    }

    fn keep(&mut self, hash: u64, value: &Arc<T>) {
        if self.by_hash.len() >= self.room {
            self.let_go();
        }
        self.by_hash.insert(hash, Arc::downgrade(value));
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
