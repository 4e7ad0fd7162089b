//! Random filters for tests: every kind of test, every shape of tree.
//!
//! Where values come from is up to the test: [`Sources::wild`] takes any, a test with a world of its own takes ids and
//! names that are there. The one thing never made is [`Test::Looked`], which stands in no filter that is asked.

use super::{
    Anchor, CommentTest, Compare, DateField, Day, DurationField, Filter, HistoryTest, IssueKey, LabelTest,
    Link, Many, MemberTest, Moment, Offset, ParentTest, PastChange, Sort, SortKey, SourceTest, Span,
    StateTest, TeamTest, Test, TextOperator, TextSearch, TextTest, TimeField, Unit, Was, When, WorkflowTest,
};
use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId, WorkflowId, WorkflowVersionId};
use crate::model::{IssueKind, Priority, RelationKind, Resolution, StateCategory};
use crate::time::{CalendarDate, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::fmt::Debug;
use uuid::Uuid;

/// Where the values of random filters come from.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    pub(crate) text: BoxedStrategy<String>,
    pub(crate) number: BoxedStrategy<u32>,
    pub(crate) instant: BoxedStrategy<Timestamp>,
    pub(crate) date: BoxedStrategy<CalendarDate>,
    pub(crate) key: BoxedStrategy<IssueKey>,
    pub(crate) issue: BoxedStrategy<IssueId>,
    pub(crate) team: BoxedStrategy<TeamId>,
    pub(crate) state: BoxedStrategy<StateId>,
    pub(crate) member: BoxedStrategy<MemberId>,
    pub(crate) label: BoxedStrategy<LabelId>,
    pub(crate) workflow: BoxedStrategy<WorkflowId>,
    pub(crate) version: BoxedStrategy<WorkflowVersionId>,
}

/// Texts that a reader could take for something else.
const TRAPS: &[&str] = &[
    "",
    " ",
    "none",
    "any",
    "ME",
    "@me",
    "missing",
    "AND",
    "OR",
    "NOT",
    "in",
    "all",
    "-",
    "--",
    "->",
    "a..b",
    "..",
    ",",
    "a,b",
    "in progress",
    "state",
    "state:done",
    "priority >= high",
    "due <",
    "ENG-12",
    "a@b.example",
    "(",
    ")",
    "\"",
    "\\",
    "\\\"",
    "\"a phrase\"",
    "\"a \\\" b\" c",
    "\"open",
    "“curly”",
    "=",
    "==",
    "~",
    "^",
    "$x",
    ":",
    "::",
    "!=x",
    ">3",
    "-not",
    "log*",
    "title:word",
    "std::string",
    "foo(bar)",
    "any(",
    "two  blanks",
    "a\tb",
    "line\nbreak",
    "iss_00000000000000000000000000",
    "st_00000000000000000000000000",
    "usr_00000000000000000000000000",
    "é",
    "e\u{301}",
    "日本",
    "\u{a0}",
    "\u{0}",
];

impl Sources {
    /// Any values at all.
    pub(crate) fn wild() -> Self {
        let uuid = || any::<u128>().prop_map(Uuid::from_u128);
        let text = prop_oneof![
            3 => "[a-zA-Z]{1,8}",
            2 => vec("[a-z]{1,5}", 1..4).prop_map(|words| words.join(" ")),
            2 => select(TRAPS).prop_map(str::to_owned),
            1 => any::<String>().prop_map(|text| text.chars().take(12).collect()),
        ];
        let instant = prop_oneof![
            3 => (0_i64..2_000_000_000_000).prop_map(Timestamp::from_millis),
            2 => (-30_000_i64..90_000).prop_map(|day| Timestamp::from_millis(day * 86_400_000)),
            2 => (-30_000_i64..90_000).prop_map(|day| Timestamp::from_millis(day * 86_400_000 - 1)),
            1 => any::<i64>().prop_map(Timestamp::from_millis),
        ];
        let date = prop_oneof![
            4 => (-30_000..90_000).prop_map(CalendarDate::from_days),
            1 => any::<i32>().prop_map(CalendarDate::from_days),
        ];
        let key = (prop_oneof![9 => "[A-Z][A-Z0-9]{1,6}", 1 => "[A-Z .\"-]{0,5}"], any::<u32>());
        Self {
            text: text.boxed(),
            number: prop_oneof![0_u32..20, any::<u32>()].boxed(),
            instant: instant.boxed(),
            date: date.boxed(),
            key: key.prop_map(|(team, number)| IssueKey { team, number }).boxed(),
            issue: uuid().prop_map(IssueId::from_uuid).boxed(),
            team: uuid().prop_map(TeamId::from_uuid).boxed(),
            state: uuid().prop_map(StateId::from_uuid).boxed(),
            member: uuid().prop_map(MemberId::from_uuid).boxed(),
            label: uuid().prop_map(LabelId::from_uuid).boxed(),
            workflow: uuid().prop_map(WorkflowId::from_uuid).boxed(),
            version: uuid().prop_map(WorkflowVersionId::from_uuid).boxed(),
        }
    }

