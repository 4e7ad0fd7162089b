//! What is asked: filters of every kind, orders, boards.

use crate::company::{DAY, NOW, label, member, state, team};
use mortise_engine::filter::{
    Anchor, CommentTest, Compare, DateField, Day, DurationField, Filter, GroupBy, HistoryTest, LabelTest,
    Link, Many, MemberTest, Moment, Offset, ParentTest, PastChange, Sort, SortKey, Span, StateTest, TeamTest,
    Test, TextOperator, TextTest, TimeField, Was, When,
};
use mortise_engine::model::{RelationKind, StateCategory};
use mortise_engine::time::{CalendarDate, Timestamp};

pub(crate) fn by(key: SortKey, descending: bool) -> Sort {
    Sort { key, descending, nulls_first: false }
}

fn all(parts: impl IntoIterator<Item = Filter>) -> Filter {
    Filter::All(parts.into_iter().collect())
}

fn test(test: Test) -> Filter {
    Filter::Test(test)
}

fn open() -> Filter {
    test(Test::Category(Compare::Lte(StateCategory::Started)))
}

fn in_team(n: usize) -> Filter {
    test(Test::Team(TeamTest::Id(Compare::Eq(team(n)))))
}

fn assignee(person: MemberTest) -> Filter {
    test(Test::Assignees(Many::Some(vec![person])))
}

fn title(operator: TextOperator, text: &str) -> Filter {
    test(Test::Title(TextTest::folded(operator, text)))
}

fn week_ago() -> When {
    When::At(Timestamp::from_millis(NOW - 7 * DAY))
}

fn span(days: i64) -> Span {
    Span::from_millis(days * DAY)
}

fn had(change: PastChange) -> Filter {
    test(Test::History(HistoryTest { change, during: None, by: None }))
}

