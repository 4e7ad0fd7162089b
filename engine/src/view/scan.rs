//! Scans: which issues pass a test that no bitmap answers, read from the one column it is about.

use super::cell::Cell;
use super::numbers::Numbers;
use crate::filter::Compare;
use roaring::RoaringBitmap;

/// A whole column is read in blocks when at least one of so many of its rows is a candidate; else only the candidates'
/// cells are read.
const DENSE: u64 = 16;

/// Whether so few of a column's rows are candidates that only they are read.
pub(super) fn is_sparse(candidates: &RoaringBitmap, rows: usize) -> bool {
    candidates.len().saturating_mul(DENSE) < rows as u64
}

/// Those of `candidates` whose cell passes.
pub(super) fn scan<C>(
    candidates: &RoaringBitmap,
    column: &[C],
    passes: impl Fn(&C) -> bool,
) -> RoaringBitmap {
    if is_sparse(candidates, column.len()) {
        return look(candidates, |at| column.get(at).is_some_and(&passes));
    }
    let mut bits = Vec::with_capacity(column.len().div_ceil(64) * size_of::<u64>());
    for block in column.chunks(64) {
        let word = block.iter().rev().fold(0_u64, |word, cell| word << 1 | u64::from(passes(cell)));
        bits.extend_from_slice(&word.to_le_bytes());
    }
    RoaringBitmap::from_lsb0_bytes(0, &bits) & candidates
}

/// Those of `candidates` that pass, each looked at by itself: for tests that cost more than reading a cell.
pub(super) fn look(candidates: &RoaringBitmap, passes: impl Fn(usize) -> bool) -> RoaringBitmap {
    let found = candidates.iter().filter(|at| passes(*at as usize));
    // Ordinals come in order, so this cannot fail.
    RoaringBitmap::from_sorted_iter(found).unwrap_or_default()
}

/// A test of a number.
#[derive(Debug)]
pub(super) enum Wanted {
    /// From the first to the second, both included. What is missing is [`Cell::MISSING`].
    Range(i64, i64),
    /// One of these, in order.
    Listed(Vec<i64>),
    /// None of these, in order.
    Unlisted(Vec<i64>),
}

impl Wanted {
    /// The test of numbers that a test of values is.
    pub(super) fn of<T: Copy>(compare: &Compare<T>, number: impl Fn(T) -> i64) -> Self {
        /// The least number of a value.
        const LEAST: i64 = i64::MISSING + 1;
        let number = |value: T| number(value).max(LEAST);
        let list = |values: &[T]| {
            let mut numbers: Vec<_> = values.iter().map(|value| number(*value)).collect();
            numbers.sort_unstable();
            numbers
        };
        match compare {
            Compare::Eq(value) => Self::Range(number(*value), number(*value)),
            Compare::Neq(value) => Self::Unlisted(vec![number(*value)]),
            Compare::In(values) => Self::Listed(list(values)),
            Compare::Nin(values) => Self::Unlisted(list(values)),
            Compare::Lt(limit) => Self::Range(LEAST, number(*limit).saturating_sub(1)),
            Compare::Lte(limit) => Self::Range(LEAST, number(*limit)),
            Compare::Gt(limit) if number(*limit) == i64::MAX => Self::Listed(Vec::new()),
            Compare::Gt(limit) => Self::Range(number(*limit) + 1, i64::MAX),
            Compare::Gte(limit) => Self::Range(number(*limit), i64::MAX),
            Compare::Between(low, high) => Self::Range(number(*low), number(*high)),
            Compare::Null(true) => Self::Range(i64::MISSING, i64::MISSING),
            Compare::Null(false) => Self::Range(LEAST, i64::MAX),
        }
    }

    /// Whether a number passes.
    pub(super) fn passes(&self, number: i64) -> bool {
        match self {
            Self::Range(low, high) => *low <= number && number <= *high,
            Self::Listed(list) => has(list, number),
            Self::Unlisted(list) => !has(list, number),
        }
    }

    /// Those of `candidates` whose number passes.
    pub(super) fn scan(&self, candidates: &RoaringBitmap, column: &impl Numbers) -> RoaringBitmap {
        match self {
            Self::Range(low, high) if low > high => RoaringBitmap::new(),
            Self::Range(low, high) => {
                // One comparison instead of two: what lies below the range wraps around to beyond it.
                let width = high.wrapping_sub(*low).cast_unsigned();
                column.scan(candidates, |number| number.wrapping_sub(*low).cast_unsigned() <= width)
            }
            Self::Listed(list) => column.scan(candidates, |number| has(list, number)),
            Self::Unlisted(list) => column.scan(candidates, |number| !has(list, number)),
        }
    }
}

/// Whether a number is in a list. Most are not, and lie outside of it.
fn has(list: &[i64], number: i64) -> bool {
    match list {
        [] => false,
        [only] => *only == number,
        [first, .., last] => *first <= number && number <= *last && list.binary_search(&number).is_ok(),
    }
}
