//! Lists in groups: boards with counts, lanes and first issues.

use super::world::World;
use crate::Snapshot;
use async_graphql::Request;
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
        issueGroups(groupBy: $by, filter: $filter, emptyGroups: $empty, sort: [{number: {}}]) {
            nodes { title totalCount issues(first: $first) { totalCount nodes { number } } } } }";
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
    let document = "query($filter: IssueFilter) { issueGroups(groupBy: PRIORITY, filter: $filter, sort: [{number: {}}]) {
        nodes { title filterData issues(first: 1) { nodes { number } pageInfo { hasNextPage endCursor } } } } }";
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
    for (groups, issues) in [
        ("groupBy: STATE", "first: 251"),
        ("groupBy: STATE", "first: -1"),
        ("groupBy: STATE, first: 0", "first: 1"),
        ("groupBy: STATE, first: 251", "first: 1"),
        ("groupBy: STATE, after: \"x\"", "first: 1"),
        ("groupBy: STATE, timeZone: \"Mars/Base\"", "first: 1"),
        ("groupBy: STATE, at: {syncCursor: \"x\"}", "first: 1"),
    ] {
        let document =
            format!("{{ issueGroups({groups}) {{ nodes {{ issues({issues}) {{ totalCount }} }} }} }}");
        assert_eq!(world.code(Some(&world.ada), &document, json!({})).await, "INVALID_INPUT", "{document}");
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

#[tokio::test]
async fn each_place_of_a_document_shows_as_many_issues_as_it_asks_for() {
    let world = a_board().await;
    let document = "query($two: Int, $nothing: Int) { issueGroups(groupBy: TYPE, subGroupBy: STATE, sort: [{number: {}}]) { nodes {
        none: issues(first: 0) { nodes { number } pageInfo { hasNextPage endCursor } totalCount }
        ...Card
        all: issues(first: 4) { nodes { number } pageInfo { hasNextPage endCursor } }
        some: issues(first: $nothing) { nodes { number } }
        subGroups { title ... { issues(first: 1) { edges { node { number } } pageInfo { hasNextPage } } } } } } }
        fragment Card on IssueGroup { issues(first: $two) { nodes { number } pageInfo { hasNextPage endCursor } totalCount } }";
    for lean in [false, true] {
        let answer = world.bytes(document, json!({"two": 2}), lean).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let group = &answer["data"]["issueGroups"]["nodes"][0];
        let numbers =
            |of: &str| group[of]["nodes"].as_array().unwrap().iter().map(|node| node["number"].clone());
        let shown = ["none", "issues", "all", "some"].map(|of| numbers(of).collect::<Vec<_>>());
        assert_eq!(json!(shown), json!([[], [1, 2], [1, 2, 3, 4], [1, 2, 3, 4]]));
        let next = ["none", "issues", "all"].map(|of| group[of]["pageInfo"]["hasNextPage"].clone());
        assert_eq!(json!(next), json!([true, true, false]));
        assert_eq!(
            (&group["none"]["pageInfo"]["endCursor"], &group["none"]["totalCount"]),
            (&Value::Null, &json!(4))
        );
        let lane = |title: &str, number: u64, more: bool| {
            json!({"title": title, "issues": {
            "edges": [{"node": {"number": number}}], "pageInfo": {"hasNextPage": more}}})
        };
        assert_eq!(group["subGroups"], json!([lane("Open", 1, true), lane("Closed", 3, false)]));
        let after = &group["issues"]["pageInfo"]["endCursor"];
        let rest = "query($after: String) { issues(filter: {type: {eq: TASK}}, after: $after, sort: [{number: {}}]) { nodes { number } } }";
        let rest = world.ask(rest, json!({"after": after})).await;
        assert_eq!(rest["issues"]["nodes"], json!([{"number": 3}, {"number": 4}]));
    }
}

/// What a document takes from what one request may show.
async fn spent(world: &World, document: &str) -> usize {
    let fresh = Snapshot::take(&world.engine, world.ada.clone()).await.unwrap();
    let used = Snapshot::take(&world.engine, world.ada.clone()).await.unwrap();
    let answer = world.schema.execute(Request::new(document).data(used.clone())).await;
    assert!(answer.errors.is_empty(), "{document}: {:?}", answer.errors);
    let left =
        |snapshot: Snapshot| std::iter::repeat_with(|| snapshot.charge(1)).take_while(Result::is_ok).count();
    left(fresh) - left(used)
}

#[tokio::test]
async fn a_request_pays_for_each_place_that_shows_issues() {
    let world = a_board().await;
    // Three issues are open, one is closed. One unit is the reading itself.
    for (asked, units) in [
        ("totalCount", 1),
        ("nodes { key }", 3),
        ("nodes { issues(first: 2) { nodes { id } } }", 6),
        ("nodes { a: issues(first: 1) { nodes { id } } issues { nodes { id } } }", 9),
        ("nodes { issues(first: 1) { nodes { id } } } b: nodes { key }", 7),
        ("nodes { issues(first: 1) { nodes { id } } } nodes { issues(first: 1) { totalCount } }", 5),
        ("nodes { issues(first: 0) { totalCount } subGroups { issues(first: 1) { nodes { id } } } }", 11),
    ] {
        let document = format!("{{ issueGroups(groupBy: STATE, subGroupBy: ASSIGNEE) {{ {asked} }} }}");
        assert_eq!(spent(&world, &document).await, units, "{asked}");
    }
}

#[tokio::test]
async fn groups_come_in_pages_in_the_order_of_the_board() {
    let world = a_board().await;
    let document = "query($by: IssueGroupBy!, $first: Int, $after: String, $filter: IssueFilter) {
        issueGroups(groupBy: $by, filter: $filter, first: $first, after: $after) { groupCount totalCount sumEstimate
            nodes { title issues(first: 1) { pageInfo { endCursor } } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let page = async |after: &Value| {
        let variables = json!({"by": "ASSIGNEE", "first": 2, "after": after});
        world.ask(document, variables).await["issueGroups"].take()
    };
    let titles = |page: &Value| {
        page["nodes"].as_array().unwrap().iter().map(|group| group["title"].clone()).collect::<Value>()
    };
    let first = page(&Value::Null).await;
    let second = page(&first["pageInfo"]["endCursor"]).await;
    assert_eq!((titles(&first), titles(&second)), (json!(["Ada", "Bob"]), json!(["No assignee"])));
    for (page, next, previous) in [(&first, true, false), (&second, false, true)] {
        assert_eq!(
            (&page["groupCount"], &page["totalCount"], &page["sumEstimate"]),
            (&json!(3), &json!(4), &json!(8))
        );
        let info = &page["pageInfo"];
        assert_eq!((&info["hasNextPage"], &info["hasPreviousPage"]), (&json!(next), &json!(previous)));
    }
    assert_eq!(second["pageInfo"]["startCursor"], second["pageInfo"]["endCursor"]);
    let behind = page(&second["pageInfo"]["endCursor"]).await;
    assert_eq!((titles(&behind), &behind["pageInfo"]["endCursor"]), (json!([]), &Value::Null));
    let (group, issue) =
        (&first["pageInfo"]["endCursor"], &first["nodes"][0]["issues"]["pageInfo"]["endCursor"]);
    for elsewhere in [
        json!({"by": "LABEL", "after": group}),
        json!({"by": "ASSIGNEE", "after": group, "filter": {"number": {"gt": 1}}}),
        json!({"by": "ASSIGNEE", "after": issue}),
    ] {
        assert_eq!(world.code(Some(&world.ada), document, elsewhere).await, "INVALID_INPUT");
    }
}
