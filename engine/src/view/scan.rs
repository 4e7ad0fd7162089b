//! Scans: which issues pass a test that no bitmap answers, read from the one column it is about.

use super::cell::Cell;
use crate::filter::Compare;
use roaring::RoaringBitmap;

/// A whole column is read in blocks when at least one of so many of its rows is a candidate; else only the candidates'
/// cells are read.
const DENSE: u64 = 16;

/// Those of `candidates` whose cell passes.
pub(super) fn scan<C>(
    candidates: &RoaringBitmap,
    column: &[C],
    passes: impl Fn(&C) -> bool,
) -> RoaringBitmap {
    if candidates.len().saturating_mul(DENSE) < column.len() as u64 {
        return look(candidates, |at| column.get(at), passes);
    }
    let mut bits = Vec::with_capacity(column.len().div_ceil(64) * 8);
    for block in column.chunks(64) {
        let word = block.iter().rev().fold(0_u64, |word, cell| word << 1 | u64::from(passes(cell)));
        bits.extend_from_slice(&word.to_le_bytes());
    }
    RoaringBitmap::from_lsb0_bytes(0, &bits) & candidates
}

/// [`scan`] for tests that cost more than reading a cell: only the candidates' cells are looked at.
pub(super) fn look<'c, C: ?Sized + 'c>(
    candidates: &RoaringBitmap,
    cell: impl Fn(usize) -> Option<&'c C>,
    passes: impl Fn(&C) -> bool,
) -> RoaringBitmap {
    let found = candidates.iter().filter(|at| cell(*at as usize).is_some_and(&passes));
    // Ordinals come in order, so this cannot fail.
    RoaringBitmap::from_sorted_iter(found).unwrap_or_default()
}

/// A test of a number.
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

    /// Those of `candidates` whose cell passes.
    pub(super) fn scan<C: Cell>(&self, candidates: &RoaringBitmap, column: &[C]) -> RoaringBitmap {
        match self {
            Self::Range(low, high) if low > high => RoaringBitmap::new(),
            Self::Range(low, high) => {
                // One comparison instead of two: what lies below the range wraps around to beyond it.
                let width = high.wrapping_sub(*low).cast_unsigned();
                scan(candidates, column, |cell| cell.number().wrapping_sub(*low).cast_unsigned() <= width)
            }
            Self::Listed(list) => scan(candidates, column, |cell| list.binary_search(&cell.number()).is_ok()),
            Self::Unlisted(list) => {
                scan(candidates, column, |cell| list.binary_search(&cell.number()).is_err())
            }
        }
    }
}
