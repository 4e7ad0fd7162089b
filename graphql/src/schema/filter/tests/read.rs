//! What an input means.

use crate::schema::filter::{At, IssueFilter};
use async_graphql::{InputType, Value};
use mortise_engine::filter::{
    Compare, Filter, HistoryTest, IssueKey, LabelTest, Link, Many, MemberTest, ParentTest, PastChange,
    StateTest, Test, TextOperator, TextTest, Was, WorkflowTest,
};
use mortise_engine::id::{MemberId, WorkflowId, WorkflowVersionId};
use mortise_engine::model::{Priority, RelationKind, StateCategory};
use serde_json::{Value as Json, json};

/// The tree of an input.
fn read(input: Json) -> mortise_engine::Result<Filter> {
    let value = Value::from_json(input).unwrap();
    let input = IssueFilter::parse(Some(value));
    let input =
        input.map_err(|error| error.into_server_error(async_graphql::Pos::default()).message).unwrap();
    input.filter(&At::Argument("filter"))
}

#[track_caller]
fn check(input: Json, expected: impl Into<Filter>) {
    assert_eq!(read(input.clone()).unwrap(), expected.into(), "{input}");
}

/// The field that a refusal names.
#[track_caller]
fn refused(input: Json, field: &str) {
    let error = read(input.clone()).unwrap_err();
    assert_eq!(error.field(), Some(field), "{input}: {error}");
}

fn text(operator: TextOperator, value: &str) -> TextTest {
    TextTest { operator, values: vec![value.to_owned()], folded: false }
}

#[test]
fn nothing_said_asks_nothing() {
    check(json!({}), Filter::everything());
    for empty in [
        "id",
        "team",
        "state",
        "assignee",
        "assignees",
        "labels",
        "parent",
        "blocks",
        "comments",
        "archived",
        "participants",
        "workflow",
        "workflowVersion",
        "approvals",
        "rank",
        "version",
    ] {
        check(json!({empty: {}}), Filter::everything());
    }
}

#[test]
fn one_condition_is_a_test_and_several_a_group() {
    let high = || Filter::from(Test::Priority(Compare::Gte(Priority::High)));
    let key = IssueKey { team: "ENG".to_owned(), number: 12 };
    let ours = || Filter::from(Test::Key(Compare::Eq(key.clone())));
    check(json!({"priority": {"gte": "HIGH"}}), high());
    check(json!({"and": [{"priority": {"gte": "HIGH"}}]}), Filter::All(vec![high()]));
    check(
        json!({"priority": {"gte": "HIGH"}, "identifier": {"eq": "eng-12"}}),
        Filter::All(vec![ours(), high()]),
    );
    check(
        json!({"or": [{}, {"not": {"priority": {"gte": "HIGH"}}}]}),
        Filter::Any(vec![Filter::everything(), Filter::Not(Box::new(high()))]),
    );
}

#[test]
fn names_and_me_stand_in_the_tree_as_they_were_asked() {
    let name = text(TextOperator::Eq, "In Progress");
    check(json!({"state": {"name": {"eq": "In Progress"}}}), Test::State(StateTest::Name(name)));
    let me = || MemberTest::Me(true);
    check(json!({"assignee": {"isMe": {"eq": true}}}), Test::Assignees(Many::Some(vec![me()])));
    check(json!({"assignee": {"isMe": {"eq": false}}}), Test::Assignees(Many::None(vec![me()])));
    check(json!({"creator": {"isMe": {"neq": false}}}), Test::Creator(me()));
}

#[test]
fn who_works_on_it_is_one_of_several() {
    let (id, shown) = (MemberId::generate(), MemberTest::Name(text(TextOperator::Contains, "a")));
    let positive = json!({"assignee": {"id": {"in": [id.to_string()]}, "name": {"contains": "a"}}});
    check(positive, Test::Assignees(Many::Some(vec![MemberTest::Id(Compare::In(vec![id])), shown.clone()])));
    let negative = json!({"assignee": {"name": {"notContains": "a"}}});
    check(negative, Test::Assignees(Many::None(vec![shown])));
    check(json!({"assignee": {"null": true}}), Test::Assignees(Many::Length(Compare::Eq(0))));
    check(json!({"assignee": {"null": false}}), Test::Assignees(Many::Length(Compare::Gte(1))));
}

#[test]
fn a_field_of_one_in_a_filter_on_several_is_short_for_some() {
    let started = || Filter::from(Test::Category(Compare::Eq(StateCategory::Started)));
    let link = Link { kind: RelationKind::Blocks, reversed: true };
    let blocked = |many| Test::Related(link, many);
    check(json!({"blockedBy": {"category": {"eq": "STARTED"}}}), blocked(Many::Some(vec![started()])));
    check(
        json!({"blockedBy": {"some": {"category": {"eq": "STARTED"}}}}),
        blocked(Many::Some(vec![started()])),
    );
    check(json!({"blockedBy": {"some": {}}}), blocked(Many::Some(Vec::new())));
    check(json!({"blockedBy": {"none": {}}}), blocked(Many::None(Vec::new())));
    check(json!({"blockedBy": {"length": {"gt": 2}}}), blocked(Many::Length(Compare::Gt(2))));
    let label = LabelTest::Name(text(TextOperator::Eq, "ui"));
    check(json!({"labels": {"name": {"eq": "ui"}}}), Test::Labels(Many::Some(vec![label])));
}

