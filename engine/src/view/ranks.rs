//! Tests of ranks: by how they begin, and then by looking at those that are left.

use super::cell::{Cell, Head};
use super::columns::Columns;
use super::scan::{Wanted, look};
use crate::filter::Compare;
use roaring::RoaringBitmap;

/// Those of `universe` whose rank passes. No rank is missing.
pub(super) fn ranked(
    compare: &Compare<String>,
    universe: &RoaringBitmap,
    columns: &Columns,
) -> RoaringBitmap {
    match compare {
        Compare::Null(true) => RoaringBitmap::new(),
        Compare::Null(false) => universe.clone(),
        Compare::Neq(rank) => universe - positive(&Compare::Eq(rank.clone()), universe, columns),
        Compare::Nin(ranks) => universe - positive(&Compare::In(ranks.clone()), universe, columns),
        other => positive(other, universe, columns),
    }
}

fn positive(compare: &Compare<String>, universe: &RoaringBitmap, columns: &Columns) -> RoaringBitmap {
    let likely = likely(compare).scan(universe, &columns.rank_head);
    look(&likely, |at| compare.passes_as(Some(columns.rank(at))))
}

/// The heads of the ranks that may pass: a text that comes before another has a head that comes before, or the same.
fn likely(compare: &Compare<String>) -> Wanted {
    match compare.map(|rank| Head::of(rank).number()) {
        Compare::Lt(limit) => Wanted::of(&Compare::Lte(limit), |number| number),
        Compare::Gt(limit) => Wanted::of(&Compare::Gte(limit), |number| number),
        other => Wanted::of(&other, |number| number),
    }
}
