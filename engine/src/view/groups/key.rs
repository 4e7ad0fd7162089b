//! What the issues of a group have in common, and the test that says so.

use super::DueBucket;
use crate::filter::{Compare, Filter, LabelTest, Many, MemberTest, ParentTest, StateTest, TeamTest, Test};
use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId};
use crate::model::{IssueKind, Priority, StateCategory};

/// What the issues of a group have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupKey {
    /// The state.
    State(StateId),
    /// The category of the state.
    Category(StateCategory),
    /// One of those who work on it; nobody does.
    Assignee(Option<MemberId>),
    /// Who made it.
    Creator(MemberId),
    /// One of the labels; none.
    Label(Option<LabelId>),
    /// How pressing.
    Priority(Priority),
    /// The kind of work.
    Kind(IssueKind),
    /// The team.
    Team(TeamId),
    /// What it is a part of; nothing, or something that is deleted.
    Parent(Option<IssueId>),
    /// How soon it is due.
    Due(DueBucket),
}

impl GroupKey {
    /// The filter that, added to that of the list, makes the list of this group.
    #[must_use]
    pub fn test(&self) -> Filter {
        Filter::Test(match *self {
            Self::State(id) => Test::State(StateTest::Id(Compare::Eq(id))),
            Self::Category(category) => Test::Category(Compare::Eq(category)),
            Self::Assignee(Some(id)) => Test::Assignees(Many::Some(vec![MemberTest::Id(Compare::Eq(id))])),
            Self::Assignee(None) => Test::Assignees(Many::Length(Compare::Eq(0))),
            Self::Creator(id) => Test::Creator(MemberTest::Id(Compare::Eq(id))),
            Self::Label(Some(id)) => Test::Labels(Many::Some(vec![LabelTest::Id(Compare::Eq(id))])),
            Self::Label(None) => Test::Labels(Many::Length(Compare::Eq(0))),
            Self::Priority(priority) => Test::Priority(Compare::Eq(priority)),
            Self::Kind(kind) => Test::Kind(Compare::Eq(kind)),
            Self::Team(id) => Test::Team(TeamTest::Id(Compare::Eq(id))),
            // What is deleted is nobody's whole: see `ParentTest::Passes`.
            Self::Parent(Some(id)) => part_of(Filter::Test(Test::Id(Compare::Eq(id)))),
            Self::Parent(None) => {
                return Filter::Not(Box::new(Filter::Test(part_of(Filter::everything()))));
            }
            Self::Due(bucket) => bucket.test(),
        })
    }
}

fn part_of(filter: Filter) -> Test {
    Test::Parent(ParentTest::Passes(Box::new(filter)))
}
