//! Ordinals in the order of something that lies in the columns: four bytes an issue, and no copy of what orders them.
//!
//! They lie in blocks, so that one comes in or goes by moving a few hundred. Each block knows what its ordinals do not lie
//! behind, so that only one block's are looked up in the columns.

use super::field::{Column, Plain};
use super::source::{Source, malformed};
use roaring::RoaringBitmap;
use std::fmt::Debug;
use std::io;
use std::marker::PhantomData;

/// Ordinals of a block; a fuller one is split. (Tests, whose views are small, split too.)
const BLOCK_MAX: usize = if cfg!(test) { 8 } else { 256 };

/// Ordinals of a block that was built, or loaded: there is room for some more.
const BLOCK_BUILT: usize = BLOCK_MAX / 8 * 7;

/// What ordinals are ordered by.
pub(super) trait Keyed {
    /// Where it lies.
    type In;
    /// What it is; no two ordinals have the same.
    type Key: Ord + Copy + Debug;

    /// That of an ordinal which is there.
    fn key(of: &Self::In, at: u32) -> Option<Self::Key>;
}

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Sorted<K: Keyed> {
    /// None is empty.
    blocks: Vec<Block<K::Key>>,
    by: PhantomData<K>,
}

#[derive(Debug, Clone)]
struct Block<K> {
    /// None of the ordinals lies behind this, and all of the next block do.
    bound: K,
    ordinals: Vec<u32>,
}

/// A place between two ordinals.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    block: usize,
    within: usize,
}

impl<K: Keyed> Default for Sorted<K> {
    fn default() -> Self {
        Self { blocks: Vec::new(), by: PhantomData }
    }
}

impl<K: Keyed> Sorted<K> {
    /// These ordinals, which are in order.
    pub(super) fn of(ordinals: &[u32], keys: &K::In) -> Self {
        let block = |ordinals: &[u32]| {
            let bound = ordinals.last().and_then(|last| K::key(keys, *last))?;
            Some(Block { bound, ordinals: ordinals.to_vec() })
        };
        Self { blocks: ordinals.chunks(BLOCK_BUILT).filter_map(block).collect(), by: PhantomData }
    }

    /// So many ordinals, put in order.
    pub(super) fn built(keys: &K::In, count: usize) -> Self {
        let ordinals = 0..u32::try_from(count).unwrap_or(u32::MAX);
        let mut entries: Vec<_> = ordinals.filter_map(|at| Some((K::key(keys, at)?, at))).collect();
        entries.sort_unstable();
        Self::of(&entries.into_iter().map(|(_, at)| at).collect::<Vec<_>>(), keys)
    }

    /// The place behind all that lie before, which are the first ones.
    pub(super) fn behind(&self, keys: &K::In, lies_before: impl Fn(K::Key) -> bool) -> Place {
        let block = self.blocks.partition_point(|block| lies_before(block.bound));
        let lies_before = |at: &u32| K::key(keys, *at).is_some_and(&lies_before);
        let within = self.blocks.get(block).map_or(0, |block| block.ordinals.partition_point(lies_before));
        Place { block, within }
    }

    /// The place before all.
    pub(super) const fn start(&self) -> Place {
        Place { block: 0, within: 0 }
    }

    /// The place behind all.
    pub(super) const fn end(&self) -> Place {
        Place { block: self.blocks.len(), within: 0 }
    }

    /// The one with this key.
    pub(super) fn find(&self, keys: &K::In, key: K::Key) -> Option<u32> {
        let found = self.upward(self.behind(keys, |other| other < key)).next();
        found.filter(|at| K::key(keys, *at) == Some(key))
    }

