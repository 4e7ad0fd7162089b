//! Every tree that an input can ask for comes back from its JSON as the same tree.

use crate::schema::filter::{At, IssueFilter, IssueFilterJson};
use async_graphql::{InputType, ScalarType};
use mortise_engine::filter::{
    Anchor, CommentTest, Compare, DateField, Day, DurationField, Filter, HistoryTest, IssueKey, LabelTest,
    Link, Many, MemberTest, Moment, Offset, ParentTest, PastChange, SourceTest, Span, StateTest, TeamTest,
    Test, TextOperator, TextSearch, TextTest, TimeField, Unit, Was, When, WorkflowTest,
};
use mortise_engine::id::{IssueId, LabelId, MemberId, StateId, TeamId, WorkflowId, WorkflowVersionId};
use mortise_engine::model::{IssueKind, Priority, RelationKind, Resolution, StateCategory};
use mortise_engine::time::{CalendarDate, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

/// Random trees; a tree of the property has at most so many levels.
const LEVELS: u32 = 5;

fn read(json: &IssueFilterJson) -> Filter {
    let input = IssueFilter::parse(Some(ScalarType::to_value(json)));
    let input =
        input.map_err(|error| error.into_server_error(async_graphql::Pos::default()).message).unwrap();
    input.filter(&At::Argument("filter")).unwrap()
}

proptest! {
    #[test]
    fn a_tree_reads_back_from_its_json(filter in tree()) {
        let json = IssueFilterJson::of(&filter).expect("an input can ask for it");
        prop_assert_eq!(read(&json), filter);
    }
}

#[test]
fn what_no_input_can_ask_has_no_json() {
    for test in [
        Test::Id(Compare::Lt(IssueId::generate())),
        Test::Kind(Compare::Gt(IssueKind::Bug)),
        Test::Title(TextTest { operator: TextOperator::Eq, values: Vec::new(), folded: false }),
        Test::Version(Compare::Gt(u64::MAX)),
        Test::Looked(0),
    ] {
        let within = Filter::Any(vec![Filter::everything(), Filter::Not(Box::new(test.into()))]);
        assert_eq!(IssueFilterJson::of(&within), None, "{within:?}");
    }
}

fn tree() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![
        plain().prop_map(Filter::Test),
        Just(Filter::everything()),
        Just(Filter::Any(Vec::new()))
    ];
    leaf.prop_recursive(LEVELS, 40, 3, |inner| {
        let several = proptest::collection::vec(inner.clone(), 0..3);
        let link = (select(RelationKind::ALL.to_vec()), any::<bool>())
            .prop_map(|(kind, reversed)| Link { kind, reversed: reversed && kind != RelationKind::Relates });
        prop_oneof![
            several.clone().prop_map(Filter::All),
            several.prop_map(Filter::Any),
            inner.clone().prop_map(|filter| Filter::Not(Box::new(filter))),
            inner.clone().prop_map(|filter| Test::Parent(ParentTest::Passes(Box::new(filter))).into()),
            many(inner.clone()).prop_map(|many| Test::Children(many).into()),
            (link, many(inner)).prop_map(|(link, many)| Test::Related(link, many).into()),
        ]
    })
}

