//! Ordinals in the order of something that lies in the columns: four bytes an issue, and no copy of what orders them.
//!
//! They lie in blocks, so that one comes in or goes by moving a few hundred. What orders them is asked of the caller each
//! time: it must be the same as before, so an ordinal is taken out before, and put in after, its issue changes.

use super::field::{Column, Plain};
use super::source::{Source, malformed};
use std::cmp::Ordering;
use std::io;

/// Ordinals of a block; a fuller one is split. (Tests, whose views are small, split too.)
const BLOCK_MAX: usize = if cfg!(test) { 8 } else { 512 };

/// Ordinals of a block that was built, or loaded: there is room for some more.
const BLOCK_BUILT: usize = BLOCK_MAX / 8 * 7;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    /// None is empty.
    blocks: Vec<Vec<u32>>,
}

/// A place between two ordinals.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    block: usize,
    within: usize,
}

impl Sorted {
    /// These ordinals, which are in order.
    pub(super) fn of(ordinals: &[u32]) -> Self {
        Self { blocks: ordinals.chunks(BLOCK_BUILT).map(<[u32]>::to_vec).collect() }
    }

    /// Ordinals.
    pub(super) fn len(&self) -> usize {
        self.blocks.iter().map(Vec::len).sum()
    }

    /// The last one.
    pub(super) fn last(&self) -> Option<u32> {
        self.blocks.last().and_then(|block| block.last()).copied()
    }

    /// The place behind all that lie before, which are the first ones.
    pub(super) fn behind(&self, lies_before: impl Fn(u32) -> bool) -> Place {
        let block = self.blocks.partition_point(|block| block.last().is_some_and(|last| lies_before(*last)));
        let within = self.blocks.get(block).map_or(0, |block| block.partition_point(|at| lies_before(*at)));
        Place { block, within }
    }

    /// The place behind all.
    pub(super) fn end(&self) -> Place {
        Place { block: self.blocks.len(), within: 0 }
    }

    /// The one behind this place.
    pub(super) fn at(&self, place: Place) -> Option<u32> {
        self.blocks.get(place.block).and_then(|block| block.get(place.within)).copied()
    }

    /// The one that is equal, where `compare` says how one lies to what is sought.
    pub(super) fn find(&self, compare: impl Fn(u32) -> Ordering) -> Option<u32> {
        self.at(self.behind(|at| compare(at).is_lt())).filter(|at| compare(*at).is_eq())
    }

