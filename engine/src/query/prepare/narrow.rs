//! Which issues a test need be looked up for: those for which its outcome can change the whole filter's.
//!
//! A filter is monotone in what is looked up, or the other way round behind a *not*. So a bound of it is had by taking
//! what is not known yet for true where that lets more pass, or for false where that lets fewer. A test beside others in
//! an *all* matters where the others can hold, in an *any* where they can fail; inside a test of other issues it matters
//! for those that stand in that relation to an issue for which the test itself matters.
//!
//! Pure: it makes filters, which the view answers.

use crate::filter::{Filter, Link, Many, ParentTest, Test, TimeField};

/// The issues for which the test that is looked up in this place can matter, as a filter; `known` says which places have
/// been looked up. None when there is no such test.
pub(super) fn candidates(filter: &Filter, place: u16, known: &dyn Fn(u16) -> bool) -> Option<Filter> {
    let narrow = Narrow { place, known, linked: !speaks_of_deleted(filter) };
    narrow.descend(filter, spoken_of(filter))
}

struct Narrow<'k> {
    place: u16,
    known: &'k dyn Fn(u16) -> bool,
    /// Whether an issue can be followed to its neighbours: a test of other issues never finds deleted ones.
    linked: bool,
}

impl Narrow<'_> {
    /// Goes down to the place; `within` is what must hold of an issue for this part of the tree to matter.
    fn descend(&self, filter: &Filter, mut within: Vec<Filter>) -> Option<Filter> {
        match filter {
            Filter::All(parts) => {
                let (part, others) = self.split(parts)?;
                within.extend(others.map(|other| self.bound(other, true)));
                self.descend(part, within)
            }
            Filter::Any(parts) => {
                let (part, others) = self.split(parts)?;
                within.extend(others.map(|other| Filter::Not(Box::new(self.bound(other, false)))));
                self.descend(part, within)
            }
            Filter::Not(part) => self.descend(part, within),
            Filter::Test(Test::Looked(place)) => (*place == self.place).then_some(Filter::All(within)),
            Filter::Test(test) => {
                let (part, others) = self.split(test.inner())?;
                // Archived neighbours count too, whatever the filter says of archived issues.
                let mut inside = vec![either(Test::Archived)];
                inside.extend(spoken_of(part));
                if self.linked {
                    inside.extend(backwards(test, Filter::All(within)));
                }
                inside.extend(others.map(|other| self.bound(other, true)));
                self.descend(part, inside)
            }
        }
    }

    /// The part that the place is in, and the others.
    fn split<'f>(
        &self,
        parts: &'f [Filter],
    ) -> Option<(&'f Filter, impl Iterator<Item = &'f Filter> + use<'f>)> {
        let at = parts.iter().position(|part| self.holds(part))?;
        let (before, rest) = parts.split_at_checked(at)?;
        let (part, after) = rest.split_first()?;
        Some((part, before.iter().chain(after)))
    }

    fn holds(&self, part: &Filter) -> bool {
        !part.each_test(&mut |test| *test != Test::Looked(self.place))
    }

    /// A filter that all pass that may pass this one (`most`), or that only those pass that surely do.
    fn bound(&self, filter: &Filter, most: bool) -> Filter {
        let all =
            |parts: &[Filter], most| parts.iter().map(|part| self.bound(part, most)).collect::<Vec<_>>();
        match filter {
            Filter::All(parts) => Filter::All(all(parts, most)),
            Filter::Any(parts) => Filter::Any(all(parts, most)),
            Filter::Not(part) => Filter::Not(Box::new(self.bound(part, !most))),
            Filter::Test(Test::Looked(place)) if !(self.known)(*place) => {
                if most {
                    Filter::All(Vec::new())
                } else {
                    Filter::Any(Vec::new())
                }
            }
            Filter::Test(test) => {
                let many = |many: &Many<Filter>| match many {
                    Many::Some(parts) => Many::Some(all(parts, most)),
                    Many::Every(parts) => Many::Every(all(parts, most)),
                    Many::None(parts) => Many::None(all(parts, !most)),
                    Many::Length(length) => Many::Length(length.clone()),
                };
                Filter::Test(match test {
                    Test::Parent(ParentTest::Passes(part)) => {
                        Test::Parent(ParentTest::Passes(Box::new(self.bound(part, most))))
                    }
                    Test::Children(parts) => Test::Children(many(parts)),
                    Test::Related(link, parts) => Test::Related(*link, many(parts)),
                    other => other.clone(),
                })
            }
        }
    }
}

/// Those that a test of other issues looks at for the issues that pass `from`: the same way, backwards.
fn backwards(test: &Test, from: Filter) -> Option<Filter> {
    let back = match test {
        Test::Parent(_) => Test::Children(Many::Some(vec![from])),
        Test::Children(_) => Test::Parent(ParentTest::Passes(Box::new(from))),
        Test::Related(link, _) => {
            Test::Related(Link { kind: link.kind, reversed: !link.reversed }, Many::Some(vec![from]))
        }
        _ => return None,
    };
    Some(Filter::Test(back))
}

/// Lets deleted and archived issues pass where a filter speaks of them: it does so itself.
fn spoken_of(filter: &Filter) -> Vec<Filter> {
    let archived =
        filter.mentions(&|test| matches!(test, Test::Archived(_) | Test::Time(TimeField::Archived, _)));
    let deleted = speaks_of_deleted(filter).then(|| either(Test::Deleted));
    archived.then(|| either(Test::Archived)).into_iter().chain(deleted).collect()
}

fn speaks_of_deleted(filter: &Filter) -> bool {
    filter.mentions(&|test| matches!(test, Test::Deleted(_) | Test::Time(TimeField::Deleted, _)))
}

/// Passed by every issue, and spoken of.
pub(in crate::query) fn either(test: fn(bool) -> Test) -> Filter {
    Filter::Any(vec![test(true).into(), test(false).into()])
}
