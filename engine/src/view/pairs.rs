//! Pairs of ordinals in order, side by side in blocks: eight bytes each, walked at the speed of memory, and one comes or
//! goes by moving a few hundred.

/// Pairs of a block; a fuller one is split. (Tests, whose views are small, split too.)
const BLOCK_MAX: usize = if cfg!(test) { 8 } else { 512 };

/// See the module.
#[derive(Debug, Clone, Default)]
pub(super) struct Pairs {
    /// None is empty.
    blocks: Vec<Vec<(u32, u32)>>,
}

impl Pairs {
    /// All, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.blocks.iter().flatten().copied()
    }

    /// Those that begin with this ordinal.
    pub(super) fn of(&self, first: u32) -> impl Iterator<Item = u32> + '_ {
        let (block, place) = self.place((first, 0));
        let blocks = self.blocks.get(block..).unwrap_or_default().iter();
        let pairs = blocks.flatten().skip(place).take_while(move |pair| pair.0 == first);
        pairs.map(|pair| pair.1)
    }

    /// Pairs.
    pub(super) fn len(&self) -> usize {
        self.blocks.iter().map(Vec::len).sum()
    }

    /// The block that a pair belongs to, and its place there.
    fn place(&self, pair: (u32, u32)) -> (usize, usize) {
        let block = self.blocks.partition_point(|block| block.last().is_some_and(|last| *last < pair));
        (block, self.blocks.get(block).map_or(0, |block| block.partition_point(|other| *other < pair)))
    }

    /// Puts a pair in, unless it is there.
    pub(super) fn insert(&mut self, pair: (u32, u32)) {
        let (at, place) = self.place(pair);
        // Behind the last of all there is no block: it goes to the end of the one before.
        let behind = at == self.blocks.len();
        let at = if behind { at.saturating_sub(1) } else { at };
        let Some(block) = self.blocks.get_mut(at) else { return self.blocks.push(vec![pair]) };
        let place = if behind { block.len() } else { place };
        if block.get(place) == Some(&pair) {
            return;
        }
        block.insert(place, pair);
        if block.len() > BLOCK_MAX {
            // Those that come in order leave full blocks behind.
            let upper = block.split_off(if behind { BLOCK_MAX } else { BLOCK_MAX / 2 });
            self.blocks.insert(at + 1, upper);
        }
    }

    /// Takes a pair out, if it is there.
    pub(super) fn remove(&mut self, pair: (u32, u32)) {
        let (at, place) = self.place(pair);
        let Some(block) = self.blocks.get_mut(at).filter(|block| block.get(place) == Some(&pair)) else {
            return;
        };
        block.remove(place);
        if block.is_empty() {
            self.blocks.remove(at);
        }
    }

    /// Bytes of memory.
    pub(super) fn memory_bytes(&self) -> usize {
        let blocks =
            self.blocks.iter().map(|block| super::field::block(block.capacity() * size_of::<(u32, u32)>()));
        blocks.sum::<usize>() + self.blocks.capacity() * size_of::<Vec<(u32, u32)>>()
    }
}

impl FromIterator<(u32, u32)> for Pairs {
    /// The pairs must come in order.
    fn from_iter<I: IntoIterator<Item = (u32, u32)>>(pairs: I) -> Self {
        let mut blocks: Vec<Vec<(u32, u32)>> = Vec::new();
        for pair in pairs {
            match blocks.last_mut().filter(|block| block.len() < BLOCK_MAX) {
                Some(block) => block.push(pair),
                None => blocks.push(vec![pair]),
            }
        }
        Self { blocks }
    }
}

impl PartialEq for Pairs {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn they_are_what_was_put_in_and_not_taken_out_in_order(
            changes in prop::collection::vec((any::<bool>(), (0..12_u32, 0..12_u32)), 0..300),
        ) {
            let (mut pairs, mut expected) = (Pairs::default(), BTreeSet::new());
            for (enters, pair) in changes {
                if enters {
                    pairs.insert(pair);
                    expected.insert(pair);
                } else {
                    pairs.remove(pair);
                    expected.remove(&pair);
                }
            }
            prop_assert_eq!(pairs.len(), expected.len());
            for first in 0..13 {
                let of = expected.range((first, 0)..=(first, u32::MAX)).map(|pair| pair.1);
                prop_assert_eq!(pairs.of(first).collect::<Vec<_>>(), of.collect::<Vec<_>>());
            }
            prop_assert_eq!(pairs.iter().collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>());
        }
    }
}
