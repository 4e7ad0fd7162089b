//! Relations between issues: seen from both ends, in history, and taken back.

use super::world::World;
use serde_json::{Value, json};

const RELATE: &str = "mutation($issue: ID!, $type: IssueRelationType!, $other: ID!, $close: Boolean!, $dry: Boolean!) {
    issueRelationCreate(input: {issueId: $issue, type: $type, relatedIssueId: $other, close: $close}, dryRun: $dry) {
        success issue { number relations { type issue { number } } } relatedIssue { number state { name } resolution }
        userErrors { field code } events } }";

async fn three_issues() -> World {
    let world = World::new().await;
    for title in ["One", "Two", "Three"] {
        world.issue(title, json!({})).await;
    }
    world
}

async fn relate(world: &World, issue: &str, kind: &str, other: &str) -> Value {
    let variables = json!({"issue": issue, "type": kind, "other": other, "close": true, "dry": false});
    world.ask(RELATE, variables).await["issueRelationCreate"].take()
}

#[tokio::test]
async fn a_relation_is_seen_from_both_ends() {
    let world = three_issues().await;
    let done = relate(&world, "ENG-1", "BLOCKED_BY", "ENG-2").await;
    assert_eq!(done["success"], true, "{done}");
    assert_eq!((&done["issue"]["number"], &done["relatedIssue"]["number"]), (&json!(1), &json!(2)));
    assert_eq!(done["events"], json!(["issue.related", "issue.related"]));
    relate(&world, "ENG-1", "RELATES", "ENG-3").await;
    let shown = world
        .ask("{ issues(sort: [{number: {}}]) { nodes { relations { type issue { number } } } } }", json!({}))
        .await;
    let see = |kind: &str, number: u32| json!({"type": kind, "issue": {"number": number}});
    assert_eq!(
        shown["issues"]["nodes"],
        json!([
            {"relations": [see("BLOCKED_BY", 2), see("RELATES", 3)]},
            {"relations": [see("BLOCKS", 1)]},
            {"relations": [see("RELATES", 1)]},
        ])
    );
}

#[tokio::test]
async fn a_duplicate_is_closed_with_its_relation_unless_it_shall_not_be() {
    let world = three_issues().await;
    let open =
        json!({"issue": "ENG-1", "type": "DUPLICATES", "other": "ENG-3", "close": false, "dry": false});
    world.ask(RELATE, open).await;
    assert_eq!(
        world.ask("{ issue(id: \"ENG-1\") { resolution } }", json!({})).await["issue"]["resolution"],
        Value::Null
    );
    relate(&world, "ENG-3", "DUPLICATED_BY", "ENG-2").await;
    let two =
        world.ask("{ issue(id: \"ENG-2\") { resolution state { category } } }", json!({})).await["issue"]
            .take();
    assert_eq!(two["resolution"], "DUPLICATE");
}

#[tokio::test]
async fn refusals_of_relations_stand_beside_their_field() {
    let world = three_issues().await;
    relate(&world, "ENG-1", "BLOCKS", "ENG-2").await;
    let circle = relate(&world, "ENG-2", "BLOCKS", "ENG-1").await;
    assert_eq!((&circle["success"], &circle["issue"]), (&json!(false), &Value::Null), "{circle}");
    let itself = relate(&world, "ENG-1", "RELATES", "ENG-1").await;
    assert_eq!(itself["userErrors"], json!([{"field": "relatedIssueId", "code": "INVALID_INPUT"}]));
    let nothing = "mutation { issueRelationDelete(input: {issueId: \"ENG-1\", type: PRECEDES, relatedIssueId: \"ENG-2\"}) {
        success userErrors { code } } }";
    let nothing = world.ask(nothing, json!({})).await["issueRelationDelete"].take();
    assert_eq!(nothing, json!({"success": false, "userErrors": [{"code": "NOT_FOUND"}]}));
}

#[tokio::test]
async fn a_rehearsed_relation_is_shown_and_not_there() {
    let world = three_issues().await;
    let dry = json!({"issue": "ENG-1", "type": "BLOCKS", "other": "ENG-2", "close": true, "dry": true});
    let done = world.ask(RELATE, dry).await["issueRelationCreate"].take();
    assert_eq!(
        (&done["success"], &done["events"]),
        (&json!(true), &json!(["issue.related", "issue.related"]))
    );
    let shown = world.ask("{ issue(id: \"ENG-1\") { version relations { type } } }", json!({})).await;
    assert_eq!(shown["issue"], json!({"version": 1, "relations": []}));
}

#[tokio::test]
async fn both_histories_tell_of_a_relation_that_came_and_went() {
    let world = three_issues().await;
    relate(&world, "ENG-1", "BLOCKS", "ENG-2").await;
    let delete = "mutation { issueRelationDelete(input: {issueId: \"ENG-2\", type: BLOCKED_BY, relatedIssueId: \"ENG-1\"}) {
        success issue { number relations { type } } relatedIssue { number } } }";
    let done = world.ask(delete, json!({})).await["issueRelationDelete"].take();
    assert_eq!(
        done,
        json!({"success": true, "issue": {"number": 2, "relations": []}, "relatedIssue": {"number": 1}})
    );
    let history = "query($id: ID!) { issue(id: $id) { history(first: 2) { nodes { ... on IssueRelationsChangedEvent {
        addedRelations { type issueId issue { number } } removedRelations { type issue { number } } } } } } }";
    for (id, kind, other) in [("ENG-1", "BLOCKS", 2), ("ENG-2", "BLOCKED_BY", 1)] {
        let items = world.ask(history, json!({"id": id})).await["issue"]["history"]["nodes"].take();
        let see = json!({"type": kind, "issue": {"number": other}});
        assert_eq!(items[0], json!({"addedRelations": [], "removedRelations": [see]}), "{id}");
        assert_eq!(items[1]["removedRelations"], json!([]), "{id}");
        assert_eq!(items[1]["addedRelations"][0]["issue"], json!({"number": other}), "{id}");
        assert_eq!(items[1]["addedRelations"][0]["type"], kind, "{id}");
    }
}
