//! A change sent again has effect once and gets the same answer.

use serde_json::{Value, json};

use crate::world::{Answer, Client, World};

fn create(client: &Client, team: &str, key: &str, title: &str) -> Answer {
    let input = json!({ "teamId": team, "title": title });
    client.change("issueCreate", json!({ "input": input, "idempotencyKey": key }))
}

/// What an answer says, but for the names of the events: those are what was written, nothing the second time.
fn said(answer: &Answer) -> Value {
    let mut payload = answer.payload().clone();
    payload.as_object_mut().unwrap().remove("events");
    payload
}

#[test]
fn the_same_key_gets_the_same_answer_and_writes_nothing() {
    let mut world = World::new();
    let ana = world.client("ana");
    let team = ana.id_of("teams", "ENG");
    let create = |ana: &Client| said(&create(ana, &team, "k1", "Login fails"));
    let first = create(&ana);
    let head = ana.log_head();
    assert_eq!(create(&ana), first);
    assert_eq!(ana.log_head(), head);

    world.stop();
    world.start();
    let ana = ana.at(&world.nobody());
    assert_eq!(create(&ana), first, "after a restart");
    world.kill();
    world.start();
    let ana = ana.at(&world.nobody());
    assert_eq!(create(&ana), first, "after a crash");
    assert_eq!(ana.log_head(), head);
}

#[test]
fn every_kind_of_change_can_be_sent_again() {
    let world = World::new();
    let ana = world.client("ana");
    let issue = ana.issue("Login fails")["id"].clone();
    let una = ana.id_of("members", "una");
    let state = ana.id_of("workflowStates", "Closed");
    let comment = ana.change("commentCreate", json!({ "input": { "issueId": issue, "body": "Here" } }));
    let comment = comment.payload()["comment"]["id"].clone();
    let team = ana.change("teamCreate", json!({ "input": { "key": "OPS", "name": "Operations" } }));
    let team = team.payload()["team"]["id"].clone();
    let label = ana.change("labelCreate", json!({ "input": { "name": "ui", "color": "#d73a4a" } }));
    let label = label.payload()["label"]["id"].clone();
    let other = ana.issue("Logout fails")["id"].clone();
    let view =
        ana.change("viewCreate", json!({ "input": { "name": "Mine" } })).payload()["view"]["id"].clone();
    let workflow = ana.change("workflowCreate", json!({ "input": { "name": "Ours" } }));
    let workflow = workflow.payload()["workflow"]["id"].clone();
    let states = json!([
        { "key": "open", "name": "Open", "category": "UNSTARTED" },
        { "key": "closed", "name": "Closed", "category": "COMPLETED" },
    ]);
    let approved =
        json!({ "from": "open", "to": "closed", "approvals": { "count": 1, "roles": ["SUPER_ADMIN"] } });
    let drafted = json!({ "states": states, "initial": "open", "transitions": [approved] });
    let wanted = wanted(&ana);
    world.client("una").change("approvalRequest", json!({ "input": wanted })).payload();
    let blocks = json!({ "issueId": issue, "relatedIssueId": other, "type": "BLOCKS" });
    let doubles = json!({ "issueId": other, "relatedIssueId": issue, "type": "DUPLICATES" });
    for (field, arguments) in [
        ("issueRelationCreate", json!({ "input": blocks })),
        ("issueRelationDelete", json!({ "input": blocks })),
        ("viewCreate", json!({ "input": { "name": "Others", "filter": { "type": { "eq": "BUG" } } } })),
        ("viewUpdate", json!({ "id": view, "input": { "name": "Still mine" } })),
        ("favoriteSet", json!({ "viewId": view })),
        ("favoritesSet", json!({ "viewIds": [] })),
        ("viewDelete", json!({ "id": view })),
        ("issueUpdate", json!({ "id": issue, "input": { "title": "No login" } })),
        ("issueAssign", json!({ "id": issue, "input": { "addedAssigneeIds": [una] } })),
        ("issueTransition", json!({ "id": issue, "input": { "stateId": state } })),
        ("issueBatchUpdate", json!({ "ids": [issue], "input": { "priority": "HIGH" }, "mode": "ATOMIC" })),
        ("issueArchive", json!({ "id": issue })),
        ("issueDelete", json!({ "id": issue })),
        ("issueRestore", json!({ "id": issue })),
        ("issueRelationCreate", json!({ "input": doubles, "idempotencyKey": "closes a duplicate" })),
        ("commentCreate", json!({ "input": { "issueId": issue, "body": "There" } })),
        ("commentUpdate", json!({ "id": comment, "input": { "body": "Everywhere" } })),
        ("commentDelete", json!({ "id": comment })),
        ("teamUpdate", json!({ "id": team, "input": { "name": "Operators" } })),
        ("workflowCreate", json!({ "input": { "name": "Another" } })),
        ("workflowDraftSave", json!({ "id": workflow, "input": drafted })),
        ("workflowPublish", json!({ "id": workflow })),
        ("workflowMigrate", json!({ "id": workflow, "input": {} })),
        ("workflowMigrationCancel", json!({ "id": workflow })),
        (
            "workflowDraftSave",
            json!({ "id": workflow, "input": drafted, "idempotencyKey": "the draft that is given up" }),
        ),
        ("workflowDraftDiscard", json!({ "id": workflow })),
        ("workflowUpdate", json!({ "id": workflow, "input": { "mode": "STRICT" } })),
        ("approvalGrant", json!({ "input": wanted })),
        ("approvalWithdraw", json!({ "input": wanted })),
        ("approvalWithdraw", json!({ "input": wanted, "idempotencyKey": "the whole question" })),
        ("approvalRequest", json!({ "input": wanted })),
        ("labelCreate", json!({ "input": { "name": "bug", "color": "#d73a4a" } })),
        ("labelUpdate", json!({ "id": label, "input": { "name": "surface" } })),
        ("labelDelete", json!({ "id": label })),
        ("labelRestore", json!({ "id": label })),
        (
            "memberCreate",
            json!({ "input": { "email": "max@example.com", "name": "max", "password": "dovetail and dowel" } }),
        ),
        ("memberSetPassword", json!({ "id": una, "password": "dovetail and dowel" })),
        ("memberUpdate", json!({ "id": una, "input": { "name": "Una" } })),
    ] {
        let mut arguments = arguments;
        if arguments.get("idempotencyKey").is_none() {
            arguments["idempotencyKey"] = "again".into();
        }
        let first = ana.change(field, arguments.clone());
        first.payload();
        let head = ana.log_head();
        let again = ana.change(field, arguments);
        assert_eq!(said(&again), said(&first), "{field}");
        assert_eq!(ana.log_head(), head, "{field} had effect twice");
    }
}

