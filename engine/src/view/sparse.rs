//! Sparse columns: values that not all issues have, such as the instant of a deletion. An issue without one takes a
//! fraction of a byte, and nothing behind the last that has one; the values of neighbours lie side by side, so that they
//! are read as fast as a full column.

use super::cell::Cell;
use super::field::{Column, Field, Plain, Stored, block};
use super::numbers::Numbers;
use super::scan::{is_sparse, look};
use super::source::{Source, malformed};
use roaring::RoaringBitmap;
use std::fmt::Debug;
use std::io;
use std::ops::Range;

/// Issues of a word: a bit for each.
const WORD: usize = 64;

/// Words of a chunk. The values of a chunk share an allocation, and move when one comes or goes. (Tests, whose views are
/// small, have several chunks too.)
const WORDS: usize = if cfg!(test) { 2 } else { 64 };

/// A full allocation grows by one of so many parts, and a little.
const GROWTH: usize = 8;
const GROWTH_MIN: usize = 4;

/// A value that not all issues have.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seldom<T>(pub(super) Option<T>);

impl<T: Stored> Field for Seldom<T> {
    type Column = Sparse<T>;
}

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Sparse<T> {
    /// Up to the last that has values.
    chunks: Vec<Chunk<T>>,
    len: usize,
}

/// The values of some neighbours.
#[derive(Debug, Clone)]
struct Chunk<T> {
    /// Which of them have one, the first in the lowest bit.
    there: [u64; WORDS],
    /// How many values belong to the words before each.
    before: [u16; WORDS],
    values: Vec<T>,
}

impl<T> Default for Sparse<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }
}

impl<T> Chunk<T> {
    const EMPTY: Self = Self { there: [0; WORDS], before: [0; WORDS], values: Vec::new() };

    /// Whether an issue has a value, and the place of it among those of the chunk.
    fn place(&self, at: usize) -> Option<(bool, usize)> {
        let word = at / WORD % WORDS;
        let (there, before) = (*self.there.get(word)?, *self.before.get(word)?);
        let bit = 1 << (at % WORD);
        Some((there & bit != 0, usize::from(before) + (there & (bit - 1)).count_ones() as usize))
    }

    /// Notes that an issue has a value now, or has none.
    fn mark(&mut self, at: usize, there: bool) {
        let (word, bit) = (at / WORD % WORDS, 1 << (at % WORD));
        if let Some(bits) = self.there.get_mut(word) {
            *bits = if there { *bits | bit } else { *bits & !bit };
        }
        for before in self.before.iter_mut().skip(word + 1) {
            *before = if there { before.wrapping_add(1) } else { before.wrapping_sub(1) };
        }
    }

    /// The words, each with the values that belong to it.
    fn words(&self) -> impl Iterator<Item = (u64, &[T])> {
        self.there.iter().zip(&self.before).map(|(there, before)| {
            let values = self.values.get(usize::from(*before)..).unwrap_or_default();
            (*there, values.get(..there.count_ones() as usize).unwrap_or_default())
        })
    }
}

impl<T> Sparse<T> {
    /// Issues, with or without a value.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The value of an issue.
    pub(super) fn get(&self, at: usize) -> Option<&T> {
        let chunk = self.chunks.get(at / (WORD * WORDS))?;
        let (_, place) = chunk.place(at).filter(|(there, _)| *there)?;
        chunk.values.get(place)
    }

    /// Which issues of the word that begins with this one have a value.
    fn word(&self, from: usize) -> u64 {
        let chunk = self.chunks.get(from / (WORD * WORDS));
        chunk.and_then(|chunk| chunk.there.get(from / WORD % WORDS)).copied().unwrap_or_default()
    }

    /// Adds a word behind the last, with its values; how many issues it has, the caller adds.
    fn push_word(&mut self, there: u64, values: impl Iterator<Item = T>) {
        let word = self.len / WORD % WORDS;
        let Some(chunk) = self.chunk_of(self.len, there != 0) else { return };
        chunk.values.extend(values);
        chunk.there.iter_mut().skip(word).take(1).for_each(|bits| *bits = there);
        let before = u16::try_from(chunk.values.len()).unwrap_or(u16::MAX);
        chunk.before.iter_mut().skip(word + 1).for_each(|of_word| *of_word = before);
    }

