//! Sparse columns: values that few issues have, such as the instant of a deletion. An issue without one takes half a
//! byte; of 64 neighbours, those that have one share an allocation.

use super::cell::Cell;
use super::field::{Column, Field, Plain, ROOM, Stored, block};
use super::numbers::Numbers;
use super::scan::is_sparse;
use super::source::{Source, malformed};
use roaring::RoaringBitmap;
use std::fmt::Debug;
use std::io;
use std::ops::Range;

/// Issues whose values lie together: as many as a word has bits.
pub(super) const TOGETHER: usize = 64;

/// A value that few issues have.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seldom<T>(pub(super) Option<T>);

impl<T: Stored> Field for Seldom<T> {
    type Column = Sparse<T>;
}

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Sparse<T> {
    blocks: Vec<Block<T>>,
    len: usize,
}

/// The values of some neighbours.
#[derive(Debug, Clone)]
struct Block<T> {
    /// Which of them have one, the first in the lowest bit.
    there: u64,
    values: Vec<T>,
}

impl<T> Default for Sparse<T> {
    fn default() -> Self {
        Self { blocks: Vec::new(), len: 0 }
    }
}

impl<T> Block<T> {
    /// The bit of an issue, and the place of its value among those of the block.
    const fn place(&self, at: usize) -> (u64, usize) {
        let bit = 1 << (at % TOGETHER);
        (bit, (self.there & (bit - 1)).count_ones() as usize)
    }
}

impl<T> Sparse<T> {
    /// Issues, with or without a value.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The value of an issue.
    pub(super) fn get(&self, at: usize) -> Option<&T> {
        let block = self.blocks.get(at / TOGETHER)?;
        let (bit, place) = block.place(at);
        if block.there & bit == 0 { None } else { block.values.get(place) }
    }

    /// The issues that have a value.
    pub(super) fn there(&self) -> RoaringBitmap {
        let bits: Vec<_> = self.blocks.iter().flat_map(|block| block.there.to_le_bytes()).collect();
        RoaringBitmap::from_lsb0_bytes(0, &bits)
    }

    /// Those of `candidates` whose value passes; those without one when `absent`.
    pub(super) fn scan(
        &self,
        candidates: &RoaringBitmap,
        absent: bool,
        passes: impl Fn(usize, &T) -> bool,
    ) -> RoaringBitmap {
        if is_sparse(candidates, self.len) {
            let passes =
                |at: &u32| self.get(*at as usize).map_or(absent, |value| passes(*at as usize, value));
            // Ordinals come in order, so this cannot fail.
            return RoaringBitmap::from_sorted_iter(candidates.iter().filter(passes)).unwrap_or_default();
        }
        let mut bits = Vec::with_capacity(self.blocks.len() * size_of::<u64>());
        for (number, block) in self.blocks.iter().enumerate() {
            let mut word = if absent { !block.there } else { 0 };
            let mut rest = block.there;
            for value in &block.values {
                let place = rest.trailing_zeros();
                rest &= rest.wrapping_sub(1);
                word |= u64::from(passes(number * TOGETHER + place as usize, value)) << place;
            }
            bits.extend_from_slice(&word.to_le_bytes());
        }
        RoaringBitmap::from_lsb0_bytes(0, &bits) & candidates
    }
}

impl<T: Stored> Column for Sparse<T> {
    type Value = Seldom<T>;

    fn push(&mut self, value: Seldom<T>) {
        if self.len.is_multiple_of(TOGETHER) {
            // No more is added to those before.
            self.blocks.last_mut().into_iter().for_each(|block| block.values.shrink_to_fit());
            self.blocks.push(Block { there: 0, values: Vec::new() });
        }
        self.len += 1;
        self.set(self.len - 1, value);
    }

    fn set(&mut self, at: usize, Seldom(value): Seldom<T>) {
        let Some(block) = self.blocks.get_mut(at / TOGETHER).filter(|_| at < self.len) else { return };
        let (bit, place) = block.place(at);
        match (block.there & bit != 0, value) {
            (true, Some(value)) => {
                block.values.get_mut(place).into_iter().for_each(|old| *old = value.clone())
            }
            (false, Some(value)) => {
                block.there |= bit;
                block.values.insert(place.min(block.values.len()), value);
            }
            (true, None) => {
                block.there &= !bit;
                block.values.drain(place..=place);
            }
            (false, None) => {}
        }
    }

    fn value(&self, at: usize) -> Option<Seldom<T>> {
        (at < self.len).then(|| Seldom(self.get(at).cloned()))
    }

    fn reserve(&mut self, count: usize) {
        self.blocks.reserve_exact((count + count / ROOM).div_ceil(TOGETHER));
    }

    fn shrink(&mut self) {
        self.blocks.last_mut().into_iter().for_each(|block| block.values.shrink_to_fit());
        self.blocks.shrink_to((self.len + self.len / ROOM).div_ceil(TOGETHER));
    }

