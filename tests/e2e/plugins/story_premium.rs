//! An admin of a Premium company takes a rule off the shelf: whoever runs the platform has signed and published it.

use super::desk::{self, Desk, assert_refused, close, issue, kept, word};
use super::platform::Platform;
use super::{guest, send};
use crate::world::{Client, World};
use mortise_plugins::manifest::{Manifest, pack};
use serde_json::{Value, json};

const PLUGIN: &str = "mortise.required-fields";
const TWO_FIELDS: &str = r#"{"rules":[{"fields":["assignees","estimate"]}]}"#;

#[test]
fn an_admin_takes_a_published_rule_and_its_next_version() {
    let mut world = World::founded_on("sled");
    world.run(&["tenant", "tier", "acme", "premium"]).succeeded();
    let (key, platform) = (desk::key(&world), Platform::of(&world));
    platform.serve(&mut world);
    let (ana, uwe, at) = (world.client("ana"), world.client("uwe"), Desk::of(&world, &key));

    the_shelf_is_empty(&at);
    the_platform_offers(&world, &platform, "1.0.0");
    platform.keys_are_told_apart(&world, &at, &world.beside("required-fields.wasm"));
    the_admin_finds_it_and_reads_what_it_asks_for(&ana, &at);
    settings_that_do_not_fit_are_refused_beside_their_field(&ana);
    the_admin_looks_before_granting(&at);
    the_admin_installs_it(&at);
    a_move_is_denied_with_the_fields_that_it_lacks(&ana, &uwe);
    the_platform_offers(&world, &platform, "1.1.0");
    the_admin_takes_the_next_version(&at);
    an_own_plugin_needs_platinum(&world, &ana, &at);
}

fn the_shelf_is_empty(at: &Desk) {
    assert_eq!(at.told(&["catalogue", "list"]), json!([]));
    at.plugin(&["catalogue", "install", PLUGIN]).refused_with(&[PLUGIN, "catalogue"]);
}

/// The guest as this version.
fn the_platform_offers(world: &World, platform: &Platform, version: &str) {
    let wasm = guest("required-fields");
    let manifest = String::from_utf8(Manifest::text_of_component(&wasm).unwrap().to_vec()).unwrap();
    let first = "version = \"1.0.0\"";
    assert!(manifest.contains(first), "{manifest}");
    let wasm = pack(&wasm, &manifest.replace(first, &format!("version = \"{version}\""))).unwrap();
    let offered = platform.offers(world, &kept(world, "required-fields.wasm", wasm));
    assert_eq!((&offered["plugin"], &offered["pluginVersion"]), (&json!(PLUGIN), &json!(version)));
}

fn the_admin_finds_it_and_reads_what_it_asks_for(ana: &Client, at: &Desk) {
    let offered = at.told(&["catalogue", "list"]);
    let entry = &offered[0];
    assert_eq!((&entry["plugin"], &entry["pluginVersion"]), (&json!(PLUGIN), &json!("1.0.0")));
    let wishes = entry["asksFor"].as_array().unwrap();
    assert!(wishes.contains(&json!("refuse moving issues to another state")), "{entry}");
    let document = "{ pluginCatalogue { settingsSchema requested { issuesRead issuesWrite kv http } } }";
    let shown = ana.ask(document, json!({})).data()["pluginCatalogue"][0].clone();
    assert!(shown["settingsSchema"].as_str().unwrap().contains("All rules that fit an issue count."));
    let nothing = json!({ "issuesRead": false, "issuesWrite": false, "kv": false, "http": [] });
    assert_eq!(shown["requested"], nothing);
}

fn settings_that_do_not_fit_are_refused_beside_their_field(ana: &Client) {
    let document = "mutation($input: PluginInstallInput!) { pluginInstall(input: $input) {
        plugin { id } userErrors { code field } } }";
    let input = json!({ "catalogue": { "plugin": PLUGIN }, "settings": "{\"rules\":[{\"fields\":7}]}" });
    let refused = ana.ask(document, json!({ "input": input }));
    let field = refused.refusal().unwrap().1.as_str().unwrap_or_default().to_owned();
    assert_eq!(refused.code(), Some("INVALID_INPUT"), "{}", refused.text);
    assert!(field.starts_with("settings.rules"), "{}", refused.text);
}

