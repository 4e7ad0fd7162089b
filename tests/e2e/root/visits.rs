//! An operator looks into a company of a running server.

use serde_json::{Value, json};

use super::{OPERATOR, at, at_with_key, world_with_keys};
use crate::world::ACME;

#[test]
fn a_visit_begins_and_ends_at_a_running_server_in_the_companys_sight() {
    let (world, [write, root]) = world_with_keys(["write", "admin"]);
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    let visit = ["root", "visit", "acme", "--reason", "ticket 4711: search finds nothing", "--minutes", "5"];
    at(&world, &write, &visit).refused_with(&["scope ADMIN, and this one has WRITE"]);
    at_with_key(&world, &root, ana.token.as_deref().unwrap(), &visit).refused_with(&["does not accept"]);
    at(&world, &root, &["root", "visit", "acme", "--reason", "look"])
        .refused_with(&["at least 10 characters"]);
    at(&world, &root, &[&visit[..], &["--operator", OPERATOR]].concat())
        .refused_with(&["leave out --operator"]);

    let begun = at(&world, &root, &visit).succeeded();
    let token = begun.stdout.trim();
    let seen = "{ visits { id operator reason scope endedAt } }";
    let visits = ana.ask(seen, json!({})).data()["visits"].clone();
    let id = visits[0]["id"].as_str().unwrap();
    assert!(begun.stderr.contains(id), "{}", begun.stderr);
    assert_eq!((&visits[0]["scope"], &visits[0]["endedAt"]), (&json!("READ"), &Value::Null));
    assert_eq!(visits.as_array().unwrap().len(), 1, "those that were refused have not begun");
    let visitor = world.nobody().with_token(ACME, token);
    assert_eq!(visitor.ask("{ tenant { slug } }", json!({})).data()["tenant"]["slug"], "acme");
    let refused = visitor.change("labelCreate", json!({ "input": { "name": "x", "color": "#d73a4a" } }));
    assert_eq!(refused.code(), Some("FORBIDDEN"));
    assert_eq!(zoe.ask(seen, json!({})).data()["visits"], json!([]));

    at(&world, &write, &["root", "end-visit", "acme", id]).refused_with(&["scope ADMIN"]);
    at(&world, &root, &["root", "end-visit", "other", id]).refused_with(&["visit"]);
    let ended = at(&world, &root, &["root", "end-visit", "acme", id]).succeeded();
    assert_eq!(ended.stdout, format!("the visit {id} to acme is over\n"));
    assert_eq!(visitor.ask("{ tenant { slug } }", json!({})).code(), Some("UNAUTHENTICATED"));
    at(&world, &root, &["root", "end-visit", "acme", id]).succeeded();
    assert!(ana.ask(seen, json!({})).data()["visits"][0]["endedAt"].is_string());
}

#[test]
fn whoever_revokes_a_key_ends_the_visits_that_were_begun_with_it() {
    let (world, [taken, root]) = world_with_keys(["admin", "admin"]);
    let visit = ["root", "visit", "acme", "--reason", "ticket 4711: search finds nothing"];
    let token = at(&world, &taken, &visit).succeeded().stdout.trim().to_owned();
    let visitor = world.nobody().with_token(ACME, &token);
    assert!(visitor.ask("{ tenant { slug } }", json!({})).code().is_none());
    let key = taken.ask("{ viewer { keyId } }", json!({}))["viewer"]["keyId"].as_str().unwrap().to_owned();
    at(&world, &root, &["root", "key", "revoke", &key]).succeeded();
    assert_eq!(visitor.ask("{ tenant { slug } }", json!({})).code(), Some("UNAUTHENTICATED"));
}
