//! Preparing a filter: what memory does not answer is looked up in the log, the comments and the index, for as few issues
//! as can be.
//!
//! Each such test is replaced by the set of issues that pass it. Candidates are found first, in memory, so that a rare
//! test makes a dear one beside it cheap; what was looked up narrows what is looked up next. A filter that memory answers
//! as it is, is not copied. This module does not know how anything is looked up.

mod narrow;
#[cfg(test)]
mod tests;

pub(super) use narrow::either;

use super::Reader;
use super::look_up::LookUp;
use super::seen::Seen;
use crate::directory::Directory;
use crate::error::{Error, ErrorCode, Result};
use crate::filter::{Asking, Filter, Many, ParentTest, Test};
use crate::limits::Limits;
use crate::view::{Looked, Question, View};
use roaring::RoaringBitmap;
use std::borrow::Cow;

/// A filter that its view answers.
#[derive(Debug)]
pub(crate) struct Prepared<'f> {
    filter: Cow<'f, Filter>,
    looked: Looked,
    asking: Asking,
    seen: Seen,
}

impl Prepared<'_> {
    /// The question to ask of [`Prepared::seen`], and of no other view.
    pub(crate) fn question<'q>(&'q self, directory: &'q Directory) -> Question<'q> {
        Question { filter: &self.filter, asking: &self.asking, directory, looked: &self.looked }
    }

    /// The view that it was prepared for.
    pub(crate) const fn seen(&self) -> &Seen {
        &self.seen
    }
}

/// How a filter is to be prepared.
#[derive(Debug, Default)]
pub(crate) struct Wish<'w> {
    /// It is going to be asked of these issues alone, ordinals of the view that the reader sees: nothing is looked up for
    /// others.
    pub(crate) within: Option<&'w RoaringBitmap>,
    /// Only so many that match the searched text best are wanted: how well others match need not be known.
    pub(crate) best: Option<usize>,
}

impl Reader {
    /// Prepares a filter that fits the limits.
    ///
    /// # Errors
    ///
    /// `TOO_COSTLY` when more would have to be read than the limits allow, `INVALID_INPUT` for a search in the past,
    /// `UNAVAILABLE` when the log or the index cannot be read.
    pub(crate) async fn prepare<'f>(&self, filter: &'f Filter) -> Result<Prepared<'f>> {
        self.prepare_for(filter, Wish::default()).await
    }

    /// [`Reader::prepare`], with wishes.
    pub(crate) async fn prepare_for<'f>(&self, filter: &'f Filter, wish: Wish<'_>) -> Result<Prepared<'f>> {
        let seen = self.seen().await?;
        let asking = self.asking();
        let dear = count_dear(filter, &seen, self.limits())?;
        if dear == 0 && seen.later().is_none() {
            return Ok(Prepared { filter: Cow::Borrowed(filter), looked: Looked::default(), asking, seen });
        }
        let best = wish.best.filter(|_| dear == 1 && always_searches(filter));
        let mut plan = Plan::of(filter, &seen, wish.within);
        let mut look_up = LookUp::new(self, &seen, &asking);
        while let Some((place, test)) = plan.next() {
            let Some(candidates) = narrow::candidates(&plan.tree, place, &|place| plan.knows(place)) else {
                continue;
            };
            // What is looked up takes room on the stack; most filters need none.
            let found = Box::pin(look_up.test(&test, candidates, &plan.looked, best)).await?;
            plan.know(place, found.issues);
            plan.looked.scores.extend(found.scores);
        }
        Ok(Prepared { filter: Cow::Owned(plan.tree), looked: plan.looked, asking, seen })
    }
}

/// Whether a view does not answer a test. What issues once had is known for now alone.
fn is_dear(test: &Test, seen: &Seen) -> bool {
    !View::answers(test) || (seen.is_past() && matches!(test, Test::History(_)))
}

