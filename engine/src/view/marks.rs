//! Marks: a set of ordinals as plain bits, for many questions in no order. A bitmap answers them too, and must find the
//! right part of itself first.

use roaring::RoaringBitmap;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Marks(Vec<u64>);

impl Marks {
    /// The marks of a bitmap.
    pub(super) fn of(set: &RoaringBitmap) -> Self {
        let mut marks = Self(Vec::with_capacity(set.max().map_or(0, |last| last as usize / 64 + 1)));
        // Marking one after the other would look at each word 64 times.
        let (mut at, mut word) = (0, 0);
        for ordinal in set {
            if ordinal / 64 != at {
                marks.put(at, word);
                (at, word) = (ordinal / 64, 0);
            }
            word |= 1_u64 << (ordinal % 64);
        }
        marks.put(at, word);
        marks
    }

    /// Adds a word behind the last, and empty ones before it.
    fn put(&mut self, at: u32, word: u64) {
        self.0.resize(at as usize, 0);
        self.0.push(word);
    }

    pub(super) fn has(&self, ordinal: u32) -> bool {
        self.0.get(ordinal as usize / 64).is_some_and(|word| word >> (ordinal % 64) & 1 == 1)
    }

    pub(super) fn mark(&mut self, ordinal: u32) {
        let at = ordinal as usize / 64;
        if at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        if let Some(word) = self.0.get_mut(at) {
            *word |= 1 << (ordinal % 64);
        }
    }
}

/// A set that is to be asked so many questions: as marks, if making those is worth it.
#[derive(Debug)]
pub(super) enum Asked<'a> {
    Marks(Marks),
    Set(&'a RoaringBitmap),
}

impl<'a> Asked<'a> {
    pub(super) fn of(set: &'a RoaringBitmap, questions: usize) -> Self {
        /// A question to a bitmap costs so many times what making a mark costs.
        const SET_COST: u64 = 4;
        let worth_it = set.len() <= SET_COST.saturating_mul(questions as u64);
        if worth_it { Self::Marks(Marks::of(set)) } else { Self::Set(set) }
    }

    pub(super) fn has(&self, ordinal: u32) -> bool {
        match self {
            Self::Marks(marks) => marks.has(ordinal),
            Self::Set(set) => set.contains(ordinal),
        }
    }
}

impl From<Marks> for RoaringBitmap {
    fn from(marks: Marks) -> Self {
        let bytes: Vec<u8> = marks.0.iter().flat_map(|word| word.to_le_bytes()).collect();
        Self::from_lsb0_bytes(0, &bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn marks_are_those_of_their_set(set in prop::collection::btree_set(0..900_u32, 0..200)) {
            let set: RoaringBitmap = set.into_iter().collect();
            let marks = Marks::of(&set);
            prop_assert!((0..1_000).all(|at| marks.has(at) == set.contains(at)));
            for questions in [0, 1_000] {
                let asked = Asked::of(&set, questions);
                prop_assert!((0..1_000).all(|at| asked.has(at) == set.contains(at)));
            }
            prop_assert_eq!(RoaringBitmap::from(marks), set.clone());
            let mut marks = Marks::default();
            set.iter().collect::<Vec<_>>().into_iter().rev().for_each(|at| marks.mark(at));
            prop_assert_eq!(RoaringBitmap::from(marks), set);
        }
    }
}
