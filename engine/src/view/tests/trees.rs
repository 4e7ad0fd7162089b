//! Random trees of all tests there are.

use super::random::{SOURCE_IDS, SYSTEMS, day, instant, text};
use super::world::{HOUR, KEYS, NAMES, SLOTS, issue_id, labels, members, states, team, versions, workflows};
use crate::filter::{
    Anchor, CommentTest, Compare, DateField, Day, DurationField, Filter, HistoryTest, IssueKey, LabelTest,
    Link, Many, MemberTest, Moment, Offset, ParentTest, PastChange, SourceTest, Span, StateTest, TeamTest,
    Test, TextOperator, TextTest, TimeField, Unit, Was, When, WorkflowTest,
};
use crate::id::MemberId;
use crate::model::{IssueKind, Priority, RelationKind, Resolution, StateCategory};
use proptest::prelude::*;
use proptest::sample::select;
use std::fmt::Debug;

fn compare<T: Debug + Clone + 'static>(
    value: impl Strategy<Value = T> + Clone + 'static,
) -> BoxedStrategy<Compare<T>> {
    let list = || prop::collection::vec(value.clone(), 0..4);
    prop_oneof![
        value.clone().prop_map(Compare::Eq),
        value.clone().prop_map(Compare::Neq),
        list().prop_map(Compare::In),
        list().prop_map(Compare::Nin),
        value.clone().prop_map(Compare::Lt),
        value.clone().prop_map(Compare::Lte),
        value.clone().prop_map(Compare::Gt),
        value.clone().prop_map(Compare::Gte),
        (value.clone(), value.clone()).prop_map(|(low, high)| Compare::Between(low, high)),
        any::<bool>().prop_map(Compare::Null),
    ]
    .boxed()
}

/// Tests of things, each one to three times.
fn many<T: Debug + Clone + 'static>(
    test: impl Strategy<Value = T> + 'static,
    times: std::ops::Range<usize>,
) -> BoxedStrategy<Many<T>> {
    let tests = prop::collection::vec(test, times);
    (0..4, tests, compare(0..4_u32))
        .prop_map(|(which, tests, length)| match which {
            0 => Many::Some(tests),
            1 => Many::Every(tests),
            2 => Many::None(tests),
            _ => Many::Length(length),
        })
        .boxed()
}

/// All ways to compare texts.
pub(super) const OPERATORS: &[TextOperator] = {
    use TextOperator::{Contains, EndsWith, Eq, In, Neq, Nin, NotContains, StartsWith};
    &[Eq, Neq, In, Nin, Contains, NotContains, StartsWith, EndsWith]
};

fn texts(value: impl Strategy<Value = String> + 'static) -> BoxedStrategy<TextTest> {
    (select(OPERATORS), prop::collection::vec(value, 0..3), any::<bool>())
        .prop_map(|(operator, values, folded)| TextTest { operator, values, folded })
        .boxed()
}

fn names() -> BoxedStrategy<TextTest> {
    texts(select(NAMES).prop_map(str::to_owned))
}

fn moment() -> impl Strategy<Value = Moment> + Clone {
    let units = vec![Unit::Day, Unit::Week, Unit::Month];
    let anchor = prop_oneof![
        Just(Anchor::Now),
        select(units.clone()).prop_map(Anchor::StartOf),
        select(units).prop_map(Anchor::EndOf),
    ];
    let offset = (any::<bool>(), 0..4_u32, 0..3_u32);
    (anchor, offset).prop_map(|(anchor, (backward, days, hours))| {
        let offset = Offset::new(backward, 0, days, hours * 3_600).unwrap();
        Moment { anchor, offset }
    })
}

fn when() -> impl Strategy<Value = When> + Clone {
    prop_oneof![instant().prop_map(When::At), moment().prop_map(When::Relative)]
}

