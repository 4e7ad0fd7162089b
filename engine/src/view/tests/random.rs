//! Random issues, changes, filters and orders over few values, so that they meet often.

use crate::filter::{
    Compare, DateField, Filter, Many, Sort, SortKey, Test, TextOperator, TextTest, TimeField,
};
use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId};
use crate::model::{Issue, IssueKind, Priority, Resolution, Seq, StateCategory};
use crate::time::{CalendarDate, Timestamp};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use uuid::Uuid;

/// Issues that a change may be about.
pub(super) const SLOTS: usize = 160;

/// Titles, ranks and the texts that they are tested with.
const TEXTS: &[&str] = &[
    "",
    "a",
    "A",
    "b0",
    "login fails",
    "Login FAILS",
    "login fails again",
    "été",
    "ÉTÉ",
    "Ete",
    "Größe",
    "große",
    "long title that shares its first words: one",
    "long title that shares its first words: two",
    "日本語",
    "ﬁx",
];

/// A number spread over all 128 bits, so that ids do not sort as they are counted.
fn uuid(n: usize) -> Uuid {
    Uuid::from_u128((n as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
}

fn issue_id(slot: usize) -> IssueId {
    IssueId::from_uuid(uuid(slot))
}

fn team(slot: usize) -> TeamId {
    TeamId::from_uuid(uuid(1000 + slot % 3))
}

fn members() -> Vec<MemberId> {
    (0..4).map(|n| MemberId::from_uuid(uuid(2000 + n))).collect()
}

fn labels() -> Vec<LabelId> {
    (0..4).map(|n| LabelId::from_uuid(uuid(3000 + n))).collect()
}

fn states() -> Vec<StateId> {
    (0..5).map(|n| StateId::from_uuid(uuid(4000 + n))).collect()
}

/// An issue with nothing special about it.
pub(super) fn plain(slot: usize) -> Issue {
    let at = Timestamp::from_millis(0);
    Issue {
        id: issue_id(slot),
        team: team(slot),
        number: slot as u32 + 1,
        title: "a title".to_owned(),
        kind: IssueKind::Task,
        state: StateId::from_uuid(uuid(4000)),
        category: StateCategory::Backlog,
        priority: Priority::None,
        assignees: Vec::new(),
        creator: MemberId::from_uuid(uuid(2000)),
        labels: Vec::new(),
        parent: None,
        estimate: None,
        start_date: None,
        due_date: None,
        rank: String::new(),
        resolution: None,
        created_at: at,
        updated_at: at,
        triaged_at: None,
        started_at: None,
        completed_at: None,
        canceled_at: None,
        archived_at: None,
        deleted_at: None,
        reopen_count: 0,
        comment_count: 0,
        version: 1,
        last_event: Seq(1),
        source: None,
        description_bytes: 0,
        description: None,
        relations: Vec::new(),
        past: Default::default(),
        commenters: Vec::new(),
        state_since: None,
    }
}

fn instant() -> impl Strategy<Value = Timestamp> + Clone {
    (-3..12_i64).prop_map(Timestamp::from_millis)
}

fn day() -> impl Strategy<Value = CalendarDate> + Clone {
    (-3..6_i32).prop_map(CalendarDate::from_days)
}

fn text() -> impl Strategy<Value = String> + Clone {
    select(TEXTS).prop_map(str::to_owned)
}

fn seldom<T: std::fmt::Debug + Clone>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    prop::option::weighted(0.15, value)
}

/// A form that an issue may take.
pub(super) fn change() -> impl Strategy<Value = Issue> {
    let words = (select(IssueKind::ALL), select(StateCategory::ALL), select(Priority::ALL), select(states()));
    let people = (subsequence(members(), 0..=3), select(members()), subsequence(labels(), 0..=4));
    let sizes = (prop::option::of(0..4_u32), prop::option::of(day()), prop::option::of(day()));
    let links = (seldom((0..8_usize).prop_map(issue_id)), prop::option::of(select(Resolution::ALL)));
    let times = (instant(), instant(), prop::option::of(instant()), prop::option::of(instant()));
    let ends = (seldom(instant()), seldom(instant()), seldom(instant()));
    (0..SLOTS, 1..9_u64, (text(), text()), words, people, sizes, links, times, ends).prop_map(
        |(slot, version, texts, words, people, sizes, links, times, ends)| Issue {
            version,
            title: texts.0,
            rank: texts.1,
            kind: words.0,
            category: words.1,
            priority: words.2,
            state: words.3,
            assignees: people.0,
            creator: people.1,
            labels: people.2,
            estimate: sizes.0,
            start_date: sizes.1,
            due_date: sizes.2,
            parent: links.0,
            resolution: links.1,
            created_at: times.0,
            updated_at: times.1,
            started_at: times.2,
            completed_at: times.3,
            canceled_at: ends.0,
            archived_at: ends.1,
            deleted_at: ends.2,
            ..plain(slot)
        },
    )
}

/// Issues to start with, each once.
pub(super) fn issues() -> impl Strategy<Value = Vec<Issue>> {
    prop::collection::vec(change(), 0..SLOTS).prop_map(|mut rows| {
        rows.sort_by_key(|issue| issue.id);
        rows.dedup_by_key(|issue| issue.id);
        rows
    })
}

fn compare<T: std::fmt::Debug + Clone + 'static>(
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

fn many<T: std::fmt::Debug + Clone + 'static>(values: Vec<T>) -> BoxedStrategy<Many<T>> {
    let values = select(values);
    prop_oneof![
        compare(values.clone()).prop_map(Many::Some),
        compare(values.clone()).prop_map(Many::Every),
        compare(values).prop_map(Many::None),
        compare(0..4_u32).prop_map(Many::Length),
    ]
    .boxed()
}

