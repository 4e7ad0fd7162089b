//! What governor remembers of addresses, within a bound that no flood of new ones passes.
//!
//! It does not know what an address is, nor how many requests it may send.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

use governor::{
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};
use parking_lot::Mutex;

/// Parts with a lock each, so that addresses seldom wait for one another.
const PARTS: usize = 16;

/// Theoretical arrival times by key, at most so many. What does not fit shares one time for each part.
pub(super) struct Capped {
    parts: [Mutex<Part>; PARTS],
    per_part_max: usize,
    /// Keyed by chance: clients choose their addresses, and must not choose their places.
    hasher: RandomState,
}

#[derive(Default)]
struct Part {
    times: HashMap<u64, u64, RandomState>,
    /// Of all keys that found no room.
    rest: Option<u64>,
}

impl Capped {
    pub(super) fn new(keys_max: usize) -> Self {
        Self {
            parts: std::array::from_fn(|_| Mutex::default()),
            per_part_max: keys_max.div_ceil(PARTS),
            hasher: RandomState::new(),
        }
    }

    fn part(&self, key: u64) -> &Mutex<Part> {
        let [first, ..] = &self.parts;
        let at = usize::try_from(self.hasher.hash_one(key)).unwrap_or(usize::MAX) % PARTS;
        self.parts.get(at).unwrap_or(first)
    }
}

impl StateStore for Capped {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut part = self.part(*key).lock();
        let Part { times, rest } = &mut *part;
        let (full, known) = (times.len() >= self.per_part_max, times.get_mut(key));
        if let Some(time) = known {
            let (outcome, after) = measure(Some(Nanos::from(*time)))?;
            *time = after.as_u64();
            return Ok(outcome);
        }
        let (outcome, after) = measure(rest.filter(|_| full).map(Nanos::from))?;
        if full {
            *rest = Some(after.as_u64());
        } else {
            times.insert(*key, after.as_u64());
        }
        Ok(outcome)
    }
}

impl ShrinkableKeyedStateStore<u64> for Capped {
    fn retain_recent(&self, drop_below: Nanos) {
        for part in &self.parts {
            part.lock().times.retain(|_, time| *time > drop_below.as_u64());
        }
    }

    fn shrink_to_fit(&self) {
        self.parts.iter().for_each(|part| part.lock().times.shrink_to_fit());
    }

    fn len(&self) -> usize {
        self.parts.iter().map(|part| part.lock().times.len()).sum()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