    /// The chunk of an issue, begun if it is needed.
    fn chunk_of(&mut self, at: usize, needed: bool) -> Option<&mut Chunk<T>> {
        let (number, has) = (at / (WORD * WORDS), self.chunks.len());
        if needed && number >= has {
            // No more is likely to be added to those before.
            self.chunks.last_mut().into_iter().for_each(|chunk| chunk.values.shrink_to_fit());
            self.chunks.reserve_exact(number + 1 - has + has / GROWTH);
            self.chunks.resize_with(number + 1, || Chunk::EMPTY);
        }
        self.chunks.get_mut(number)
    }

    /// Adds the words behind the last chunk to the bits of a scan: none of their issues has a value.
    fn add_rest(&self, absent: bool, bits: &mut Vec<u8>) {
        let all = self.len.div_ceil(WORD) * size_of::<u64>();
        if absent && bits.len() < all {
            bits.resize(all, u8::MAX);
        }
    }

    /// The issues that have a value.
    pub(super) fn there(&self) -> RoaringBitmap {
        let words = self.chunks.iter().flat_map(|chunk| chunk.there);
        RoaringBitmap::from_lsb0_bytes(0, &words.flat_map(u64::to_le_bytes).collect::<Vec<_>>())
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
        let mut bits = Vec::with_capacity(self.len.div_ceil(WORD) * size_of::<u64>());
        for (number, (there, values)) in self.chunks.iter().flat_map(Chunk::words).enumerate() {
            let mut word = if absent { !there } else { 0 };
            let mut rest = there;
            for value in values {
                let place = rest.trailing_zeros();
                rest &= rest.wrapping_sub(1);
                word |= u64::from(passes(number * WORD + place as usize, value)) << place;
            }
            bits.extend_from_slice(&word.to_le_bytes());
        }
        self.add_rest(absent, &mut bits);
        RoaringBitmap::from_lsb0_bytes(0, &bits) & candidates
    }
}

impl<T: Cell> Sparse<T> {
    /// Those of `candidates` whose number in another column and own number pass together; those that lack one of them
    /// when `absent`.
    pub(super) fn scan_both(
        &self,
        other: &impl Numbers,
        candidates: &RoaringBitmap,
        absent: bool,
        passes: impl Fn(i64, i64) -> bool,
    ) -> RoaringBitmap {
        if is_sparse(candidates, self.len) {
            return look(candidates, |at| match (other.number(at), Numbers::number(self, at)) {
                (i64::MISSING, _) | (_, i64::MISSING) => absent,
                (theirs, own) => passes(theirs, own),
            });
        }
        let mut bits = Vec::with_capacity(self.len.div_ceil(WORD) * size_of::<u64>());
        let mut numbers = [i64::MISSING; WORD];
        for (number, (there, values)) in self.chunks.iter().flat_map(Chunk::words).enumerate() {
            let (mut word, mut rest) = (if absent { !there } else { 0 }, there);
            if there != 0 {
                other.read(number * WORD, &mut numbers);
            }
            for value in values {
                let place = rest.trailing_zeros();
                rest &= rest.wrapping_sub(1);
                let passes = match numbers.get(place as usize) {
                    Some(&i64::MISSING) | None => absent,
                    Some(theirs) => passes(*theirs, value.number()),
                };
                word |= u64::from(passes) << place;
            }
            bits.extend_from_slice(&word.to_le_bytes());
        }
        self.add_rest(absent, &mut bits);
        RoaringBitmap::from_lsb0_bytes(0, &bits) & candidates
    }
}

impl<T: Stored> Column for Sparse<T> {
    type Value = Seldom<T>;

    fn push(&mut self, value: Seldom<T>) {
        self.len += 1;
        self.set(self.len - 1, value);
    }

    fn set(&mut self, at: usize, Seldom(value): Seldom<T>) {
        let chunk = if at < self.len { self.chunk_of(at, value.is_some()) } else { None };
        let Some((chunk, (there, place))) = chunk.and_then(|chunk| chunk.place(at).map(|p| (chunk, p)))
        else {
            return;
        };
        match value {
            Some(value) if there => {
                chunk.values.get_mut(place).into_iter().for_each(|old| old.clone_from(&value))
            }
            Some(value) => {
                if chunk.values.len() == chunk.values.capacity() {
                    chunk.values.reserve_exact(chunk.values.len() / GROWTH + GROWTH_MIN);
                }
                chunk.values.insert(place.min(chunk.values.len()), value);
                chunk.mark(at, true);
            }
            None if there => {
                chunk.values.drain(place..=place);
                chunk.mark(at, false);
            }
            None => {}
        }
    }

