//! The query language over the API: read, written, completed, and as an argument of lists.

use super::world::World;
use serde_json::{Value, json};

const PARSE: &str = "query($text: String!) { parseQuery(text: $text) {
    query filter sort { key order } errors { start end message suggestions } warnings { start end suggestions } } }";

#[tokio::test]
async fn a_text_is_read_as_the_filter_that_an_input_takes() {
    let world = World::new().await;
    world.issue("One", json!({"priority": "HIGH"})).await;
    world.issue("Two", json!({})).await;
    let read = world.ask(PARSE, json!({"text": "sort:-updated priority>=high"})).await["parseQuery"].take();
    assert_eq!((&read["query"], &read["errors"]), (&json!("priority>=high sort:-updated"), &json!([])));
    assert_eq!(read["sort"], json!([{"key": "UPDATED_AT", "order": "DESC"}]));
    let document =
        "query($filter: IssueFilter) { issues(filter: $filter) { totalCount } formatQuery(filter: $filter) }";
    let asked = world.ask(document, json!({"filter": read["filter"]})).await;
    assert_eq!(asked, json!({"issues": {"totalCount": 1}, "formatQuery": "priority>=high"}));
}

#[tokio::test]
async fn what_is_wrong_with_a_text_is_said_with_its_place() {
    let world = World::new().await;
    let read = world.ask(PARSE, json!({"text": "😀 prioritty:high"})).await["parseQuery"].take();
    assert_eq!((&read["query"], &read["filter"]), (&Value::Null, &Value::Null));
    let error = &read["errors"][0];
    assert_eq!(error["start"], 3, "{read}");
    assert!(error["suggestions"].as_array().unwrap().contains(&json!("priority")), "{read}");
    let warned = world.ask(PARSE, json!({"text": "state:Dune"})).await["parseQuery"].take();
    assert_eq!((&warned["errors"], &warned["warnings"][0]["start"]), (&json!([]), &json!(6)), "{warned}");
}

#[tokio::test]
async fn a_filter_and_an_order_are_written_as_a_text() {
    let world = World::new().await;
    let document =
        "query($filter: IssueFilter, $sort: [IssueSort!]) { formatQuery(filter: $filter, sort: $sort) }";
    let asked = json!({"filter": {"assignees": {"some": {"isMe": {"eq": true}}}}, "sort": [{"updatedAt": {"order": "DESC"}}]});
    let text = world.ask(document, asked).await["formatQuery"].take();
    assert_eq!(text, "assignee:me sort:-updated");
    let many: Vec<_> = (0..20).map(|_| json!({"updatedAt": {}})).collect();
    assert_eq!(world.code(Some(&world.ada), document, json!({"sort": many})).await, "TOO_COSTLY");
}

#[tokio::test]
async fn a_text_that_is_being_typed_can_go_on() {
    let world = World::new().await;
    let document =
        "query($text: String!, $position: Int) { queryCompletions(text: $text, position: $position) {
        start end insert kind } }";
    let offered = world.ask(document, json!({"text": "😀 assi"})).await["queryCompletions"].take();
    let expected = json!({"start": 3, "end": 7, "insert": "assignee:", "kind": "FIELD"});
    assert!(offered.as_array().unwrap().contains(&expected), "{offered}");
    let long = json!({"text": "x".repeat(5_000)});
    assert_eq!(world.code(Some(&world.ada), document, long).await, "INVALID_INPUT");
}

#[tokio::test]
async fn lists_and_groups_take_a_text() {
    let world = World::new().await;
    world.issue("One", json!({"priority": "HIGH"})).await;
    world.issue("Two", json!({"priority": "LOW"})).await;
    let document = "query($query: String) { issues(query: $query) { nodes { number } }
        issueGroups(query: $query, groupBy: PRIORITY) { totalCount nodes { title } } }";
    let asked = world.ask(document, json!({"query": "priority:high"})).await;
    let expected = json!({"issues": {"nodes": [{"number": 1}]},
        "issueGroups": {"totalCount": 1, "nodes": [{"title": "High"}]}});
    assert_eq!(asked, expected);
    let ordered = world.ask(document, json!({"query": "sort:-number"})).await["issues"]["nodes"].take();
    assert_eq!(ordered, json!([{"number": 2}, {"number": 1}]));
    let response = world.execute(Some(&world.ada), document, json!({"query": "priority:("})).await;
    let message = &response.errors.first().unwrap().message;
    assert!(message.contains("cannot read the query at character"), "{message}");
}