fn member() -> BoxedStrategy<MemberTest> {
    let emails = select(vec!["ada", "web.example", "EMILE", "bo3@web.example"]).prop_map(str::to_owned);
    prop_oneof![
        3 => compare(select(members())).prop_map(MemberTest::Id),
        1 => names().prop_map(MemberTest::Name),
        1 => texts(emails).prop_map(MemberTest::Email),
        1 => any::<bool>().prop_map(MemberTest::Me),
    ]
    .boxed()
}

fn label() -> BoxedStrategy<LabelTest> {
    prop_oneof![compare(select(labels())).prop_map(LabelTest::Id), names().prop_map(LabelTest::Name)].boxed()
}

fn state() -> BoxedStrategy<StateTest> {
    prop_oneof![compare(select(states())).prop_map(StateTest::Id), names().prop_map(StateTest::Name)].boxed()
}

fn team_test() -> BoxedStrategy<TeamTest> {
    prop_oneof![
        compare((0..3_usize).prop_map(team)).prop_map(TeamTest::Id),
        texts(select(KEYS).prop_map(str::to_owned)).prop_map(TeamTest::Key),
        names().prop_map(TeamTest::Name),
    ]
    .boxed()
}

/// A test of the past, of what was or of what changed.
pub(super) fn past(changes: bool) -> BoxedStrategy<PastChange> {
    fn was<T: Debug + Clone + 'static>(test: BoxedStrategy<T>, changes: bool) -> BoxedStrategy<Was<T>> {
        let part = || prop::option::of(test.clone());
        let changed = (part(), part()).prop_map(|(from, to)| Was::Changed { from, to });
        let had = test.clone().prop_map(Was::Had);
        if changes { prop_oneof![had, changed].boxed() } else { had.boxed() }
    }
    prop_oneof![
        was(state(), changes).prop_map(PastChange::State),
        was(compare(select(StateCategory::ALL)), changes).prop_map(PastChange::Category),
        was(compare(select(Priority::ALL)), changes).prop_map(PastChange::Priority),
        was(compare(select(IssueKind::ALL)), changes).prop_map(PastChange::Kind),
        was(compare(select(Resolution::ALL)), changes).prop_map(PastChange::Resolution),
        was(member(), changes).prop_map(PastChange::Assignee),
        was(label(), changes).prop_map(PastChange::Label),
    ]
    .boxed()
}

fn words() -> BoxedStrategy<Test> {
    prop_oneof![
        compare(select(StateCategory::ALL)).prop_map(Test::Category),
        compare(select(IssueKind::ALL)).prop_map(Test::Kind),
        compare(select(Priority::ALL)).prop_map(Test::Priority),
        compare(select(Resolution::ALL)).prop_map(Test::Resolution),
        any::<bool>().prop_map(Test::Described),
        any::<bool>().prop_map(Test::Archived),
        any::<bool>().prop_map(Test::Deleted),
        any::<bool>().prop_map(Test::Confidential),
        (0..3_u16).prop_map(Test::Looked),
    ]
    .boxed()
}

fn named() -> BoxedStrategy<Test> {
    let issue = || (0..12_usize).prop_map(issue_id);
    let key = (select(KEYS), 0..9_u32).prop_map(|(team, number)| IssueKey { team: team.to_owned(), number });
    let comment = member().prop_map(CommentTest::Author);
    let systems = select(SYSTEMS).prop_map(str::to_owned);
    prop_oneof![
        compare(issue()).prop_map(Test::Id),
        compare(key).prop_map(Test::Key),
        team_test().prop_map(Test::Team),
        state().prop_map(Test::State),
        member().prop_map(Test::Creator),
        many(member(), 0..3).prop_map(Test::Assignees),
        many(label(), 0..3).prop_map(Test::Labels),
        many(comment, 0..2).prop_map(Test::Comments),
        any::<bool>().prop_map(|missing| Test::Parent(ParentTest::Null(missing))),
        any::<bool>().prop_map(|missing| Test::Source(SourceTest::Null(missing))),
        texts(systems).prop_map(|test| Test::Source(SourceTest::System(test))),
        compare(select(SOURCE_IDS).prop_map(str::to_owned))
            .prop_map(|test| Test::Source(SourceTest::Id(test))),
        texts(text()).prop_map(Test::Title),
        texts(text()).prop_map(Test::Title),
        past(false).prop_map(|change| Test::History(HistoryTest { change, during: None, by: None })),
    ]
    .boxed()
}

