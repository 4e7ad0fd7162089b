//! Plugins as those meet them who upload, install and run them: over real HTTP, with real guests.
//!
//! The guest here is the puppet, which does what a script says: that in the title of an issue, in a comment, or in its
//! settings. `cargo xtask test --only guests` builds it.

mod catalogue;
mod console;
mod desk;
mod isolation;
mod life;
mod outside;
mod part;
mod platform;
mod route;
mod story_archive;
mod story_basic;
mod story_platinum;
mod story_premium;
mod told;

use std::path::PathBuf;

use mortise_plugins::manifest::{Manifest, pack};
use serde_json::{Value, json};

use crate::world::{Answer, Client};

/// Where cargo builds, and where the stage `guests` leaves what it has built.
fn target() -> PathBuf {
    let mut target = PathBuf::from(env!("CARGO_BIN_EXE_mortise"));
    target.pop();
    target.pop();
    target
}

/// A guest by its name.
pub(crate) fn guest(name: &str) -> Vec<u8> {
    let file = target().join("plugins").join(format!("{name}.wasm"));
    std::fs::read(&file).unwrap_or_else(|error| {
        panic!("no guest at {}: run `cargo xtask test --only guests` first ({error})", file.display())
    })
}

/// The puppet, with these texts of its manifest in place of others.
pub(crate) fn puppet(replaced: &[(&str, &str)]) -> Vec<u8> {
    let wasm = guest("puppet");
    let mut manifest = String::from_utf8(Manifest::text_of_component(&wasm).unwrap().to_vec()).unwrap();
    // Nobody here wants to be woken.
    let quiet = [
        ("cron = \"* * * * *\"", "cron = \"0 0 29 2 *\""),
        ("cron = \"0 9 * * *\"", "cron = \"0 0 29 2 *\""),
    ];
    for (from, to) in quiet.iter().chain(replaced) {
        assert!(manifest.contains(from), "the puppet's manifest has no {from}");
        manifest = manifest.replace(from, to);
    }
    pack(&wasm, &manifest).unwrap()
}

/// Sends a component, and answers status and body.
#[track_caller]
pub(crate) fn send(client: &Client, what: &str, wasm: &[u8]) -> (u16, Value) {
    let response = client.send(what, &[("content-type", "application/wasm")], wasm).unwrap();
    (response.status, serde_json::from_str(&response.body).unwrap_or_default())
}

/// Uploads a component, and answers its digest.
#[track_caller]
pub(crate) fn upload(client: &Client, wasm: &[u8]) -> String {
    let (status, answer) = send(client, "POST /plugins", wasm);
    assert_eq!(status, 200, "{answer}");
    answer["digest"].as_str().unwrap().to_owned()
}

/// What is asked of a plugin wherever one comes back.
const PLUGIN: &str = "plugin { id name plugin pluginVersion digest status stoppedReason mode onFailure order settings \
    secrets version teams { key } granted { issuesRead issuesWrite kv http } earlierVersions { pluginVersion } } \
    permissionChanges { permission added widens } userErrors { field code message } success syncCursor events";

/// Runs a mutation of plugins: `field(id: $id, …)`, with its arguments written out and these variables.
#[track_caller]
pub(crate) fn change(client: &Client, field: &str, types: &str, variables: Value) -> Answer {
    let passed: String =
        variables.as_object().unwrap().keys().map(|name| format!("{name}: ${name} ")).collect();
    client.ask(&format!("mutation({types}) {{ {field}({passed}) {{ {PLUGIN} }} }}"), variables)
}

/// Runs a mutation that takes the plugin alone.
#[track_caller]
pub(crate) fn turn(client: &Client, field: &str, id: &str) -> Answer {
    change(client, field, "$id: ID!", json!({ "id": id }))
}

/// Installs code with all that it asks for, and answers the plugin's id.
#[track_caller]
pub(crate) fn install(client: &Client, digest: &str, more: Value) -> String {
    let mut input = json!({ "digest": digest, "grantAll": true, "enable": true });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let done = change(client, "pluginInstall", "$input: PluginInstallInput!", json!({ "input": input }));
    done.payload()["plugin"]["id"].as_str().unwrap().to_owned()
}

/// Makes an issue with this script as its title.
#[track_caller]
pub(crate) fn scripted(client: &Client, script: &Value) -> Answer {
    let team = client.id_of("teams", "ENG");
    client.change("issueCreate", json!({ "input": { "teamId": team, "title": script.to_string() } }))
}
