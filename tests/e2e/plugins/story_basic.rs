//! A Basic company wants plugins, and is told in words and for programs what it takes. Then it buys that, and gives it up.

use super::desk::{self, Desk, assert_refused, close, kept, word};
use super::platform::Platform;
use super::{guest, send};
use crate::world::{Client, World};
use serde_json::{Value, json};

const PLUGIN: &str = "mortise.required-fields";
const SETTINGS: &str = r#"{"rules":[{"fields":["estimate"]}]}"#;
const TAKE: [&str; 6] = ["catalogue", "install", PLUGIN, "--settings", SETTINGS, "--enable"];

#[test]
fn a_basic_company_is_told_which_tier_it_needs_and_has_plugins_as_long_as_it_is_there() {
    let mut world = World::founded_on("sled");
    world.run(&["tenant", "tier", "acme", "basic"]).succeeded();
    let (key, platform) = (desk::key(&world), Platform::of(&world));
    platform.serve(&mut world);
    platform.offers(&world, &kept(&world, "required-fields.wasm", guest("required-fields")));
    let (ana, at) = (world.client("ana"), Desk::of(&world, &key));
    an_own_plugin_needs_platinum(&world, &ana, &at);
    a_published_one_needs_premium(&ana, &at);
    nothing_was_kept(&ana);

    platform.moves_the_company_to(&mut world, "premium");
    let (ana, at) = (world.client("ana"), Desk::of(&world, &key));
    let issue = in_premium_the_same_words_install_it(&ana, &at);

    platform.moves_the_company_to(&mut world, "basic");
    let (ana, at) = (world.client("ana"), Desk::of(&world, &key));
    what_the_company_may_not_have_any_more_is_not_asked(&ana, &at, &issue);
}

/// The endpoint takes components as bytes, so its refusal is read where that of any endpoint stands.
fn an_own_plugin_needs_platinum(world: &World, ana: &Client, at: &Desk) {
    let wasm = guest("estimate-gate-rust");
    let (status, answer) = send(ana, "POST /plugins", &wasm);
    let said = &answer["errors"][0]["extensions"];
    assert_eq!((status, &said["code"]), (403, &json!("ENTITLEMENT_EXCEEDED")), "{answer}");
    assert_eq!((&said["key"], &said["upgradeTo"]), (&json!("plugins"), &json!("PLATINUM")), "{answer}");
    assert_eq!((&said["limit"], &said["used"]), (&json!(0), &json!(0)), "{answer}");

    let file = kept(world, "estimate-gate.wasm", wasm);
    at.plugin(&["upload", word(&file)]).refused_with(&["not included in the tier BASIC", "PLATINUM"]);
}

fn a_published_one_needs_premium(ana: &Client, at: &Desk) {
    let offered = at.told(&["catalogue", "list"]);
    assert_eq!(offered[0]["plugin"], PLUGIN, "what there is to buy is shown: {offered}");
    let answer = take(ana);
    let error = &answer["userErrors"][0];
    assert_eq!((&answer["success"], &error["code"]), (&json!(false), &json!("ENTITLEMENT_EXCEEDED")));
    assert_eq!(
        error["exceeded"],
        json!({ "key": "plugins", "limit": 0, "upgradeTo": "PREMIUM" }),
        "{answer}"
    );
    at.plugin(&TAKE).refused_with(&["not included in the tier BASIC", "PREMIUM"]);
}

fn take(ana: &Client) -> Value {
    let document = "mutation($input: PluginInstallInput!) { pluginInstall(input: $input) {
        success plugin { id } userErrors { code message exceeded { key limit upgradeTo } } } }";
    let input = json!({ "catalogue": { "plugin": PLUGIN }, "settings": SETTINGS, "enable": true });
    ana.ask(document, json!({ "input": input })).data()["pluginInstall"].clone()
}

fn nothing_was_kept(ana: &Client) {
    let there = ana.ask("{ plugins { id } pluginCodes { digest } }", json!({}));
    assert_eq!(there.data(), &json!({ "plugins": [], "pluginCodes": [] }));
    close(ana, &ana.issue("Moved as ever")).payload();
}

/// An issue that the plugin keeps open.
fn in_premium_the_same_words_install_it(ana: &Client, at: &Desk) -> Value {
    at.plugin(&TAKE).succeeded();
    let issue = ana.issue("Of unknown size");
    let said = json!([
        [null, "\u{201c}Closed\u{201d} needs an estimate"],
        ["estimate", "must be filled for \u{201c}Closed\u{201d}"],
    ]);
    assert_refused(&close(ana, &issue), &said);
    issue
}

fn what_the_company_may_not_have_any_more_is_not_asked(ana: &Client, at: &Desk, issue: &Value) {
    assert_eq!(at.told(&["list"])[0]["plugin"], PLUGIN, "it stays");
    close(ana, issue).payload();
    at.plugin(&["disable", PLUGIN]).succeeded();
    at.plugin(&["enable", PLUGIN]).refused_with(&["not included in the tier BASIC", "PREMIUM"]);
    at.plugin(&["remove", PLUGIN, "--yes"]).succeeded();
    assert_eq!(at.told(&["list"]), json!([]));
}
