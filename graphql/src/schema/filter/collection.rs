//! Filters on several things at once: some of them, all of them, none of them, so many of them.

use super::comparator::Ordered;
use super::deep::Deep;
use super::{At, Conditions, each};
use mortise_engine::Result;
use mortise_engine::filter::Many;

/// The filter on several things of one kind.
pub(super) trait Collection: Sized {
    /// The filter on one of them.
    type One: Conditions;

    /// What it asks.
    fn split(self) -> Sides<Self::One>;

    /// The tests.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for what cannot be read; the field is named.
    fn many(self, at: &At<'_>) -> Result<Vec<Many<<Self::One as Conditions>::Test>>> {
        self.split().tests(at)
    }
}

/// What a filter on several things asks.
pub(super) struct Sides<F> {
    /// The fields of the filter on one that stand directly in that on several: short for `some`.
    pub(super) short: F,
    pub(super) some: Option<Deep<F>>,
    pub(super) every: Option<Deep<F>>,
    pub(super) none: Option<Deep<F>>,
    pub(super) length: Option<Ordered<u32>>,
}

impl<F: Conditions> Sides<F> {
    fn tests(self, at: &At<'_>) -> Result<Vec<Many<F::Test>>> {
        let mut all = Vec::new();
        // Nothing said directly asks nothing, where an empty `some` asks that there is one.
        all.extend(Some(self.short.tests(at)?).filter(|tests| !tests.is_empty()).map(Many::Some));
        if let Some(filter) = self.some {
            all.push(Many::Some(filter.into_inner().tests(&at.field("some"))?));
        }
        if let Some(filter) = self.every {
            all.push(Many::Every(filter.into_inner().tests(&at.field("every"))?));
        }
        if let Some(filter) = self.none {
            all.push(Many::None(filter.into_inner().tests(&at.field("none"))?));
        }
        if let Some(length) = self.length {
            all.extend(each(length.compares(&at.field("length")), Many::Length)?);
        }
        Ok(all)
    }
}
