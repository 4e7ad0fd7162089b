//! The query language: asked with, read, written, completed.

use super::world::World;
use serde_json::{Value, json};

async fn three_issues() -> World {
    let world = World::new().await;
    let ui = world.label("ui").await;
    world.issue("One", json!({"priority": "HIGH", "labelIds": [ui]})).await;
    world.issue("Two", json!({"priority": "LOW"})).await;
    world.issue("Three", json!({"priority": "HIGH"})).await;
    world
}

#[tokio::test]
async fn a_list_is_asked_for_as_a_text_and_as_inputs_together() {
    let world = three_issues().await;
    let ask = async |arguments: &str| {
        let document = format!("{{ issues({arguments}) {{ nodes {{ number }} }} }}");
        let found = world.ask(&document, json!({})).await["issues"]["nodes"].take();
        found.as_array().unwrap().iter().map(|issue| issue["number"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ask("query: \"priority>=high sort:number\"").await, [1, 3]);
    assert_eq!(ask("query: \"priority>=high\", filter: {labels: {name: {eq: \"ui\"}}}").await, [1]);
    assert_eq!(ask("query: \"priority>=high sort:number\", sort: [{number: {order: DESC}}]").await, [3, 1]);
    assert_eq!(ask("query: \"\", sort: [{number: {}}]").await, [1, 2, 3]);
}

#[tokio::test]
async fn a_text_that_cannot_be_read_is_refused_with_its_place() {
    let world = three_issues().await;
    for (document, field) in [
        ("query($text: String!) { issues(query: $text) { totalCount } }", "query"),
        ("query($text: String!) { issueGroups(groupBy: STATE, query: $text) { totalCount } }", "query"),
        (
            "mutation($text: String!) { viewCreate(input: {name: \"x\", query: $text}) { success } }",
            "input.query",
        ),
    ] {
        let response = world.execute(Some(&world.ada), document, json!({"text": "é😀 asignee:me"})).await;
        let extensions = response.errors[0].extensions.clone().unwrap();
        let get = |name: &str| extensions.get(name).cloned().unwrap().into_json().unwrap();
        assert_eq!((get("code"), get("field")), (json!("INVALID_INPUT"), json!(field)));
        assert_eq!((get("start"), get("end")), (json!(4), json!(11)), "counted in UTF-16 code units");
        assert_eq!(get("suggestions"), json!(["assignee"]));
    }
}

#[tokio::test]
async fn a_text_is_read_written_and_read_again() {
    let world = three_issues().await;
    let document = "query($text: String!) { parseQuery(text: $text) { query filter sort { key order }
        errors { start end message suggestions } warnings { start end message suggestions } } }";
    let parsed =
        world.ask(document, json!({"text": "label:UI priority>=high sort:-updated"})).await["parseQuery"]
            .take();
    assert_eq!(parsed["errors"], json!([]));
    assert_eq!(parsed["sort"], json!([{"key": "UPDATED_AT", "order": "DESC"}]));
    let again = world.ask(document, json!({"text": parsed["query"]})).await["parseQuery"].take();
    assert_eq!((&again["query"], &again["filter"]), (&parsed["query"], &parsed["filter"]));
    let format =
        "query($filter: IssueFilter) { formatQuery(filter: $filter, sort: [{updatedAt: {order: DESC}}]) }";
    let written = world.ask(format, json!({"filter": parsed["filter"]})).await["formatQuery"].take();
    assert_eq!(written, parsed["query"]);
}

#[tokio::test]
async fn all_errors_of_a_text_are_told_and_unknown_names_are_warned_of() {
    let world = three_issues().await;
    let document = "query($text: String!) { parseQuery(text: $text) { query
        errors { start end suggestions } warnings { start end message suggestions } } }";
    let wrong = world.ask(document, json!({"text": "asignee:me priority:hihg"})).await["parseQuery"].take();
    assert_eq!((&wrong["query"], wrong["errors"].as_array().unwrap().len()), (&Value::Null, 2), "{wrong}");
    let odd = world.ask(document, json!({"text": "priority:high label:uii"})).await["parseQuery"].take();
    assert!(odd["query"].is_string());
    let warning = &odd["warnings"][0];
    assert_eq!((&warning["suggestions"], &warning["end"]), (&json!(["ui"]), &json!(23)), "{odd}");
}

#[tokio::test]
async fn what_could_stand_at_the_cursor_is_offered() {
    let world = three_issues().await;
    let document = "query($text: String!, $position: Int!) {
        queryCompletions(text: $text, position: $position) { start end insert label kind } }";
    let ask = async |text: &str, position: usize| {
        world.ask(document, json!({"text": text, "position": position})).await["queryCompletions"].take()
    };
    let labels = ask("é label:u", 9).await;
    assert_eq!((&labels[0]["label"], &labels[0]["kind"]), (&json!("ui"), &json!("LABEL")), "{labels}");
    assert_eq!((&labels[0]["start"], &labels[0]["end"]), (&json!(8), &json!(9)));
    let fields = ask("assi", 4).await;
    assert_eq!(fields[0]["kind"], "FIELD", "{fields}");
    let too_long = json!({"text": "x".repeat(10_000), "position": 0});
    assert_eq!(world.code(Some(&world.ada), document, too_long).await, "INVALID_INPUT");
}

#[tokio::test]
async fn a_view_is_made_from_a_text_and_shows_it() {
    let world = three_issues().await;
    let view = json!({"name": "Pressing", "query": "priority>=high sort:-number"});
    let fields =
        "viewCreate(input: $input) { view { query sort { key order } issues { nodes { number } } } #";
    let made = world.change(fields, "ViewCreateInput", view).await["view"].take();
    assert_eq!(made["sort"], json!([{"key": "NUMBER", "order": "DESC"}]));
    assert_eq!(made["issues"]["nodes"], json!([{"number": 3}, {"number": 1}]));
    let ready =
        world.ask("{ views { nodes { name query count } } }", json!({})).await["views"]["nodes"].take();
    for view in ready.as_array().unwrap() {
        let parsed = "query($text: String!) { parseQuery(text: $text) { query } }";
        let again = world.ask(parsed, json!({"text": view["query"]})).await["parseQuery"]["query"].take();
        assert_eq!(again, view["query"], "{view}");
    }
}