/// The tests that must be looked up.
fn count_dear(filter: &Filter, seen: &Seen, limits: &Limits) -> Result<usize> {
    let (mut dear, mut foreign) = (0_usize, false);
    filter.each_test(&mut |test| {
        foreign |= matches!(test, Test::Looked(_));
        dear = dear.saturating_add(usize::from(is_dear(test, seen)));
        true
    });
    if foreign {
        let message = "the filter has a test that stands for an earlier answer, which means nothing here";
        return Err(Error::invalid("filter", message));
    }
    let max = limits.looked_up_max;
    if dear > max {
        let message = format!(
            "the filter has {dear} tests of histories, of times of comments or of texts: at most {max} are allowed (the \
             limit `looked_up_max`)"
        );
        return Err(Error::new(ErrorCode::TooCostly, message).with_field("filter"));
    }
    Ok(dear)
}

/// Whether every issue that passes matches a text of the filter.
fn always_searches(filter: &Filter) -> bool {
    match filter {
        Filter::All(parts) => parts.iter().any(always_searches),
        Filter::Test(test) => matches!(test, Test::Text(_)),
        Filter::Any(_) | Filter::Not(_) => false,
    }
}

/// A filter whose tests are being looked up.
struct Plan {
    tree: Filter,
    looked: Looked,
    /// What is to be looked up in each place; none where that is known.
    unknown: Vec<Option<Test>>,
}

impl Plan {
    fn of(filter: &Filter, seen: &Seen, within: Option<&RoaringBitmap>) -> Self {
        let mut plan = Self { tree: filter.clone(), looked: Looked::default(), unknown: Vec::new() };
        let (unknown, looked) = (&mut plan.unknown, &mut plan.looked);
        replace(&mut plan.tree, &mut |test| {
            let dear = is_dear(test, seen);
            if dear {
                let place = u16::try_from(unknown.len()).unwrap_or(u16::MAX);
                unknown.push(Some(std::mem::replace(test, Test::Looked(place))));
                looked.sets.push(RoaringBitmap::new());
            }
            dear
        });
        if let Some(later) = seen.later() {
            let there = Filter::Not(Box::new(plan.given(later.clone())));
            plan.beside(there);
        }
        if let Some(within) = within {
            let there = plan.given(within.clone());
            plan.beside(there);
        }
        plan
    }

    /// The test that what is given passes.
    fn given(&mut self, issues: RoaringBitmap) -> Filter {
        let place = u16::try_from(self.unknown.len()).unwrap_or(u16::MAX);
        self.unknown.push(None);
        self.looked.sets.push(issues);
        Test::Looked(place).into()
    }

    fn beside(&mut self, part: Filter) {
        let tree = std::mem::replace(&mut self.tree, Filter::everything());
        self.tree = Filter::All(vec![part, tree]);
    }

    /// The next test to look up. Texts come first: what a search costs hardly depends on how many issues there are.
    fn next(&mut self) -> Option<(u16, Test)> {
        let text = self.unknown.iter().position(|test| matches!(test, Some(Test::Text(_))));
        let at = text.or_else(|| self.unknown.iter().position(Option::is_some))?;
        let test = self.unknown.get(at)?.clone()?;
        Some((u16::try_from(at).unwrap_or(u16::MAX), test))
    }

    fn knows(&self, place: u16) -> bool {
        self.unknown.get(usize::from(place)).is_some_and(Option::is_none)
    }

    fn know(&mut self, place: u16, issues: RoaringBitmap) {
        let place = usize::from(place);
        if let (Some(set), Some(test)) = (self.looked.sets.get_mut(place), self.unknown.get_mut(place)) {
            *set = issues;
            *test = None;
        }
    }
}

/// Calls `with` with every test of the tree; what is inside one is passed over when `with` has replaced it.
fn replace(filter: &mut Filter, with: &mut dyn FnMut(&mut Test) -> bool) {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter_mut().for_each(|part| replace(part, with)),
        Filter::Not(part) => replace(part, with),
        Filter::Test(test) => {
            if !with(test) {
                inner(test).iter_mut().for_each(|part| replace(part, with));
            }
        }
    }
}

/// The filters inside a test that other issues must pass.
fn inner(test: &mut Test) -> &mut [Filter] {
    match test {
        Test::Parent(ParentTest::Passes(filter)) => std::slice::from_mut(&mut **filter),
        Test::Children(many) | Test::Related(_, many) => match many {
            Many::Some(parts) | Many::Every(parts) | Many::None(parts) => parts,
            Many::Length(_) => &mut [],
        },
        _ => &mut [],
    }
}