    /// Filters of up to about `size` tests.
    pub(crate) fn filter(&self, size: u32) -> BoxedStrategy<Filter> {
        let sources = self.clone();
        let branch = move |part: BoxedStrategy<Filter>| {
            let list = || vec(part.clone(), 0..4);
            prop_oneof![
                3 => list().prop_map(Filter::All),
                3 => list().prop_map(Filter::Any),
                2 => part.clone().prop_map(|part| Filter::Not(Box::new(part))),
                1 => part.clone().prop_map(|part| Filter::Test(Test::Parent(ParentTest::Passes(Box::new(part))))),
                1 => sources.many(part.clone()).prop_map(|many| Filter::Test(Test::Children(many))),
                1 => (link(), sources.many(part.clone())).prop_map(|(link, many)| Filter::Test(Test::Related(link, many))),
            ]
        };
        self.leaf().prop_map(Filter::Test).prop_recursive(5, size, 4, branch).boxed()
    }

    /// Tests of every kind, without other issues inside.
    pub(crate) fn leaf(&self) -> BoxedStrategy<Test> {
        let s = self;
        let numbers = || compare(s.number.clone());
        let plain = prop_oneof![
            compare(s.issue.clone()).prop_map(Test::Id),
            compare(s.key.clone()).prop_map(Test::Key),
            numbers().prop_map(Test::Number),
            s.team_test().prop_map(Test::Team),
            s.state_test().prop_map(Test::State),
            compare(select(StateCategory::ALL)).prop_map(Test::Category),
            compare(select(IssueKind::ALL)).prop_map(Test::Kind),
            compare(select(Priority::ALL)).prop_map(Test::Priority),
            compare(select(Resolution::ALL)).prop_map(Test::Resolution),
            s.many(s.member_test()).prop_map(Test::Assignees),
            s.member_test().prop_map(Test::Creator),
            s.many(s.label_test()).prop_map(Test::Labels),
            any::<bool>().prop_map(|missing| Test::Parent(ParentTest::Null(missing))),
        ];
        let others = prop_oneof![
            s.many(s.comment_test()).prop_map(Test::Comments),
            numbers().prop_map(Test::Estimate),
            numbers().prop_map(Test::Reopened),
            (time_field(), compare(s.when())).prop_map(|(field, compare)| Test::Time(field, compare)),
            (select(&[DateField::Start, DateField::Due][..]), compare(s.day()))
                .prop_map(|(field, compare)| Test::Date(field, compare)),
            (duration_field(), compare(span())).prop_map(|(field, compare)| Test::Duration(field, compare)),
            s.text_test().prop_map(Test::Title),
            any::<bool>().prop_map(Test::Described),
            any::<bool>().prop_map(|here| Test::Source(SourceTest::Null(here))),
            s.text_test().prop_map(|text| Test::Source(SourceTest::System(text))),
            compare(s.text.clone()).prop_map(|ids| Test::Source(SourceTest::Id(ids))),
            any::<bool>().prop_map(Test::Archived),
            any::<bool>().prop_map(Test::Deleted),
            s.history_test().prop_map(Test::History),
            s.text.clone().prop_map(|text| Test::Text(TextSearch { text })),
        ];
        let around = prop_oneof![
            any::<bool>().prop_map(Test::Confidential),
            s.many(s.member_test()).prop_map(Test::Participants),
            compare(s.workflow.clone()).prop_map(|ids| Test::Workflow(WorkflowTest::Id(ids))),
            s.text_test().prop_map(|name| Test::Workflow(WorkflowTest::Name(name))),
            compare(s.version.clone()).prop_map(Test::WorkflowVersion),
            s.many(s.state_test()).prop_map(Test::Approvals),
            compare(s.text.clone()).prop_map(Test::Rank),
            compare(s.number.clone().prop_map(u64::from)).prop_map(Test::Version),
        ];
        prop_oneof![2 => plain, 2 => others, 1 => around].boxed()
    }