#[test]
fn a_move_that_waits_for_approval_is_known_by_where_it_leads() {
    let done = || StateTest::Name(text(TextOperator::Eq, "Done"));
    check(json!({"approvals": {"to": {"name": {"eq": "Done"}}}}), Test::Approvals(Many::Some(vec![done()])));
    check(
        json!({"approvals": {"none": {"to": {"name": {"eq": "Done"}}}}}),
        Test::Approvals(Many::None(vec![done()])),
    );
    check(json!({"approvals": {"some": {}}}), Test::Approvals(Many::Some(Vec::new())));
    refused(json!({"approvals": {"every": {"to": {"id": {"eq": "x"}}}}}), "filter.approvals.every.to.id.eq");
}

#[test]
fn who_is_let_in_and_what_is_followed_are_asked_as_people_and_ids() {
    let me = || vec![MemberTest::Me(true)];
    check(json!({"participants": {"isMe": {"eq": true}}}), Test::Participants(Many::Some(me())));
    check(json!({"participants": {"every": {"isMe": {"eq": true}}}}), Test::Participants(Many::Every(me())));
    check(json!({"confidential": {"neq": true}}), Test::Confidential(false));
    let (workflow, version) = (WorkflowId::generate(), WorkflowVersionId::generate());
    check(
        json!({"workflow": {"id": {"in": [workflow.to_string()]}}}),
        Test::Workflow(WorkflowTest::Id(Compare::In(vec![workflow]))),
    );
    check(
        json!({"workflowVersion": {"id": {"eq": version.to_string()}}}),
        Test::WorkflowVersion(Compare::Eq(version)),
    );
    check(
        json!({"rank": {"between": ["a", "m"]}}),
        Test::Rank(Compare::Between("a".to_owned(), "m".to_owned())),
    );
    check(json!({"version": {"gt": 3}}), Test::Version(Compare::Gt(3)));
    refused(json!({"workflow": {"id": {"eq": version.to_string()}}}), "filter.workflow.id.eq");
}

#[test]
fn a_parent_passes_a_whole_filter() {
    let epic = json!({"parent": {"or": [{"number": {"eq": 1}}, {"number": {"eq": 2}}]}});
    let numbers = [1, 2].map(|n| Filter::from(Test::Number(Compare::Eq(n)))).to_vec();
    check(epic, Test::Parent(ParentTest::Passes(Box::new(Filter::Any(numbers)))));
    check(json!({"parent": {"null": true}}), Test::Parent(ParentTest::Null(true)));
    check(json!({"parent": {"and": []}}), Test::Parent(ParentTest::Passes(Box::new(Filter::everything()))));
}

#[test]
fn times_may_be_relative_and_durations_are_iso() {
    for (input, field) in [
        (json!({"createdAt": {"gte": "-P2W"}}), "createdAt"),
        (json!({"updatedAt": {"between": ["startOfWeek-P1W", "2026-01-31T09:30:00Z"]}}), "updatedAt"),
        (json!({"dueDate": {"lte": "endOfMonth"}}), "dueDate"),
        (json!({"cycleTime": {"gt": "P3D"}}), "cycleTime"),
    ] {
        assert!(matches!(read(input).unwrap(), Filter::Test(_)), "{field}");
    }
}

#[test]
fn what_was_once_is_asked_of_one_field_at_a_time() {
    let input = json!({"history": [{
        "priority": {"was": {"gte": "HIGH"}}, "assignee": {"changedTo": {"isMe": {"eq": true}}},
        "during": {"gte": "-P1M"}, "by": {"isMe": {"eq": true}}}]});
    let during = Some(Compare::Gte("-P1M".parse().unwrap()));
    let test = |change| {
        Filter::from(Test::History(HistoryTest {
            change,
            during: during.clone(),
            by: Some(MemberTest::Me(true)),
        }))
    };
    check(
        input,
        Filter::All(vec![
            test(PastChange::Priority(Was::Had(Compare::Gte(Priority::High)))),
            test(PastChange::Assignee(Was::Changed { from: None, to: Some(MemberTest::Me(true)) })),
        ]),
    );
}

#[test]
fn a_refusal_names_the_place() {
    refused(json!({"team": {"id": {"eq": "ENG"}}}), "filter.team.id.eq");
    refused(json!({"and": [{}, {"parent": {"id": {"in": ["x"]}}}]}), "filter.and[1].parent.id.in[0]");
    refused(json!({"estimate": {"between": [1]}}), "filter.estimate.between");
    refused(json!({"identifier": {"eq": "12"}}), "filter.identifier.eq");
    refused(
        json!({"children": {"some": {"labels": {"id": {"eq": "x"}}}}}),
        "filter.children.some.labels.id.eq",
    );
    refused(json!({"history": [{}]}), "filter.history[0]");
    refused(json!({"history": [{"state": {}}]}), "filter.history[0].state");
    refused(json!({"history": [{"state": {"changed": false}}]}), "filter.history[0].state.changed");
    refused(
        json!({"history": [{"priority": {"was": {"gt": "LOW", "lt": "HIGH"}}}]}),
        "filter.history[0].priority.was",
    );
    refused(json!({"history": [{"state": {"changed": true}, "during": {}}]}), "filter.history[0].during");
}

#[test]
fn filters_nested_beyond_all_bounds_are_read_without_using_up_the_stack() {
    let mut chain = json!({"number": {"eq": 1}});
    for level in 0..300 {
        let field = ["not", "parent", "blocks", "children"][level % 4];
        chain = json!({field: chain});
    }
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    let size = thread.spawn(move || read(chain).unwrap().size()).unwrap().join().unwrap();
    assert_eq!(size, (301, 301));
}