fn the_admin_looks_before_granting(at: &Desk) {
    let shelf = at.plugin(&["catalogue", "list"]).succeeded().stdout;
    assert!(shelf.contains("asks to refuse moving issues to another state"), "{shelf}");
    let take = ["catalogue", "install", PLUGIN, "--settings", TWO_FIELDS, "--team", "ENG", "--dry-run"];
    let said = at.plugin(&take).succeeded().stdout;
    for part in ["would be installed", "would be granted", "asks to refuse moving issues to another state"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("pin_"), "an id that is never there: {said}");
    let told = at.told(&take);
    assert_eq!((&told["plugin"]["id"], &told["plugin"]["plugin"]), (&Value::Null, &json!(PLUGIN)), "{told}");
    assert_eq!(at.told(&["list"]), json!([]), "nothing was installed");
}

fn the_admin_installs_it(at: &Desk) {
    let take = ["catalogue", "install", PLUGIN, "--settings", TWO_FIELDS, "--enable"];
    let installed = at.told(&take);
    assert_eq!(installed["plugin"]["status"], "ENABLED", "{installed}");
    let listed = at.told(&["list"]);
    assert_eq!((&listed[0]["origin"], &listed[0]["pluginVersion"]), (&json!("CURATED"), &json!("1.0.0")));
}

fn a_move_is_denied_with_the_fields_that_it_lacks(ana: &Client, uwe: &Client) {
    let issue = issue(uwe, "Nobody's, of unknown size", &json!({}));
    let why = "\u{201c}Closed\u{201d} needs somebody assigned and an estimate";
    let beside = "must be filled for \u{201c}Closed\u{201d}";
    let said = json!([[null, why], ["assignees", beside], ["estimate", beside]]);
    assert_refused(&close(uwe, &issue), &said);
    assert_eq!(closed_on_the_board(uwe, &issue), why, "a board says it beforehand");
    let filled = json!({ "assigneeIds": [ana.id_of("members", "uwe")], "estimate": 2 });
    uwe.change("issueUpdate", json!({ "id": issue["id"], "input": filled })).payload();
    close(uwe, &issue).payload();
}

/// Why the issue cannot go to its end, as it is shown before anybody tries.
fn closed_on_the_board(client: &Client, issue: &Value) -> String {
    let document = "query($id: ID!) { issue(id: $id) {
        allowedTransitions { to { name } allowed reasons { message } } } }";
    let shown = client.ask(document, json!({ "id": issue["id"] }));
    let moves = shown.data()["issue"]["allowedTransitions"].as_array().unwrap().clone();
    let end = moves.iter().find(|one| one["to"]["name"] == "Closed").unwrap();
    assert_eq!(end["allowed"], false, "{}", shown.text);
    end["reasons"][0]["message"].as_str().unwrap_or_default().to_owned()
}

fn the_admin_takes_the_next_version(at: &Desk) {
    let upgraded = at.told(&["upgrade", PLUGIN, "--catalogue"]);
    assert_eq!(upgraded["plugin"]["pluginVersion"], "1.1.0", "{upgraded}");
    assert_eq!(upgraded["permissionChanges"], json!([]), "it asks for nothing else");
    let shown = at.told(&["show", PLUGIN]);
    assert_eq!(shown["earlierVersions"][0]["pluginVersion"], "1.0.0", "{shown}");
    let settings: Value = serde_json::from_str(shown["settings"].as_str().unwrap()).unwrap();
    assert_eq!(settings, serde_json::from_str::<Value>(TWO_FIELDS).unwrap(), "settings stay");
}

fn an_own_plugin_needs_platinum(world: &World, ana: &Client, at: &Desk) {
    let wasm = guest("estimate-gate-rust");
    let (status, answer) = send(ana, "POST /plugins", &wasm);
    let said = &answer["errors"][0]["extensions"];
    assert_eq!((status, &said["code"]), (403, &json!("ENTITLEMENT_EXCEEDED")), "{answer}");
    assert_eq!((&said["key"], &said["upgradeTo"]), (&json!("plugins"), &json!("PLATINUM")), "{answer}");
    let file = kept(world, "estimate-gate.wasm", wasm);
    at.plugin(&["upload", word(&file)]).refused_with(&["not included in the tier PREMIUM", "PLATINUM"]);
    assert_eq!(at.told(&["list"]).as_array().unwrap().len(), 1);
}
