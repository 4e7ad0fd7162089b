//! Tests of the issues around one: what it is a part of, what is a part of it, what it is related to.
//!
//! Each filter inside such a test is put to all issues that are not deleted, once; then the links are walked, once. So
//! filters inside filters add up, and do not multiply.

use super::evaluate::Evaluation;
use super::links::Named;
use super::marks::{Asked, Marks};
use crate::filter::{Compare, Filter, Link, Many, ParentTest, Test};
use crate::model::RelationKind;
use roaring::RoaringBitmap;

/// Which ends of a link see the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ends {
    /// What lies between them.
    pub(super) as_what: Named,
    /// The one that names sees the one that is named.
    pub(super) naming: bool,
    /// The one that is named sees the one that names.
    pub(super) named: bool,
}

impl Ends {
    pub(super) const CHILDREN: Self = Self { as_what: Named::Parent, naming: false, named: true };

    /// A relation without direction is seen from both ends.
    pub(super) const fn of(link: Link) -> Self {
        let both = matches!(link.kind, RelationKind::Relates);
        Self {
            as_what: Named::Related(link.kind),
            naming: both || !link.reversed,
            named: both || link.reversed,
        }
    }
}

impl Evaluation<'_> {
    /// The issues that are a part of one that can be seen, be it deleted.
    pub(super) fn with_parent(&self) -> RoaringBitmap {
        let there = self.view.columns.parent.there();
        let Some(hidden) = self.sight.hidden() else { return there };
        let ends = Ends { as_what: Named::Parent, naming: true, named: false };
        there - self.seeing(ends, hidden)
    }

    /// Those of `universe` that pass a test of other issues.
    pub(super) fn linked(&self, test: &Test, universe: &RoaringBitmap) -> RoaringBitmap {
        match test {
            Test::Parent(ParentTest::Passes(filter)) => {
                let parents = self.within(filter, self.present());
                let ends = Ends { as_what: Named::Parent, naming: true, named: false };
                self.seeing(ends, &parents) & universe
            }
            Test::Children(many) => {
                let others = self.present() & self.view.columns.parent.there();
                self.with_others(Ends::CHILDREN, many, &others, universe)
            }
            Test::Related(link, many) => self.with_others(Ends::of(*link), many, self.present(), universe),
            _ => RoaringBitmap::new(),
        }
    }

    /// Those of `universe` of whose `others` so many pass.
    fn with_others(
        &self,
        ends: Ends,
        many: &Many<Filter>,
        others: &RoaringBitmap,
        universe: &RoaringBitmap,
    ) -> RoaringBitmap {
        match many {
            Many::Some(tests) => self.seeing(ends, &self.all(tests, others)) & universe,
            Many::None(tests) => universe - self.seeing(ends, &self.all(tests, others)),
            Many::Every(tests) => universe - self.seeing(ends, &(others - self.all(tests, others))),
            Many::Length(count) => self.counting(ends, count, others, universe),
        }
    }

    /// The issues that see one of these.
    fn seeing(&self, ends: Ends, others: &RoaringBitmap) -> RoaringBitmap {
        if others.is_empty() {
            return RoaringBitmap::new();
        }
        let pairs = self.view.links.pairs(ends.as_what);
        let (others, mut seeing) = (Asked::of(others, pairs.len()), Marks::default());
        for (named, naming) in pairs.iter() {
            if ends.naming && others.has(named) {
                seeing.mark(naming);
            }
            if ends.named && others.has(naming) {
                seeing.mark(named);
            }
        }
        seeing.into()
    }

    /// Those of `universe` that see so many of these, each counted once.
    fn counting(
        &self,
        ends: Ends,
        count: &Compare<u32>,
        others: &RoaringBitmap,
        universe: &RoaringBitmap,
    ) -> RoaringBitmap {
        let mut seen = Vec::new();
        let pairs = self.view.links.pairs(ends.as_what);
        let others = Asked::of(others, pairs.len());
        for (named, naming) in pairs.iter() {
            seen.extend((ends.naming && others.has(named)).then_some((naming, named)));
            seen.extend((ends.named && others.has(naming)).then_some((named, naming)));
        }
        seen.sort_unstable();
        seen.dedup();
        let (mut with, mut passing) = (Vec::new(), Vec::new());
        for group in seen.chunk_by(|(a, _), (b, _)| a == b) {
            let Some((issue, _)) = group.first() else { continue };
            with.push(*issue);
            passing.extend(count.passes(u32::try_from(group.len()).ok().as_ref()).then_some(*issue));
        }
        let passing = RoaringBitmap::from_sorted_iter(passing).unwrap_or_default() & universe;
        if !count.passes(Some(&0)) {
            return passing;
        }
        passing | (universe - RoaringBitmap::from_sorted_iter(with).unwrap_or_default())
    }
}
