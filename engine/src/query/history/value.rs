//! Values of the fields whose past is asked, and tests of them with their names settled.

use crate::directory::Directory;
use crate::event::IssueChange;
use crate::filter::{Asking, Compare, LabelTest, MemberTest, StateTest, TextTest};
use crate::id::{LabelId, MemberId, StateId};
use crate::model::{Issue, IssueKind, Priority, Resolution, StateCategory};
use crate::view::TextMatcher;
use rustc_hash::FxHashSet;
use std::hash::Hash;

/// A field whose past can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    State,
    Category,
    Priority,
    Kind,
    Resolution,
    Assignees,
    Labels,
}

/// One value of one of them. Resolution has one even where it is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    State(StateId),
    Category(StateCategory),
    Priority(Priority),
    Kind(IssueKind),
    Resolution(Option<Resolution>),
    Member(MemberId),
    Label(LabelId),
}

impl Field {
    /// The values that an issue has.
    pub(super) fn of(self, row: &Issue) -> Vec<Value> {
        match self {
            Self::State => vec![Value::State(row.state)],
            Self::Category => vec![Value::Category(row.category)],
            Self::Priority => vec![Value::Priority(row.priority)],
            Self::Kind => vec![Value::Kind(row.kind)],
            Self::Resolution => vec![Value::Resolution(row.resolution)],
            Self::Assignees => row.assignees.iter().copied().map(Value::Member).collect(),
            Self::Labels => row.labels.iter().copied().map(Value::Label).collect(),
        }
    }

    /// What it was and what it became, if this is a change of it.
    pub(super) fn change(self, change: &IssueChange) -> Option<(Vec<Value>, Vec<Value>)> {
        let all = |from: Value, to: Value| Some((vec![from], vec![to]));
        match (self, change) {
            (Self::State, IssueChange::State { state, .. }) => {
                all(Value::State(state.from), Value::State(state.to))
            }
            (Self::Category, IssueChange::State { category, .. }) if category.from != category.to => {
                all(Value::Category(category.from), Value::Category(category.to))
            }
            (Self::Priority, IssueChange::Priority(c)) => all(Value::Priority(c.from), Value::Priority(c.to)),
            (Self::Kind, IssueChange::Kind(c)) => all(Value::Kind(c.from), Value::Kind(c.to)),
            (Self::Resolution, IssueChange::Resolution(c)) => {
                all(Value::Resolution(c.from), Value::Resolution(c.to))
            }
            (Self::Assignees, IssueChange::Assignees(c)) => Some((
                c.from.iter().copied().map(Value::Member).collect(),
                c.to.iter().copied().map(Value::Member).collect(),
            )),
            (Self::Labels, IssueChange::Labels(c)) => Some((
                c.from.iter().copied().map(Value::Label).collect(),
                c.to.iter().copied().map(Value::Label).collect(),
            )),
            _ => None,
        }
    }
}

/// A test of one value of one field.
#[derive(Debug)]
pub(super) enum ValueTest {
    State(Wanted<StateId>),
    Category(Compare<StateCategory>),
    Priority(Compare<Priority>),
    Kind(Compare<IssueKind>),
    Resolution(Compare<Resolution>),
    Member(Wanted<MemberId>),
    Label(Wanted<LabelId>),
}

impl ValueTest {
    pub(super) fn passes(&self, value: Value) -> bool {
        match (self, value) {
            (Self::State(wanted), Value::State(id)) => wanted.passes(Some(&id)),
            (Self::Category(c), Value::Category(category)) => c.passes(Some(&category)),
            (Self::Priority(c), Value::Priority(priority)) => c.passes(Some(&priority)),
            (Self::Kind(c), Value::Kind(kind)) => c.passes(Some(&kind)),
            (Self::Resolution(c), Value::Resolution(resolution)) => c.passes(resolution.as_ref()),
            (Self::Member(wanted), Value::Member(id)) => wanted.passes(Some(&id)),
            (Self::Label(wanted), Value::Label(id)) => wanted.passes(Some(&id)),
            _ => false,
        }
    }
}

/// Which things of one kind pass.
#[derive(Debug)]
pub(in crate::query) enum Wanted<T> {
    /// Those whose ids do.
    Ids(Compare<T>),
    /// Those with one of these names.
    Named(FxHashSet<T>),
    /// Those without.
    Unnamed(FxHashSet<T>),
}

impl<T: PartialOrd + Eq + Hash> Wanted<T> {
    /// Whether a thing passes, or that there is none. What has no name passes negative tests alone.
    pub(in crate::query) fn passes(&self, id: Option<&T>) -> bool {
        match self {
            Self::Ids(compare) => compare.passes(id),
            Self::Named(ids) => id.is_some_and(|id| ids.contains(id)),
            Self::Unnamed(ids) => id.is_none_or(|id| !ids.contains(id)),
        }
    }

    fn named<'n>(test: &TextTest, names: impl Iterator<Item = (T, Option<&'n str>)>) -> Self {
        let (matcher, negative) = (TextMatcher::of(test), test.operator.is_negative());
        // Those that decide: that pass a positive test, that fail a negative one.
        let decide = names.filter(|(_, name)| matcher.passes(*name) != negative);
        let ids = decide.map(|(id, _)| id).collect();
        if negative { Self::Unnamed(ids) } else { Self::Named(ids) }
    }
}

/// The states that pass.
pub(super) fn states(test: &StateTest, directory: &Directory) -> Wanted<StateId> {
    match test {
        StateTest::Id(compare) => Wanted::Ids(compare.clone()),
        StateTest::Name(text) => {
            Wanted::named(text, directory.states().map(|state| (state.id, Some(state.name.as_str()))))
        }
    }
}

/// The labels that pass, deleted ones among them: issues keep them.
pub(super) fn labels(test: &LabelTest, directory: &Directory) -> Wanted<LabelId> {
    match test {
        LabelTest::Id(compare) => Wanted::Ids(compare.clone()),
        LabelTest::Name(text) => {
            Wanted::named(text, directory.labels().map(|label| (label.id, Some(label.name.as_str()))))
        }
    }
}

/// The members that pass.
pub(in crate::query) fn members(
    test: &MemberTest,
    asking: &Asking,
    directory: &Directory,
) -> Wanted<MemberId> {
    match test {
        MemberTest::Id(compare) => Wanted::Ids(compare.clone()),
        MemberTest::Me(wanted) => {
            let me = asking.me.into_iter().collect();
            Wanted::Ids(if *wanted { Compare::In(me) } else { Compare::Nin(me) })
        }
        MemberTest::Name(text) => {
            Wanted::named(text, directory.members().map(|member| (member.id, Some(member.name.as_str()))))
        }
        MemberTest::Email(text) => {
            Wanted::named(text, directory.members().map(|member| (member.id, member.email.as_deref())))
        }
    }
}
