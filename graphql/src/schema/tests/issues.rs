//! Issues from making to restoring.

use super::world::World;
use serde_json::json;

#[tokio::test]
async fn an_issue_lives_from_creation_to_restoration() {
    let world = World::new().await;
    let (closed, label) = (world.state("Closed").await, world.label("crash").await);
    let bob = world.bob.principal.member().unwrap().to_string();
    let made = world
        .issue("Login fails", json!({"type": "BUG", "labelIds": [label], "dueDate": "2026-02-01"}))
        .await;
    assert_eq!(made["identifier"], "ENG-1");

    let document = "mutation($id: ID!, $bob: ID!, $closed: ID!) {
        issueAssign(id: $id, input: {addedAssigneeIds: [$bob]}) { issue { assignee { name } version } events }
        issueUpdate(id: \"eng-1\", input: {title: \"Sign-in fails\", dueDate: null}, ifVersion: 2) { issue { title dueDate } }
        issueTransition(id: $id, input: {stateId: $closed}) { issue { state { name category } resolution completedAt } }
        issueArchive(id: $id) { issue { archivedAt } }
        issueDelete(id: $id) { success issue { deletedAt } } }";
    let done = world.ask(document, json!({"id": made["id"], "bob": bob, "closed": closed})).await;
    assert_eq!(done["issueAssign"]["issue"]["assignee"]["name"], "Bob");
    assert_eq!(done["issueAssign"]["events"], json!(["issue.assigned"]));
    assert_eq!(done["issueUpdate"]["issue"], json!({"title": "Sign-in fails", "dueDate": null}));
    assert_eq!(done["issueTransition"]["issue"]["state"], json!({"name": "Closed", "category": "COMPLETED"}));
    assert_eq!(done["issueTransition"]["issue"]["resolution"], "DONE");
    assert!(done["issueArchive"]["issue"]["archivedAt"].is_string());
    assert!(done["issueDelete"]["issue"]["deletedAt"].is_string());

    let gone = world
        .ask("query($id: ID!) { issue(id: $id) { id } node(id: $id) { id } }", json!({"id": made["id"]}))
        .await;
    assert_eq!(gone, json!({"issue": null, "node": null}));
    let back = world
        .ask(
            "mutation($id: ID!) { issueRestore(id: $id) { issue { identifier } } }",
            json!({"id": made["id"]}),
        )
        .await;
    assert_eq!(back["issueRestore"]["issue"]["identifier"], "ENG-1");
}

