//! Filters on what an issue refers to: team, state, people, labels, parent.
//!
//! The engine compares ids. A name stands for the ids of all that have it at this moment, looked up here in the small
//! tables.

use super::comparator::{BooleanComparator, IdComparator, Ordered};
use super::text_comparator::{StringComparator, passes};
use super::word::StateCategory;
use crate::context::Snapshot;
use async_graphql::InputObject;
use mortise_engine::Result;
use mortise_engine::filter::{Compare, Filter, Many, Test};
use mortise_engine::id::{IssueId, LabelId, MemberId, StateId, TeamId};

/// Passes issues by their team. Conditions side by side must all hold.
#[derive(Debug, InputObject)]
pub(crate) struct TeamFilter {
    /// The team itself.
    id: Option<IdComparator>,
    /// Its key, such as `ENG`.
    key: Option<StringComparator>,
    /// Its name.
    name: Option<StringComparator>,
}

impl TeamFilter {
    pub(super) fn parse(self, cx: &Snapshot, field: &str) -> Result<Vec<Filter>> {
        let mut tests = compares::<TeamId>(self.id, &format!("{field}.id"))?;
        let directory = cx.directory();
        if let Some(key) = self.key {
            tests.push(named(key, directory.teams().map(|t| (t.id, t.key.as_str()))));
        }
        if let Some(name) = self.name {
            tests.push(named(name, directory.teams().map(|t| (t.id, t.name.as_str()))));
        }
        Ok(tests.into_iter().map(|test| Filter::Test(Test::Team(test))).collect())
    }
}

/// Passes issues by their state. Conditions side by side must all hold.
#[derive(Debug, InputObject)]
pub(crate) struct WorkflowStateFilter {
    /// The state itself.
    id: Option<IdComparator>,
    /// Its name; states of several workflows can have the same.
    name: Option<StringComparator>,
    /// What it means.
    category: Option<Ordered<StateCategory>>,
}

impl WorkflowStateFilter {
    pub(super) fn parse(self, cx: &Snapshot, field: &str) -> Result<Vec<Filter>> {
        let mut tests = compares::<StateId>(self.id, &format!("{field}.id"))?;
        let directory = cx.directory();
        if let Some(name) = self.name {
            let states = directory.workflows().flat_map(|w| &w.states);
            tests.push(named(name, states.map(|s| (s.id, s.name.as_str()))));
        }
        let mut parts: Vec<_> = tests.into_iter().map(|test| Filter::Test(Test::State(test))).collect();
        if let Some(category) = self.category {
            let tests = category.compares(&format!("{field}.category"))?;
            parts.extend(tests.into_iter().map(|test| Filter::Test(Test::Category(test))));
        }
        Ok(parts)
    }
}

/// Passes issues by a member. Conditions side by side must all hold.
#[derive(Debug, InputObject)]
pub(crate) struct MemberFilter {
    /// The member.
    id: Option<IdComparator>,
    /// Whether it is who asks.
    is_me: Option<BooleanComparator>,
    /// Their name.
    name: Option<StringComparator>,
    /// Their address.
    email: Option<StringComparator>,
    /// Nobody (true) or somebody (false).
    null: Option<bool>,
}

impl MemberFilter {
    fn compares(self, cx: &Snapshot, field: &str) -> Result<Vec<Compare<MemberId>>> {
        let mut tests = compares::<MemberId>(self.id, &format!("{field}.id"))?;
        let directory = cx.directory();
        for wanted in self.is_me.iter().flat_map(BooleanComparator::wanted) {
            tests.push(match (wanted, cx.member()) {
                (true, me) => Compare::In(me.into_iter().collect()),
                (false, me) => Compare::Nin(me.into_iter().collect()),
            });
        }
        if let Some(name) = self.name {
            tests.push(named(name, directory.members().map(|m| (m.id, m.name.as_str()))));
        }
        if let Some(email) = self.email {
            let known = directory.members().filter_map(|m| Some((m.id, m.email.as_deref()?)));
            tests.push(named(email, known));
        }
        tests.extend(self.null.map(Compare::Null));
        Ok(tests)
    }

    /// As a filter on who made the issue.
    pub(super) fn parse_creator(self, cx: &Snapshot, field: &str) -> Result<Vec<Filter>> {
        let tests = self.compares(cx, field)?;
        Ok(tests.into_iter().map(|test| Filter::Test(Test::Creator(test))).collect())
    }

    /// As a filter on who works on the issue: somebody who does passes; a negative test fails if anybody fails it.
    pub(super) fn parse_assignee(self, cx: &Snapshot, field: &str) -> Result<Vec<Filter>> {
        let many = |test| match test {
            Compare::Neq(member) => Many::None(Compare::Eq(member)),
            Compare::Nin(members) => Many::None(Compare::In(members)),
            Compare::Null(true) => Many::Length(Compare::Eq(0)),
            Compare::Null(false) => Many::Length(Compare::Gte(1)),
            positive => Many::Some(positive),
        };
        let tests = self.compares(cx, field)?;
        Ok(tests.into_iter().map(|test| Filter::Test(Test::Assignees(many(test)))).collect())
    }

    /// As a test of one of several members.
    fn one_test(self, cx: &Snapshot, field: &str) -> Result<Compare<MemberId>> {
        let tests = self.compares(cx, field)?;
        Ok(as_one(tests, cx.directory().members().map(|m| m.id)))
    }
}

