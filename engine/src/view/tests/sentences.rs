//! What filters mean, case by case.

use super::world::{HOUR, NOW, issue_id, labels, members, plain, states, versions, workflows};
use super::{World, loaded, scope};
use crate::filter::{
    Compare, DurationField, Filter, HistoryTest, IssueKey, LabelTest, Link, Many, MemberTest, ParentTest,
    PastChange, Sort, SortKey, Span, StateTest, Test, TextOperator, TextTest, TimeField, Was, WorkflowTest,
};
use crate::id::MemberId;
use crate::model::{Approval, Commenter, Confidential, Issue, Past, Relation, RelationKind, StateCategory};
use crate::time::Timestamp;
use crate::view::{IssueQuery, Page};

fn at(hour: i64) -> Option<Timestamp> {
    Some(Timestamp::from_millis(hour * HOUR))
}

/// How many of these issues pass.
#[track_caller]
fn check(rows: &[Issue], filter: impl Into<Filter>, expected: u64) {
    assert_eq!(World::plain(rows).count(filter), expected);
}

#[test]
fn a_comparison_names_what_differs() {
    let row = plain(1);
    let other = Issue { title: "another title".to_owned(), ..row.clone() };
    let differences = loaded([&row]).compare(&loaded([&other]));
    assert_eq!(differences, [format!("issue {} differs from its stored row", row.id)]);
    let differences = loaded([&row]).compare(&loaded([&row, &plain(2)]));
    assert!(differences.iter().any(|d| d == "it holds 1 issues, 2 are stored"), "{differences:?}");
}

#[test]
fn a_deleted_issue_keeps_its_number_and_leaves_every_list_that_does_not_ask_for_it() {
    let row = Issue { deleted_at: at(5), ..plain(3) };
    let view = loaded([&row]);
    assert_eq!((view.find(row.team, row.number), view.max_number(row.team)), (Some(row.id), row.number));
    let rows = [row];
    check(&rows, Filter::everything(), 0);
    check(&rows, Test::Id(Compare::Eq(rows[0].id)), 0);
    check(&rows, Test::Deleted(true), 1);
    check(&rows, Test::Time(TimeField::Deleted, Compare::Null(false)), 1);
}

#[test]
fn issues_without_an_assignee_are_found_by_length_and_by_absence() {
    let rows = [plain(1)];
    for many in [Many::Length(Compare::Eq(0)), Many::None(Vec::new()), Many::Length(Compare::Lt(1))] {
        check(&rows, Test::Assignees(many), 1);
    }
    check(&rows, Test::Assignees(Many::Some(Vec::new())), 0);
    check(&rows, Test::Assignees(Many::Every(vec![MemberTest::Me(true)])), 1);
}

#[test]
fn an_order_without_steps_is_the_order_of_ids() {
    let rows: Vec<_> = (0..20).map(plain).collect();
    let mut expected: Vec<_> = rows.iter().map(|issue| issue.id).collect();
    expected.sort();
    let world = World::plain(&rows);
    for key in [SortKey::Priority, SortKey::Relevance] {
        let sort = Sort { key, descending: true, nulls_first: false };
        for sort in [&[][..], &[sort]] {
            assert_eq!(world.walk(&Filter::everything(), sort, 3, false), expected);
        }
    }
}

#[test]
fn pages_by_relevance_go_on_behind_the_last_issue_when_all_scores_change() {
    let rows: Vec<_> = (0..20).map(plain).collect();
    let scores = rows.iter().zip(1_u8..).map(|(issue, at)| (issue.id, f32::from(at))).collect();
    let mut world = World::new(&rows, &[], (Vec::new(), scores));
    let sort = [Sort { key: SortKey::Relevance, descending: true, nulls_first: false }];
    let (everything, mut from, mut seen) = (Filter::everything(), None, Vec::new());
    for _ in 0..4 {
        let page = Page::First(5, from.take());
        let query = IssueQuery { question: world.question(&everything), sort: &sort, page };
        let found = world.view.query(&scope(), &query).unwrap();
        from = found.positions.last().cloned();
        seen.extend(found.ids);
        world.scores.values_mut().for_each(|score| *score /= 4.0);
        world.look_up();
    }
    assert_eq!(seen, rows.iter().rev().map(|issue| issue.id).collect::<Vec<_>>());
}

