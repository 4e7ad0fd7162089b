//! The parts that the lists of this benchmark are made of, in few words.

use mortise_engine::filter::{
    Anchor, Compare, Filter, LabelTest, Many, MemberTest, Moment, Offset, Sort, SortKey, StateTest, TeamTest,
    Test, When,
};
use mortise_engine::id::{LabelId, MemberId, StateId, TeamId};
use mortise_engine::model::{Priority, StateCategory};

const CLOSED: [StateCategory; 2] = [StateCategory::Completed, StateCategory::Canceled];

/// All of these hold.
pub(crate) fn all(parts: impl IntoIterator<Item = Test>) -> Filter {
    Filter::All(parts.into_iter().map(Filter::Test).collect())
}

/// It is still to be done.
pub(crate) fn open() -> Test {
    Test::Category(Compare::Nin(CLOSED.to_vec()))
}

/// It is in this category.
pub(crate) const fn category(category: StateCategory) -> Test {
    Test::Category(Compare::Eq(category))
}

/// It belongs to this team.
pub(crate) const fn team(id: TeamId) -> Test {
    Test::Team(TeamTest::Id(Compare::Eq(id)))
}

/// It is in this state.
pub(crate) const fn state(id: StateId) -> Test {
    Test::State(StateTest::Id(Compare::Eq(id)))
}

/// This member works on it.
pub(crate) fn assignee(id: MemberId) -> Test {
    Test::Assignees(Many::Some(vec![member(id)]))
}

/// This member.
pub(crate) const fn member(id: MemberId) -> MemberTest {
    MemberTest::Id(Compare::Eq(id))
}

/// It has one of these labels.
pub(crate) fn labels(ids: Vec<LabelId>) -> Test {
    Test::Labels(Many::Some(vec![LabelTest::Id(Compare::In(ids))]))
}

/// It is at least so pressing.
pub(crate) const fn pressing(from: Priority) -> Test {
    Test::Priority(Compare::Gte(from))
}

/// So many days ago.
pub(crate) fn days_ago(days: u32) -> When {
    let offset = Offset::new(true, 0, days, 0).unwrap_or(Offset::NONE);
    When::Relative(Moment { anchor: Anchor::Now, offset })
}

/// From low to high, what is missing last.
pub(crate) const fn up(key: SortKey) -> Sort {
    Sort { key, descending: false, nulls_first: false }
}

/// From high to low, what is missing last.
pub(crate) const fn down(key: SortKey) -> Sort {
    Sort { key, descending: true, nulls_first: false }
}
