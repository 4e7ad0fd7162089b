//! The small tables: teams, labels, workflows, and things by global id.

use super::world::World;
use serde_json::json;

#[tokio::test]
async fn teams_labels_and_workflows_are_made_changed_and_listed() {
    let world = World::new().await;
    let document = "mutation {
        teamCreate(input: {key: \"ops\", name: \"Operations\"}) { team { id key states { name } } userErrors { message } }
        labelCreate(input: {name: \"crash\", color: \"#FF0000\"}) { label { id color version } } }";
    let made = world.ask(document, json!({})).await;
    assert_eq!(made["teamCreate"]["team"]["key"], "OPS", "{made}");
    assert_eq!(made["labelCreate"]["label"]["color"], "#ff0000");
    let document = "mutation($team: ID!, $label: ID!) {
        teamUpdate(id: $team, input: {key: \"OPX\", archived: true}) { team { key formerKeys archivedAt } }
        labelUpdate(id: $label, input: {name: \"boom\"}, ifVersion: 1) { label { name version } }
        labelDelete(id: $label) { label { deletedAt } } }";
    let ids = json!({"team": made["teamCreate"]["team"]["id"], "label": made["labelCreate"]["label"]["id"]});
    let done = world.ask(document, ids).await;
    assert_eq!(done["teamUpdate"]["team"]["formerKeys"], json!(["OPS"]));
    assert_eq!(done["labelUpdate"]["label"], json!({"name": "boom", "version": 2}));
    assert!(done["labelDelete"]["label"]["deletedAt"].is_string());

    let document = "{ teams { totalCount nodes { key workflow { name mode states { name position category } } } }
        all: teams(includeArchived: true) { totalCount } labels { totalCount }
        team(id: \"ops\") { key } workflows { nodes { id initialState { name } transitions { from { name } to { name } } } } }";
    let listed = world.ask(document, json!({})).await;
    assert_eq!((&listed["teams"]["totalCount"], &listed["all"]["totalCount"]), (&json!(1), &json!(2)));
    assert_eq!(listed["labels"]["totalCount"], 0);
    assert_eq!(listed["team"]["key"], "OPX");
    assert_eq!(listed["workflows"]["nodes"][0]["initialState"]["name"], "Open");

    let strict =
        "mutation($id: ID!) { workflowUpdate(id: $id, input: {mode: STRICT}) { workflow { mode } } }";
    world.ask(strict, json!({"id": listed["workflows"]["nodes"][0]["id"]})).await;
    world.issue("One", json!({})).await;
    let moves =
        world.ask("{ issue(id: \"ENG-1\") { allowedTransitions { to { name } allowed } } }", json!({})).await;
    let to = |name: &str| json!({"to": {"name": name}, "allowed": true});
    assert_eq!(moves["issue"]["allowedTransitions"], json!([to("In Progress"), to("Closed")]));
}

#[tokio::test]
async fn anything_is_found_by_its_global_id() {
    let world = World::new().await;
    let issue = world.issue("One", json!({})).await;
    let (state, label) = (world.state("Open").await, world.label("crash").await);
    let comment =
        "mutation { commentCreate(input: {issueId: \"ENG-1\", body: \"hello\"}) { comment { id } } }";
    let comment = world.ask(comment, json!({})).await["commentCreate"]["comment"]["id"].take();
    let member = world.ada.principal.member().unwrap().to_string();
    let ids = json!([issue["id"], state, label, comment, member, world.team]);
    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    let found = world.ask(document, json!({"ids": ids})).await["nodes"].take();
    let kinds: Vec<_> = found.as_array().unwrap().iter().map(|n| n["__typename"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Issue", "WorkflowState", "Label", "Comment", "Member", "Team"]);
    assert_eq!(found[3]["id"], comment);
}

#[tokio::test]
async fn small_tables_are_paged_too() {
    let world = World::new().await;
    for name in ["a", "b", "c"] {
        world.label(name).await;
    }
    let document = "query($first: Int, $after: String, $last: Int, $before: String) {
        labels(first: $first, after: $after, last: $last, before: $before) {
            totalCount nodes { name } pageInfo { hasNextPage hasPreviousPage endCursor } } }";
    let first = world.ask(document, json!({"first": 2})).await["labels"].take();
    assert_eq!(first["nodes"], json!([{"name": "a"}, {"name": "b"}]));
    let end = &first["pageInfo"]["endCursor"];
    let rest = world.ask(document, json!({"first": 2, "after": end})).await["labels"].take();
    assert_eq!((&rest["nodes"], &rest["totalCount"]), (&json!([{"name": "c"}]), &json!(3)));
    let back = world.ask(document, json!({"last": 1, "before": end})).await["labels"].take();
    assert_eq!(back["nodes"], json!([{"name": "a"}]));
    assert_eq!(back["pageInfo"]["hasPreviousPage"], false);
}