#[test]
fn a_collection_is_tested_by_several_tests_of_the_same_thing() {
    let row = Issue { labels: vec![labels()[0], labels()[2]], ..plain(1) };
    let named = |name| LabelTest::Name(TextTest::folded(TextOperator::Eq, name));
    let is = |at: usize| LabelTest::Id(Compare::Eq(labels()[at]));
    let rows = [row];
    check(&rows, Test::Labels(Many::Some(vec![named("BUG"), is(0)])), 1);
    check(&rows, Test::Labels(Many::Some(vec![named("BUG"), is(2)])), 0);
    check(&rows, Test::Labels(Many::Some(vec![LabelTest::Id(Compare::Neq(labels()[0]))])), 1);
    check(&rows, Test::Labels(Many::None(vec![LabelTest::Id(Compare::Neq(labels()[0]))])), 0);
    check(&rows, Test::Labels(Many::Every(vec![named("bug")])), 0);
}

#[test]
fn an_issue_is_found_by_its_key_and_by_the_keys_its_team_had() {
    let rows = [plain(1), plain(4)];
    let key = |team: &str, number| IssueKey { team: team.to_owned(), number };
    check(&rows, Test::Key(Compare::Eq(key("OPS", 2))), 1);
    check(&rows, Test::Key(Compare::In(vec![key("OLD", 2), key("OPS", 5), key("NONE", 1)])), 2);
    check(&rows, Test::Key(Compare::Neq(key("OLD", 2))), 1);
    check(&rows, Test::Key(Compare::Gt(key("OLD", 0))), 0);
}

#[test]
fn nobody_is_me_when_a_program_asks() {
    let mine = Issue { assignees: vec![members()[1]], ..plain(1) };
    let me = |me| Test::Assignees(Many::Some(vec![MemberTest::Me(me)]));
    // Worlds with an even number of rows are asked by a member.
    check(&[mine.clone(), plain(2)], me(true), 1);
    check(std::slice::from_ref(&mine), me(true), 0);
    check(&[mine], me(false), 1);
}

fn relates(slot: usize, kind: RelationKind, to: usize) -> Issue {
    Issue { relations: vec![Relation { kind, to: issue_id(to) }], ..plain(slot) }
}

fn link(kind: RelationKind, reversed: bool) -> Link {
    Link { kind, reversed }
}

fn is(slot: usize) -> Filter {
    Filter::Test(Test::Id(Compare::Eq(issue_id(slot))))
}

#[test]
fn a_relation_is_seen_from_both_ends() {
    let rows = [relates(1, RelationKind::Blocks, 2), plain(2), relates(3, RelationKind::Relates, 2)];
    let some = |link, slot| Test::Related(link, Many::Some(vec![is(slot)]));
    check(&rows, some(link(RelationKind::Blocks, false), 2), 1);
    check(&rows, some(link(RelationKind::Blocks, true), 1), 1);
    check(&rows, some(link(RelationKind::Blocks, false), 1), 0);
    for reversed in [false, true] {
        check(&rows, some(link(RelationKind::Relates, reversed), 2), 1);
        check(&rows, some(link(RelationKind::Relates, reversed), 3), 1);
    }
}

#[test]
fn a_relation_that_both_ends_hold_counts_once() {
    let rows = [relates(1, RelationKind::Relates, 2), relates(2, RelationKind::Relates, 1)];
    let link = link(RelationKind::Relates, false);
    check(&rows, Test::Related(link, Many::Length(Compare::Eq(1))), 2);
}

#[test]
fn tests_of_other_issues_see_archived_ones_and_no_deleted_ones() {
    let part = |slot, of| Issue { parent: Some(issue_id(of)), ..plain(slot) };
    let rows = [
        plain(1),
        Issue { archived_at: at(1), ..part(2, 1) },
        plain(3),
        Issue { deleted_at: at(1), ..part(4, 3) },
        part(5, 4),
    ];
    check(&rows, Test::Children(Many::Some(Vec::new())), 1);
    check(&rows, Test::Children(Many::Some(vec![Test::Archived(false).into()])), 0);
    check(&rows, Test::Children(Many::Some(vec![Test::Deleted(true).into()])), 0);
    check(&rows, Test::Parent(ParentTest::Passes(Box::new(Filter::everything()))), 0);
    check(&rows, Test::Parent(ParentTest::Null(false)), 1);
}

