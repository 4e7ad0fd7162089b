//! Lists in groups: boards with counts, lanes and first issues.

use super::world::World;
use serde_json::{Value, json};

async fn a_board() -> World {
    let world = World::new().await;
    let (closed, crash) = (world.state("Closed").await, world.label("crash").await);
    let ada = world.ada.principal.member().unwrap().to_string();
    let bob = world.bob.principal.member().unwrap().to_string();
    world.issue("One", json!({"assigneeIds": [ada, bob], "estimate": 3, "priority": "HIGH"})).await;
    world.issue("Two", json!({"assigneeIds": [bob], "estimate": 5, "labelIds": [crash]})).await;
    world.issue("Three", json!({"stateId": closed, "parentId": "ENG-1"})).await;
    world.issue("Four", json!({"priority": "HIGH"})).await;
    world
}

/// Title and count of each group, and the numbers of its issues.
async fn groups(world: &World, variables: Value) -> Vec<(String, u64, Vec<u64>)> {
    let document = "query($by: IssueGroupBy!, $filter: IssueFilter, $empty: Boolean! = false, $first: Int) {
        issueGroups(groupBy: $by, filter: $filter, emptyGroups: $empty, first: $first, sort: [{number: {}}]) {
            nodes { title totalCount issues { totalCount nodes { number } } } } }";
    let found = world.ask(document, variables).await["issueGroups"]["nodes"].take();
    let nodes = found.as_array().unwrap().iter();
    nodes
        .map(|group| {
            let numbers = group["issues"]["nodes"].as_array().unwrap().iter();
            assert_eq!(group["totalCount"], group["issues"]["totalCount"]);
            (
                group["title"].as_str().unwrap().to_owned(),
                group["totalCount"].as_u64().unwrap(),
                numbers.map(|issue| issue["number"].as_u64().unwrap()).collect(),
            )
        })
        .collect()
}

fn group(title: &str, numbers: &[u64]) -> (String, u64, Vec<u64>) {
    (title.to_owned(), numbers.len() as u64, numbers.to_vec())
}

#[tokio::test]
async fn a_list_falls_into_groups_of_what_it_is_cut_by() {
    let world = a_board().await;
    let by = |by: &str| groups(&world, json!({"by": by}));
    assert_eq!(
        by("ASSIGNEE").await,
        [group("Ada", &[1]), group("Bob", &[1, 2]), group("No assignee", &[3, 4])]
    );
    assert_eq!(by("LABEL").await, [group("crash", &[2]), group("No label", &[1, 3, 4])]);
    assert_eq!(by("PARENT").await, [group("One", &[3]), group("No parent", &[1, 2, 4])]);
    assert_eq!(by("TYPE").await, [group("Task", &[1, 2, 3, 4])]);
    assert_eq!(by("DUE").await, [group("None", &[1, 2, 3, 4])]);
    assert_eq!(by("TEAM").await.len(), 1);
    assert_eq!(by("CREATOR").await, [group("Ada", &[1, 2, 3, 4])]);
    let open = groups(&world, json!({"by": "PRIORITY", "filter": {"completedAt": {"null": true}}})).await;
    assert_eq!(open, [group("High", &[1, 4]), group("None", &[2])]);
}

#[tokio::test]
async fn empty_groups_are_shown_on_demand() {
    let world = a_board().await;
    let filter = json!({"number": {"eq": 3}});
    let few = groups(&world, json!({"by": "STATE", "filter": filter})).await;
    assert_eq!(few, [group("Closed", &[3])]);
    let all = groups(&world, json!({"by": "STATE", "filter": filter, "empty": true})).await;
    assert!(all.len() > 1, "{all:?}");
    assert!(all.contains(&group("Closed", &[3])), "{all:?}");
}

