//! What is asked of such a company, at random: filters, tests and orders.

use super::Life;
use crate::filter::{
    Compare, Filter, HistoryTest, LabelTest, Many, MemberTest, ParentTest, PastChange, Sort, SortKey,
    StateTest, Test, TextOperator, TextTest, TimeField, Was, When,
};
use crate::model::{IssueKind, Priority, StateCategory};

impl Life {
    /// A filter that memory answers.
    pub(in super::super) fn plain_filter(&mut self, depth: usize) -> Filter {
        let chance = &mut self.chance;
        let test = match chance.below(20) {
            0 => Test::Category(Compare::In(chance.some(StateCategory::ALL, 4))),
            1 => Test::Priority(Compare::Gte(chance.pick(Priority::ALL))),
            2 => Test::Kind(Compare::Neq(chance.pick(IssueKind::ALL))),
            3 => Test::State(StateTest::Id(Compare::Eq(chance.pick(&self.states)))),
            4 => Test::Assignees(Many::Some(vec![MemberTest::Id(Compare::Eq(chance.pick(&self.people)))])),
            5 => Test::Labels(Many::None(vec![LabelTest::Id(Compare::Eq(chance.pick(&self.labels)))])),
            6 => Test::Labels(Many::Some(vec![LabelTest::Name(TextTest::folded(
                TextOperator::Contains,
                "login",
            ))])),
            7 => Test::Parent(ParentTest::Null(chance.often(5))),
            8 => Test::Estimate(Compare::Null(chance.often(5))),
            9 => Test::Title(TextTest::folded(TextOperator::Contains, "FAILS")),
            10 => Test::Archived(chance.often(5)),
            11 => Test::Deleted(chance.often(5)),
            12 => Test::Described(chance.often(5)),
            13 => Test::Comments(Many::Length(Compare::Gte(1))),
            14 => Test::Resolution(Compare::Null(false)),
            15 => Test::Version(Compare::Gte(2 + chance.below(4) as u64)),
            16 => Test::Rank(Compare::Gt(["", "a", "m", "z"][chance.below(4)].to_owned())),
            17 => Test::Confidential(chance.often(5)),
            18 => {
                Test::Participants(Many::None(vec![MemberTest::Id(Compare::Eq(chance.pick(&self.people)))]))
            }
            _ => Test::Creator(MemberTest::Id(Compare::Eq(chance.pick(&self.people)))),
        };
        if depth == 0 || self.chance.often(4) {
            return test.into();
        }
        let parts =
            |life: &mut Self| (0..=life.chance.below(2)).map(|_| life.plain_filter(depth - 1)).collect();
        match self.chance.below(6) {
            0 => Filter::All(parts(self)),
            1 => Filter::Any(parts(self)),
            2 => Filter::Not(Box::new(self.plain_filter(depth - 1))),
            3 => Test::Children(Many::Some(parts(self))).into(),
            4 => Test::Children(Many::Every(parts(self))).into(),
            _ => Test::Parent(ParentTest::Passes(Box::new(self.plain_filter(depth - 1)))).into(),
        }
    }

    /// A test that is answered from the log.
    pub(in super::super) fn dear_test(&mut self) -> Test {
        let chance = &mut self.chance;
        let change = match chance.below(5) {
            0 => PastChange::Priority(Was::Changed {
                from: None,
                to: Some(Compare::Gte(chance.pick(Priority::ALL))),
            }),
            1 => PastChange::State(Was::Changed {
                from: Some(StateTest::Id(Compare::Eq(chance.pick(&self.states)))),
                to: None,
            }),
            2 => PastChange::Assignee(Was::Had(MemberTest::Id(Compare::Eq(chance.pick(&self.people))))),
            3 => PastChange::Label(Was::Changed {
                from: None,
                to: Some(LabelTest::Id(Compare::Eq(chance.pick(&self.labels)))),
            }),
            _ => PastChange::Category(Was::Had(Compare::Eq(chance.pick(StateCategory::ALL)))),
        };
        let by = MemberTest::Id(Compare::Neq(self.chance.pick(&self.people)));
        let during =
            self.chance.often(5).then(|| Compare::Gte(When::At(self.now().plus_millis(-90_000_000))));
        Test::History(HistoryTest { change, during, by: Some(by) })
    }

    pub(in super::super) fn sort(&mut self) -> Vec<Sort> {
        let keys = [SortKey::Created, SortKey::Updated, SortKey::Priority, SortKey::Title, SortKey::Number];
        let chance = &mut self.chance;
        let mut step =
            || Sort { key: chance.pick(&keys), descending: chance.often(5), nulls_first: chance.often(5) };
        vec![step(), step()]
    }
}

/// Every issue, archived and deleted ones too.
pub(in super::super) fn everything() -> Filter {
    let null = |field| Test::Time(field, Compare::Null(true)).into();
    let there = |field| Test::Time(field, Compare::Null(false)).into();
    Filter::All(vec![
        Filter::Any(vec![null(TimeField::Archived), there(TimeField::Archived)]),
        Filter::Any(vec![Test::Deleted(true).into(), Test::Deleted(false).into()]),
    ])
}