/// Tests without other filters inside.
fn plain() -> Union<BoxedStrategy<Test>> {
    Union::new([
        name(Just(()).prop_map(|()| IssueId::generate())).prop_map(Test::Id).boxed(),
        name(key()).prop_map(Test::Key).boxed(),
        ordered(any::<u16>().prop_map(u32::from)).prop_map(Test::Number).boxed(),
        name(Just(()).prop_map(|()| TeamId::generate())).prop_map(|c| Test::Team(TeamTest::Id(c))).boxed(),
        text().prop_map(|t| Test::Team(TeamTest::Key(t))).boxed(),
        text().prop_map(|t| Test::Team(TeamTest::Name(t))).boxed(),
        state().prop_map(Test::State).boxed(),
        ordered(select(StateCategory::ALL)).prop_map(Test::Category).boxed(),
        choice(select(IssueKind::ALL)).prop_map(Test::Kind).boxed(),
        ordered(select(Priority::ALL)).prop_map(Test::Priority).boxed(),
        choice(select(Resolution::ALL)).prop_map(Test::Resolution).boxed(),
        many(member()).prop_map(Test::Assignees).boxed(),
        member().prop_map(Test::Creator).boxed(),
        any::<bool>().prop_map(|null| Test::Creator(MemberTest::Id(Compare::Null(null)))).boxed(),
        many(label()).prop_map(Test::Labels).boxed(),
        any::<bool>().prop_map(|null| Test::Parent(ParentTest::Null(null))).boxed(),
        many(comment()).prop_map(Test::Comments).boxed(),
        ordered(any::<u16>().prop_map(u32::from)).prop_map(Test::Estimate).boxed(),
        ordered(any::<u16>().prop_map(u32::from)).prop_map(Test::Reopened).boxed(),
        (time_field(), ordered(when())).prop_map(|(field, c)| Test::Time(field, c)).boxed(),
        (select(vec![DateField::Start, DateField::Due]), ordered(day()))
            .prop_map(|(f, c)| Test::Date(f, c))
            .boxed(),
        (duration_field(), ordered(span())).prop_map(|(field, c)| Test::Duration(field, c)).boxed(),
        text().prop_map(Test::Title).boxed(),
        any::<bool>().prop_map(Test::Described).boxed(),
        any::<bool>().prop_map(|null| Test::Source(SourceTest::Null(null))).boxed(),
        text().prop_map(|t| Test::Source(SourceTest::System(t))).boxed(),
        name(".{0,12}").prop_map(|c| Test::Source(SourceTest::Id(c))).boxed(),
        any::<bool>().prop_map(Test::Archived).boxed(),
        any::<bool>().prop_map(Test::Deleted).boxed(),
        any::<bool>().prop_map(Test::Confidential).boxed(),
        many(member()).prop_map(Test::Participants).boxed(),
        name(Just(()).prop_map(|()| WorkflowId::generate()))
            .prop_map(|c| Test::Workflow(WorkflowTest::Id(c)))
            .boxed(),
        text().prop_map(|t| Test::Workflow(WorkflowTest::Name(t))).boxed(),
        name(Just(()).prop_map(|()| WorkflowVersionId::generate())).prop_map(Test::WorkflowVersion).boxed(),
        many(state().boxed()).prop_map(Test::Approvals).boxed(),
        ordered(".{0,8}").prop_map(Test::Rank).boxed(),
        ordered(any::<u32>().prop_map(u64::from)).prop_map(Test::Version).boxed(),
        history().prop_map(Test::History).boxed(),
        ".{0,20}".prop_map(|text| Test::Text(TextSearch { text })).boxed(),
    ])
}

/// Tests that name one thing.
fn name<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + Clone + 'static,
) -> impl Strategy<Value = Compare<T>> {
    let list = proptest::collection::vec(value.clone(), 0..3);
    prop_oneof![
        value.clone().prop_map(Compare::Eq),
        value.prop_map(Compare::Neq),
        list.clone().prop_map(Compare::In),
        list.prop_map(Compare::Nin),
    ]
}

/// Those, and tests of what may be missing.
fn choice<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + Clone + 'static,
) -> impl Strategy<Value = Compare<T>> {
    prop_oneof![name(value), any::<bool>().prop_map(Compare::Null)]
}

/// Those, and tests of what has an order.
fn ordered<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + Clone + 'static,
) -> impl Strategy<Value = Compare<T>> {
    prop_oneof![
        choice(value.clone()),
        value.clone().prop_map(Compare::Lt),
        value.clone().prop_map(Compare::Lte),
        value.clone().prop_map(Compare::Gt),
        value.clone().prop_map(Compare::Gte),
        (value.clone(), value).prop_map(|(low, high)| Compare::Between(low, high)),
    ]
}

fn text() -> impl Strategy<Value = TextTest> {
    use TextOperator::{Contains, EndsWith, Eq, In, Neq, Nin, NotContains, StartsWith};
    let operator = select(vec![Eq, Neq, In, Nin, Contains, NotContains, StartsWith, EndsWith]);
    (operator, proptest::collection::vec(".{0,8}", 1..3), any::<bool>()).prop_map(
        |(operator, mut values, folded)| {
            if !matches!(operator, In | Nin) {
                values.truncate(1);
            }
            TextTest { operator, values, folded }
        },
    )
}

fn many<T: Clone + std::fmt::Debug + 'static>(
    one: impl Strategy<Value = T> + Clone + 'static,
) -> impl Strategy<Value = Many<T>> {
    let several = proptest::collection::vec(one, 0..3);
    prop_oneof![
        several.clone().prop_map(Many::Some),
        several.clone().prop_map(Many::Every),
        several.prop_map(Many::None),
        ordered(0..9_u32).prop_map(Many::Length),
    ]
}

