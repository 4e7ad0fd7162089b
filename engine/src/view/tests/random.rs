//! Random issues, changes and orders over few values, so that they meet often.

use super::world::{HOUR, SLOTS, issue_id, labels, members, plain, states, versions};
use crate::filter::{Sort, SortKey};
use crate::id::IssueId;
use crate::model::{
    Approval, Commenter, Confidential, Issue, IssueKind, IssueSource, Past, Priority, Relation, RelationKind,
    Resolution, StateCategory,
};
use crate::time::{CalendarDate, Timestamp};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::collections::BTreeSet;

/// Titles, ranks and the texts that they are tested with.
pub(super) const TEXTS: &[&str] = &[
    "",
    "a",
    "A",
    "b0",
    "login fails",
    "Login FAILS",
    "login fails again",
    "gin f",
    "LOGIN f",
    "été",
    "ÉTÉ",
    "Ete",
    "Größe",
    "große",
    "GROSSE",
    "nul\0",
    "long title that shares its first words: one",
    "long title that shares its first words: two",
    "words: ONE",
    "日本語",
    "ﬁx",
];

/// Systems that issues are imported from.
pub(super) const SYSTEMS: &[&str] = &["github", "GitHub", "jira"];

/// Ids at sources.
pub(super) const SOURCE_IDS: &[&str] = &["o/r#1", "O/R#1", "o/r#12", ""];

pub(super) fn instant() -> impl Strategy<Value = Timestamp> + Clone {
    (-72..120_i64).prop_map(|hours| Timestamp::from_millis(hours * HOUR))
}

pub(super) fn day() -> impl Strategy<Value = CalendarDate> + Clone {
    (-3..20_i32).prop_map(CalendarDate::from_days)
}

pub(super) fn text() -> impl Strategy<Value = String> + Clone {
    select(TEXTS).prop_map(str::to_owned)
}

fn seldom<T: std::fmt::Debug + Clone>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    prop::option::weighted(0.15, value)
}

/// Issues that others name: few, and one that is never there.
fn named() -> impl Strategy<Value = IssueId> {
    prop_oneof![20 => (0..10_usize).prop_map(issue_id), 1 => Just(issue_id(SLOTS + 1))]
}

fn relations() -> impl Strategy<Value = Vec<Relation>> {
    let relation = (select(RelationKind::ALL), named()).prop_map(|(kind, to)| Relation { kind, to });
    let some = prop::collection::btree_set(relation, 1..4).prop_map(|all| all.into_iter().collect());
    seldom(some).prop_map(Option::unwrap_or_default)
}

fn past() -> impl Strategy<Value = Past> {
    let past = (
        subsequence(states(), 0..=2),
        subsequence(StateCategory::ALL, 0..=2),
        subsequence(Priority::ALL, 0..=2),
        subsequence(IssueKind::ALL, 0..=1),
        subsequence(Resolution::ALL, 0..=1),
        subsequence(members(), 0..=2),
        subsequence(labels(), 0..=2),
    );
    let past = past.prop_map(|(states, categories, priorities, kinds, resolutions, assignees, labels)| {
        Past { states, categories, priorities, kinds, resolutions, assignees, labels }
    });
    prop_oneof![Just(Past::default()), past]
}

fn commenters() -> impl Strategy<Value = Vec<Commenter>> {
    let counts = prop::collection::vec(1..4_u32, 3);
    (subsequence(members(), 0..=3), counts).prop_map(|(members, counts)| {
        members.into_iter().zip(counts).map(|(member, comments)| Commenter { member, comments }).collect()
    })
}

fn confidential() -> impl Strategy<Value = Option<Confidential>> {
    seldom(subsequence(members(), 0..=2).prop_map(|participants| Confidential { participants }))
}

fn approvals() -> impl Strategy<Value = Vec<Approval>> {
    let asked =
        |to| Approval { to, requester: None, requested_at: Timestamp::from_millis(0), grants: vec![] };
    let some = subsequence(states(), 0..=3).prop_map(move |to| to.into_iter().map(asked).collect());
    seldom(some).prop_map(Option::unwrap_or_default)
}

fn source() -> impl Strategy<Value = Option<IssueSource>> {
    seldom((select(SYSTEMS), select(SOURCE_IDS))).prop_map(|source| {
        let (system, id) = source?;
        Some(IssueSource { system: system.to_owned(), id: id.to_owned(), url: None, state: None })
    })
}

/// A form that an issue may take.
pub(super) fn change() -> impl Strategy<Value = Issue> {
    let words = (select(IssueKind::ALL), select(StateCategory::ALL), select(Priority::ALL), select(states()));
    let people = (subsequence(members(), 0..=3), select(members()), subsequence(labels(), 0..=4));
    let sizes = (prop::option::of(0..40_u32), prop::option::of(day()), seldom(day()), 0..2_u32);
    let links = (seldom(named()), prop::option::of(select(Resolution::ALL)), relations());
    let times = (instant(), instant(), prop::option::of(instant()), prop::option::of(instant()));
    let ends =
        (seldom(instant()), seldom(instant()), seldom(instant()), seldom(instant()), seldom(instant()));
    let rest = (past(), commenters(), source(), confidential(), seldom(1..3_u32));
    let flow = (prop::option::of(select(versions())), approvals());
    (0..SLOTS, 1..9_u64, (text(), text()), words, people, sizes, links, times, ends, (rest, flow)).prop_map(
        |(slot, version, texts, words, people, sizes, links, times, ends, (rest, flow))| Issue {
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
            due_date: sizes.1,
            start_date: sizes.2,
            description_bytes: sizes.3,
            parent: links.0,
            resolution: links.1,
            relations: links.2,
            created_at: times.0,
            updated_at: times.1,
            started_at: times.2,
            completed_at: times.3,
            canceled_at: ends.0,
            archived_at: ends.1,
            deleted_at: ends.2,
            triaged_at: ends.3,
            state_since: ends.4,
            past: rest.0,
            comment_count: rest.1.iter().map(|commenter| commenter.comments).sum(),
            commenters: rest.1,
            source: rest.2,
            confidential: rest.3,
            reopen_count: rest.4.unwrap_or_default(),
            workflow_version: flow.0,
            approvals: flow.1,
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

/// What was looked up: some sets of issues, and scores of some.
pub(super) fn found() -> impl Strategy<Value = (Vec<BTreeSet<IssueId>>, Vec<(IssueId, f32)>)> {
    let issue = || (0..SLOTS).prop_map(issue_id);
    let scores = prop::collection::vec((issue(), select(&[0.5_f32, 1.5, 7.0, -1.0])), 0..60);
    (prop::collection::vec(prop::collection::btree_set(issue(), 0..60), 2), scores)
}

/// An order, of no steps or several.
pub(super) fn sorts() -> impl Strategy<Value = Vec<Sort>> {
    let step = (select(SortKey::ALL), any::<bool>(), any::<bool>());
    let step = step.prop_map(|(key, descending, nulls_first)| Sort { key, descending, nulls_first });
    prop::collection::vec(step, 0..4)
}