/// Passes issues by all who work on them. Conditions side by side must all hold.
#[derive(Debug, InputObject)]
pub(crate) struct MemberCollectionFilter {
    /// At least one of them passes.
    some: Option<MemberFilter>,
    /// All of them pass; holds when there is nobody.
    every: Option<MemberFilter>,
    /// None of them passes.
    none: Option<MemberFilter>,
    /// There are so many.
    length: Option<Ordered<u32>>,
}

impl MemberCollectionFilter {
    pub(super) fn parse(self, cx: &Snapshot, field: &str) -> Result<Vec<Filter>> {
        let mut tests = Vec::new();
        if let Some(some) = self.some {
            tests.push(Many::Some(some.one_test(cx, &format!("{field}.some"))?));
        }
        if let Some(every) = self.every {
            tests.push(Many::Every(every.one_test(cx, &format!("{field}.every"))?));
        }
        if let Some(none) = self.none {
            tests.push(Many::None(none.one_test(cx, &format!("{field}.none"))?));
        }
        if let Some(length) = self.length {
            tests.extend(length.compares(&format!("{field}.length"))?.into_iter().map(Many::Length));
        }
        Ok(tests.into_iter().map(|test| Filter::Test(Test::Assignees(test))).collect())
    }
}

/// Passes issues by a label. Conditions side by side must all hold.
#[derive(Debug, InputObject)]
pub(crate) struct LabelFilter {
    /// The label.
    id: Option<IdComparator>,
    /// Its name; labels of several teams can have the same.
    name: Option<StringComparator>,
}

impl LabelFilter {
    fn one_test(self, cx: &Snapshot, field: &str) -> Result<Compare<LabelId>> {
        let mut tests = compares::<LabelId>(self.id, &format!("{field}.id"))?;
        let directory = cx.directory();
        if let Some(name) = self.name {
            tests.push(named(name, directory.labels().map(|l| (l.id, l.name.as_str()))));
        }
        Ok(as_one(tests, directory.labels().map(|l| l.id)))
    }
}

/// Passes issues by their labels. Conditions side by side must all hold.
#[derive(Debug, InputObject)]
pub(crate) struct LabelCollectionFilter {
    /// At least one of them passes.
    some: Option<LabelFilter>,
    /// All of them pass; holds when there are none.
    every: Option<LabelFilter>,
    /// None of them passes.
    none: Option<LabelFilter>,
    /// There are so many.
    length: Option<Ordered<u32>>,
    /// At least one of them is this: short for `some: {id: …}`.
    id: Option<IdComparator>,
    /// At least one of them has this name: short for `some: {name: …}`.
    name: Option<StringComparator>,
}

impl LabelCollectionFilter {
    pub(super) fn parse(self, cx: &Snapshot, field: &str) -> Result<Vec<Filter>> {
        let mut tests = Vec::new();
        if self.id.is_some() || self.name.is_some() {
            let short = LabelFilter { id: self.id, name: self.name };
            tests.push(Many::Some(short.one_test(cx, field)?));
        }
        if let Some(some) = self.some {
            tests.push(Many::Some(some.one_test(cx, &format!("{field}.some"))?));
        }
        if let Some(every) = self.every {
            tests.push(Many::Every(every.one_test(cx, &format!("{field}.every"))?));
        }
        if let Some(none) = self.none {
            tests.push(Many::None(none.one_test(cx, &format!("{field}.none"))?));
        }
        if let Some(length) = self.length {
            tests.extend(length.compares(&format!("{field}.length"))?.into_iter().map(Many::Length));
        }
        Ok(tests.into_iter().map(|test| Filter::Test(Test::Labels(test))).collect())
    }
}

/// Passes issues by the issue they are a part of.
#[derive(Debug, InputObject)]
pub(crate) struct ParentFilter {
    /// That issue.
    id: Option<IdComparator>,
    /// Part of none (true) or of some (false).
    null: Option<bool>,
}

impl ParentFilter {
    pub(super) fn parse(self, field: &str) -> Result<Vec<Filter>> {
        let mut tests = compares::<IssueId>(self.id, &format!("{field}.id"))?;
        tests.extend(self.null.map(Compare::Null));
        Ok(tests.into_iter().map(|test| Filter::Test(Test::Parent(test))).collect())
    }
}

fn compares<I>(ids: Option<IdComparator>, field: &str) -> Result<Vec<Compare<I>>>
where
    I: std::str::FromStr<Err: std::fmt::Display>,
{
    ids.map_or_else(|| Ok(Vec::new()), |ids| ids.compares(field))
}

/// The ids of all whose name passes.
fn named<'a, I>(test: StringComparator, all: impl Iterator<Item = (I, &'a str)>) -> Compare<I> {
    let tests = test.tests();
    let all_pass = |name: &str| tests.iter().all(|test| passes(test, name));
    Compare::In(all.filter(|(_, name)| all_pass(name)).map(|(id, _)| id).collect())
}

/// Several tests of the same one of many, as one test: of those that pass them all. No test at all passes anything.
fn as_one<I: PartialOrd>(mut tests: Vec<Compare<I>>, all: impl Iterator<Item = I>) -> Compare<I> {
    match (tests.pop(), tests.is_empty()) {
        (None, _) => Compare::Null(false),
        (Some(only), true) => only,
        (Some(last), false) => Compare::In(
            all.filter(|id| last.passes(Some(id)) && tests.iter().all(|t| t.passes(Some(id)))).collect(),
        ),
    }
}