fn key() -> impl Strategy<Value = IssueKey> + Clone {
    ("[A-Z][A-Z0-9]{1,6}", any::<u32>()).prop_map(|(team, number)| IssueKey { team, number })
}

fn state() -> impl Strategy<Value = StateTest> {
    let id = name(Just(()).prop_map(|()| StateId::generate()));
    prop_oneof![id.prop_map(StateTest::Id), text().prop_map(StateTest::Name)]
}

fn member() -> BoxedStrategy<MemberTest> {
    let id = name(Just(()).prop_map(|()| MemberId::generate()));
    prop_oneof![
        id.prop_map(MemberTest::Id),
        text().prop_map(MemberTest::Name),
        text().prop_map(MemberTest::Email),
        any::<bool>().prop_map(MemberTest::Me),
    ]
    .boxed()
}

fn label() -> BoxedStrategy<LabelTest> {
    let id = name(Just(()).prop_map(|()| LabelId::generate()));
    prop_oneof![id.prop_map(LabelTest::Id), text().prop_map(LabelTest::Name)].boxed()
}

fn comment() -> BoxedStrategy<CommentTest> {
    prop_oneof![member().prop_map(CommentTest::Author), ordered(when()).prop_map(CommentTest::Created)]
        .boxed()
}

fn time_field() -> impl Strategy<Value = TimeField> {
    use TimeField::{Archived, Canceled, Completed, Created, Deleted, Started, StateSince, Triaged, Updated};
    select(vec![Created, Updated, Started, Completed, Canceled, Archived, Triaged, Deleted, StateSince])
}

fn duration_field() -> impl Strategy<Value = DurationField> {
    use DurationField::{Age, Cycle, InState, Lead, Triage};
    select(vec![Cycle, Lead, Triage, Age, InState])
}

fn moment() -> impl Strategy<Value = Moment> + Clone {
    let unit = select(vec![Unit::Day, Unit::Week, Unit::Month, Unit::Quarter, Unit::Year]);
    let anchor =
        prop_oneof![Just(Anchor::Now), unit.clone().prop_map(Anchor::StartOf), unit.prop_map(Anchor::EndOf),];
    (anchor, any::<bool>(), 0..99_u32, 0..99_u32, 0..99_999_u32).prop_map(
        |(anchor, backward, months, days, seconds)| Moment {
            anchor,
            offset: Offset::new(backward, months, days, seconds).unwrap(),
        },
    )
}

fn when() -> impl Strategy<Value = When> + Clone {
    let at = (0..4_000_000_000_000_i64).prop_map(|millis| When::At(Timestamp::from_millis(millis)));
    prop_oneof![at, moment().prop_map(When::Relative)]
}

fn day() -> impl Strategy<Value = Day> + Clone {
    let on = (-9_999..99_999_i32).prop_map(|days| Day::On(CalendarDate::from_days(days)));
    prop_oneof![on, moment().prop_map(Day::Relative)]
}

fn span() -> impl Strategy<Value = Span> + Clone {
    (0..i64::from(u32::MAX)).prop_map(Span::from_millis)
}

fn history() -> impl Strategy<Value = HistoryTest> {
    let change = prop_oneof![
        was(state()).prop_map(PastChange::State),
        was(ordered(select(StateCategory::ALL))).prop_map(PastChange::Category),
        was(ordered(select(Priority::ALL))).prop_map(PastChange::Priority),
        was(choice(select(IssueKind::ALL))).prop_map(PastChange::Kind),
        was(choice(select(Resolution::ALL))).prop_map(PastChange::Resolution),
        was(member()).prop_map(PastChange::Assignee),
        was(label()).prop_map(PastChange::Label),
    ];
    let during = proptest::option::of(ordered(when()));
    (change, during, proptest::option::of(member())).prop_map(|(change, during, by)| HistoryTest {
        change,
        during,
        by,
    })
}

fn was<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Was<T>> {
    let value = value.boxed();
    let maybe = proptest::option::of(value.clone());
    prop_oneof![
        value.prop_map(Was::Had),
        (maybe.clone(), maybe).prop_map(|(from, to)| Was::Changed { from, to })
    ]
}
