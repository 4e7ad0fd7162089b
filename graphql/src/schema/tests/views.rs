//! Saved views, their issues, and those kept at hand.

use super::world::World;
use serde_json::{Value, json};

const CREATE: &str = "mutation($input: ViewCreateInput!) { viewCreate(input: $input) {
    success view { id name shared owner { name } version filterData sort { key order nulls } groupBy layout columns
        count issues { totalCount nodes { number } } viewerCan { update delete } readyMade }
    userErrors { field code } events } }";

async fn create(world: &World, viewer: &crate::Viewer, input: Value) -> Value {
    world.ask_as(viewer, CREATE, json!({"input": input})).await["viewCreate"].take()
}

async fn two_issues() -> World {
    let world = World::new().await;
    world.issue("One", json!({"priority": "HIGH"})).await;
    world.issue("Two", json!({"priority": "LOW"})).await;
    world
}

#[tokio::test]
async fn a_view_keeps_its_filter_its_order_and_its_looks() {
    let world = two_issues().await;
    let input = json!({
        "name": "Pressing", "filter": {"priority": {"gte": "HIGH"}, "number": {"lt": 9}},
        "sort": [{"priority": {"order": "DESC", "nulls": "FIRST"}}], "groupBy": "ASSIGNEE", "layout": "BOARD",
        "columns": ["title", "priority"]});
    let done = create(&world, &world.bob, input).await;
    assert_eq!(done["events"], json!(["view.created"]), "{done}");
    let mut view = done["view"].clone();
    let id = view["id"].take();
    assert_eq!(
        view,
        json!({
        "id": null, "name": "Pressing", "shared": false, "owner": {"name": "Bob"}, "version": 1,
        "filterData": {"and": [{"number": {"lt": 9}}, {"priority": {"gte": "HIGH"}}]},
        "sort": [{"key": "PRIORITY", "order": "DESC", "nulls": "FIRST"}], "groupBy": "ASSIGNEE", "layout": "BOARD",
        "columns": ["title", "priority"], "count": 1, "issues": {"totalCount": 1, "nodes": [{"number": 1}]},
        "viewerCan": {"update": true, "delete": true}, "readyMade": false})
    );
    let found = world.ask_as(
        &world.bob,
        "query($id: ID!) { view(id: $id) { name } node(id: $id) { id } }",
        json!({"id": id}),
    );
    assert_eq!(found.await, json!({"view": {"name": "Pressing"}, "node": {"id": id}}));
}

#[tokio::test]
async fn the_data_of_a_filter_is_a_variable_that_asks_the_same() {
    let world = two_issues().await;
    let filter = json!({"or": [{"priority": {"in": ["HIGH", "LOW"]}}, {"creator": {"isMe": {"eq": true}}}], "number": {"gt": 1}});
    let view = create(&world, &world.ada, json!({"name": "A", "filter": filter})).await["view"].take();
    let again =
        create(&world, &world.ada, json!({"name": "B", "filter": view["filterData"]})).await["view"].take();
    assert_eq!(again["filterData"], view["filterData"]);
}

