//! Filters, orders and pages of lists of issues.

use super::world::World;
use serde_json::{Value, json};

/// The numbers of the issues that pass.
async fn passing(world: &World, filter: Value) -> Vec<u64> {
    let document = "query($filter: IssueFilter) {
        issues(filter: $filter, sort: [{number: {}}]) { totalCount nodes { number } } }";
    let found = world.ask(document, json!({"filter": filter})).await["issues"].take();
    let numbers: Vec<u64> =
        found["nodes"].as_array().unwrap().iter().map(|n| n["number"].as_u64().unwrap()).collect();
    assert_eq!(found["totalCount"].as_u64().unwrap(), numbers.len() as u64);
    numbers
}

/// Four issues that differ in everything a filter asks for.
async fn four_issues() -> World {
    let world = World::new().await;
    let (crash, closed) = (world.label("crash").await, world.state("Closed").await);
    let ada = world.ada.principal.member().unwrap().to_string();
    let bob = world.bob.principal.member().unwrap().to_string();
    world.issue("Straße is wet", json!({"type": "BUG", "priority": "HIGH", "assigneeIds": [ada]})).await;
    world
        .issue("strasse is dry", json!({"labelIds": [crash], "assigneeIds": [bob, ada], "estimate": 3}))
        .await;
    world.issue("Éclair", json!({"stateId": closed, "dueDate": "2026-03-01"})).await;
    world.issue("Part", json!({"parentId": "ENG-1", "labelIds": [crash, world.label("ui").await]})).await;
    world
}

