//! No company reaches the plugins of another, by whatever they are known.

use super::{change, install, puppet, turn, upload};
use crate::world::World;
use serde_json::json;

#[test]
fn a_plugin_of_another_company_is_nobodys() {
    let world = World::new();
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    let digest = upload(&ana, &puppet(&[]));
    let id = install(&ana, &digest, json!({}));
    let foreign = zoe.ask("query($id: ID!) { plugin(id: $id) { id } }", json!({ "id": id }));
    assert_eq!(foreign.data()["plugin"], json!(null));
    for field in
        ["pluginEnable", "pluginDisable", "pluginRollBack", "pluginRemove", "pluginInboundPathChange"]
    {
        assert_eq!(turn(&zoe, field, &id).code(), Some("NOT_FOUND"), "{field}");
    }
    let by_digest = json!({ "input": { "digest": digest, "grantAll": true } });
    assert_eq!(
        change(&zoe, "pluginInstall", "$input: PluginInstallInput!", by_digest).code(),
        Some("NOT_FOUND")
    );
    let runs = ana.ask("query($id: ID!) { plugin(id: $id) { runs { nodes { id } } } }", json!({ "id": id }));
    for run in runs.data()["plugin"]["runs"]["nodes"].as_array().unwrap() {
        let again = zoe
            .ask("mutation($run: String!) { pluginReplay(run: $run) { same } }", json!({ "run": run["id"] }));
        assert_eq!(again.code(), Some("NOT_FOUND"));
    }
    let rehearse =
        "mutation($id: ID!, $input: PluginRehearseInput!) { pluginRehearse(id: $id, input: $input) {
        outcome { answer } } }";
    let on = |issue: &serde_json::Value| json!({ "id": id, "input": { "issueId": issue["id"] } });
    let (ours, theirs) = (ana.issue("Ours"), zoe.issue("Theirs"));
    assert_eq!(ana.ask(rehearse, on(&ours)).data()["pluginRehearse"]["outcome"]["answer"], "DONE");
    assert_eq!(ana.ask(rehearse, on(&theirs)).code(), Some("NOT_FOUND"), "their issue");
    assert_eq!(zoe.ask(rehearse, on(&theirs)).code(), Some("NOT_FOUND"), "our plugin");
    // The same bytes are each company's own.
    assert_eq!(upload(&zoe, &puppet(&[])), digest);
    install(&zoe, &digest, json!({}));
}
