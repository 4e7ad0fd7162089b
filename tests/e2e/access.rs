//! Keys, sessions and visits over real HTTP, with proxies, restarts and another company beside.

use serde_json::{Value, json};

use crate::isolation::{Things, nobodys, without};
use crate::world::{ACME, Client, OTHER, PASSWORD, World, email};

const VIEWER: &str = "{ viewer { name } }";

fn make_key(client: &Client, input: &Value) -> Value {
    let document = "mutation($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) {
        success secret apiKey { id } userErrors { code message } } }";
    client.ask(document, json!({ "input": input })).data()["apiKeyCreate"].clone()
}

#[test]
fn whatever_lets_somebody_in_is_nowhere_for_another_company() {
    let mut world = World::new();
    world.visit(&[ACME, OTHER], "to be seen");
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    let things = |client, word| Things::made_by(client, word).with_ways_in(client, word);
    let (ours, theirs) = (things(&ana, ACME.canary), things(&zoe, OTHER.canary));
    let errors = "success userErrors { field code message }";
    let documents = [
        ("idp", format!("mutation($id: ID!) {{ identityProviderDelete(id: $id) {{ {errors} }} }}")),
        (
            "idp",
            format!(
                "mutation($id: ID!) {{ identityProviderUpdate(id: $id, input: {{name: \"x\"}}) {{ {errors} }} }}"
            ),
        ),
        (
            "idp",
            format!(
                "mutation($id: ID!) {{ memberUnlink(id: \"{}\", providerId: $id) {{ {errors} }} }}",
                ours.id("usr")
            ),
        ),
        (
            "usr",
            format!(
                "mutation($id: ID!) {{ memberUnlink(id: $id, providerId: \"{}\") {{ {errors} }} }}",
                ours.id("idp")
            ),
        ),
        ("key", format!("mutation($id: ID!) {{ apiKeyRevoke(id: $id) {{ {errors} }} }}")),
        ("ses", format!("mutation($id: ID!) {{ sessionRevoke(id: $id) {{ {errors} }} }}")),
        ("visit", format!("mutation($id: ID!) {{ visitEnd(id: $id) {{ {errors} }} }}")),
        ("usr", format!("mutation($id: ID!) {{ sessionRevoke(memberId: $id) {{ {errors} }} }}")),
        ("usr", format!("mutation($id: ID!) {{ secondFactorReset(memberId: $id) {{ {errors} }} }}")),
        (
            "usr",
            format!(
                "mutation($id: ID!) {{ apiKeyCreate(input: {{memberId: $id, name: \"x\"}}) {{ {errors} }} }}"
            ),
        ),
        ("usr", "query($id: ID!) { sessions(memberId: $id) { id } }".to_owned()),
        ("usr", "query($id: ID!) { apiKeys(memberId: $id) { id } }".to_owned()),
        ("usr", "query($id: ID!) { secondFactor(memberId: $id) { enabledAt } }".to_owned()),
    ];
    for client in [&ana, &world.client("adam"), &world.client("uwe")] {
        for (kind, document) in &documents {
            let ask = |id: &str| without(id, &client.ask(document, json!({ "id": id })));
            let foreign = theirs.id(kind);
            assert_eq!(ask(foreign), ask(&nobodys(foreign)), "{document}");
        }
    }
    let still = zoe.ask("{ sessions { id } apiKeys { revokedAt } identityProviders { id } }", json!({}));
    assert_eq!(still.data()["identityProviders"][0]["id"], theirs.id("idp"));
    assert_eq!(still.data()["apiKeys"][0]["revokedAt"], Value::Null);
    assert_ne!(ours.id("ses"), theirs.id("ses"));
}

#[test]
fn a_key_bound_to_this_machine_works_here_and_no_header_moves_a_client() {
    let world = World::new();
    let ana = world.client("ana");
    for (networks, good) in [(json!(["127.0.0.0/8"]), true), (json!(["192.0.2.0/24"]), false)] {
        let made = make_key(&ana, &json!({ "name": "bound", "networks": networks, "scope": "READ" }));
        let client = ana.with_token(ACME, made["secret"].as_str().unwrap());
        assert_eq!(client.ask(VIEWER, json!({})).code().is_none(), good, "{networks}");
        let body = json!({ "query": VIEWER }).to_string();
        let headers = [("content-type", "application/json"), ("x-forwarded-for", "192.0.2.1")];
        let forwarded = client.post(&headers, body.as_bytes()).unwrap();
        assert_eq!(forwarded.status == 200, good, "nobody is a proxy unless the operator says so");
    }
}

#[test]
fn a_key_for_reading_reads_and_is_told_why_it_may_not_write() {
    let world = World::new();
    let ana = world.client("ana");
    let made = make_key(&ana, &json!({ "name": "reader" }));
    let reader = ana.with_token(ACME, made["secret"].as_str().unwrap());
    assert_eq!(reader.ask(VIEWER, json!({})).data()["viewer"]["name"], "ana");
    let team = reader.id_of("teams", "ENG");
    let answer = reader.change("issueCreate", json!({ "input": { "teamId": team, "title": "x" } }));
    assert_eq!(answer.code(), Some("FORBIDDEN"));
    assert!(answer.text.contains("reaches as far as READ"), "{}", answer.text);
    let more = make_key(&reader, &json!({ "name": "more", "scope": "ADMIN" }));
    assert_eq!(more["userErrors"][0]["code"], "FORBIDDEN");
}

#[test]
fn guesses_are_slowed_down_for_everybody_alike() {
    let world = World::new();
    let nobody = world.nobody();
    for name in ["uwe", "nobody-at-all"] {
        let codes: Vec<_> = (0..8)
            .map(|n| {
                let answer = nobody.ask_to_sign_in("acme", &email(name), &format!("guess {n}"));
                answer.code().unwrap().to_owned()
            })
            .collect();
        assert!(codes[..5].iter().all(|code| code == "UNAUTHENTICATED"), "{codes:?}");
        assert!(codes[5..].iter().any(|code| code == "RATE_LIMITED"), "{codes:?}");
    }
    assert!(
        nobody.ask_to_sign_in("acme", &email("una"), PASSWORD).code().is_none(),
        "others sign in from here"
    );
}

#[test]
fn a_visit_is_made_on_the_command_line_and_ended_by_the_company() {
    let mut world = World::new();
    let token = world.visit(&[ACME], "they asked us to look").remove(0);
    let visitor = world.nobody().with_token(ACME, &token);
    let seen = visitor.ask("{ viewer { name } tenant { slug } }", json!({}));
    assert_eq!(seen.data(), &json!({ "viewer": null, "tenant": { "slug": "acme" } }));
    let refused = visitor.change("labelCreate", json!({ "input": { "name": "x", "color": "#d73a4a" } }));
    assert_eq!(refused.code(), Some("FORBIDDEN"));
    let ana = world.client("ana");
    let visits = ana.ask("{ visits { id reason operator } }", json!({}));
    assert_eq!(visits.data()["visits"][0]["reason"], "they asked us to look");
    let end = "mutation($id: ID!) { visitEnd(id: $id) { success } }";
    let ended = ana.ask(end, json!({ "id": visits.data()["visits"][0]["id"] }));
    assert_eq!(ended.data()["visitEnd"]["success"], true);
    assert_eq!(visitor.ask(VIEWER, json!({})).code(), Some("UNAUTHENTICATED"));
    let zoe = world.nobody().sign_in(OTHER, &email("zoe"), PASSWORD);
    assert_eq!(zoe.ask("{ visits { id } }", json!({})).data()["visits"], json!([]));
}
