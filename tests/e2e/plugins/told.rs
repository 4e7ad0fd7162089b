//! What the API tells of plugins beside their own fields: by their global ids, in the history of issues, in answers to changes.

use super::{change, install, puppet, scripted, turn, upload};
use crate::isolation::{nobodys, without};
use crate::world::World;
use serde_json::{Value, json};

#[test]
fn a_plugin_is_found_by_its_id_by_who_manages_plugins_alone() {
    let world = World::new();
    let (ana, adam, uwe) = (world.client("ana"), world.client("adam"), world.client("uwe"));
    let id = install(&ana, &upload(&ana, &puppet(&[])), json!({}));
    let document = "query($id: ID!) { node(id: $id) { __typename id ... on Plugin { status } } nodes(ids: [$id]) { id } }";
    for client in [&ana, &adam] {
        let found = client.ask(document, json!({ "id": id }));
        let node = json!({ "__typename": "Plugin", "id": id, "status": "ENABLED" });
        assert_eq!(found.data(), &json!({ "node": node, "nodes": [{ "id": id }] }));
    }
    let ask = |id: &str| without(id, &uwe.ask(document, json!({ "id": id })));
    assert_eq!(ask(&id), ask(&nobodys(&id)), "for others it is nobody's");
    assert_eq!(uwe.ask(document, json!({ "id": id })).data(), &json!({ "node": null, "nodes": [null] }));
    turn(&ana, "pluginRemove", &id).payload();
    assert_eq!(ana.ask(document, json!({ "id": id })).data()["node"], Value::Null);
}

const HISTORY: &str = "query($id: ID!) { issue(id: $id) { history(first: 20) { nodes { __typename
    ... on TimelineEvent { amendedBy { fields member { name kind } plugin { id } } } } } } }";

#[test]
fn the_history_of_an_issue_tells_which_plugin_amended_which_field() {
    let world = World::new();
    let (ana, uwe) = (world.client("ana"), world.client("uwe"));
    let plugin = install(&ana, &upload(&ana, &puppet(&[])), json!({ "name": "The estimator" }));
    let script = |points: u32| json!({ "amend": [["edits", [{ "estimate": points }]]] });
    let issue = scripted(&ana, &script(5)).payload()["issue"]["id"].clone();
    let input = json!({ "title": script(8).to_string(), "priority": "HIGH" });
    ana.change("issueUpdate", json!({ "id": issue, "input": input })).payload();

    let shown = ana.ask(HISTORY, json!({ "id": issue }));
    let nodes = shown.data()["issue"]["history"]["nodes"].as_array().unwrap();
    let of = |kind: &str| {
        let found = nodes.iter().find(|node| node["__typename"] == kind);
        found.unwrap_or_else(|| panic!("no {kind}: {}", shown.text))["amendedBy"].clone()
    };
    let told = json!([{
        "fields": ["estimate"],
        "member": { "name": "The estimator", "kind": "SERVICE" },
        "plugin": { "id": plugin },
    }]);
    assert_eq!(of("IssueCreatedEvent"), told);
    assert_eq!(of("IssueEstimateChangedEvent"), told);
    assert_eq!((of("IssueTitleChangedEvent"), of("IssuePriorityChangedEvent")), (json!([]), json!([])));

    // Who does not manage plugins is told by the member alone.
    let seen = uwe.ask(HISTORY, json!({ "id": issue }));
    let created = seen.data()["issue"]["history"]["nodes"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(created["amendedBy"][0]["member"]["name"], "The estimator", "{}", seen.text);
    assert_eq!(created["amendedBy"][0]["plugin"], Value::Null);

    let audit =
        "query($id: ID!) { auditEvents(first: 10, filter: { subjectId: $id, kinds: [\"issue.created\"] }) {
        nodes { details { name to } } } }";
    let audit = ana.ask(audit, json!({ "id": issue }));
    let details = audit.data()["auditEvents"]["nodes"][0]["details"].as_array().unwrap().clone();
    let amended = json!({ "name": "amendedBy", "to": format!("{plugin}: estimate") });
    assert!(details.contains(&amended), "{}", audit.text);
}