/// Who is let in, what is followed, what waits for approval, and the place by hand.
fn around() -> BoxedStrategy<Test> {
    let names = texts(select(&["workflow 0", "WORKFLOW 1", "flow", ""][..]).prop_map(str::to_owned));
    // Who is nobody is no participant, though a view marks what is confidential with that id.
    let somebody = select(members()).prop_map(Compare::Eq);
    let anybody = prop_oneof![Just(Compare::Eq(MemberId::NOBODY)), somebody].prop_map(MemberTest::Id);
    prop_oneof![
        many(prop_oneof![3 => member(), 1 => anybody], 0..3).prop_map(Test::Participants),
        compare(select(workflows())).prop_map(|c| Test::Workflow(WorkflowTest::Id(c))),
        names.prop_map(|name| Test::Workflow(WorkflowTest::Name(name))),
        compare(select(versions())).prop_map(Test::WorkflowVersion),
        many(state(), 0..3).prop_map(Test::Approvals),
        compare(text()).prop_map(Test::Rank),
        compare(prop_oneof![9 => 0..9_u64, 1 => Just(u64::MAX)]).prop_map(Test::Version),
    ]
    .boxed()
}

fn measured() -> BoxedStrategy<Test> {
    use DurationField::{Age, Cycle, InState, Lead, Triage};
    use TimeField::{Archived, Canceled, Completed, Created, Deleted, Started, StateSince, Triaged, Updated};
    let times = vec![Created, Updated, Started, Completed, Canceled, Archived, Triaged, Deleted, StateSince];
    let span = (0..80_i64).prop_map(|hours| Span::from_millis(hours * HOUR));
    let days = prop_oneof![day().prop_map(Day::On), moment().prop_map(Day::Relative)];
    let durations = (select(vec![Cycle, Lead, Triage, Age, InState]), compare(span));
    prop_oneof![
        1 => compare(0..SLOTS as u32).prop_map(Test::Number),
        1 => compare(0..40_u32).prop_map(Test::Estimate),
        1 => compare(0..3_u32).prop_map(Test::Reopened),
        3 => (select(times), compare(when())).prop_map(|(field, c)| Test::Time(field, c)),
        2 => (select(vec![DateField::Start, DateField::Due]), compare(days)).prop_map(|(f, c)| Test::Date(f, c)),
        3 => durations.prop_map(|(field, c)| Test::Duration(field, c)),
    ]
    .boxed()
}

/// A tree of tests.
pub(super) fn filter() -> impl Strategy<Value = Filter> {
    let test = prop_oneof![words(), named(), measured(), around()].prop_map(Filter::Test);
    test.prop_recursive(4, 24, 4, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 0..4);
        let link = (select(RelationKind::ALL), any::<bool>());
        let link = link.prop_map(|(kind, reversed)| Link { kind, reversed });
        prop_oneof![
            3 => parts().prop_map(Filter::All),
            3 => parts().prop_map(Filter::Any),
            2 => inner.clone().prop_map(|part| Filter::Not(Box::new(part))),
            1 => inner.clone().prop_map(|filter| Test::Parent(ParentTest::Passes(Box::new(filter))).into()),
            1 => many(inner.clone(), 0..3).prop_map(|many| Test::Children(many).into()),
            2 => (link, many(inner, 0..3)).prop_map(|(link, many)| Test::Related(link, many).into()),
        ]
    })
}

/// A tree that most issues pass, so that there are pages to walk.
pub(super) fn mild_filter() -> impl Strategy<Value = Filter> {
    prop_oneof![
        Just(Filter::everything()),
        Just(Filter::Any(vec![Filter::Test(Test::Deleted(true)), Filter::everything()])),
        filter(),
        filter().prop_map(|part| Filter::Not(Box::new(part))),
    ]
}