    fn memory_bytes(&self) -> usize {
        let pointed = |values: &[T]| values.iter().map(Stored::pointed_bytes).sum::<usize>();
        let values =
            self.blocks.iter().map(|b| block(b.values.capacity() * size_of::<T>()) + pointed(&b.values));
        self.blocks.capacity() * size_of::<Block<T>>() + values.sum::<usize>()
    }

    /// Which of some neighbours have a value, then the values.
    fn save(&self, places: Range<usize>, to: &mut Vec<u8>) {
        for from in places.clone().step_by(TOGETHER) {
            let there = self.blocks.get(from / TOGETHER).map_or(0, |block| block.there);
            (there & first_bits(places.end - from)).put(to);
        }
        T::put_all(&mut places.filter_map(|at| self.get(at)), to);
    }

    fn load(&mut self, count: usize, from: &mut Source<'_>) -> io::Result<()> {
        if !self.len.is_multiple_of(TOGETHER) {
            return Err(malformed());
        }
        let there = <u64 as Stored>::take_all(count.div_ceil(TOGETHER), from)?;
        let values = there.iter().map(|there| there.count_ones() as usize).sum();
        let mut values = T::take_all(values, from)?.into_iter();
        for (there, first) in there.into_iter().zip((0..count).step_by(TOGETHER)) {
            if there & !first_bits(count - first) != 0 {
                return Err(malformed());
            }
            let values = values.by_ref().take(there.count_ones() as usize).collect();
            self.blocks.push(Block { there, values });
        }
        self.len += count;
        Ok(())
    }
}

/// A word with so many of its first bits.
const fn first_bits(count: usize) -> u64 {
    if count < TOGETHER { (1 << count) - 1 } else { u64::MAX }
}

impl<T: Cell> Numbers for Sparse<T> {
    fn len(&self) -> usize {
        self.len
    }

    fn number(&self, at: usize) -> i64 {
        self.get(at).map_or(i64::MISSING, |value| value.number())
    }

    fn read(&self, from: usize, to: &mut [i64]) {
        to.fill(i64::MISSING);
        let Some(block) = self.blocks.get(from / TOGETHER) else { return };
        let mut rest = block.there;
        for value in &block.values {
            if let Some(cell) = to.get_mut(rest.trailing_zeros() as usize) {
                *cell = value.number();
            }
            rest &= rest.wrapping_sub(1);
        }
    }

    fn scan(&self, candidates: &RoaringBitmap, passes: impl Fn(i64) -> bool) -> RoaringBitmap {
        self.scan(candidates, passes(i64::MISSING), |_, value| passes(value.number()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn values_lie_where_they_were_put(
            mut values in prop::collection::vec(prop::option::weighted(0.3, 0..9_i64), 0..300),
            changes in prop::collection::vec((0..300_usize, prop::option::of(0..9_i64)), 0..100),
        ) {
            let mut column = Sparse::default();
            values.iter().for_each(|value| Column::push(&mut column, Seldom(*value)));
            for (at, value) in changes {
                column.set(at, Seldom(value));
                values.iter_mut().skip(at).take(1).for_each(|old| *old = value);
            }
            prop_assert_eq!((column.len(), column.value(values.len())), (values.len(), None));
            for (at, value) in values.iter().enumerate() {
                prop_assert_eq!(column.value(at), Some(Seldom(*value)));
                let mut read = [0; TOGETHER];
                column.read(at / TOGETHER * TOGETHER, &mut read);
                prop_assert_eq!(read[at % TOGETHER], Numbers::number(&column, at));
            }
            let all: RoaringBitmap = (0..values.len() as u32).collect();
            let few: RoaringBitmap = (0..values.len() as u32).step_by(40).collect();
            let there = (0..).zip(&values).filter(|(_, v)| v.is_some()).map(|(at, _)| at);
            prop_assert_eq!(column.there(), there.collect());
            for (candidates, absent) in [(&all, true), (&all, false), (&few, true), (&few, false)] {
                let expected = (0..).zip(&values).filter(|(_, v)| v.map_or(absent, |v| v > 4));
                let expected: RoaringBitmap = expected.map(|(at, _)| at).collect();
                prop_assert_eq!(column.scan(candidates, absent, |_, v| *v > 4), expected & candidates);
            }

            let (mut saved, middle) = (Vec::new(), values.len() / 2 / TOGETHER * TOGETHER);
            let end = values.len() - values.len() / 5;
            column.save(0..middle, &mut saved);
            column.save(middle..end, &mut saved);
            let (mut bytes, mut loaded) = (saved.as_slice(), Sparse::<i64>::default());
            let mut from = Source::new(&mut bytes);
            loaded.load(middle, &mut from).unwrap();
            loaded.load(end - middle, &mut from).unwrap();
            prop_assert!(bytes.is_empty() && loaded.len() == end);
            for (at, value) in values.iter().enumerate().take(end) {
                prop_assert_eq!(loaded.value(at), Some(Seldom(*value)));
            }
        }
    }
}
