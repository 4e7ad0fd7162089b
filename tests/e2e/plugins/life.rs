//! The life of an installed plugin, from its installation to its removal.

use super::{change, install, puppet, turn, upload};
use crate::world::World;
use serde_json::{Value, json};

#[test]
fn a_plugin_is_installed_changed_upgraded_rolled_back_and_removed() {
    let mut world = World::new();
    let ana = world.client("ana");
    let less = [(", \"*.example.org\"", ""), ("version = \"1.0.0\"", "version = \"0.9.0\"")];
    let one = upload(&ana, &puppet(&less));
    let two = upload(&ana, &puppet(&[]));
    let id = install(&ana, &one, json!({ "enable": false, "settings": "{\"word\":\"first\"}" }));
    let again = json!({ "input": { "digest": one, "grantAll": true } });
    assert_eq!(change(&ana, "pluginInstall", "$input: PluginInstallInput!", again).code(), Some("CONFLICT"));

    let shown = "{ plugins { id name status pluginVersion requested { http } settings settingsSchema member { name kind } } }";
    let shown = ana.ask(shown, json!({}));
    let plugin = &shown.data()["plugins"][0];
    assert_eq!(
        (&plugin["id"], &plugin["status"], &plugin["pluginVersion"]),
        (&json!(id), &json!("DISABLED"), &json!("0.9.0"))
    );
    assert!(plugin["settingsSchema"].as_str().unwrap().contains("Nothing but a value"), "{plugin}");

    let update = "$id: ID!, $input: PluginUpdateInput!";
    let team = ana.id_of("teams", "ENG");
    let new =
        json!({ "name": "Our puppet", "teamIds": [team], "order": 5, "settings": "{\"word\":\"second\"}" });
    let changed = change(&ana, "pluginUpdate", update, json!({ "id": id, "input": new }));
    let plugin = &changed.payload()["plugin"];
    assert_eq!(
        (&plugin["name"], &plugin["order"], &plugin["teams"]),
        (&json!("Our puppet"), &json!(5), &json!([{ "key": "ENG" }]))
    );
    let wrong = json!({ "id": id, "input": { "settings": "{\"word\":7}" } });
    let wrong = change(&ana, "pluginUpdate", update, wrong);
    assert_eq!(wrong.refusal(), Some((&json!("INVALID_INPUT"), &json!("settings.word"))), "{}", wrong.text);
    let stale = json!({ "id": id, "input": { "order": 1 }, "ifVersion": 1 });
    assert_eq!(
        change(&ana, "pluginUpdate", "$id: ID!, $input: PluginUpdateInput!, $ifVersion: Int", stale).code(),
        Some("CONFLICT")
    );
    assert_eq!(turn(&ana, "pluginEnable", &id).payload()["plugin"]["status"], "ENABLED");

    let shown = ana.ask("{ plugins { schedules { name cron timeZone nextAt } } }", json!({}));
    let [daily, minutely] = [0, 1].map(|at| &shown.data()["plugins"][0]["schedules"][at]);
    assert_eq!((&daily["cron"], &daily["timeZone"]), (&json!("0 0 29 2 *"), &Value::Null));
    assert!(daily["nextAt"].as_str().unwrap().ends_with("-02-29T00:00:00.000Z"), "{daily}");
    assert_eq!(minutely["timeZone"], "Europe/Vienna");
    let shown = ana.ask("{ pluginCodes { schedules { name nextAt } } }", json!({}));
    assert_eq!(shown.data()["pluginCodes"][0]["schedules"][0], json!({ "name": "daily", "nextAt": null }));

    let preview = "query($id: ID!, $digest: String!) { pluginUpgradePreview(id: $id, digest: $digest) { permission added widens } }";
    let preview = ana.ask(preview, json!({ "id": id, "digest": two }));
    assert_eq!(
        preview.data()["pluginUpgradePreview"],
        json!([{ "permission": "send requests to *.example.org", "added": true, "widens": true }])
    );
    let types = "$id: ID!, $input: PluginUpgradeInput!";
    let upgrade = |grant| json!({ "id": id, "input": { "digest": two, "grantAll": grant } });
    let refused = change(&ana, "pluginUpgrade", types, upgrade(false));
    assert_eq!(refused.refusal(), Some((&json!("REJECTED"), &json!("grant"))), "{}", refused.text);
    let upgraded = change(&ana, "pluginUpgrade", types, upgrade(true));
    let plugin = &upgraded.payload()["plugin"];
    assert_eq!(
        (&plugin["pluginVersion"], &plugin["earlierVersions"]),
        (&json!("1.0.0"), &json!([{ "pluginVersion": "0.9.0" }]))
    );
    assert_eq!(turn(&ana, "pluginRollBack", &id).payload()["plugin"]["pluginVersion"], "0.9.0");

    let reason = json!({ "id": id, "reason": "not today" });
    let off = change(&ana, "pluginDisable", "$id: ID!, $reason: String", reason);
    assert_eq!(off.payload()["plugin"]["stoppedReason"], "not today");

    // It is all there after the server was started again.
    world.stop();
    world.start();
    let ana = world.client("ana");
    let after = ana.ask("query($id: ID!) { plugin(id: $id) { name status settings } }", json!({ "id": id }));
    assert_eq!(
        after.data()["plugin"],
        json!({ "name": "Our puppet", "status": "DISABLED", "settings": "{\"word\":\"second\"}" })
    );
    turn(&ana, "pluginEnable", &id).payload();
    turn(&ana, "pluginRemove", &id).payload();
    assert_eq!(ana.ask("{ plugins { id } }", json!({})).data()["plugins"], json!([]));
    let gone = ana.ask("query($id: ID!) { plugin(id: $id) { id } }", json!({ "id": id }));
    assert_eq!(gone.data()["plugin"], Value::Null);
    let drop =
        "mutation($digest: String!) { pluginCodeRemove(digest: $digest) { success userErrors { message } } }";
    ana.ask(drop, json!({ "digest": two })).payload();
}