/// A move that takes the approval of a super admin: the issue and where to.
fn wanted(client: &Client) -> Value {
    let workflow = json!({
        "name": "Decisions",
        "initial": "asked",
        "states": [
            { "key": "asked", "name": "Asked", "category": "UNSTARTED" },
            { "key": "agreed", "name": "Agreed", "category": "COMPLETED" },
        ],
        "transitions": [{ "to": "agreed", "approvals": { "count": 1, "roles": ["SUPER_ADMIN"] } }],
    });
    let workflow = client.change("workflowCreate", json!({ "input": workflow }));
    let workflow = workflow.payload()["workflow"]["id"].clone();
    let team = json!({ "key": "QA", "name": "Quality", "workflowId": workflow });
    let team = client.change("teamCreate", json!({ "input": team })).payload()["team"]["id"].clone();
    let issue = client.change("issueCreate", json!({ "input": { "teamId": team, "title": "Shall we?" } }));
    json!({ "issueId": issue.payload()["issue"]["id"], "stateId": client.id_of("workflowStates", "Agreed") })
}

#[test]
fn another_change_with_the_same_key_is_refused() {
    let world = World::new();
    let ana = world.client("ana");
    let team = ana.id_of("teams", "ENG");
    create(&ana, &team, "k1", "Login fails").payload();
    let other = create(&ana, &team, "k1", "Logout fails");
    let refusal = (&json!("CONFLICT"), &json!("idempotencyKey"));
    assert_eq!(other.refusal(), Some(refusal), "{}", other.text);
    assert_eq!(create(&ana, &team, "", "Logout fails").code(), Some("INVALID_INPUT"));
    assert_eq!(create(&ana, &team, &"k".repeat(129), "Logout fails").code(), Some("INVALID_INPUT"));
}

#[test]
fn another_password_with_the_same_key_is_refused() {
    let world = World::new();
    let ana = world.client("ana");
    let una = ana.id_of("members", "una");
    let set = |password: &str| {
        let arguments = json!({ "id": una, "password": password, "idempotencyKey": "k1" });
        ana.change("memberSetPassword", arguments)
    };
    set("the first of two").payload();
    set("the first of two").payload();
    let other = set("the second of two");
    assert_eq!(other.refusal(), Some((&json!("CONFLICT"), &json!("idempotencyKey"))), "{}", other.text);
}

#[test]
fn a_key_is_somebodys_for_one_kind_of_change() {
    let world = World::new();
    let (ana, uwe, zoe) = (world.client("ana"), world.client("uwe"), world.client("zoe"));
    let (eng, lab) = (ana.id_of("teams", "ENG"), zoe.id_of("teams", "LAB"));
    let identifier = |answer: &Answer| answer.payload()["issue"]["identifier"].clone();
    assert_eq!(identifier(&create(&ana, &eng, "k1", "Login fails")), "ENG-1");
    assert_eq!(identifier(&create(&uwe, &eng, "k1", "Login fails")), "ENG-2");
    assert_eq!(identifier(&create(&zoe, &lab, "k1", "Login fails")), "LAB-1");
    let update = json!({ "id": "ENG-1", "input": { "title": "x" }, "idempotencyKey": "k1" });
    assert_eq!(identifier(&ana.change("issueUpdate", update)), "ENG-1");
}

#[test]
fn a_rehearsal_does_not_use_up_its_key() {
    let world = World::new();
    let ana = world.client("ana");
    let team = ana.id_of("teams", "ENG");
    let input = json!({ "teamId": team, "title": "Login fails" });
    let arguments = json!({ "input": input, "idempotencyKey": "k1", "dryRun": true });
    ana.change("issueCreate", arguments).payload();
    create(&ana, &team, "k1", "Login fails").payload();
    assert_eq!(ana.ask("{ issues { totalCount } }", json!({})).data()["issues"]["totalCount"], 1);
}

#[test]
fn one_of_many_at_once_has_effect_and_all_get_its_answer() {
    let world = World::new();
    let ana = world.client("ana");
    let team = ana.id_of("teams", "ENG");
    for round in 0..5 {
        let key = format!("round {round}");
        let answers: Vec<Value> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..16).map(|_| scope.spawn(|| create(&ana, &team, &key, "Login fails"))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap().payload()["issue"].clone()).collect()
        });
        assert_eq!(answers[0]["number"], round + 1);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    }
}
