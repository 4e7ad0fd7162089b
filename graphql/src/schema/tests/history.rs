//! The timeline of an issue.

use super::world::World;
use serde_json::{Value, json};

const PAGE: &str = "query($first: Int, $after: String) { issue(id: \"ENG-1\") { history(first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { cursor }
    nodes {
        __typename
        ... on TimelineEvent { id seq at actor { name } actorKind origin }
        ... on IssueTitleChangedEvent { fromTitle toTitle }
        ... on IssueStateChangedEvent { fromState { name } toState { name } fromCategory toCategory }
        ... on IssuePriorityChangedEvent { fromPriority toPriority }
        ... on IssueAssigneesChangedEvent { addedAssignees { name } removedAssignees { name } toAssignees { name } }
        ... on IssueLabelsChangedEvent { addedLabels { name } removedLabels { name } }
        ... on IssueCreatedEvent { title }
        ... on CommentCreatedEvent { commentId comment { body } } } } } }";

async fn a_busy_issue() -> World {
    let world = World::new().await;
    world.issue("One", json!({})).await;
    let (closed, label) = (world.state("Closed").await, world.label("crash").await);
    let bob = world.bob.principal.member().unwrap().to_string();
    let document = "mutation($closed: ID!, $bob: ID!, $label: ID!) {
        a: issueUpdate(id: \"ENG-1\", input: {title: \"Two\", priority: HIGH, addedLabelIds: [$label]}) { success }
        b: issueAssign(id: \"ENG-1\", input: {assigneeIds: [$bob]}) { success }
        c: commentCreate(input: {issueId: \"ENG-1\", body: \"hello\"}) { success }
        d: issueTransition(id: \"ENG-1\", input: {stateId: $closed}) { success } }";
    world.ask(document, json!({"closed": closed, "bob": bob, "label": label})).await;
    world
}

#[tokio::test]
async fn each_change_is_one_typed_item_the_newest_first() {
    let world = a_busy_issue().await;
    let history = world.ask(PAGE, json!({})).await["issue"]["history"].take();
    let nodes = history["nodes"].as_array().unwrap();
    let kinds: Vec<&str> = nodes.iter().map(|n| n["__typename"].as_str().unwrap()).collect();
    let expected = [
        "IssueResolutionChangedEvent",
        "IssueStateChangedEvent",
        "CommentCreatedEvent",
        "IssueAssigneesChangedEvent",
        "IssueLabelsChangedEvent",
        "IssuePriorityChangedEvent",
        "IssueTitleChangedEvent",
        "IssueCreatedEvent",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(history["totalCount"], 8);
    let of = |kind: &str| nodes.iter().find(|n| n["__typename"] == kind).unwrap();
    assert_eq!(of("IssueTitleChangedEvent")["fromTitle"], "One");
    assert_eq!(of("IssueStateChangedEvent")["toState"]["name"], "Closed");
    assert_eq!(of("IssueStateChangedEvent")["toCategory"], "COMPLETED");
    assert_eq!(of("IssueAssigneesChangedEvent")["addedAssignees"], json!([{"name": "Bob"}]));
    assert_eq!(of("IssueLabelsChangedEvent")["addedLabels"], json!([{"name": "crash"}]));
    assert_eq!(of("CommentCreatedEvent")["comment"]["body"], "hello");
    assert_eq!((&nodes[7]["actor"]["name"], &nodes[7]["origin"]), (&json!("Ada"), &json!("API")));
    assert_eq!(nodes[4]["seq"], nodes[6]["seq"], "changes made at once share their place");
}

#[tokio::test]
async fn pages_of_a_history_join_without_a_gap_in_the_middle_of_an_event() {
    let world = a_busy_issue().await;
    let whole = world.ask(PAGE, json!({})).await["issue"]["history"]["nodes"].take();
    let (mut joined, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = world.ask(PAGE, json!({"first": 3, "after": after})).await["issue"]["history"].take();
        joined.extend(page["nodes"].as_array().unwrap().clone());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(Value::Array(joined), whole);
}

#[tokio::test]
async fn a_cursor_of_another_history_is_refused() {
    let world = a_busy_issue().await;
    world.issue("Another", json!({})).await;
    let other = world.ask("{ issue(id: \"ENG-2\") { history { edges { cursor } } } }", json!({})).await;
    let after = &other["issue"]["history"]["edges"][0]["cursor"];
    assert_eq!(world.code(Some(&world.ada), PAGE, json!({"after": after})).await, "INVALID_INPUT");
}