#[test]
fn a_secret_is_set_by_name_and_never_shown() {
    let world = World::new();
    let ana = world.client("ana");
    let id = install(&ana, &upload(&ana, &puppet(&[])), json!({ "enable": false }));
    let types = "$id: ID!, $name: String!, $value: String!";
    let set = |name: &str| json!({ "id": id, "name": name, "value": "a secret of acme that nobody reads" });
    let done = change(&ana, "pluginSecretSet", types, set("token"));
    assert_eq!(done.payload()["plugin"]["secrets"], json!(["token"]));
    assert!(!done.text.contains("that nobody reads"));
    assert_eq!(change(&ana, "pluginSecretSet", types, set("another")).code(), Some("INVALID_INPUT"));
    let gone =
        change(&ana, "pluginSecretRemove", "$id: ID!, $name: String!", json!({ "id": id, "name": "token" }));
    assert_eq!(gone.payload()["plugin"]["secrets"], json!([]));
    let kinds = ana.ask("{ auditEvents(first: 50) { nodes { kind } } }", json!({}));
    let kinds = kinds.data()["auditEvents"]["nodes"].to_string();
    assert!(kinds.contains("plugin."), "what was done with plugins is in the audit log: {kinds}");
}

#[test]
fn a_user_neither_sees_nor_changes_plugins() {
    let world = World::new();
    let (ana, uwe) = (world.client("ana"), world.client("uwe"));
    let id = install(&ana, &upload(&ana, &puppet(&[])), json!({}));
    for document in ["{ plugins { id } }", "{ pluginCodes { digest } }", "{ pluginCatalogue { plugin } }"] {
        assert_eq!(uwe.ask(document, json!({})).code(), Some("FORBIDDEN"), "{document}");
    }
    for field in ["pluginEnable", "pluginDisable", "pluginRollBack", "pluginRemove"] {
        assert_eq!(turn(&uwe, field, &id).code(), Some("FORBIDDEN"), "{field}");
    }
}

#[test]
fn a_server_without_plugins_says_so() {
    let mut world = World::new();
    world.stop();
    world.start_with(&["--no-rate-limits", "--no-plugins"]);
    let ana = world.client("ana");
    let refused = turn(&ana, "pluginEnable", "pin_00000000000000000000000000");
    assert!(refused.text.contains("runs no plugins"), "{}", refused.text);
    let response = ana.send("POST /plugins", &[], b"x").unwrap();
    assert_eq!(response.status, 404);
}
