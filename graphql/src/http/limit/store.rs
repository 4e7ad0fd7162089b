//! What governor remembers of keys, within a bound that no flood of new ones passes.
//!
//! It does not know what a key stands for, nor how many points it has.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    sync::Arc,
};

use governor::{
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};
use parking_lot::Mutex;

use super::clock::Ticks;

/// How often room is looked for in a part that has none, in nanoseconds: ten times a second.
const MAKE_ROOM_EVERY_NS: u64 = 100_000_000;

/// Parts with a lock each, so that keys seldom wait for one another.
const PARTS: usize = 16;

/// Theoretical arrival times by key, at most so many. What does not fit shares one time for each part. Clones are handles to
/// the same.
#[derive(Clone)]
pub(super) struct Capped<K>(Arc<Inner<K>>);

struct Inner<K> {
    parts: [Mutex<Part<K>>; PARTS],
    per_part_max: usize,
    /// Drawn by chance: clients choose their addresses, and must not choose their places.
    hasher: RandomState,
    ticks: Ticks,
    /// Times are counted from here.
    began_ns: u64,
}

struct Part<K> {
    times: HashMap<K, u64, RandomState>,
    /// When those that have all their points again were looked for because there was no room.
    made_room: u64,
    /// Of all keys that found no room.
    rest: Option<u64>,
}

impl<K: Hash + Eq + Copy> Capped<K> {
    pub(super) fn new(keys_max: usize, ticks: Ticks) -> Self {
        Self(Arc::new(Inner {
            parts: std::array::from_fn(|_| {
                Mutex::new(Part { times: HashMap::default(), made_room: 0, rest: None })
            }),
            per_part_max: keys_max.div_ceil(PARTS),
            hasher: RandomState::new(),
            began_ns: ticks.now_ns(),
            ticks,
        }))
    }

    /// How far the time of this key lies ahead: nothing when it has all its points.
    pub(super) fn ahead_ns(&self, key: &K) -> u64 {
        let part = self.0.part(key).lock();
        let full = part.times.len() >= self.0.per_part_max;
        let time = part.times.get(key).copied().or(part.rest.filter(|_| full));
        time.map_or(0, |time| time.saturating_sub(self.0.now_ns()))
    }
}

impl<K: Hash + Eq + Copy> Inner<K> {
    fn now_ns(&self) -> u64 {
        self.ticks.now_ns().saturating_sub(self.began_ns)
    }

    /// Forgets keys that have all their points again, when there is no room for another.
    fn make_room(&self, part: &mut Part<K>) {
        let now = self.now_ns();
        if part.times.len() >= self.per_part_max && now.saturating_sub(part.made_room) >= MAKE_ROOM_EVERY_NS {
            part.made_room = now;
            part.times.retain(|_, time| *time > now);
        }
    }

    fn part(&self, key: &K) -> &Mutex<Part<K>> {
        let [first, ..] = &self.parts;
        let at = usize::try_from(self.hasher.hash_one(key)).unwrap_or(usize::MAX) % PARTS;
        self.parts.get(at).unwrap_or(first)
    }
}

impl<K: Hash + Eq + Copy> StateStore for Capped<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut part = self.0.part(key).lock();
        if let Some(time) = part.times.get_mut(key) {
            let (outcome, after) = measure(Some(Nanos::from(*time)))?;
            *time = after.as_u64();
            return Ok(outcome);
        }
        self.0.make_room(&mut part);
        let Part { times, rest, .. } = &mut *part;
        let full = times.len() >= self.0.per_part_max;
        let (outcome, after) = measure(rest.filter(|_| full).map(Nanos::from))?;
        if full {
            *rest = Some(after.as_u64());
        } else {
            times.insert(*key, after.as_u64());
        }
        Ok(outcome)
    }
}

impl<K: Hash + Eq + Copy> ShrinkableKeyedStateStore<K> for Capped<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        for part in &self.0.parts {
            part.lock().times.retain(|_, time| *time > drop_below.as_u64());
        }
    }

    fn shrink_to_fit(&self) {
        self.0.parts.iter().for_each(|part| part.lock().times.shrink_to_fit());
    }

    fn len(&self) -> usize {
        self.0.parts.iter().map(|part| part.lock().times.len()).sum()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
