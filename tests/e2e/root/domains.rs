//! Companies' own domains at a running server: shown, and taken as their own.

use serde_json::{Value, json};

use super::{at, world_with_keys};

#[test]
fn a_domain_is_shown_and_taken_as_the_companys_own_at_a_running_server() {
    let (mut world, [read, write, root]) = world_with_keys(["read", "write", "admin"]);
    let ana = world.client("ana");
    let show = ["tenant", "domain", "acme"];
    at(&world, &read, &show).refused_with(&["acme has named no domain"]);
    let set = "mutation($domain: String) { customDomainSet(domain: $domain) { userErrors { message } } }";
    ana.ask(set, json!({ "domain": "issues.acme.example" })).payload();
    let shown = at(&world, &read, &show).succeeded().stdout;
    assert!(shown.starts_with("issues.acme.example: leads nowhere"), "{shown}");
    assert!(shown.contains("mortise-domain="), "{shown}");
    let take = ["tenant", "domain", "acme", "--json", "--verified"];
    for (key, domain, why) in [
        (&write, "issues.acme.example", "scope ADMIN, and this one has WRITE"),
        (&root, "issues.other.example", "has not named"),
    ] {
        at(&world, key, &[&take[..], &[domain]].concat()).refused_with(&[why]);
    }
    let taken = at(&world, &root, &[&take[..], &["issues.acme.example"]].concat()).succeeded().stdout;
    let taken: Value = serde_json::from_str(&taken).unwrap();
    assert!(
        taken["verifiedAt"].is_string() && shown.contains(taken["challenge"].as_str().unwrap()),
        "{taken}"
    );
    at(&world, &read, &["tenant", "domain", "other"]).refused_with(&["other has named no domain"]);
    let operator = root.ask("{ viewer { id } }", json!({}))["viewer"]["id"].clone();
    let told = ana.ask("{ auditEvents(first: 5) { nodes { kind actorId } } }", json!({}));
    let nodes = told.data()["auditEvents"]["nodes"].as_array().unwrap();
    assert!(
        nodes.iter().any(|event| event["kind"] == "domain.updated" && event["actorId"] == operator),
        "{nodes:?}"
    );
    world.stop();
    let offline: Value =
        serde_json::from_str(&world.run(&["tenant", "domain", "acme", "--json"]).succeeded().stdout).unwrap();
    assert_eq!(offline, taken, "both say the same of a domain");
}