fn title() -> impl Strategy<Value = TextTest> {
    use TextOperator::{Contains, EndsWith, Eq, In, Neq, Nin, NotContains, StartsWith};
    let operators = vec![Eq, Neq, In, Nin, Contains, NotContains, StartsWith, EndsWith];
    (select(operators), prop::collection::vec(text(), 0..3), any::<bool>())
        .prop_map(|(operator, values, folded)| TextTest { operator, values, folded })
}

fn test() -> impl Strategy<Value = Test> {
    use TimeField::{Archived, Canceled, Completed, Created, Started, Updated};
    let field = select(vec![Created, Updated, Started, Completed, Canceled, Archived]);
    let issue = (0..12_usize).prop_map(issue_id);
    let enums = prop_oneof![
        compare(select(StateCategory::ALL)).prop_map(Test::Category),
        compare(select(IssueKind::ALL)).prop_map(Test::Kind),
        compare(select(Priority::ALL)).prop_map(Test::Priority),
        compare(select(Resolution::ALL)).prop_map(Test::Resolution),
    ];
    let named = prop_oneof![
        compare(issue.clone()).prop_map(Test::Id),
        compare(issue).prop_map(Test::Parent),
        compare((0..3_usize).prop_map(team)).prop_map(Test::Team),
        compare(select(states())).prop_map(Test::State),
        compare(select(members())).prop_map(Test::Creator),
        many(members()).prop_map(Test::Assignees),
        many(labels()).prop_map(Test::Labels),
    ];
    let measured = prop_oneof![
        compare(0..SLOTS as u32).prop_map(Test::Number),
        compare(0..4_u32).prop_map(Test::Estimate),
        (field, compare(instant())).prop_map(|(field, c)| Test::Time(field, c)),
        (select(vec![DateField::Start, DateField::Due]), compare(day())).prop_map(|(f, c)| Test::Date(f, c)),
    ];
    let rest = prop_oneof![
        title().prop_map(Test::Title),
        any::<bool>().prop_map(Test::Archived),
        any::<bool>().prop_map(Test::Deleted),
    ];
    prop_oneof![3 => enums, 5 => named, 4 => measured, 3 => rest]
}

/// A tree of tests.
pub(super) fn filter() -> impl Strategy<Value = Filter> {
    test().prop_map(Filter::Test).prop_recursive(4, 24, 4, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            parts().prop_map(Filter::All),
            parts().prop_map(Filter::Any),
            inner.clone().prop_map(|part| Filter::Not(Box::new(part))),
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

/// An order, of no steps or several.
pub(super) fn sorts() -> impl Strategy<Value = Vec<Sort>> {
    use SortKey::{Category, Completed, Created, Due, Estimate, Number, Priority, Rank, Title, Updated};
    let keys = vec![Created, Updated, Priority, Number, Due, Estimate, Rank, Title, Category, Completed];
    let step = (select(keys), any::<bool>(), any::<bool>()).prop_map(|(key, descending, nulls_first)| Sort {
        key,
        descending,
        nulls_first,
    });
    prop::collection::vec(step, 0..4)
}
