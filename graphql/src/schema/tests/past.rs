//! Issues and lists as they were, and the days of a time zone.

use super::world::World;
use serde_json::{Value, json};

#[tokio::test]
async fn an_issue_and_what_leads_on_from_it_are_as_they_were() {
    let world = World::new().await;
    world.issue("Before", json!({"description": "old"})).await;
    world.issue("Part", json!({"parentId": "ENG-1"})).await;
    let comment = "mutation { commentCreate(input: {issueId: \"ENG-1\", body: \"first\"}) { syncCursor } }";
    let then = world.ask(comment, json!({})).await["commentCreate"]["syncCursor"].take();
    let closed = world.state("Closed").await;
    let change = "mutation($closed: ID!) {
        a: issueUpdate(id: \"ENG-1\", input: {title: \"After\", description: \"new\", stateId: $closed}) { success }
        b: commentCreate(input: {issueId: \"ENG-1\", body: \"second\"}) { success }
        c: issueUpdate(id: \"ENG-2\", input: {parentId: null}) { success } }";
    world.ask(change, json!({"closed": closed})).await;
    let document = "query($at: PastMoment) { issue(id: \"ENG-1\", at: $at) {
        title description state { name } children { nodes { number parent { title } } }
        comments { totalCount nodes { body issue { title } } } } }";
    let was = world.ask(document, json!({"at": {"syncCursor": then}})).await["issue"].take();
    assert_eq!(
        was,
        json!({
        "title": "Before", "description": "old", "state": {"name": "Open"},
        "children": {"nodes": [{"number": 2, "parent": {"title": "Before"}}]},
        "comments": {"totalCount": 1, "nodes": [{"body": "first", "issue": {"title": "Before"}}]}})
    );
    let is = world.ask(document, json!({})).await["issue"].take();
    assert_eq!((&is["title"], &is["comments"]["totalCount"]), (&json!("After"), &json!(2)));
    assert_eq!(is["children"]["nodes"], json!([]));
}

#[tokio::test]
async fn lists_and_groups_are_as_they_were() {
    let world = World::new().await;
    let made = "mutation($team: ID!) { issueCreate(input: {teamId: $team, title: \"One\"}) { syncCursor } }";
    let then = world.ask(made, json!({"team": world.team})).await["issueCreate"]["syncCursor"].take();
    world.issue("Two", json!({})).await;
    world
        .ask("mutation { issueUpdate(id: \"ENG-1\", input: {priority: HIGH}) { success } }", json!({}))
        .await;
    let document = "query($at: PastMoment) {
        issues(at: $at) { totalCount nodes { number priority } }
        high: issues(at: $at, filter: {priority: {eq: HIGH}}) { totalCount }
        issueGroups(at: $at, groupBy: PRIORITY) { nodes { title totalCount } } }";
    let was = world.ask(document, json!({"at": {"syncCursor": then}})).await;
    assert_eq!(was["issues"], json!({"totalCount": 1, "nodes": [{"number": 1, "priority": "NONE"}]}));
    assert_eq!(
        (&was["high"]["totalCount"], &was["issueGroups"]["nodes"]),
        (&json!(0), &json!([{"title": "None", "totalCount": 1}]))
    );
    let is = world.ask(document, json!({})).await;
    assert_eq!((&is["issues"]["totalCount"], &is["high"]["totalCount"]), (&json!(2), &json!(1)));
}

#[tokio::test]
async fn what_is_not_past_or_no_zone_is_refused_by_name() {
    let world = World::new().await;
    for (arguments, field) in [
        ("at: {time: \"2999-01-01T00:00:00Z\"}", "at"),
        ("at: {syncCursor: \"999999\"}", "at"),
        ("at: {syncCursor: \"x\"}", "at.syncCursor"),
        ("timeZone: \"Nowhere\"", "timeZone"),
    ] {
        let document = format!("{{ issues({arguments}) {{ totalCount }} }}");
        let response = world.execute(Some(&world.ada), &document, json!({})).await;
        let extensions = response.errors[0].extensions.clone().unwrap();
        assert_eq!(extensions.get("code"), Some(&"INVALID_INPUT".into()), "{arguments}");
        assert_eq!(extensions.get("field"), Some(&field.into()), "{arguments}");
    }
}

#[tokio::test]
async fn days_are_those_of_the_zone_that_is_asked_for() {
    let world = World::new().await;
    world.issue("One", json!({})).await;
    let document = "query($zone: String) { issues(timeZone: $zone, filter: {createdAt: {gte: \"startOfYear-P1Y\"}}) { totalCount } }";
    for zone in [Value::Null, json!("Pacific/Auckland"), json!("America/Los_Angeles")] {
        assert_eq!(world.ask(document, json!({"zone": zone})).await["issues"]["totalCount"], 1, "{zone}");
    }
}

#[tokio::test]
async fn how_long_things_took_stands_with_the_issue() {
    let world = World::new().await;
    world.issue("One", json!({})).await;
    let (started, closed) = (world.state("In Progress").await, world.state("Closed").await);
    let move_to = "mutation($to: ID!) { issueTransition(id: \"ENG-1\", input: {stateId: $to}) { success } }";
    let document = "{ issue(id: \"ENG-1\") { cycleTime leadTime triageTime ageTime timeInState } }";
    let open = world.ask(document, json!({})).await["issue"].take();
    assert_eq!((&open["cycleTime"], &open["leadTime"]), (&Value::Null, &Value::Null));
    for field in ["ageTime", "timeInState"] {
        assert!(open[field].as_str().unwrap().starts_with("PT"), "{open}");
    }
    world.ask(move_to, json!({"to": started})).await;
    world.ask(move_to, json!({"to": closed})).await;
    let done = world.ask(document, json!({})).await["issue"].take();
    assert_eq!(done["ageTime"], Value::Null);
    for field in ["cycleTime", "leadTime", "timeInState"] {
        assert!(done[field].as_str().unwrap().starts_with("PT"), "{done}");
    }
    let long = "{ issues(filter: {leadTime: {gt: \"P1D\"}}) { totalCount } brief: issues(filter: {leadTime: {lte: \"P1D\"}}) { totalCount } }";
    let found = world.ask(long, json!({})).await;
    assert_eq!((&found["issues"]["totalCount"], &found["brief"]["totalCount"]), (&json!(0), &json!(1)));
}