    /// Tests of several things.
    pub(crate) fn many<T: Clone + Debug + 'static>(&self, test: BoxedStrategy<T>) -> BoxedStrategy<Many<T>> {
        let tests = move || vec(test.clone(), 0..3);
        prop_oneof![
            3 => tests().prop_map(Many::Some),
            1 => tests().prop_map(Many::Every),
            2 => tests().prop_map(Many::None),
            1 => compare(self.number.clone()).prop_map(Many::Length),
        ]
        .boxed()
    }

    /// Tests of a text: several values where several count, else one.
    pub(crate) fn text_test(&self) -> BoxedStrategy<TextTest> {
        use TextOperator::{Contains, EndsWith, Eq, In, Neq, Nin, NotContains, StartsWith};
        let one = select(&[Eq, Neq, Contains, NotContains, StartsWith, EndsWith][..]);
        let one = (one, self.text.clone().prop_map(|text| vec![text]));
        let several = (select(&[In, Nin][..]), vec(self.text.clone(), 0..3));
        let both = prop_oneof![2 => one, 1 => several];
        (both, any::<bool>())
            .prop_map(|((operator, values), folded)| TextTest { operator, values, folded })
            .boxed()
    }

    fn team_test(&self) -> BoxedStrategy<TeamTest> {
        prop_oneof![
            compare(self.team.clone()).prop_map(TeamTest::Id),
            self.text_test().prop_map(TeamTest::Key),
            self.text_test().prop_map(TeamTest::Name),
        ]
        .boxed()
    }

    fn state_test(&self) -> BoxedStrategy<StateTest> {
        prop_oneof![
            compare(self.state.clone()).prop_map(StateTest::Id),
            self.text_test().prop_map(StateTest::Name)
        ]
        .boxed()
    }

    fn label_test(&self) -> BoxedStrategy<LabelTest> {
        prop_oneof![
            compare(self.label.clone()).prop_map(LabelTest::Id),
            self.text_test().prop_map(LabelTest::Name)
        ]
        .boxed()
    }

    fn member_test(&self) -> BoxedStrategy<MemberTest> {
        prop_oneof![
            compare(self.member.clone()).prop_map(MemberTest::Id),
            self.text_test().prop_map(MemberTest::Name),
            self.text_test().prop_map(MemberTest::Email),
            any::<bool>().prop_map(MemberTest::Me),
        ]
        .boxed()
    }

    fn comment_test(&self) -> BoxedStrategy<CommentTest> {
        prop_oneof![
            self.member_test().prop_map(CommentTest::Author),
            compare(self.when()).prop_map(CommentTest::Created),
        ]
        .boxed()
    }

    fn history_test(&self) -> BoxedStrategy<HistoryTest> {
        let change = prop_oneof![
            was(self.state_test()).prop_map(PastChange::State),
            was(compare(select(StateCategory::ALL))).prop_map(PastChange::Category),
            was(compare(select(Priority::ALL))).prop_map(PastChange::Priority),
            was(compare(select(IssueKind::ALL))).prop_map(PastChange::Kind),
            was(compare(select(Resolution::ALL))).prop_map(PastChange::Resolution),
            was(self.member_test()).prop_map(PastChange::Assignee),
            was(self.label_test()).prop_map(PastChange::Label),
        ];
        (change, option::of(compare(self.when())), option::of(self.member_test()))
            .prop_map(|(change, during, by)| HistoryTest { change, during, by })
            .boxed()
    }

    fn when(&self) -> BoxedStrategy<When> {
        prop_oneof![self.instant.clone().prop_map(When::At), moment().prop_map(When::Relative)].boxed()
    }

    fn day(&self) -> BoxedStrategy<Day> {
        prop_oneof![self.date.clone().prop_map(Day::On), moment().prop_map(Day::Relative)].boxed()
    }
}