    fn value(&self, at: usize) -> Option<Seldom<T>> {
        (at < self.len).then(|| Seldom(self.get(at).cloned()))
    }

    fn reserve(&mut self, _: usize) {
        // How many of the issues have a value is not known.
    }

    fn shrink(&mut self) {
        self.chunks.last_mut().into_iter().for_each(|chunk| chunk.values.shrink_to_fit());
        self.chunks.shrink_to_fit();
    }

    fn memory_bytes(&self) -> usize {
        let pointed = |values: &[T]| values.iter().map(Stored::pointed_bytes).sum::<usize>();
        let values = self
            .chunks
            .iter()
            .map(|chunk| block(chunk.values.capacity() * size_of::<T>()) + pointed(&chunk.values));
        self.chunks.capacity() * size_of::<Chunk<T>>() + values.sum::<usize>()
    }

    /// Which of some neighbours have a value, then the values.
    fn save(&self, places: Range<usize>, to: &mut Vec<u8>) {
        for from in places.clone().step_by(WORD) {
            (self.word(from) & first_bits(places.end - from)).put(to);
        }
        T::put_all(&mut places.filter_map(|at| self.get(at)), to);
    }

    fn load(&mut self, count: usize, from: &mut Source<'_>) -> io::Result<()> {
        if !self.len.is_multiple_of(WORD) {
            return Err(malformed());
        }
        let there = <u64 as Stored>::take_all(count.div_ceil(WORD), from)?;
        let values = there.iter().map(|there| there.count_ones() as usize).sum();
        let mut values = T::take_all(values, from)?.into_iter();
        for (there, first) in there.into_iter().zip((0..count).step_by(WORD)) {
            if there & !first_bits(count - first) != 0 {
                return Err(malformed());
            }
            self.push_word(there, values.by_ref().take(there.count_ones() as usize));
            self.len += (count - first).min(WORD);
        }
        Ok(())
    }
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
        let chunk = self.chunks.get(from / (WORD * WORDS));
        let word = chunk.and_then(|chunk| chunk.words().nth(from / WORD % WORDS));
        let (mut rest, values) = word.unwrap_or_default();
        for value in values {
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

/// A word with so many of its first bits.
const fn first_bits(count: usize) -> u64 {
    if count < WORD { (1 << count) - 1 } else { u64::MAX }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_column_without_values_takes_no_memory() {
        let mut column = Sparse::<i64>::default();
        column.reserve(10_000);
        (0..10_000).for_each(|_| Column::push(&mut column, Seldom(None)));
        assert_eq!((column.memory_bytes(), column.len()), (0, 10_000));
        column.set(5_000, Seldom(Some(7)));
        assert_eq!(column.get(5_000), Some(&7));
        assert!(column.memory_bytes() > 0);
    }

    proptest! {
        #[test]
        fn values_lie_where_they_were_put(
            mut values in prop::collection::vec(prop::option::weighted(0.3, 0..9_i64), 0..300),
            bare in 0..300_usize,
            changes in prop::collection::vec((0..300_usize, prop::option::of(0..9_i64)), 0..100),
        ) {
            values.resize(values.len() + bare, None);
            let mut column = Sparse::default();
            values.iter().for_each(|value| Column::push(&mut column, Seldom(*value)));
            for (at, value) in changes {
                column.set(at, Seldom(value));
                values.iter_mut().skip(at).take(1).for_each(|old| *old = value);
            }
            prop_assert_eq!((column.len(), column.value(values.len())), (values.len(), None));
            for (at, value) in values.iter().enumerate() {
                prop_assert_eq!(column.value(at), Some(Seldom(*value)));
                let mut read = [0; WORD];
                column.read(at / WORD * WORD, &mut read);
                prop_assert_eq!(read[at % WORD], Numbers::number(&column, at));
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

            let (mut saved, middle) = (Vec::new(), values.len() / 2 / WORD * WORD);
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