#[tokio::test]
async fn a_board_with_lanes_comes_in_one_request() {
    let world = a_board().await;
    let document = "{ issueGroups(groupBy: STATE, subGroupBy: ASSIGNEE, sort: [{number: {}}]) { totalCount sumEstimate nodes {
        title key color state { name } sumEstimate totalCount
        subGroups { title member { name } totalCount sumEstimate issues { nodes { identifier } } } } } }";
    let board = world.ask(document, json!({})).await["issueGroups"].take();
    assert_eq!((&board["totalCount"], &board["sumEstimate"]), (&json!(4), &json!(8)));
    let open = &board["nodes"][0];
    assert_eq!(open["key"], json!(world.state("Open").await));
    assert_eq!(
        (&open["title"], &open["totalCount"], &open["sumEstimate"]),
        (&json!("Open"), &json!(3), &json!(8))
    );
    assert!(open["color"].as_str().unwrap().starts_with('#'));
    let issues = |keys: &[&str]| json!({"nodes": keys.iter().map(|key| json!({"identifier": key})).collect::<Vec<_>>()});
    assert_eq!(
        open["subGroups"],
        json!([
            {"title": "Ada", "member": {"name": "Ada"}, "totalCount": 1, "sumEstimate": 3, "issues": issues(&["ENG-1"])},
            {"title": "Bob", "member": {"name": "Bob"}, "totalCount": 2, "sumEstimate": 8, "issues": issues(&["ENG-1", "ENG-2"])},
            {"title": "No assignee", "member": null, "totalCount": 1, "sumEstimate": 0, "issues": issues(&["ENG-4"])},
        ])
    );
}

#[tokio::test]
async fn a_group_goes_on_as_a_page_of_the_list_with_its_condition() {
    let world = a_board().await;
    let document = "query($filter: IssueFilter) { issueGroups(groupBy: PRIORITY, filter: $filter, first: 1, sort: [{number: {}}]) {
        nodes { title filterData issues { nodes { number } pageInfo { hasNextPage endCursor } } } } }";
    let filter = json!({"estimate": {"null": true}, "number": {"gt": 0}});
    let filter = json!({"or": [filter, {"number": {"eq": 1}}]});
    let found = world.ask(document, json!({"filter": filter})).await["issueGroups"]["nodes"].take();
    let high = &found[0];
    assert_eq!(
        (&high["issues"]["nodes"], &high["issues"]["pageInfo"]["hasNextPage"]),
        (&json!([{"number": 1}]), &json!(true))
    );
    let next = "query($filter: IssueFilter, $after: String) { issues(filter: $filter, after: $after, sort: [{number: {}}]) {
        nodes { number } pageInfo { hasNextPage } } }";
    let end = &high["issues"]["pageInfo"]["endCursor"];
    for both in [json!([filter, high["filterData"]]), json!([{"and": [high["filterData"]]}, filter])] {
        let rest = world.ask(next, json!({"filter": {"and": both}, "after": end})).await["issues"].take();
        assert_eq!(rest, json!({"nodes": [{"number": 4}], "pageInfo": {"hasNextPage": false}}));
    }
    let elsewhere = json!({"filter": filter, "after": end});
    assert_eq!(world.code(Some(&world.ada), next, elsewhere).await, "INVALID_INPUT");
}

#[tokio::test]
async fn counts_alone_read_no_issues_and_bounds_are_told() {
    let world = a_board().await;
    let counts = "{ issueGroups(groupBy: ASSIGNEE) { nodes { totalCount } } }";
    let counts = world.ask(counts, json!({})).await["issueGroups"]["nodes"].take();
    assert_eq!(counts, json!([{"totalCount": 1}, {"totalCount": 2}, {"totalCount": 2}]));
    for (arguments, code) in [
        ("groupBy: STATE, first: 251", "INVALID_INPUT"),
        ("groupBy: STATE, first: -1", "INVALID_INPUT"),
        ("groupBy: STATE, timeZone: \"Mars/Base\"", "INVALID_INPUT"),
        ("groupBy: STATE, at: {syncCursor: \"x\"}", "INVALID_INPUT"),
    ] {
        let document = format!("{{ issueGroups({arguments}) {{ nodes {{ issues {{ totalCount }} }} }} }}");
        assert_eq!(world.code(Some(&world.ada), &document, json!({})).await, code, "{arguments}");
    }
}

#[tokio::test]
async fn a_view_shows_its_issues_in_its_groups() {
    let world = a_board().await;
    let view = json!({"name": "Board", "groupBy": "PRIORITY", "subGroupBy": "STATE", "filter": {"estimate": {"gt": 0}}});
    let fields = "viewCreate(input: $input) { view { groups { totalCount nodes { title subGroups { title issues { nodes { number } } } } } } #";
    let made = world.change(fields, "ViewCreateInput", view).await["view"]["groups"].take();
    let lane = |title: &str, number: u64| json!({"title": title, "subGroups": [{"title": "Open", "issues": {"nodes": [{"number": number}]}}]});
    assert_eq!(made, json!({"totalCount": 2, "nodes": [lane("High", 1), lane("None", 2)]}));
    let plain = world.ask("{ views(first: 1) { nodes { groups { totalCount } } } }", json!({})).await;
    assert_eq!(plain["views"]["nodes"][0]["groups"], Value::Null);
}