#[test]
fn what_an_issue_names_before_it_is_there_is_found_when_it_comes() {
    let mut view = loaded([&relates(1, RelationKind::Blocks, 2)]);
    assert!(view.relations_to(issue_id(2)).is_empty());
    view.apply(&plain(2));
    assert_eq!(view.relations_to(issue_id(2)), [(RelationKind::Blocks, issue_id(1))]);
    view.apply(&plain(1));
    assert!(view.relations_to(issue_id(2)).is_empty());
}

#[test]
fn what_was_had_counts_whether_or_not_it_is_had_still() {
    let row = Issue {
        state: states()[1],
        past: Past { states: vec![states()[0]], assignees: vec![members()[2]], ..Past::default() },
        ..plain(1)
    };
    let had = |change| Test::History(HistoryTest { change, during: None, by: None });
    let state = |n: usize| had(PastChange::State(Was::Had(StateTest::Id(Compare::Eq(states()[n])))));
    let assignee = |n: usize| had(PastChange::Assignee(Was::Had(MemberTest::Id(Compare::Eq(members()[n])))));
    let rows = [row];
    for (test, expected) in [(state(0), 1), (state(1), 1), (state(2), 0), (assignee(2), 1), (assignee(0), 0)]
    {
        check(&rows, test, expected);
    }
    check(&rows, had(PastChange::Resolution(Was::Had(Compare::Null(true)))), 0);
}

#[test]
fn comments_are_counted_and_known_by_their_authors() {
    let commenters = vec![Commenter { member: members()[0], comments: 3 }];
    let rows = [Issue { comment_count: 3, commenters, ..plain(1) }];
    let by = |n: usize| vec![crate::filter::CommentTest::Author(MemberTest::Id(Compare::Eq(members()[n])))];
    check(&rows, Test::Comments(Many::Length(Compare::Eq(3))), 1);
    check(&rows, Test::Comments(Many::Some(by(0))), 1);
    check(&rows, Test::Comments(Many::Every(by(0))), 1);
    check(&rows, Test::Comments(Many::None(by(1))), 1);
}

#[test]
fn only_what_has_begun_and_ended_has_a_duration() {
    let done = Issue {
        category: StateCategory::Completed,
        started_at: at(10),
        completed_at: at(34),
        state_since: at(34),
        ..plain(1)
    };
    // A clock of an import was wrong.
    let wrong = Issue { started_at: at(10), completed_at: at(9), ..plain(2) };
    let rows = [done, wrong];
    let hours = |hours| Span::from_millis(hours * HOUR);
    check(&rows, Test::Duration(DurationField::Cycle, Compare::Eq(hours(24))), 1);
    check(&rows, Test::Duration(DurationField::Cycle, Compare::Eq(hours(0))), 1);
    check(&rows, Test::Duration(DurationField::Lead, Compare::Eq(hours(34))), 1);
    check(&rows, Test::Duration(DurationField::Triage, Compare::Null(true)), 2);
    check(&rows, Test::Duration(DurationField::Age, Compare::Eq(hours(NOW))), 1);
    check(&rows, Test::Duration(DurationField::Age, Compare::Neq(hours(NOW))), 1);
    check(&rows, Test::Duration(DurationField::InState, Compare::Lt(hours(67))), 1);
}

#[test]
fn a_test_that_was_not_looked_up_is_refused_and_passes_for_none() {
    let world = World::plain(&[plain(1)]);
    let text = Filter::Test(Test::Text(crate::filter::TextSearch { text: "title".to_owned() }));
    let inside = Filter::Test(Test::Children(Many::Some(vec![text.clone()])));
    for filter in [&text, &inside] {
        let question = world.question(filter);
        let refused = world.view.count(&scope(), &question).unwrap_err();
        assert_eq!(refused.code(), crate::error::ErrorCode::Internal);
        assert!(world.view.select(&scope(), &question).is_empty());
    }
}

/// An issue that these people are let into.
fn confidential(slot: usize, participants: &[MemberId]) -> Issue {
    let participants = participants.to_vec();
    Issue { confidential: Some(Confidential { participants }), ..plain(slot) }
}

