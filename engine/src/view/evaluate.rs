//! Which issues pass a filter: bitmap algebra where a bitmap answers, a scan of one column where not.
//!
//! Each node of a filter is evaluated once, against a set of issues, also those inside tests of other issues: what a
//! filter costs is at most its nodes times one pass over all issues. Where few issues are left, a
//! [look at each](super::row) is cheaper and does the rest.

use super::cell::Cell;
use super::durations::Durations;
use super::family::Family;
use super::followed::{of_version, of_workflow};
use super::keys::{Tested, all_ready};
use super::origin;
use super::ranks::ranked;
use super::row::{RowTest, Visits};
use super::scan::{Wanted, scan};
use super::{Question, Sight, View};
use crate::filter::{CommentTest, Compare, Filter, IssueKey, Many, ParentTest, SourceTest, Test, TimeField};
use crate::id::IssueId;
use crate::time::{CalendarDate, Timestamp};
use roaring::RoaringBitmap;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::hash::Hash;

/// With at most so many issues left, what is left of a conjunction is put to each of them.
const ROWS_MAX: u64 = if cfg!(test) { 4 } else { 16 };

/// The same for tests of other issues, which else look at all of those.
const ROWS_OF_LINKS_MAX: u64 = if cfg!(test) { 8 } else { 1_024 };

impl View {
    /// The ordinals of the issues that pass. Deleted and archived ones are left out unless the filter speaks of them.
    pub(super) fn matching(&self, sight: &Sight, question: &Question<'_>) -> Cow<'_, RoaringBitmap> {
        let universe = match (self.universe(question.filter), sight.hidden()) {
            (universe, None) => universe,
            (universe, Some(hidden)) => Cow::Owned(&*universe - hidden),
        };
        match question.filter {
            Filter::All(parts) if parts.is_empty() => universe,
            filter => Cow::Owned(Evaluation::of(self, sight, question).within(filter, &universe)),
        }
    }

    /// The issues that a filter is about.
    pub(super) fn universe(&self, filter: &Filter) -> Cow<'_, RoaringBitmap> {
        let sets = &self.sets;
        match speaks_of(filter) {
            (false, false) => Cow::Borrowed(&sets.live),
            (false, true) => Cow::Owned(&sets.all - &sets.deleted),
            (true, false) => Cow::Owned(&sets.all - &sets.archived),
            (true, true) => Cow::Borrowed(&sets.all),
        }
    }
}

/// Whether a filter speaks of deleted issues, and of archived ones.
pub(super) fn speaks_of(filter: &Filter) -> (bool, bool) {
    let deleted = |test: &Test| matches!(test, Test::Deleted(_) | Test::Time(TimeField::Deleted, _));
    let archived = |test: &Test| matches!(test, Test::Archived(_) | Test::Time(TimeField::Archived, _));
    (filter.mentions(&deleted), filter.mentions(&archived))
}

/// One question put to one view.
pub(super) struct Evaluation<'a> {
    pub(super) view: &'a View,
    pub(super) q: Question<'a>,
    pub(super) sight: &'a Sight,
    present: OnceCell<RoaringBitmap>,
}

impl<'a> Evaluation<'a> {
    pub(super) const fn of(view: &'a View, sight: &'a Sight, question: &Question<'a>) -> Self {
        Self { view, q: *question, sight, present: OnceCell::new() }
    }

    /// The issues that tests of other issues see: all that are not deleted, and can be seen.
    pub(super) fn present(&self) -> &RoaringBitmap {
        self.present.get_or_init(|| self.sight.within(&self.view.sets.all - &self.view.sets.deleted))
    }

    /// Those of `universe` that pass.
    pub(super) fn within(&self, filter: &Filter, universe: &RoaringBitmap) -> RoaringBitmap {
        match filter {
            Filter::All(parts) => self.all(parts, universe),
            Filter::Any(parts) => {
                let mut left = universe.clone();
                for part in by_cost(parts) {
                    let found = self.within(part, &left);
                    left -= found;
                }
                universe - left
            }
            Filter::Not(part) => universe - self.within(part, universe),
            Filter::Test(test) => self.test(test, universe),
        }
    }

    /// Those of `universe` that pass all of these.
    pub(super) fn all(&self, parts: &[Filter], universe: &RoaringBitmap) -> RoaringBitmap {
        let mut left = Cow::Borrowed(universe);
        for part in by_cost(parts) {
            let one_by_one = left.len() <= ROWS_MAX;
            let found = one_by_one.then(|| self.one_by_one(&left, |row, at| row.passes(part, at))).flatten();
            left = Cow::Owned(found.unwrap_or_else(|| self.within(part, &left)));
        }
        left.into_owned()
    }