/// Tests of a value: every comparison.
pub(crate) fn compare<T: Clone + Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Compare<T>> {
    let value = value.boxed();
    let one = || value.clone();
    let list = || vec(value.clone(), 0..4);
    prop_oneof![
        3 => one().prop_map(Compare::Eq),
        1 => one().prop_map(Compare::Neq),
        1 => list().prop_map(Compare::In),
        1 => list().prop_map(Compare::Nin),
        1 => one().prop_map(Compare::Lt),
        1 => one().prop_map(Compare::Lte),
        1 => one().prop_map(Compare::Gt),
        1 => one().prop_map(Compare::Gte),
        1 => (one(), one()).prop_map(|(low, high)| Compare::Between(low, high)),
        1 => any::<bool>().prop_map(Compare::Null),
    ]
    .boxed()
}

fn was<T: Clone + Debug + 'static>(test: BoxedStrategy<T>) -> BoxedStrategy<Was<T>> {
    prop_oneof![
        test.clone().prop_map(Was::Had),
        (option::of(test.clone()), option::of(test)).prop_map(|(from, to)| Was::Changed { from, to }),
    ]
    .boxed()
}

fn link() -> impl Strategy<Value = Link> {
    (select(RelationKind::ALL), any::<bool>()).prop_map(|(kind, reversed)| Link { kind, reversed })
}

fn time_field() -> impl Strategy<Value = TimeField> {
    use TimeField::{Archived, Canceled, Completed, Created, Deleted, Started, StateSince, Triaged, Updated};
    select(&[Created, Updated, Started, Completed, Canceled, Archived, Triaged, Deleted, StateSince][..])
}

fn duration_field() -> impl Strategy<Value = DurationField> {
    use DurationField::{Age, Cycle, InState, Lead, Triage};
    select(&[Cycle, Lead, Triage, Age, InState][..])
}

fn span() -> impl Strategy<Value = Span> {
    prop_oneof![
        (0_i64..60).prop_map(|days| Span::from_millis(days * 86_400_000)),
        (0_i64..10_000_000).prop_map(|seconds| Span::from_millis(seconds * 1_000)),
        any::<i64>().prop_map(Span::from_millis),
    ]
}

fn moment() -> impl Strategy<Value = Moment> {
    let units = &[Unit::Day, Unit::Week, Unit::Month, Unit::Quarter, Unit::Year];
    let anchor = prop_oneof![
        3 => Just(Anchor::Now),
        1 => select(&units[..]).prop_map(Anchor::StartOf),
        1 => select(&units[..]).prop_map(Anchor::EndOf),
    ];
    let offset = prop_oneof![
        1 => Just((0_u32, 0_u32, 0_u32)),
        2 => (Just(0), 0_u32..30, Just(0)),
        1 => (0_u32..30, 0_u32..30, 0_u32..100_000),
        1 => (0_u32..=12_000, 0_u32..=366_000, any::<u32>()),
    ];
    (anchor, any::<bool>(), offset).prop_map(|(anchor, backward, (months, days, seconds))| Moment {
        anchor,
        offset: Offset::new(backward, months, days, seconds).unwrap(),
    })
}

/// Orders of up to four steps.
pub(crate) fn sort() -> impl Strategy<Value = Vec<Sort>> {
    let step = (select(SortKey::ALL), any::<bool>(), any::<bool>());
    vec(step.prop_map(|(key, descending, nulls_first)| Sort { key, descending, nulls_first }), 0..4)
}