    /// Those behind this place, upwards.
    pub(super) fn upward(&self, from: Place) -> impl Iterator<Item = u32> + '_ {
        let first = self.blocks.get(from.block).and_then(|block| block.ordinals.get(from.within..));
        let others = self.blocks.iter().skip(from.block.saturating_add(1));
        first.into_iter().chain(others.map(|block| block.ordinals.as_slice())).flatten().copied()
    }

    /// Those before this place, downwards.
    pub(super) fn downward(&self, from: Place) -> impl Iterator<Item = u32> + '_ {
        let first = self.blocks.get(from.block).and_then(|block| block.ordinals.get(..from.within));
        let others = self.blocks.iter().take(from.block).rev();
        let slices = first.into_iter().chain(others.map(|block| block.ordinals.as_slice()));
        slices.flat_map(|slice| slice.iter().rev()).copied()
    }

    /// All, upwards.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.upward(self.start())
    }

    /// Takes in one that is new.
    pub(super) fn enter(&mut self, keys: &K::In, ordinal: u32) {
        let Some(key) = K::key(keys, ordinal) else { return };
        match self.blocks.last_mut() {
            None => self.blocks.push(Block { bound: key, ordinals: vec![ordinal] }),
            Some(last) if last.bound < key => {
                last.bound = key;
                last.ordinals.push(ordinal);
                // Those that come in order, as new issues do, leave full blocks behind.
                self.split(keys, self.blocks.len() - 1, BLOCK_MAX);
            }
            Some(_) => {
                let place = self.behind(keys, |other| other < key);
                if let Some(block) = self.blocks.get_mut(place.block) {
                    block.ordinals.insert(place.within, ordinal);
                }
                self.split(keys, place.block, BLOCK_MAX / 2);
            }
        }
    }

    /// Splits a block that is too full.
    fn split(&mut self, keys: &K::In, block: usize, lower: usize) {
        let Some(full) = self.blocks.get_mut(block).filter(|full| full.ordinals.len() > BLOCK_MAX) else {
            return;
        };
        let Some(between) = full.ordinals.get(lower - 1).and_then(|last| K::key(keys, *last)) else { return };
        let upper = Block { bound: full.bound, ordinals: full.ordinals.split_off(lower) };
        full.bound = between;
        self.blocks.insert(block + 1, upper);
    }

    /// Moves one whose key was another before it changed in the columns.
    pub(super) fn moved(&mut self, keys: &K::In, ordinal: u32, before: Option<K::Key>) {
        let now = K::key(keys, ordinal);
        if let Some(before) = before.filter(|_| before != now) {
            self.leave(keys, ordinal, before);
            self.enter(keys, ordinal);
        }
    }

    /// Lets go one that had this key.
    fn leave(&mut self, keys: &K::In, ordinal: u32, key: K::Key) {
        let block = self.blocks.partition_point(|block| block.bound < key);
        let Some(place) = self.blocks.get_mut(block) else { return };
        // In the columns it may have another key by now.
        let lies_before = |at: &u32| *at != ordinal && K::key(keys, *at).is_some_and(|other| other < key);
        let within = place.ordinals.partition_point(lies_before);
        if place.ordinals.get(within) == Some(&ordinal) {
            place.ordinals.remove(within);
            if place.ordinals.is_empty() {
                self.blocks.remove(block);
            }
        }
    }
}

/// What is the same for all that are sorted by something that lies there.
pub(super) trait Index<In> {
    /// Ordinals.
    fn len(&self) -> usize;

    /// Bytes of memory.
    fn memory_bytes(&self) -> usize;

    /// Lets go of some, of which it does not matter what they are ordered by now.
    fn forget(&mut self, keys: &In, ordinals: &RoaringBitmap);

    /// Writes it.
    fn save(&self, to: &mut Vec<u8>);
}

impl<K: Keyed> Index<K::In> for Sorted<K> {
    fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.ordinals.len()).sum()
    }

    fn memory_bytes(&self) -> usize {
        /// Bytes that go with an allocation.
        const ALLOCATION: usize = 8;
        let blocks =
            self.blocks.iter().map(|block| block.ordinals.capacity() * size_of::<u32>() + ALLOCATION);
        blocks.sum::<usize>() + self.blocks.capacity() * size_of::<Block<K::Key>>()
    }

    fn forget(&mut self, keys: &K::In, ordinals: &RoaringBitmap) {
        let left: Vec<_> = self.iter().filter(|at| !ordinals.contains(*at)).collect();
        *self = Self::of(&left, keys);
    }

    fn save(&self, to: &mut Vec<u8>) {
        to.reserve((1 + self.len()) * size_of::<u32>());
        u32::try_from(self.len()).unwrap_or(u32::MAX).put(to);
        self.blocks.iter().for_each(|block| u32::put_all(&block.ordinals, to));
    }
}