/// A name, a filter, an order.
pub(crate) type List = (&'static str, Filter, Vec<Sort>);

pub(crate) fn lists() -> Vec<List> {
    let mut lists = plain();
    lists.extend(texts());
    lists.extend(around());
    lists.extend(once());
    lists
}

fn plain() -> Vec<List> {
    use SortKey::{
        Comments, Completed, Created, Due, Estimate, Number, Priority, Rank, StateSince, Title, Updated,
    };
    let everything = Filter::everything;
    let state_is = |c| test(Test::State(StateTest::Id(Compare::Eq(state(3, c)))));
    let me = || assignee(MemberTest::Me(true));
    let due_before =
        |days| test(Test::Date(DateField::Due, Compare::Lt(Day::On(CalendarDate::from_days(days)))));
    let unassigned = test(Test::Assignees(Many::Length(Compare::Eq(0))));
    let two_weeks = Moment { anchor: Anchor::Now, offset: Offset::new(true, 0, 14, 0).unwrap() };
    vec![
        ("state and me by updated", all([state_is(StateCategory::Completed), me()]), vec![by(Updated, true)]),
        ("all by updated", everything(), vec![by(Updated, true)]),
        ("all by created", everything(), vec![by(Created, true)]),
        ("all by id", everything(), vec![]),
        ("all by priority, updated", everything(), vec![by(Priority, true), by(Updated, true)]),
        ("all by due", everything(), vec![by(Due, false)]),
        ("all by rank", everything(), vec![by(Rank, false)]),
        ("all by title", everything(), vec![by(Title, false)]),
        ("all by number", everything(), vec![by(Number, true)]),
        ("all by estimate, due", everything(), vec![by(Estimate, true), by(Due, false)]),
        ("all by comments", everything(), vec![by(Comments, true)]),
        ("all by completed", everything(), vec![by(Completed, true)]),
        ("all by time in state", everything(), vec![by(StateSince, false)]),
        ("open by priority, due, rank", open(), vec![by(Priority, true), by(Due, false), by(Rank, false)]),
        ("unassigned by updated", unassigned, vec![by(Updated, true)]),
        (
            "updated this week by created",
            test(Test::Time(TimeField::Updated, Compare::Gte(week_ago()))),
            vec![by(Created, true)],
        ),
        (
            "created before this week by updated",
            test(Test::Time(TimeField::Created, Compare::Lt(week_ago()))),
            vec![by(Updated, true)],
        ),
        (
            "completed in two weeks by completed",
            test(Test::Time(TimeField::Completed, Compare::Gt(When::Relative(two_weeks)))),
            vec![by(Completed, true)],
        ),
        ("open, overdue by due", all([open(), due_before(20_100)]), vec![by(Due, false)]),
        (
            "any of five labels, not mine, by created",
            all([
                test(Test::Labels(Many::Some(vec![LabelTest::Id(Compare::In((0..5).map(label).collect()))]))),
                Filter::Not(Box::new(me())),
            ]),
            vec![by(Created, true)],
        ),
        ("number in a list", test(Test::Number(Compare::In((0..250).map(|n| n * 37).collect()))), vec![]),
        ("looked up, by relevance", test(Test::Looked(0)), vec![by(SortKey::Relevance, true)]),
    ]
}

fn texts() -> Vec<List> {
    use TextOperator::{Contains, EndsWith, Eq, NotContains, StartsWith};
    let newest = || vec![by(SortKey::Updated, true)];
    let name = |name: &str| MemberTest::Name(TextTest::folded(Contains, name));
    vec![
        ("title contains two words", title(Contains, "mobile Login"), newest()),
        ("title contains a rare word", title(Contains, "dashboard"), newest()),
        ("title contains the commonest word", title(Contains, "login"), newest()),
        ("title contains two letters", title(Contains, "lo"), newest()),
        ("title contains one letter", title(Contains, "x"), newest()),
        ("title does not contain a word", title(NotContains, "update"), newest()),
        ("title starts with a word", title(StartsWith, "Export "), newest()),
        ("title ends with a number", title(EndsWith, "777"), newest()),
        ("title is", title(Eq, "the export button is slow"), newest()),
        (
            "title contains a word, capitals count",
            test(Test::Title(TextTest {
                operator: Contains,
                values: vec!["Export".to_owned()],
                folded: false,
            })),
            newest(),
        ),
        ("open and title contains two words", all([open(), title(Contains, "mobile Login")]), newest()),
        (
            "my open ones, title contains a word",
            all([open(), assignee(MemberTest::Me(true)), title(Contains, "login")]),
            newest(),
        ),
        ("assignee's name contains", assignee(name("member 12")), newest()),
        ("state's name is", test(Test::State(StateTest::Name(TextTest::folded(Eq, "started 3")))), newest()),
    ]
}

fn around() -> Vec<List> {
    let newest = || vec![by(SortKey::Updated, true)];
    let blocked_by = |filter| {
        let link = Link { kind: RelationKind::Blocks, reversed: true };
        test(Test::Related(link, Many::Some(vec![filter])))
    };
    let relates = Link { kind: RelationKind::Relates, reversed: false };
    let parent = |filter| test(Test::Parent(ParentTest::Passes(Box::new(filter))));
    vec![
        ("open and blocked by an open one", all([open(), blocked_by(open())]), newest()),
        (
            "my open ones, blocked by an open one",
            all([open(), assignee(MemberTest::Me(true)), blocked_by(open())]),
            newest(),
        ),
        ("blocked by what is blocked by an open one", blocked_by(blocked_by(open())), newest()),
        ("related to several", test(Test::Related(relates, Many::Length(Compare::Gt(1)))), newest()),
        ("part of an open one of a team", parent(all([open(), in_team(3)])), newest()),
        (
            "every part is closed",
            all([open(), test(Test::Children(Many::Every(vec![Filter::Not(Box::new(open()))])))]),
            newest(),
        ),
        (
            "some part's title contains a word",
            test(Test::Children(Many::Some(vec![title(TextOperator::Contains, "login")]))),
            newest(),
        ),
    ]
}

fn once() -> Vec<List> {
    let newest = || vec![by(SortKey::Updated, true)];
    let was = |category| had(PastChange::Category(Was::Had(Compare::Eq(category))));
    let author = |person| test(Test::Comments(Many::Some(vec![CommentTest::Author(person)])));
    let duration = |field, compare| test(Test::Duration(field, compare));
    vec![
        ("was once started, by completed", was(StateCategory::Started), vec![by(SortKey::Completed, true)]),
        ("was once mine", had(PastChange::Assignee(Was::Had(MemberTest::Me(true)))), newest()),
        ("I commented", author(MemberTest::Me(true)), newest()),
        ("more than five comments", test(Test::Comments(Many::Length(Compare::Gt(5)))), newest()),
        ("cycle longer than a week", duration(DurationField::Cycle, Compare::Gt(span(7))), newest()),
        ("lead within a month", duration(DurationField::Lead, Compare::Lte(span(30))), newest()),
        ("open for a year", duration(DurationField::Age, Compare::Gt(span(365))), newest()),
        ("in its state for a year", duration(DurationField::InState, Compare::Gt(span(365))), newest()),
        (
            "reopened, without a description",
            all([test(Test::Reopened(Compare::Gt(0))), test(Test::Described(false))]),
            newest(),
        ),
    ]
}

/// A name, a filter, what it is grouped by, and what its groups are.
pub(crate) fn boards() -> Vec<(&'static str, Filter, GroupBy, Option<GroupBy>)> {
    let everything = Filter::everything;
    let of_team = || all([in_team(3), open()]);
    vec![
        ("a team's open ones by state", of_team(), GroupBy::State, None),
        ("a team's open ones by state and priority", of_team(), GroupBy::State, Some(GroupBy::Priority)),
        ("a team's open ones by assignee", of_team(), GroupBy::Assignee, None),
        ("all by category", everything(), GroupBy::Category, None),
        ("all by category and priority", everything(), GroupBy::Category, Some(GroupBy::Priority)),
        ("all by due and kind", everything(), GroupBy::Due, Some(GroupBy::Kind)),
        ("open ones by team and category", open(), GroupBy::Team, Some(GroupBy::Category)),
        ("all by label and category", everything(), GroupBy::Label, Some(GroupBy::Category)),
        ("all by assignee and category", everything(), GroupBy::Assignee, Some(GroupBy::Category)),
        ("all by parent", everything(), GroupBy::Parent, None),
    ]
}

/// Tests of the past whose candidates are found in memory.
pub(crate) fn changes() -> Vec<(&'static str, PastChange)> {
    let category = |category| Some(Compare::Eq(category));
    let from_to =
        Was::Changed { from: category(StateCategory::Started), to: category(StateCategory::Canceled) };
    let left = Was::Changed { from: Some(MemberTest::Id(Compare::Eq(member(7)))), to: None };
    vec![
        ("moved from started to canceled", PastChange::Category(from_to)),
        ("taken from a member", PastChange::Assignee(left)),
    ]
}
