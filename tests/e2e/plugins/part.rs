//! Plugins take part in what is decided, over the same API that people use.

use super::{change, install, puppet, scripted, upload};
use crate::world::{World, until};
use serde_json::json;

#[test]
fn a_denial_comes_back_with_every_field_that_the_plugin_marks() {
    let world = World::new();
    let ana = world.client("ana");
    install(&ana, &upload(&ana, &puppet(&[])), json!({}));
    let head = ana.log_head();
    let marked = json!({ "estimate": "say how large it is", "due-date": "say when" });
    let denied = scripted(&ana, &json!({ "validate": [["deny", "not like this", marked]] }));
    let errors = denied.data()["issueCreate"]["userErrors"].as_array().unwrap();
    let said = |field: Option<&str>, message: &str| {
        errors
            .iter()
            .any(|e| e["field"] == json!(field) && e["message"] == message && e["code"] == "REJECTED")
    };
    assert!(said(None, "not like this"), "{errors:?}");
    assert!(
        errors.iter().any(|e| e["message"] == "say how large it is" && !e["field"].is_null()),
        "{errors:?}"
    );
    assert!(errors.iter().any(|e| e["message"] == "say when" && !e["field"].is_null()), "{errors:?}");
    assert_eq!(ana.log_head(), head, "nothing was written");
}

#[test]
fn what_a_plugin_amends_is_in_the_answer_and_its_run_says_so() {
    let world = World::new();
    let ana = world.client("ana");
    let id = install(&ana, &upload(&ana, &puppet(&[])), json!({}));
    let script = json!({ "amend": [["log", "info", "here"], ["edits", [{ "estimate": 5 }]]], "validate": [["allow"]] });
    let made = scripted(&ana, &script);
    assert_eq!(made.payload()["issue"]["estimate"], 5.0, "{}", made.text);
    let document = "query($id: ID!) { plugin(id: $id) { health { runs failures failuresInARow }
        runs(first: 10, filter: { tasks: [AMEND] }) { totals { runs amended } nodes { id task mode outcome { answer words }
            logs { level message } shares { budget used limit percent } issue { title } traceId replayable } } } }";
    let runs = ana.ask(document, json!({ "id": id }));
    let plugin = &runs.data()["plugin"];
    let run = &plugin["runs"]["nodes"][0];
    assert_eq!(
        (&run["task"], &run["mode"], &run["outcome"]["answer"]),
        (&json!("AMEND"), &json!("LIVE"), &json!("AMENDED"))
    );
    assert_eq!(run["logs"][0], json!({ "level": "INFO", "message": "here" }), "{}", runs.text);
    assert!(
        run["shares"].as_array().unwrap().iter().any(|share| share["budget"] == "cpu_us"),
        "{}",
        runs.text
    );
    assert_eq!(plugin["health"]["failures"], 0);

    let one = "query($id: ID!, $run: String!) { pluginRun(id: $id, run: $run) { id recording outcome { answer } } }";
    let one = ana.ask(one, json!({ "id": id, "run": run["id"] }));
    assert_eq!(one.data()["pluginRun"]["outcome"]["answer"], "AMENDED");
    assert_eq!(run["replayable"], true, "{}", runs.text);
    let again = "mutation($run: String!) { pluginReplay(run: $run) { same difference } }";
    let again = ana.ask(again, json!({ "run": run["id"] }));
    let same = json!({ "same": true, "difference": null });
    assert_eq!(again.data()["pluginReplay"], same, "{}", again.text);
    let wrong = ana.ask("mutation { pluginReplay(run: \"run_1\") { same } }", json!({}));
    assert_eq!(wrong.code(), Some("INVALID_INPUT"));
}

#[test]
fn a_shadow_changes_nothing_and_a_failure_is_treated_as_said() {
    let world = World::new();
    let ana = world.client("ana");
    let id = install(&ana, &upload(&ana, &puppet(&[])), json!({ "mode": "SHADOW" }));
    let deny = json!({ "validate": [["deny", "no"]] });
    scripted(&ana, &deny).payload();
    let types = "$id: ID!, $input: PluginUpdateInput!";
    let update = |input| change(&ana, "pluginUpdate", types, json!({ "id": id, "input": input }));
    update(json!({ "mode": "ENFORCE" })).payload();
    assert_eq!(scripted(&ana, &deny).code(), Some("REJECTED"));
    let trap = json!({ "validate": [["trap"]] });
    assert_eq!(scripted(&ana, &trap).code(), Some("REJECTED"), "closed when it fails");
    update(json!({ "onFailure": "OPEN" })).payload();
    scripted(&ana, &trap).payload();
}