impl<K: Keyed> Sorted<K> {
    /// Reads one, leaving out ordinals from `end` on.
    pub(super) fn load(keys: &K::In, end: u32, from: &mut Source<'_>) -> io::Result<Self> {
        /// Ordinals that are read at once.
        const AT_ONCE: usize = 64 * 1024;
        let (count, mut ordinals) = (from.count()?, Vec::new());
        for start in (0..count).step_by(AT_ONCE) {
            Column::load(&mut ordinals, AT_ONCE.min(count - start), from)?;
        }
        ordinals.retain(|at| *at < end);
        if ordinals.len() > end as usize {
            return Err(malformed());
        }
        Ok(Self::of(&ordinals, keys))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const SLOTS: usize = 60;

    /// By a number for each ordinal, and the ordinal.
    struct ByValue;

    impl Keyed for ByValue {
        type In = Vec<u32>;
        type Key = (u32, u32);

        fn key(of: &Vec<u32>, at: u32) -> Option<(u32, u32)> {
            of.get(at as usize).map(|value| (*value, at))
        }
    }

    proptest! {
        #[test]
        fn it_has_what_came_in_order_wherever_it_moved(
            mut values in prop::collection::vec(0..40_u32, SLOTS),
            changes in prop::collection::vec((0..SLOTS as u32, 0..40_u32), 0..300),
            (sought, forgotten) in ((0..40_u32, 0..SLOTS as u32), prop::collection::vec(0..SLOTS as u32, 0..20)),
        ) {
            let (mut sorted, mut there) = (Sorted::<ByValue>::default(), BTreeSet::new());
            for (at, value) in changes {
                let before = ByValue::key(&values, at);
                values[at as usize] = value;
                if there.insert(at) {
                    sorted.enter(&values, at);
                } else {
                    sorted.moved(&values, at, before);
                }
            }
            let mut expected: Vec<_> = there.iter().map(|at| (values[*at as usize], *at)).collect();
            expected.sort();
            let all: Vec<_> = expected.iter().map(|(_, at)| *at).collect();
            prop_assert_eq!(sorted.iter().collect::<Vec<_>>(), all.clone());
            prop_assert_eq!(sorted.len(), all.len());
            let built = Sorted::<ByValue>::built(&values, SLOTS);
            prop_assert_eq!(built.iter().filter(|at| there.contains(at)).collect::<Vec<_>>(), all.clone());
            prop_assert_eq!(sorted.find(&values, sought), expected.contains(&sought).then_some(sought.1));

            let split = expected.iter().filter(|key| **key < sought).count();
            let from = sorted.behind(&values, |key| key < sought);
            prop_assert_eq!(sorted.upward(from).collect::<Vec<_>>(), &all[split..]);
            let below: Vec<_> = all[..split].iter().rev().copied().collect();
            prop_assert_eq!(sorted.downward(from).collect::<Vec<_>>(), below);
            prop_assert_eq!(sorted.downward(sorted.end()).count(), all.len());

            let mut saved = Vec::new();
            sorted.save(&mut saved);
            let loaded = Sorted::<ByValue>::load(&values, 30, &mut Source::new(&mut saved.as_slice())).unwrap();
            let kept: Vec<_> = all.iter().filter(|at| **at < 30).copied().collect();
            prop_assert_eq!(loaded.iter().collect::<Vec<_>>(), kept);

            // Some change without it being told, are forgotten, and come back.
            let forgotten: BTreeSet<_> = forgotten.into_iter().filter(|at| there.contains(at)).collect();
            for at in &forgotten {
                values[*at as usize] = values[(*at as usize * 7 + 3) % SLOTS];
            }
            let mut sorted = Sorted::<ByValue>::of(&all, &values);
            sorted.forget(&values, &forgotten.iter().copied().collect());
            forgotten.iter().for_each(|at| sorted.enter(&values, *at));
            let mut expected: Vec<_> = there.iter().map(|at| (values[*at as usize], *at)).collect();
            expected.sort();
            prop_assert_eq!(sorted.iter().collect::<Vec<_>>(), expected.iter().map(|(_, at)| *at).collect::<Vec<_>>());
        }
    }
}