#[tokio::test]
async fn every_field_can_be_asked_for() {
    let world = four_issues().await;
    let ada = world.ada.principal.member().unwrap().to_string();
    let bob = world.bob.principal.member().unwrap().to_string();
    for (filter, expected) in [
        (json!({}), vec![1, 2, 3, 4]),
        (json!({"state": {"name": {"eq": "Closed"}}}), vec![3]),
        (json!({"state": {"category": {"eq": "UNSTARTED"}}, "estimate": {"gte": 3}}), vec![2]),
        (json!({"category": {"in": ["COMPLETED", "CANCELED"]}}), vec![3]),
        (json!({"assignee": {"isMe": {"eq": true}}}), vec![1, 2]),
        (json!({"assignee": {"id": {"eq": bob}}}), vec![2]),
        (json!({"assignee": {"id": {"neq": bob}}}), vec![1, 3, 4]),
        (json!({"assignee": {"null": true}}), vec![3, 4]),
        (json!({"assignee": {"name": {"eqIgnoreCase": "BOB"}}}), vec![2]),
        (json!({"assignees": {"every": {"id": {"eq": ada}}}}), vec![1, 3, 4]),
        (json!({"assignees": {"some": {"id": {"in": [ada, bob]}, "name": {"eq": "Bob"}}}}), vec![2]),
        (json!({"assignees": {"length": {"gte": 2}}}), vec![2]),
        (json!({"creator": {"email": {"eq": "ada@example.com"}}}), vec![1, 2, 3, 4]),
        (json!({"labels": {"name": {"eq": "crash"}}}), vec![2, 4]),
        (json!({"labels": {"some": {"name": {"eq": "ui"}}}}), vec![4]),
        (json!({"labels": {"none": {"name": {"startsWith": "c"}}}}), vec![1, 3]),
        (json!({"labels": {"some": {}}}), vec![2, 4]),
        (json!({"type": {"eq": "BUG"}}), vec![1]),
        (json!({"priority": {"gt": "LOW"}}), vec![1]),
        (json!({"team": {"key": {"eq": "ENG"}}}), vec![1, 2, 3, 4]),
        (json!({"team": {"key": {"eq": "OPS"}}}), vec![]),
        (json!({"parent": {"null": false}}), vec![4]),
        (json!({"estimate": {"null": true}}), vec![1, 3, 4]),
        (json!({"dueDate": {"between": ["2026-02-01", "2026-03-01"]}}), vec![3]),
        (json!({"createdAt": {"lt": "2020-01-01T00:00:00Z"}}), vec![]),
        (json!({"completedAt": {"null": false}}), vec![3]),
        (json!({"title": {"containsIgnoreCase": "IS"}}), vec![1, 2]),
        (json!({"title": {"eqIgnoreCase": "eclair"}}), vec![3]),
        (json!({"title": {"startsWithIgnoreCase": "STRASSE"}}), vec![1, 2]),
        (json!({"title": {"containsIgnoreCase": "straße"}}), vec![1, 2]),
        (json!({"title": {"contains": "straße"}}), vec![]),
        (json!({"confidential": {"eq": false}}), vec![1, 2, 3, 4]),
        (json!({"confidential": {"eq": true}}), vec![]),
        (json!({"participants": {"length": {"eq": 0}}}), vec![1, 2, 3, 4]),
        (json!({"participants": {"isMe": {"eq": true}}}), vec![]),
        (json!({"workflow": {"name": {"neq": "no such"}}}), vec![1, 2, 3, 4]),
        (json!({"workflow": {"name": {"eq": "no such"}}}), vec![]),
        (json!({"approvals": {"some": {}}}), vec![]),
        (json!({"rank": {"gte": ""}}), vec![1, 2, 3, 4]),
        (json!({"rank": {"lt": ""}}), vec![]),
        (json!({"version": {"between": [1, 1]}, "number": {"gt": 2}}), vec![3, 4]),
        (json!({"version": {"gt": 3}}), vec![]),
        (json!({"number": {"nin": [1, 2]}}), vec![3, 4]),
        (json!({"or": [{"number": {"eq": 1}}, {"type": {"neq": "BUG"}, "number": {"lt": 3}}]}), vec![1, 2]),
        (json!({"not": {"and": [{"number": {"gt": 1}}, {"number": {"lte": 3}}]}}), vec![1, 4]),
        (json!({"archived": {"eq": true}}), vec![]),
        (json!({"deleted": {"neq": false}}), vec![]),
    ] {
        assert_eq!(passing(&world, filter.clone()).await, expected, "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_around_and_behind_an_issue_can_be_asked_for() {
    let world = four_issues().await;
    let document = "mutation($closed: ID!) {
        a: issueRelationCreate(input: {issueId: \"ENG-1\", type: BLOCKS, relatedIssueId: \"ENG-2\"}) { success }
        b: issueRelationCreate(input: {issueId: \"ENG-2\", type: RELATES, relatedIssueId: \"ENG-3\"}) { success }
        c: commentCreate(input: {issueId: \"ENG-2\", body: \"It freezes\"}) { success }
        d: issueUpdate(id: \"ENG-4\", input: {priority: CRITICAL}) { success }
        e: issueUpdate(id: \"ENG-4\", input: {priority: LOW, stateId: $closed}) { success }
        f: issueUpdate(id: \"ENG-1\", input: {description: \"Rain\"}) { success } }";
    world.ask(document, json!({"closed": world.state("Closed").await})).await;
    let bob = world.bob.principal.member().unwrap().to_string();
    for (filter, expected) in [
        (json!({"identifier": {"in": ["ENG-1", "eng-3"]}}), vec![1, 3]),
        (json!({"blockedBy": {"category": {"lt": "COMPLETED"}}}), vec![2]),
        (json!({"blocks": {"some": {"assignee": {"id": {"eq": bob}}}}}), vec![1]),
        (json!({"blocks": {"none": {}}}), vec![2, 3, 4]),
        (json!({"relatesTo": {"length": {"gte": 1}}}), vec![2, 3]),
        (json!({"duplicates": {"some": {}}}), vec![]),
        (json!({"parent": {"type": {"eq": "BUG"}}}), vec![4]),
        (json!({"parent": {"null": true}}), vec![1, 2, 3]),
        (json!({"children": {"labels": {"name": {"eq": "ui"}}}}), vec![1]),
        (json!({"children": {"every": {"priority": {"eq": "HIGH"}}}}), vec![2, 3, 4]),
        (json!({"children": {"length": {"eq": 1}}}), vec![1]),
        (json!({"comments": {"author": {"isMe": {"eq": true}}}}), vec![2]),
        (json!({"comments": {"some": {"createdAt": {"gt": "-PT1H"}}}}), vec![2]),
        (json!({"commentCount": {"eq": 0}}), vec![1, 3, 4]),
        (json!({"createdAt": {"gte": "-P1D", "lte": "now"}}), vec![1, 2, 3, 4]),
        (json!({"dueDate": {"lt": "startOfYear+P500Y"}}), vec![3]),
        (json!({"stateSince": {"lt": "-P1D"}}), vec![]),
        (json!({"leadTime": {"lt": "P1D"}}), vec![3, 4]),
        (json!({"ageTime": {"null": false}}), vec![1, 2]),
        (json!({"description": {"null": false}}), vec![1]),
        (json!({"source": {"null": true}}), vec![1, 2, 3, 4]),
        (json!({"history": [{"priority": {"was": {"eq": "CRITICAL"}}}]}), vec![4]),
        (
            json!({"history": [{"priority": {"changedTo": {"eq": "CRITICAL"}}, "by": {"isMe": {"eq": true}}}]}),
            vec![4],
        ),
        (json!({"history": [{"priority": {"changed": true}, "during": {"lt": "-P1D"}}]}), vec![]),
        (json!({"history": [{"category": {"changedTo": {"eq": "COMPLETED"}}}]}), vec![4]),
        (json!({"text": {"matches": "freezes"}}), vec![2]),
        (json!({"text": {"matches": "wet"}, "assignee": {"null": false}}), vec![1]),
        (json!({"not": {"or": [{"text": {"matches": "wet"}}, {"blockedBy": {"some": {}}}]}}), vec![3, 4]),
    ] {
        assert_eq!(passing(&world, filter.clone()).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn every_order_can_be_asked_for() {
    let world = four_issues().await;
    world
        .ask("mutation { commentCreate(input: {issueId: \"ENG-2\", body: \"x\"}) { success } }", json!({}))
        .await;
    let ask = async |key: &str, nulls: &str| {
        let order = format!("{{{key}: {{order: DESC, nulls: {nulls}}}}}, {{number: {{}}}}");
        let found =
            world.ask(&format!("{{ issues(sort: [{order}]) {{ nodes {{ number }} }} }}"), json!({})).await;
        found["issues"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n["number"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(ask("commentCount", "LAST").await, [2, 1, 3, 4]);
    assert_eq!(ask("dueDate", "LAST").await, [3, 1, 2, 4]);
    assert_eq!(ask("dueDate", "FIRST").await, [1, 2, 4, 3]);
    assert_eq!(ask("estimate", "LAST").await, [2, 1, 3, 4]);
    assert_eq!(ask("stateSince", "LAST").await, [4, 3, 2, 1]);
    for key in ["startDate", "startedAt", "relevance"] {
        assert_eq!(ask(key, "LAST").await, [1, 2, 3, 4], "{key}");
    }
}

#[tokio::test]
async fn archived_and_deleted_issues_are_shown_when_they_are_asked_for() {
    let world = four_issues().await;
    let document =
        "mutation { issueArchive(id: \"ENG-1\") { success } issueDelete(id: \"ENG-2\") { success } }";
    world.ask(document, json!({})).await;
    assert_eq!(passing(&world, json!({})).await, [3, 4]);
    assert_eq!(passing(&world, json!({"archived": {"eq": true}})).await, [1]);
    assert_eq!(passing(&world, json!({"deleted": {"eq": true}})).await, [2]);
}

#[tokio::test]
async fn pages_follow_one_another_both_ways() {
    let world = four_issues().await;
    let document = "query($first: Int, $after: String, $last: Int, $before: String) {
        issues(sort: [{priority: {order: DESC}}, {number: {order: ASC}}],
               first: $first, after: $after, last: $last, before: $before) {
            totalCount edges { cursor node { number } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let numbers = |page: &Value| -> Vec<u64> {
        page["edges"].as_array().unwrap().iter().map(|e| e["node"]["number"].as_u64().unwrap()).collect()
    };
    let first = world.ask(document, json!({"first": 3})).await["issues"].take();
    assert_eq!((numbers(&first), &first["totalCount"]), (vec![1, 2, 3], &json!(4)));
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let after = json!({"first": 3, "after": first["edges"][1]["cursor"]});
    assert_eq!(numbers(&world.ask(document, after).await["issues"].take()), [3, 4]);
    let before = json!({"last": 1, "before": first["pageInfo"]["endCursor"]});
    assert_eq!(numbers(&world.ask(document, before).await["issues"].take()), [2]);
}