#[test]
fn a_bulk_change_tells_all_that_a_plugin_marks_of_each_item_by_its_place() {
    let world = World::new();
    let ana = world.client("ana");
    let passes = scripted(&ana, &json!({ "validate": [["allow"]] })).payload()["issue"]["id"].clone();
    let (one, two) = (ana.issue("One")["id"].clone(), ana.issue("Two")["id"].clone());
    let marked = json!({ "estimate": "say how large it is", "due-date": "say when" });
    let settings = json!({ "script": { "validate": [["deny", "not like this", marked]] } });
    install(&ana, &upload(&ana, &puppet(&[])), json!({ "settings": settings.to_string() }));

    let document = "mutation($ids: [ID!]!, $mode: BatchMode!) {
        issueBatchUpdate(ids: $ids, input: { priority: HIGH }, mode: $mode) { success issues { id } events
            userErrors { index field code message } results { index success userErrors { index message } } } }";
    let all = |mode: &str| {
        let answer = ana.ask(document, json!({ "ids": [one, passes, two], "mode": mode }));
        answer.data()["issueBatchUpdate"].clone()
    };
    let said = |errors: &Value, index: u32| {
        let of = errors.as_array().unwrap().iter().filter(|error| error["index"] == index);
        let mut said: Vec<_> = of.map(|error| error["message"].as_str().unwrap().to_owned()).collect();
        said.sort();
        said
    };
    let each = ["not like this", "say how large it is", "say when"];

    let whole = all("ATOMIC");
    assert_eq!((&whole["success"], &whole["results"]), (&json!(false), &json!([])), "{whole}");
    let named = ["item 0: not like this", "say how large it is", "say when"];
    assert_eq!(said(&whole["userErrors"], 0), named, "{whole}");

    let best = all("BEST_EFFORT");
    assert_eq!(best["issues"], json!([{ "id": passes }]), "{best}");
    assert_eq!(best["events"], json!(["issue.prioritized"]));
    assert_eq!(best["userErrors"].as_array().unwrap().len(), 6, "{best}");
    for index in [0, 2] {
        assert_eq!(said(&best["userErrors"], index), each, "{best}");
        let result = &best["results"][index as usize];
        assert_eq!(
            (&result["success"], said(&result["userErrors"], index)),
            (&json!(false), each.map(String::from).to_vec())
        );
    }
    let passed = json!({ "index": 1, "success": true, "userErrors": [] });
    assert_eq!(best["results"][1], passed, "{best}");
}

#[test]
fn changes_of_plugins_answer_with_their_events_and_the_place_in_the_log() {
    let world = World::new();
    let ana = world.client("ana");
    let digest = upload(&ana, &puppet(&[]));
    let place = |payload: &Value| payload["syncCursor"].as_str().unwrap().parse::<u64>().unwrap();
    let before = ana.log_head();
    let input = json!({ "digest": digest, "grantAll": true, "enable": true });
    let made = change(&ana, "pluginInstall", "$input: PluginInstallInput!", json!({ "input": input }));
    let made = made.payload();
    let events = made["events"].as_array().unwrap();
    // It wants to be told, and so it is enabled after it was installed.
    assert!(
        events.contains(&json!("plugin.installed")) && events.contains(&json!("plugin.enabled")),
        "{made}"
    );
    assert!(place(made) > before && place(made) <= ana.log_head(), "{made}, after {before}");
    let id = made["plugin"]["id"].as_str().unwrap();

    let types = "$id: ID!, $dryRun: Boolean!";
    let would = change(&ana, "pluginDisable", types, json!({ "id": id, "dryRun": true }));
    assert_eq!(would.payload()["events"], json!(["plugin.disabled"]));
    assert_eq!(would.payload()["plugin"]["status"], "ENABLED");
    let off = turn(&ana, "pluginDisable", id);
    assert_eq!(off.payload()["events"], json!(["plugin.disabled"]));
    assert!(place(off.payload()) > place(made) && place(off.payload()) <= ana.log_head(), "{}", off.text);
    let again = turn(&ana, "pluginDisable", id);
    assert_eq!((&again.payload()["events"], &again.payload()["success"]), (&json!([]), &json!(true)));

    let named = json!({ "id": id, "idempotencyKey": "on" });
    let enable = || change(&ana, "pluginEnable", "$id: ID!, $idempotencyKey: String", named.clone());
    assert_eq!(enable().payload()["events"], json!(["plugin.enabled"]));
    assert_eq!(enable().payload()["events"], json!([]), "it has effect once");
    let refused = change(
        &ana,
        "pluginUpdate",
        "$id: ID!, $input: PluginUpdateInput!",
        json!({ "id": id, "input": { "settings": "{\"word\":7}" } }),
    );
    let refused = &refused.data()["pluginUpdate"];
    assert_eq!((&refused["events"], &refused["plugin"]), (&json!([]), &Value::Null), "{refused}");
    assert_eq!(refused["syncCursor"], ana.log_head().to_string());
    assert!(turn(&ana, "pluginRemove", id).payload()["events"].to_string().contains("plugin.removed"));
    let gone =
        "mutation($digest: String!) { pluginCodeRemove(digest: $digest) { success events syncCursor } }";
    let gone = ana.ask(gone, json!({ "digest": digest }));
    assert_eq!(gone.payload()["events"], json!(["plugin.code_removed"]), "{}", gone.text);
}