#[tokio::test]
async fn a_view_changes_and_goes() {
    let world = two_issues().await;
    let view = create(&world, &world.ada, json!({"name": "Mine", "description": "x", "groupBy": "STATE"}))
        .await["view"]
        .take();
    let document = "mutation($id: ID!) {
        a: viewUpdate(id: $id, input: {name: \"Ours\", description: null, groupBy: null, shared: true, filter: {number: {eq: 2}}}) {
            view { name description groupBy shared version count } }
        b: viewUpdate(id: $id, input: {name: \"Late\"}, ifVersion: 1) { success userErrors { field code } }
        c: viewDelete(id: $id) { success view { name deletedAt } }
        d: viewUpdate(id: $id, input: {name: \"Gone\"}) { userErrors { code } } }";
    let done = world.ask(document, json!({"id": view["id"]})).await;
    let changed = json!({"name": "Ours", "description": null, "groupBy": null, "shared": true, "version": 2, "count": 1});
    assert_eq!(done["a"]["view"], changed);
    assert_eq!(
        done["b"],
        json!({"success": false, "userErrors": [{"field": "ifVersion", "code": "CONFLICT"}]})
    );
    assert_eq!(done["c"]["view"]["name"], "Ours");
    assert!(done["c"]["view"]["deletedAt"].is_string());
    assert_eq!(done["d"]["userErrors"], json!([{"code": "NOT_FOUND"}]));
    let gone = world.ask("query($id: ID!) { view(id: $id) { id } }", json!({"id": view["id"]})).await;
    assert_eq!(gone["view"], Value::Null);
}

#[tokio::test]
async fn a_view_is_made_changed_and_read_in_the_query_language() {
    let world = two_issues().await;
    let document = "mutation($input: ViewCreateInput!) { viewCreate(input: $input) {
        view { id query count sort { key order } } userErrors { field code } } }";
    let input = json!({"name": "Pressing", "query": "sort:-updated priority>=high"});
    let view = world.ask(document, json!({"input": input})).await["viewCreate"]["view"].take();
    assert_eq!(
        (&view["query"], &view["count"], &view["sort"]),
        (&json!("priority>=high sort:-updated"), &json!(1), &json!([{"key": "UPDATED_AT", "order": "DESC"}]))
    );
    let change = "mutation($id: ID!, $input: ViewUpdateInput!) { viewUpdate(id: $id, input: $input) {
        view { query count } userErrors { field code message } } }";
    let input = json!({"query": "priority<=medium", "filter": {"number": {"eq": 1}}});
    let changed = world.ask(change, json!({"id": view["id"], "input": input})).await["viewUpdate"].take();
    let text = changed["view"]["query"].as_str().unwrap();
    assert!(text.contains("priority<=medium") && text.ends_with("sort:-updated"), "{changed}");
    assert_eq!(changed["view"]["count"], 0);
    let wrong = json!({"id": view["id"], "input": {"query": "priority:("}});
    assert_eq!(world.code(Some(&world.ada), change, wrong).await, "INVALID_INPUT");
}

#[tokio::test]
async fn the_days_of_a_view_are_read_and_shown_where_its_readers_are() {
    let world = two_issues().await;
    let document = "mutation($input: ViewCreateInput!) { viewCreate(input: $input) { view {
        here: query there: query(timeZone: \"Pacific/Auckland\")
        count(timeZone: \"Pacific/Auckland\") issues(timeZone: \"Pacific/Auckland\") { totalCount } } } }";
    let there = json!({"name": "A", "query": "created>=2026-01-31", "timeZone": "Pacific/Auckland"});
    let view = world.ask(document, json!({"input": there})).await["viewCreate"]["view"].take();
    assert_eq!(view["there"], "created>=2026-01-31");
    assert_eq!(view["here"], "created>=2026-01-30T11:00:00Z", "thirteen hours before UTC");
    assert_eq!(view["count"], view["issues"]["totalCount"]);
    let change = "mutation($id: ID!, $input: ViewUpdateInput!) { viewUpdate(id: $id, input: $input) {
        view { query groups(timeZone: \"Asia/Tokyo\") { totalCount } } } }";
    let made =
        create(&world, &world.ada, json!({"name": "B", "groupBy": "STATE"})).await["view"]["id"].take();
    let input = json!({"query": "created<2026-01-31", "timeZone": "Asia/Tokyo"});
    let changed = world.ask(change, json!({"id": made, "input": input})).await["viewUpdate"]["view"].take();
    assert_eq!(changed["query"], "created<2026-01-30T15:00:00Z");
    assert!(changed["groups"].is_object());
    let nowhere = json!({"id": made, "input": {"query": "", "timeZone": "Mars/Base"}});
    assert_eq!(world.code(Some(&world.ada), change, nowhere).await, "INVALID_INPUT");
}

#[tokio::test]
async fn a_private_view_is_its_owners_alone() {
    let world = two_issues().await;
    let view = create(&world, &world.bob, json!({"name": "Bob's"})).await["view"].take();
    let document =
        "query($id: ID!) { view(id: $id) { id } node(id: $id) { id } views { totalCount nodes { name } } }";
    let seen = world.ask(document, json!({"id": view["id"]})).await;
    assert_eq!(
        (&seen["view"], &seen["node"], &seen["views"]["totalCount"]),
        (&Value::Null, &Value::Null, &json!(4))
    );
    let own = world.ask_as(&world.bob, document, json!({"id": view["id"]})).await["views"].take();
    let names: Vec<_> =
        own["nodes"].as_array().unwrap().iter().map(|view| view["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["My issues", "Active", "Backlog", "Created by me", "Bob's"]);
    let refused = create(&world, &world.bob, json!({"name": "All", "shared": true})).await;
    assert_eq!(refused["userErrors"], json!([{"field": "shared", "code": "FORBIDDEN"}]));
}

#[tokio::test]
async fn views_are_kept_at_hand_in_the_order_chosen() {
    let world = two_issues().await;
    let ready =
        world.ask("{ views { nodes { id viewerCan { update } } } }", json!({})).await["views"]["nodes"]
            .take();
    assert_eq!(ready[0]["viewerCan"]["update"], false);
    let document = "mutation($a: ID!, $b: ID!, $dry: Boolean!) {
        favoritesSet(viewIds: [$b, $a], dryRun: $dry) { success favorites { id isFavorite } events } }";
    let ids = |dry: bool| json!({"a": ready[0]["id"], "b": ready[1]["id"], "dry": dry});
    let chosen = json!([ready[1]["id"], ready[0]["id"]]);
    let shown = |answer: &Value| -> Value {
        answer.as_array().unwrap().iter().map(|view| view["id"].clone()).collect()
    };
    let dry = world.ask(document, ids(true)).await["favoritesSet"].take();
    assert_eq!((&dry["events"], shown(&dry["favorites"])), (&json!(["favorites.updated"]), chosen.clone()));
    assert_eq!(world.ask("{ favorites { id } }", json!({})).await["favorites"], json!([]));
    let done = world.ask(document, ids(false)).await["favoritesSet"].take();
    assert_eq!(
        (shown(&done["favorites"]), &done["favorites"][0]["isFavorite"]),
        (chosen.clone(), &json!(true))
    );
    let drop = "mutation($id: ID!) { favoriteSet(viewId: $id, favorite: false) { favorites { id } } }";
    let left = world.ask(drop, json!({"id": ready[1]["id"]})).await["favoriteSet"]["favorites"].take();
    assert_eq!(left, json!([{"id": ready[0]["id"]}]));
    assert_eq!(world.ask_as(&world.bob, "{ favorites { id } }", json!({})).await["favorites"], json!([]));
}
