//! The catalogue: signed versions are published by whoever runs the platform, installed by companies, and withdrawn.

use super::{PLUGIN, puppet};
use crate::root::OPERATOR;
use crate::world::{Response, World, send};
use mortise_plugins::manifest::Manifest;
use mortise_plugins::signing::SigningKey;
use serde_json::{Value, json};

fn publish(world: &World, key: &str, wasm: &[u8], by: &SigningKey) -> Response {
    publish_at("/root/plugins", world, key, wasm, by)
}

fn publish_at(path: &str, world: &World, key: &str, wasm: &[u8], by: &SigningKey) -> Response {
    let manifest = Manifest::text_of_component(wasm).unwrap();
    let digest = mortise_plugins::host::Digest::of(wasm);
    let signature = by.sign(&digest.0, manifest).unwrap().to_string();
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("mortise-signature", signature.as_str())];
    send(world.nobody().address, &format!("POST {path}"), &headers, wasm).unwrap()
}

fn ask_root(world: &World, key: &str, document: &str) -> Value {
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let body = json!({ "query": document }).to_string();
    let answer = send(world.nobody().address, "POST /root/graphql", &headers, body.as_bytes()).unwrap();
    serde_json::from_str(&answer.body).unwrap()
}

#[test]
fn a_signed_version_is_published_installed_and_withdrawn() {
    let mut world = World::founded_on("sled");
    let create = ["root", "create", "--email", OPERATOR, "--password-stdin"];
    world.run_with_input(&create, "an operators own passphrase\n").succeeded();
    let keys = ["write", "read"].map(|scope| {
        let words = ["root", "key", "create", "--operator", OPERATOR, "--name", scope, "--scope", scope];
        world.run(&words).succeeded().stdout.trim().to_owned()
    });
    let [key, reader] = &keys;
    let (ours, other) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
    let file = world.beside("catalogue.keys");
    std::fs::write(&file, format!("{}\n", ours.public_key())).unwrap();
    world.start_with(&["--no-rate-limits", "--plugin-keys", file.to_str().unwrap()]);

    let wasm = puppet(&[]);
    let refused = publish(&world, key, &wasm, &other);
    assert_eq!(refused.status, 400, "{refused:?}");
    assert_eq!(publish(&world, reader, &wasm, &ours).status, 403);
    assert_eq!(publish(&world, "nonsense", &wasm, &ours).status, 401);
    let published = publish(&world, key, &wasm, &ours);
    assert_eq!(published.status, 200, "{published:?}");
    let whole = ask_root(&world, key, "{ pluginCatalogue { plugin pluginVersion signedBy } }");
    assert_eq!(whole["data"]["pluginCatalogue"][0]["plugin"], "test.puppet", "{whole}");

    let ana = world.client("ana");
    let offered =
        ana.ask("{ pluginCatalogue { plugin pluginVersion asksFor withdrawn { reason } } }", json!({}));
    assert_eq!(offered.data()["pluginCatalogue"][0]["pluginVersion"], "1.0.0");
    let install = format!(
        "mutation {{ pluginInstall(input: {{ catalogue: {{ plugin: \"test.puppet\" }}, enable: true }}) {{ {PLUGIN} }} }}"
    );
    let installed = ana.ask(&install, json!({}));
    assert_eq!(installed.payload()["plugin"]["status"], "ENABLED");
    let origin = ana.ask("{ plugins { origin } }", json!({}));
    assert_eq!(origin.data()["plugins"], json!([{ "origin": "CURATED" }]));

    let withdraw = "mutation { pluginWithdraw(plugin: \"test.puppet\", version: \"1.0.0\", reason: \"a fault\", stops: true) {
        success userErrors { code } entry { withdrawn { reason stops } } } }";
    let withdrawn = ask_root(&world, key, withdraw);
    assert_eq!(
        withdrawn["data"]["pluginWithdraw"]["entry"]["withdrawn"],
        json!({ "reason": "a fault", "stops": true })
    );
    let denied = ask_root(&world, reader, withdraw);
    assert_eq!(denied["data"]["pluginWithdraw"]["userErrors"], json!([{ "code": "FORBIDDEN" }]), "{denied}");
    let zoe = world.client("zoe");
    assert!(zoe.ask(&install, json!({})).code().is_some(), "it is offered no more");
    let deny = json!({ "validate": [["deny", "no"]] });
    let refused = super::scripted(&ana, &deny);
    assert_eq!(refused.code(), Some("REJECTED"), "as when it fails: {}", refused.text);

    let refused = publish(&world, key, &wasm, &ours);
    let error: Value = serde_json::from_str(&refused.body).unwrap();
    assert_eq!(error["errors"][0]["extensions"]["field"], "again", "{refused:?}");
    let unread = publish_at("/root/plugins?agian=true", &world, key, &wasm, &ours);
    assert_eq!(unread.status, 400, "{unread:?}");
    let again = publish_at("/root/plugins?again=true", &world, key, &wasm, &ours);
    assert_eq!(again.status, 200, "{again:?}");
    assert_eq!(super::scripted(&ana, &json!({})).code(), None, "it runs again");
}
