//! Columns read as numbers: one by one, or many neighbours at once.

use super::cell::Cell;
use super::scan::scan;
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

/// A column whose values have an order: each reads as a number, what is missing as [`Cell::MISSING`].
pub(super) trait Numbers {
    /// Issues.
    fn len(&self) -> usize;

    /// The number of an issue.
    fn number(&self, at: usize) -> i64;

    /// The numbers of neighbours. `from` is a multiple of 64, and at most 64 are read.
    fn read(&self, from: usize, to: &mut [i64]);

    /// Those of `candidates` whose number passes.
    fn scan(&self, candidates: &RoaringBitmap, passes: impl Fn(i64) -> bool) -> RoaringBitmap;
}

impl<C: Cell> Numbers for Vec<C> {
    fn len(&self) -> usize {
        self.len()
    }

    fn number(&self, at: usize) -> i64 {
        self.get(at).map_or(i64::MISSING, |cell| cell.number())
    }

    fn read(&self, from: usize, to: &mut [i64]) {
        let cells = self.get(from..).unwrap_or_default();
        to.iter_mut().zip(cells).for_each(|(number, cell)| *number = cell.number());
    }

    fn scan(&self, candidates: &RoaringBitmap, passes: impl Fn(i64) -> bool) -> RoaringBitmap {
        scan(candidates, self, |cell| passes(cell.number()))
    }
}

/// How well issues match what is searched. When nothing is searched, none is missing and all are equal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scores<'a>(pub(super) &'a FxHashMap<u32, f32>, pub(super) usize);

impl Scores<'_> {
    /// Whether nothing was searched.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Numbers for Scores<'_> {
    fn len(&self) -> usize {
        self.1
    }

    fn number(&self, at: usize) -> i64 {
        if self.is_empty() {
            return 0;
        }
        let score = u32::try_from(at).ok().and_then(|at| self.0.get(&at));
        score.filter(|score| !score.is_nan()).map_or(i64::MISSING, |score| ordered(*score))
    }

    fn read(&self, from: usize, to: &mut [i64]) {
        to.iter_mut().zip(from..).for_each(|(number, at)| *number = self.number(at));
    }

    fn scan(&self, candidates: &RoaringBitmap, passes: impl Fn(i64) -> bool) -> RoaringBitmap {
        candidates.iter().filter(|at| passes(self.number(*at as usize))).collect()
    }
}

/// A number with the order of the scores; the two zeros are one.
fn ordered(score: f32) -> i64 {
    let bits = (score + 0.0).to_bits().cast_signed();
    i64::from(if bits < 0 { bits ^ i32::MAX } else { bits })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_score_is_a_higher_number() {
        let scores = [f32::NEG_INFINITY, -2.5, -1e-20, 0.0, 1e-20, 0.5, 7.0, f32::INFINITY];
        assert!(scores.windows(2).all(|pair| ordered(pair[0]) < ordered(pair[1])));
        assert_eq!(ordered(-0.0), ordered(0.0));
    }

    #[test]
    fn what_was_not_found_has_no_score_unless_nothing_was_searched() {
        let found: FxHashMap<u32, f32> = [(1, 2.0), (2, f32::NAN)].into_iter().collect();
        let scores = Scores(&found, 3);
        assert_eq!([0, 1, 2].map(|at| scores.number(at) == i64::MISSING), [true, false, true]);
        assert_eq!(Scores(&FxHashMap::default(), 3).number(0), 0);
    }
}
