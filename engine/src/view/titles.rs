//! Tests of titles: by how they begin where that says all, else by their [pairs of letters](super::grams), and then by
//! looking at those that are left.

use super::cell::{Cell, Head};
use super::evaluate::Evaluation;
use super::fold::folded;
use super::grams::{self, Place};
use super::scan::{Wanted, is_sparse, look, scan};
use super::text::{self, Matcher};
use crate::filter::{TextOperator, TextTest};
use roaring::RoaringBitmap;

impl Evaluation<'_> {
    /// Those of `universe` whose title passes.
    pub(super) fn title(&self, test: &TextTest, universe: &RoaringBitmap) -> RoaringBitmap {
        let (operator, negative) = match test.operator {
            TextOperator::Neq => (TextOperator::Eq, true),
            TextOperator::Nin => (TextOperator::In, true),
            TextOperator::NotContains => (TextOperator::Contains, true),
            other => (other, false),
        };
        let positive =
            TextTest { operator, values: text::wanted(test).cloned().collect(), folded: test.folded };
        let found = self.title_is(&positive, universe);
        if negative { universe - found } else { found }
    }

    fn title_is(&self, test: &TextTest, universe: &RoaringBitmap) -> RoaringBitmap {
        let first = test.values.first().map_or("", String::as_str);
        let plain = folded(first);
        let likely = match test.operator {
            TextOperator::StartsWith => {
                let (likely, certain) = self.beginning(&plain, universe);
                if certain && test.folded {
                    return likely;
                }
                likely
            }
            TextOperator::Contains => self.with_pairs(&plain, Place::Anywhere, universe),
            TextOperator::EndsWith => self.with_pairs(&plain, Place::End, universe),
            _ => self.being(test, universe),
        };
        self.looked_at(test, &plain, &likely)
    }

    /// Those that begin with a folded text, and whether that is certain: they may begin with it.
    fn beginning(&self, plain: &str, universe: &RoaringBitmap) -> (RoaringBitmap, bool) {
        let bytes = u32::try_from(plain.len().min(Head::BYTES)).unwrap_or_default();
        let (Head(wanted), mask) = (Head::of(plain), !u64::MAX.checked_shr(8 * bytes).unwrap_or_default());
        let narrowed = self.with_pairs(plain, Place::Start, universe);
        let heads = &self.view.columns.title_head;
        let found = scan(&narrowed, heads, |Head(head)| head & mask == wanted & mask);
        // What lies behind the end of a short title reads as zeros.
        (found, plain.len() <= Head::BYTES && !plain.contains('\0'))
    }

    /// Those whose title may be one of the values.
    fn being(&self, test: &TextTest, universe: &RoaringBitmap) -> RoaringBitmap {
        let narrowed = match test.values.as_slice() {
            [only] => self.with_pairs(&folded(only), Place::Whole, universe),
            _ => universe.clone(),
        };
        let mut heads: Vec<_> = test.values.iter().map(|text| Head::of(&folded(text)).number()).collect();
        heads.sort_unstable();
        heads.dedup();
        Wanted::Listed(heads).scan(&narrowed, &self.view.columns.title_head)
    }

    /// Those that have all pairs of letters of a folded text.
    fn with_pairs(&self, plain: &str, place: Place, universe: &RoaringBitmap) -> RoaringBitmap {
        let view = self.view;
        if !view.finished || is_sparse(universe, view.len()) && universe.len() < LOOKED_AT_ONCE {
            return universe.clone();
        }
        grams::likely(&view.sets.grams, plain, place, universe)
    }

    /// Those of the likely ones that pass when they are looked at. Where capitals count, the folded title is looked at
    /// first: it is at hand.
    fn looked_at(&self, test: &TextTest, plain: &str, likely: &RoaringBitmap) -> RoaringBitmap {
        let columns = &self.view.columns;
        let matcher = Matcher::of(test);
        match test.operator {
            TextOperator::Contains if test.folded => {
                look(likely, |at| columns.folded_title(at).contains(plain))
            }
            _ if test.folded => look(likely, |at| matcher.passes_ready(columns.folded_title(at))),
            TextOperator::Contains => look(likely, |at| {
                columns.folded_title(at).contains(plain) && matcher.passes_ready(&columns.written_title(at))
            }),
            _ => look(likely, |at| matcher.passes_ready(&columns.written_title(at))),
        }
    }
}

/// So few candidates are looked at without further ado.
const LOOKED_AT_ONCE: u64 = 256;