#[tokio::test]
async fn a_refusal_is_told_beside_the_field_and_changes_nothing() {
    let world = World::new().await;
    let made = world.issue("One", json!({})).await;
    let document = "mutation($id: ID!) {
        blank: issueUpdate(id: $id, input: {title: \"  \"}) { success issue { id } userErrors { field code } }
        stale: issueUpdate(id: $id, input: {title: \"Two\"}, ifVersion: 7) { issue { id } userErrors { field code } }
        lost: issueUpdate(id: \"ENG-99\", input: {title: \"Two\"}) { issue { id } userErrors { field code } } }";
    let done = world.ask(document, json!({"id": made["id"]})).await;
    let refused = |code: &str, field| json!([{"field": field, "code": code}]);
    assert_eq!(done["blank"]["userErrors"], refused("INVALID_INPUT", Some("title")));
    assert_eq!((&done["blank"]["success"], &done["blank"]["issue"]), (&json!(false), &json!(null)));
    assert_eq!(done["stale"]["userErrors"], refused("CONFLICT", Some("ifVersion")));
    assert_eq!(done["lost"]["userErrors"], refused("NOT_FOUND", None));
    assert_eq!(world.ask("{ issue(id: \"ENG-1\") { title } }", json!({})).await["issue"]["title"], "One");
}

#[tokio::test]
async fn a_repeated_request_has_effect_once_and_gets_the_same_answer() {
    let world = World::new().await;
    let made = world.issue("One", json!({})).await;
    let document = "mutation($team: ID!, $id: ID!, $body: String!) {
        issueCreate(input: {teamId: $team, title: \"Two\"}, idempotencyKey: \"a\") { issue { id number } syncCursor }
        commentCreate(input: {issueId: $id, body: $body}, idempotencyKey: \"b\") {
            comment { id body } syncCursor userErrors { code } } }";
    let variables = json!({"team": world.team, "id": made["id"], "body": "hello"});
    let first = world.ask(document, variables.clone()).await;
    world.issue("Three", json!({})).await;
    assert_eq!(world.ask(document, variables).await, first);
    let other = json!({"team": world.team, "id": made["id"], "body": "something else"});
    assert_eq!(
        world.ask(document, other).await["commentCreate"]["userErrors"],
        json!([{"code": "CONFLICT"}])
    );
}

#[tokio::test]
async fn a_dry_run_shows_what_would_become_and_writes_nothing() {
    let world = World::new().await;
    let document =
        "mutation($team: ID!) { issueCreate(input: {teamId: $team, title: \"One\"}, dryRun: true) {
        success issue { identifier title } events } }";
    let done = world.ask(document, json!({"team": world.team})).await;
    assert_eq!(done["issueCreate"]["issue"], json!({"identifier": "ENG-1", "title": "One"}));
    assert_eq!(done["issueCreate"]["events"], json!(["issue.created"]));
    assert_eq!(world.ask("{ issues { totalCount } }", json!({})).await["issues"]["totalCount"], 0);
}

#[tokio::test]
async fn a_bulk_change_tells_each_issue_its_result() {
    let world = World::new().await;
    world.issue("One", json!({})).await;
    world.issue("Two", json!({})).await;
    let document = "mutation($mode: BatchMode!) {
        issueBatchUpdate(ids: [\"ENG-2\", \"ENG-9\", \"ENG-1\"], input: {priority: HIGH}, mode: $mode) {
            success issues { number } userErrors { code index }
            results { index id success issue { number priority } userErrors { code } } } }";
    let atomic = world.ask(document, json!({"mode": "ATOMIC"})).await["issueBatchUpdate"].take();
    assert_eq!((&atomic["issues"], &atomic["results"]), (&json!([]), &json!([])));
    let best = world.ask(document, json!({"mode": "BEST_EFFORT"})).await["issueBatchUpdate"].take();
    assert_eq!(best["userErrors"], json!([{"code": "NOT_FOUND", "index": 1}]));
    assert_eq!(best["issues"], json!([{"number": 2}, {"number": 1}]));
    assert_eq!(best["results"][1]["id"], "ENG-9");
    assert_eq!(best["results"][1]["success"], false);
    assert_eq!(best["results"][2]["issue"], json!({"number": 1, "priority": "HIGH"}));
}

#[tokio::test]
async fn parents_and_children_find_each_other() {
    let world = World::new().await;
    world.issue("Epic", json!({"type": "EPIC"})).await;
    world.issue("Part one", json!({"parentId": "ENG-1"})).await;
    world.issue("Part two", json!({"parentId": "ENG-1"})).await;
    let document = "{ issue(id: \"ENG-1\") { children { totalCount nodes { number parent { number } } } } }";
    let children = world.ask(document, json!({})).await["issue"]["children"].take();
    assert_eq!(children["totalCount"], 2);
    assert_eq!(children["nodes"][1], json!({"number": 3, "parent": {"number": 1}}));
}

#[tokio::test]
async fn comments_are_written_edited_answered_and_deleted() {
    let world = World::new().await;
    world.issue("One", json!({})).await;
    let create = "mutation($input: CommentCreateInput!) { commentCreate(input: $input) { comment { id } } }";
    let mut ids = Vec::new();
    for body in ["first", "second", "third"] {
        let done = world.ask(create, json!({"input": {"issueId": "ENG-1", "body": body}})).await;
        ids.push(done["commentCreate"]["comment"]["id"].as_str().unwrap().to_owned());
    }
    let document = "mutation($a: ID!, $b: ID!) {
        commentCreate(input: {issueId: \"ENG-1\", body: \"answer\", parentId: $a}) { comment { parent { body } } }
        commentUpdate(id: $a, input: {body: \"edited\"}) { comment { body editedAt version } }
        again: commentUpdate(id: $a, input: {body: \"edited\"}) { success comment { body version } }
        commentDelete(id: $b) { success comment { body deletedAt } } }";
    let done = world.ask(document, json!({"a": ids[0], "b": ids[1]})).await;
    assert_eq!(done["commentCreate"]["comment"]["parent"]["body"], "first");
    assert_eq!(done["commentUpdate"]["comment"]["version"], 2);
    assert_eq!(done["again"], json!({"success": true, "comment": {"body": "edited", "version": 2}}));
    assert_eq!(done["commentDelete"]["comment"]["body"], "");

    let page = "query($after: String) { issue(id: \"ENG-1\") { comments(first: 2, after: $after) {
        totalCount nodes { body } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor } } } }";
    let first = world.ask(page, json!({})).await["issue"]["comments"].take();
    assert_eq!(first["totalCount"], 3);
    assert_eq!(first["nodes"], json!([{"body": "edited"}, {"body": "third"}]));
    let second =
        world.ask(page, json!({"after": first["pageInfo"]["endCursor"]})).await["issue"]["comments"].take();
    assert_eq!(second["nodes"], json!([{"body": "answer"}]));
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    assert_eq!(second["pageInfo"]["hasPreviousPage"], true);
}

#[tokio::test]
async fn a_long_description_is_shown_whole() {
    let world = World::new().await;
    let text = "é".repeat(20_000);
    world.issue("One", json!({"description": text})).await;
    let shown = world.ask("{ issues { nodes { description } } }", json!({})).await;
    assert_eq!(shown["issues"]["nodes"][0]["description"], json!(text));
}