    /// Those of `universe` that pass, each looked at by itself; none when that takes too many looks at other issues.
    fn one_by_one(
        &self,
        universe: &RoaringBitmap,
        passes: impl Fn(&RowTest<'_>, u32) -> Option<bool>,
    ) -> Option<RoaringBitmap> {
        let visits = Visits::for_rows(universe.len());
        let row = RowTest { view: self.view, q: &self.q, sight: self.sight, visits: &visits };
        let mut found = Vec::new();
        for at in universe {
            found.extend(passes(&row, at)?.then_some(at));
        }
        RoaringBitmap::from_sorted_iter(found).ok()
    }

    pub(super) fn test(&self, test: &Test, universe: &RoaringBitmap) -> RoaringBitmap {
        let (sets, columns, asking) = (&self.view.sets, &self.view.columns, self.q.asking);
        match test {
            Test::Id(c) => self.ids(c, universe),
            Test::Key(c) => self.keys(c, universe),
            Test::Number(c) => Wanted::of(c, i64::from).scan(universe, &columns.number),
            Test::Team(t) => self.one(&sets.team, t, universe),
            Test::State(t) => self.one(&sets.state, t, universe),
            Test::Category(c) => self.one(&sets.category, c, universe),
            Test::Kind(c) => self.one(&sets.kind, c, universe),
            Test::Priority(c) => self.one(&sets.priority, c, universe),
            Test::Resolution(c) => self.one(&sets.resolution, c, universe),
            Test::Assignees(m) => self.many(&sets.assignee, m, universe, |c| sets.assignees.passing(c)),
            Test::Creator(t) => self.one(&sets.creator, t, universe),
            Test::Labels(m) => self.many(&sets.label, m, universe, |c| sets.labels.passing(c)),
            Test::Parent(ParentTest::Null(missing)) => either(&self.with_parent(), !missing, universe),
            Test::Parent(ParentTest::Passes(_)) | Test::Children(_) | Test::Related(..) => {
                self.of_others(test, universe)
            }
            Test::Comments(m) => self.comments(m, universe),
            Test::Estimate(c) => Wanted::of(c, i64::from).scan(universe, &columns.estimate),
            Test::Reopened(c) => {
                columns.reopen_count.scan(universe, c.passes(Some(&0)), |_, count| c.passes(Some(count)))
            }
            Test::Time(field, c) => {
                let c = c.map(|when| when.settle(asking));
                Wanted::of(&c, Timestamp::millis).scan(universe, &columns.instants(*field))
            }
            Test::Date(field, c) => {
                let c = c.map(|day| day.settle(asking));
                Wanted::of(&c, |date: CalendarDate| date.days().into()).scan(universe, columns.days(*field))
            }
            Test::Duration(field, c) => Durations::of(self.view, asking.now).scan(*field, c, universe),
            Test::Title(text) => self.title(text, universe),
            Test::Described(described) => either(&sets.described, *described, universe),
            Test::Source(SourceTest::Id(c)) => origin::wanted(c).scan(universe, &columns.source_id),
            Test::Source(t) => self.one(&sets.source, t, universe),
            Test::Archived(archived) => either(&sets.archived, *archived, universe),
            Test::Deleted(deleted) => either(&sets.deleted, *deleted, universe),
            Test::Confidential(confidential) => either(&self.confidential(), *confidential, universe),
            Test::Participants(m) => self.participants(m, universe),
            Test::Workflow(t) => self.followed(&of_workflow(t), universe),
            Test::WorkflowVersion(c) => self.followed(&of_version(c), universe),
            Test::Approvals(m) => self.approvals(m, universe),
            Test::Rank(c) => ranked(c, universe, columns),
            Test::Version(c) => Wanted::of(c, Cell::number).scan(universe, &columns.version),
            Test::History(history) if View::answers(test) => self.had(&history.change) & universe,
            Test::Looked(place) => self.q.looked.set(*place) & universe,
            // What must be looked up and was not: see `View::answers`. Nothing passes.
            Test::History(_) | Test::Text(_) => RoaringBitmap::new(),
        }
    }

    /// Those of `universe` whose one value, or its absence, passes.
    fn one<K: Copy + Eq + Hash>(
        &self,
        family: &Family<K>,
        test: &impl Tested<K>,
        universe: &RoaringBitmap,
    ) -> RoaringBitmap {
        match test.compare() {
            Some(Compare::Eq(key)) => family.of(key).map(|set| set & universe).unwrap_or_default(),
            Some(Compare::In(keys)) => family.named(keys) & universe,
            Some(Compare::Neq(key)) => family.of(key).map_or_else(|| universe.clone(), |set| universe - set),
            Some(Compare::Nin(keys)) => universe - family.named(keys),
            _ => {
                let found = family.passing(test.ready(&self.q)) & universe;
                if test.passes_missing() { found | (universe - family.any()) } else { found }
            }
        }
    }

    /// Those of `universe` of whose values so many pass. `counted` gives those with so many values.
    fn many<K: Copy + Eq + Hash, T: Tested<K>>(
        &self,
        family: &Family<K>,
        many: &Many<T>,
        universe: &RoaringBitmap,
        counted: impl FnOnce(&dyn Fn(&u32) -> bool) -> RoaringBitmap,
    ) -> RoaringBitmap {
        let passing = |tests: &[T]| match tests {
            [only] => match only.compare() {
                Some(Compare::Eq(key)) => family.of(key).map_or_else(Cow::default, Cow::Borrowed),
                Some(Compare::In(keys)) => Cow::Owned(family.named(keys)),
                _ => Cow::Owned(family.passing(only.ready(&self.q))),
            },
            tests => Cow::Owned(family.passing(all_ready(tests, &self.q))),
        };
        match many {
            Many::Some(tests) => universe & &*passing(tests),
            Many::None(tests) => universe - &*passing(tests),
            Many::Every(tests) => {
                let passes = all_ready(tests, &self.q);
                universe - family.passing(|key| !passes(key))
            }
            Many::Length(count) => counted(&|len| count.passes(Some(len))) & universe,
        }
    }

    fn comments(&self, many: &Many<CommentTest>, universe: &RoaringBitmap) -> RoaringBitmap {
        let (family, counts) = (&self.view.sets.commenter, &self.view.columns.comment_count);
        let counted = |c: &Compare<u32>| Wanted::of(c, i64::from).scan(universe, counts);
        match many {
            Many::Length(count) => counted(count),
            Many::Some(tests) if tests.is_empty() => counted(&Compare::Gt(0)),
            Many::None(tests) if tests.is_empty() => counted(&Compare::Eq(0)),
            Many::Every(tests) if tests.is_empty() => universe.clone(),
            Many::Some(tests) | Many::None(tests) | Many::Every(tests) => {
                // What else must be looked up and was not: see `View::answers`. Nothing passes.
                let [CommentTest::Author(author)] = tests.as_slice() else { return RoaringBitmap::new() };
                let passes = author.ready(&self.q);
                match many {
                    Many::Some(_) => family.passing(passes) & universe,
                    Many::None(_) => universe - family.passing(passes),
                    _ => universe - family.passing(|member| !passes(member)),
                }
            }
        }
    }

    fn ids(&self, compare: &Compare<IssueId>, universe: &RoaringBitmap) -> RoaringBitmap {
        let named = |ids: &[IssueId]| ids.iter().filter_map(|id| self.view.ordinal_of(*id)).collect();
        self.named(compare, universe, named)
            .unwrap_or_else(|| scan(universe, &self.view.columns.id, |id| compare.passes(Some(id))))
    }

    fn keys(&self, compare: &Compare<IssueKey>, universe: &RoaringBitmap) -> RoaringBitmap {
        let find = |key: &IssueKey| {
            let team = self.q.directory.team_by_key(&key.team)?.id;
            self.view.ordinal_of(self.view.find(team, key.number)?)
        };
        let named = |keys: &[IssueKey]| keys.iter().filter_map(find).collect();
        self.named(compare, universe, named).unwrap_or_else(|| match compare {
            Compare::Null(false) => universe.clone(),
            _ => RoaringBitmap::new(),
        })
    }

    /// Those of `universe` that are, or are not, among those that are named; none when the test names none.
    fn named<T>(
        &self,
        compare: &Compare<T>,
        universe: &RoaringBitmap,
        named: impl Fn(&[T]) -> RoaringBitmap,
    ) -> Option<RoaringBitmap> {
        match compare {
            Compare::Eq(value) => Some(named(std::slice::from_ref(value)) & universe),
            Compare::In(values) => Some(named(values) & universe),
            Compare::Neq(value) => Some(universe - named(std::slice::from_ref(value))),
            Compare::Nin(values) => Some(universe - named(values)),
            _ => None,
        }
    }

    /// Those of `universe` that pass a test of other issues.
    fn of_others(&self, test: &Test, universe: &RoaringBitmap) -> RoaringBitmap {
        let one_by_one = universe.len() <= ROWS_OF_LINKS_MAX;
        let found = one_by_one.then(|| self.one_by_one(universe, |row, at| row.passes_test(test, at)));
        found.flatten().unwrap_or_else(|| self.linked(test, universe))
    }
}

pub(super) fn either(set: &RoaringBitmap, wanted: bool, universe: &RoaringBitmap) -> RoaringBitmap {
    if wanted { universe & set } else { universe - set }
}

/// Parts from cheap to dear: what is dear then looks at few rows.
fn by_cost(parts: &[Filter]) -> impl Iterator<Item = &Filter> {
    let mut parts: Vec<_> = parts.iter().map(|part| (cost(part), part)).collect();
    parts.sort_by_key(|(cost, _)| *cost);
    parts.into_iter().map(|(_, part)| part)
}

/// How dear a part is: a bitmap, a column of numbers, texts, other issues.
fn cost(filter: &Filter) -> u8 {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().map(cost).max().unwrap_or_default(),
        Filter::Not(part) => cost(part),
        Filter::Test(test) => match test {
            Test::Parent(ParentTest::Passes(_)) | Test::Children(_) | Test::Related(..) => 3,
            Test::Title(_) | Test::Rank(_) => 2,
            Test::Id(Compare::Eq(_) | Compare::Neq(_) | Compare::In(_) | Compare::Nin(_)) => 0,
            Test::Id(_) | Test::Number(_) | Test::Estimate(_) | Test::Reopened(_) => 1,
            Test::Time(..) | Test::Date(..) | Test::Duration(..) | Test::Version(_) => 1,
            Test::Comments(Many::Length(_)) | Test::Source(SourceTest::Id(_)) => 1,
            _ => 0,
        },
    }
}