#[test]
fn a_confidential_issue_is_found_by_who_is_let_in_and_others_have_nobody() {
    let people = members();
    let rows = [plain(1), confidential(2, &[]), confidential(3, &people[..2])];
    check(&rows, Test::Confidential(true), 2);
    check(&rows, Test::Confidential(false), 1);
    let is = |member| vec![MemberTest::Id(Compare::Eq(member))];
    check(&rows, Test::Participants(Many::Some(is(people[1]))), 1);
    check(&rows, Test::Participants(Many::None(is(people[1]))), 2);
    check(&rows, Test::Participants(Many::Every(is(people[1]))), 2);
    check(&rows, Test::Participants(Many::Length(Compare::Eq(0))), 2);
    check(&rows, Test::Participants(Many::Length(Compare::Eq(2))), 1);
    check(&rows, Test::Participants(Many::Some(is(MemberId::NOBODY))), 0);
}

#[test]
fn an_issue_that_names_no_version_follows_the_first_of_the_workflow_of_its_state() {
    let (workflows, versions) = (workflows(), versions());
    let at = |slot, state: usize, version| Issue {
        state: states()[state],
        workflow_version: version,
        ..plain(slot)
    };
    let rows = [
        at(1, 0, None),
        at(2, 0, Some(versions[2])),
        at(3, 2, None),
        at(4, 5, None),
        at(5, 0, Some(versions[3])),
    ];
    let workflow = |compare| Test::Workflow(WorkflowTest::Id(compare));
    check(&rows, workflow(Compare::Eq(workflows[0])), 2);
    check(&rows, workflow(Compare::In(vec![workflows[0], workflows[1]])), 3);
    check(&rows, workflow(Compare::Null(true)), 2);
    check(&rows, Test::WorkflowVersion(Compare::Eq(versions[0])), 1);
    check(&rows, Test::WorkflowVersion(Compare::Eq(versions[1])), 1);
    check(&rows, Test::WorkflowVersion(Compare::Eq(versions[2])), 1);
    let named = |operator| Test::Workflow(WorkflowTest::Name(TextTest::folded(operator, "WORKFLOW 0")));
    check(&rows, named(TextOperator::Eq), 2);
    check(&rows, named(TextOperator::Neq), 3);
}

#[test]
fn a_move_that_waits_for_approval_is_found_by_where_it_leads() {
    let asked = |to: usize| Approval {
        to: states()[to],
        requester: None,
        requested_at: Timestamp::from_millis(0),
        grants: Vec::new(),
    };
    let rows = [plain(1), Issue { approvals: vec![asked(0), asked(1)], ..plain(2) }];
    let to = |state: usize| vec![StateTest::Id(Compare::Eq(states()[state]))];
    check(&rows, Test::Approvals(Many::Some(Vec::new())), 1);
    check(&rows, Test::Approvals(Many::None(Vec::new())), 1);
    check(&rows, Test::Approvals(Many::Some(to(1))), 1);
    check(&rows, Test::Approvals(Many::Every(to(1))), 1);
    check(&rows, Test::Approvals(Many::Length(Compare::Gte(2))), 1);
}

#[test]
fn ranks_compare_as_texts_also_where_they_begin_alike() {
    let ranked = |slot, rank: &str| Issue { rank: rank.to_owned(), ..plain(slot) };
    let rows = [ranked(1, "abcdefgh"), ranked(2, "abcdefghi"), ranked(3, "abcdefgi"), ranked(4, "")];
    let text = |text: &str| text.to_owned();
    check(&rows, Test::Rank(Compare::Lt(text("abcdefghi"))), 2);
    check(&rows, Test::Rank(Compare::Gt(text("abcdefgh"))), 2);
    check(&rows, Test::Rank(Compare::Between(text("abcdefgh"), text("abcdefghi"))), 2);
    check(&rows, Test::Rank(Compare::Nin(vec![text("abcdefgh"), text("")])), 2);
    check(&rows, Test::Rank(Compare::Null(false)), 4);
}

#[test]
fn a_title_is_found_whether_its_letters_are_spelt_out_or_not() {
    let rows = [Issue { title: "Große Straße".to_owned(), ..plain(1) }];
    for part in ["GROSSE", "straße", "STRASSE", "ße s"] {
        check(&rows, Test::Title(TextTest::folded(TextOperator::Contains, part)), 1);
    }
    check(&rows, Test::Title(TextTest::folded(TextOperator::Eq, "grosse strasse")), 1);
    let written = |part: &str| TextTest { folded: false, ..TextTest::folded(TextOperator::Contains, part) };
    check(&rows, Test::Title(written("strasse")), 0);
    check(&rows, Test::Title(written("Straße")), 1);
}