    /// Those behind this place, upwards.
    pub(super) fn upward(&self, from: Place) -> impl Iterator<Item = u32> + '_ {
        let first =
            self.blocks.get(from.block).and_then(|block| block.get(from.within..)).unwrap_or_default();
        let others = self.blocks.iter().skip(from.block.saturating_add(1)).flatten();
        first.iter().chain(others).copied()
    }

    /// Those before this place, downwards.
    pub(super) fn downward(&self, from: Place) -> impl Iterator<Item = u32> + '_ {
        let first =
            self.blocks.get(from.block).and_then(|block| block.get(..from.within)).unwrap_or_default();
        let others = self
            .blocks
            .get(..from.block)
            .unwrap_or(&self.blocks)
            .iter()
            .rev()
            .flat_map(|block| block.iter().rev());
        first.iter().rev().chain(others).copied()
    }

    /// All, upwards.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.blocks.iter().flatten().copied()
    }

    /// Puts one in at a place.
    pub(super) fn insert(&mut self, place: Place, ordinal: u32) {
        // Behind the last of all there is no block: it goes to the end of the one before.
        let last = self.blocks.len().saturating_sub(1);
        let (at, end) = (place.block.min(last), place.block > last);
        let Some(block) = self.blocks.get_mut(at) else { return self.blocks.push(vec![ordinal]) };
        let within = if end { block.len() } else { place.within.min(block.len()) };
        block.insert(within, ordinal);
        if block.len() > BLOCK_MAX {
            // Those that come in order, as new issues do, leave full blocks behind.
            let half = if end { BLOCK_MAX } else { block.len() / 2 };
            let upper = block.split_off(half);
            self.blocks.insert(at + 1, upper);
        }
    }

    /// Takes out the one behind this place, if it is this one.
    pub(super) fn remove(&mut self, place: Place, ordinal: u32) {
        let Some(block) = self.blocks.get_mut(place.block) else { return };
        if block.get(place.within) == Some(&ordinal) {
            block.remove(place.within);
            if block.is_empty() {
                self.blocks.remove(place.block);
            }
        }
    }

    /// Keeps only some.
    pub(super) fn retain(&mut self, keeps: impl Fn(u32) -> bool) {
        let left: Vec<_> = self.iter().filter(|at| keeps(*at)).collect();
        *self = Self::of(&left);
    }

    /// Bytes of memory.
    pub(super) fn memory_bytes(&self) -> usize {
        /// Bytes that go with an allocation.
        const ALLOCATION: usize = 8;
        let blocks = self.blocks.iter().map(|block| block.capacity() * size_of::<u32>() + ALLOCATION);
        blocks.sum::<usize>() + self.blocks.capacity() * size_of::<Vec<u32>>()
    }

    /// Writes it.
    pub(super) fn save(&self, to: &mut Vec<u8>) {
        u32::try_from(self.len()).unwrap_or(u32::MAX).put(to);
        self.iter().for_each(|at| at.put(to));
    }

    /// Reads one, leaving out ordinals from `end` on.
    pub(super) fn load(end: u32, from: &mut Source<'_>) -> io::Result<Self> {
        let (count, mut ordinals) = (from.count()?, Vec::new());
        Column::reserve(&mut ordinals, count);
        Column::load(&mut ordinals, count, from)?;
        ordinals.retain(|at| *at < end);
        if ordinals.len() > end as usize {
            return Err(malformed());
        }
        Ok(Self::of(&ordinals))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// A value for each ordinal, none twice.
    fn value(at: u32) -> u32 {
        at.wrapping_mul(2_654_435_769)
    }

    fn place(sorted: &Sorted, at: u32) -> Place {
        sorted.behind(|other| value(other) < value(at))
    }

    proptest! {
        #[test]
        fn it_holds_what_was_put_in_and_not_taken_out_in_order(
            changes in prop::collection::vec((any::<bool>(), 0..60_u32), 0..300),
            sought in 0..60_u32,
        ) {
            let (mut sorted, mut expected) = (Sorted::default(), BTreeSet::new());
            for (enters, at) in changes {
                let there = expected.contains(&(value(at), at));
                prop_assert_eq!(sorted.find(|other| value(other).cmp(&value(at))), there.then_some(at));
                let place = place(&sorted, at);
                if enters && !there {
                    sorted.insert(place, at);
                    expected.insert((value(at), at));
                } else if !enters {
                    sorted.remove(place, at);
                    expected.remove(&(value(at), at));
                }
            }
            let all: Vec<_> = expected.iter().map(|(_, at)| *at).collect();
            prop_assert_eq!(sorted.iter().collect::<Vec<_>>(), all.clone());
            prop_assert_eq!(sorted.len(), all.len());
            prop_assert_eq!(sorted.last(), all.last().copied());

            let split = all.iter().filter(|at| value(**at) < value(sought)).count();
            let from = place(&sorted, sought);
            prop_assert_eq!(sorted.upward(from).collect::<Vec<_>>(), &all[split..]);
            let below: Vec<_> = all[..split].iter().rev().copied().collect();
            prop_assert_eq!(sorted.downward(from).collect::<Vec<_>>(), below);
            prop_assert_eq!(sorted.downward(sorted.end()).count(), all.len());

            let mut saved = Vec::new();
            sorted.save(&mut saved);
            let mut bytes = saved.as_slice();
            let loaded = Sorted::load(30, &mut Source::new(&mut bytes)).unwrap();
            sorted.retain(|at| at < 30);
            prop_assert_eq!(loaded.iter().collect::<Vec<_>>(), sorted.iter().collect::<Vec<_>>());
        }
    }
}