#[test]
fn an_automation_acts_once_on_what_has_happened_and_says_what_it_would_do() {
    let world = World::new();
    let ana = world.client("ana");
    let script = json!({ "on-event": [["comment", "$issue", "seen by the puppet"]] });
    let settings = json!({ "script": script }).to_string();
    let more = [("events = [\"issue.*\", \"comment.*\"]", "events = [\"issue.created\"]")];
    let id = install(&ana, &upload(&ana, &puppet(&more)), json!({ "settings": settings }));
    let issue = ana.issue("An automation acts");
    let document = "query($id: ID!) { issue(id: $id) { comments { nodes { body author { name kind } } } } }";
    let comments = || {
        let found = ana.ask(document, json!({ "id": issue["id"] }));
        found.data()["issue"]["comments"]["nodes"].as_array().unwrap().clone()
    };
    until("the puppet comments", || !comments().is_empty());
    assert_eq!((comments().len(), &comments()[0]["body"]), (1, &json!("seen by the puppet")));

    let rehearse =
        "mutation($id: ID!, $input: PluginRehearseInput!) { pluginRehearse(id: $id, input: $input) {
        outcome { answer } refused changes { event key } } }";
    let would = ana.ask(rehearse, json!({ "id": id, "input": { "issueId": issue["id"] } }));
    let would = &would.data()["pluginRehearse"];
    assert_eq!(
        (&would["outcome"]["answer"], &would["changes"][0]["event"]),
        (&json!("DONE"), &json!("comment.created"))
    );
    assert_eq!(comments().len(), 1, "a rehearsal writes nothing");
    let waits =
        "query($id: ID!) { plugin(id: $id) { backlog { events { about } requests { about } place head }
        deadLetters { nodes { id } totalCount } } }";
    let waits = ana.ask(waits, json!({ "id": id }));
    assert_eq!(
        waits.data()["plugin"]["deadLetters"],
        json!({ "nodes": [], "totalCount": 0 }),
        "{}",
        waits.text
    );
}

#[test]
fn a_backtest_tells_what_a_plugin_would_have_denied_and_writes_nothing() {
    let world = World::new();
    let ana = world.client("ana");
    for title in ["One", "Two", "Three"] {
        ana.issue(title);
    }
    let script = json!({ "validate": [["deny", "too vague"]] });
    let settings = json!({ "script": script }).to_string();
    let id = install(&ana, &upload(&ana, &puppet(&[])), json!({ "settings": settings, "enable": false }));
    let head = ana.log_head();
    let start =
        "mutation($id: ID!) { pluginBacktestStart(input: { pluginId: $id }) { success userErrors { message }
        backtest { id status } } }";
    let begun = ana.ask(start, json!({ "id": id })).payload()["backtest"]["id"].clone();
    let document = "query($id: String!) { pluginBacktest(backtest: $id) { status total done denied why
        findings(first: 2) { next nodes { key effect message event actor { name } } } } }";
    let look = || ana.ask(document, json!({ "id": begun })).data()["pluginBacktest"].clone();
    until("the backtest is done", || look()["status"] != "RUNNING");
    let found = look();
    assert_eq!((&found["status"], &found["denied"]), (&json!("DONE"), &json!(3)), "{found}");
    assert_eq!(
        (&found["findings"]["nodes"][0]["message"], &found["findings"]["next"]),
        (&json!("too vague"), &json!("2"))
    );
    assert_eq!(ana.log_head(), head, "nothing was written");
    let cancel =
        "mutation($id: String!) { pluginBacktestCancel(backtest: $id) { success backtest { status } } }";
    ana.ask(cancel, json!({ "id": begun })).payload();
}

#[test]
fn a_board_shows_the_states_that_a_plugin_closes_and_asks_it_once() {
    let world = World::new();
    let ana = world.client("ana");
    let others = (0..5).map(|n| ana.issue(&format!("Another {n}"))).count();
    // The script of the first issue of a list counts for all of it, and the newest comes first.
    let script = json!({ "next-states": [["disable", { "in_progress": "first things first" }]] });
    scripted(&ana, &script).payload();
    let id = install(&ana, &upload(&ana, &puppet(&[])), json!({}));
    let board =
        "{ issues { nodes { title allowedTransitions { to { name } allowed reasons { code message } } } } }";
    let totals = "query($id: ID!) { plugin(id: $id) { runs { totals { runs } } } }";
    let runs = || {
        let told = ana.ask(totals, json!({ "id": id }));
        let hours = told.data()["plugin"]["runs"]["totals"].as_array().unwrap().clone();
        hours.iter().filter_map(|hour| hour["runs"].as_u64()).sum::<u64>()
    };
    let before = runs();
    let shown = ana.ask(board, json!({}));
    let nodes = shown.data()["issues"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), others + 1, "{}", shown.text);
    let closed: Vec<_> = nodes
        .iter()
        .flat_map(|node| node["allowedTransitions"].as_array().unwrap())
        .filter(|state| state["allowed"] == false)
        .collect();
    assert_eq!(closed.len(), others + 1, "{}", shown.text);
    assert_eq!(closed[0]["to"]["name"], "In Progress");
    assert_eq!(closed[0]["reasons"][0]["message"], "first things first", "{}", shown.text);
    assert_eq!(runs(), before + 1, "the whole board in one question");
}
