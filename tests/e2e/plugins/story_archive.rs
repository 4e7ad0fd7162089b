//! Before a rule counts, it is tried on years of a real project: those of an archive that the company has brought in.
//!
//! The archive is found as `archive` says; the test that does not find it says so and passes.

use super::desk::{self, Desk, kept, word};
use super::guest;
use crate::world::{Client, World, archive};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PLUGIN: &str = "mortise.required-fields";
const TEAM: &str = "TLS13";

/// Years of the archive that are looked at.
const SINCE: &str = "2016-01-01T00:00:00.000Z";

#[test]
fn a_rule_is_tried_on_years_of_a_real_project_and_nothing_is_written() {
    let Some(file) = archive("tls13-spec.json") else { return };
    let mut world = World::founded_on("sled");
    world.run(&["import", "github", word(&file), "--tenant", "acme", "--team", TEAM]).succeeded();
    let key = desk::key(&world);
    world.start();
    let (ana, at) = (world.client("ana"), Desk::of(&world, &key));
    nothing_is_closed_without_a_label(&world, &at);
    let unlabeled = closed_without_a_label(&ana);
    assert!(unlabeled.len() > 10, "the archive has some: {}", unlabeled.len());

    let head = ana.log_head();
    let found = backtest(&at, &["--since", SINCE]);
    assert_eq!(denied(&found), unlabeled.iter().map(String::as_str).collect(), "{}", found["status"]);
    assert!(found["asked"].as_u64().unwrap() > unlabeled.len() as u64, "others were let pass");
    // A part of it alone: pull requests carry a label of their own.
    let pulls = backtest(&at, &["--since", SINCE, "--query", "label:pull-request"]);
    assert_eq!((denied(&pulls).len(), pulls["asked"].as_u64().unwrap() > 0), (0, true), "{pulls}");
    assert_eq!(ana.log_head(), head, "nothing was written");
    assert_eq!(at.told(&["runs", PLUGIN])["nodes"], json!([]), "what might have been is no run");
}

/// The company has the rule, and it takes no part yet.
fn nothing_is_closed_without_a_label(world: &World, at: &Desk) {
    let file = kept(world, "required-fields.wasm", guest("required-fields"));
    at.plugin(&["upload", word(&file)]).succeeded();
    let settings = r#"{"rules":[{"fields":["labels"]}]}"#;
    let installed = at.told(&["install", PLUGIN, "--settings", settings, "--shadow"]);
    assert_eq!(installed["plugin"]["status"], "DISABLED", "{installed}");
}

/// What the rule would have denied, counted by other means: an imported issue is created as it was at its end.
fn closed_without_a_label(ana: &Client) -> BTreeSet<String> {
    let document = "query($after: String, $filter: IssueFilter) {
        issues(first: 250, after: $after, filter: $filter) {
            nodes { identifier createdAt state { category } labels { name } }
            pageInfo { hasNextPage endCursor } } }";
    let lacks = |issue: &&Value| {
        issue["state"]["category"] == "COMPLETED"
            && issue["labels"].as_array().unwrap().is_empty()
            && issue["createdAt"].as_str().unwrap() >= SINCE
    };
    let (mut found, mut after) = (BTreeSet::new(), Value::Null);
    loop {
        let variables = json!({ "after": after, "filter": { "team": { "key": { "eq": TEAM } } } });
        let page = ana.ask(document, variables).data()["issues"].clone();
        let lacking = page["nodes"].as_array().unwrap().iter().filter(lacks);
        found.extend(lacking.map(|issue| issue["identifier"].as_str().unwrap().to_owned()));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            return found;
        }
    }
}

#[track_caller]
fn backtest(at: &Desk, more: &[&str]) -> Value {
    let found = at.told(&[&["backtest", PLUGIN, "--findings", "10000"], more].concat());
    assert_eq!(found["status"], "DONE", "{}", found["why"]);
    found
}

/// The keys of the issues that it would have seen denied; it found nothing else.
pub(super) fn denied(found: &Value) -> BTreeSet<&str> {
    let findings = found["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["effect"] == "DENIED"), "{found}");
    assert_eq!(found["denied"], findings.len(), "{found}");
    findings.iter().map(|finding| finding["key"].as_str().unwrap()).collect()
}
