//! A set of issue numbers that stays small when they are dense, as they are: one bit each.
//!
//! It does not know what carries a number.

use std::collections::BTreeMap;

/// The largest number accepted: what the source's own number type can hold.
pub(crate) const MAX_NUMBER: u64 = i32::MAX as u64;

/// Numbers from 1 to [`MAX_NUMBER`].
#[derive(Debug, Default, Clone)]
pub(crate) struct Numbers {
    /// 64 numbers to a word, by their quotient.
    words: BTreeMap<u64, u64>,
    count: u64,
}

impl Numbers {
    /// Adds a number; false when it was there already.
    pub(crate) fn insert(&mut self, number: u64) -> bool {
        let word = self.words.entry(number / 64).or_default();
        let bit = 1_u64 << (number % 64);
        let fresh = *word & bit == 0;
        *word |= bit;
        self.count += u64::from(fresh);
        fresh
    }

    /// Whether the number is in the set.
    pub(crate) fn contains(&self, number: u64) -> bool {
        self.words.get(&(number / 64)).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The smallest.
    pub(crate) fn min(&self) -> Option<u64> {
        self.words.first_key_value().map(|(at, word)| at * 64 + u64::from(word.trailing_zeros()))
    }

    /// The largest.
    pub(crate) fn max(&self) -> Option<u64> {
        self.words.last_key_value().map(|(at, word)| at * 64 + 63 - u64::from(word.leading_zeros()))
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.words.iter().flat_map(|(at, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit)
        })
    }

    /// How many numbers from 1 to the largest are not in the set.
    pub(crate) fn gap_count(&self) -> u64 {
        self.max().unwrap_or(0) - self.count
    }

    /// The first `limit` numbers from 1 to the largest that are not in the set.
    pub(crate) fn gaps(&self, limit: usize) -> Vec<u64> {
        (1..self.max().unwrap_or(0)).filter(|&number| !self.contains(number)).take(limit).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_knows_its_bounds_and_its_gaps() {
        let mut numbers = Numbers::default();
        assert_eq!((numbers.min(), numbers.max(), numbers.gap_count()), (None, None, 0));
        for number in [63, 64, 2, 128] {
            assert!(numbers.insert(number));
        }
        assert!(!numbers.insert(64));
        assert_eq!((numbers.min(), numbers.max(), numbers.count()), (Some(2), Some(128), 4));
        assert_eq!(numbers.gap_count(), 124);
        assert_eq!(numbers.gaps(3), [1, 3, 4]);
        assert_eq!(numbers.iter().collect::<Vec<_>>(), [2, 63, 64, 128]);
    }
}
