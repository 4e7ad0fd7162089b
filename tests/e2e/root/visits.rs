//! An operator looks into a company of a running server, and domains are taken there as companies' own.

use serde_json::{Value, json};

use super::console::{at, at_with_key};
use super::{OPERATOR, world_with_keys};
use crate::world::{ACME, mortise_with_input};

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

#[test]
fn a_command_for_the_folder_alone_does_nothing_while_the_environment_names_a_server() {
    let (mut world, [root]) = world_with_keys(["admin"]);
    let file = root.file(&world, "root.key");
    let server = format!("http://{}", root.address);
    world.stop();
    let data = world.data();
    let run = |words: &[&str], server: &str| {
        let mut command = crate::world::mortise(words);
        command.env("MORTISE_DATA", &data).env("MORTISE_SERVER", server).env("MORTISE_TOKEN_FILE", &file);
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (output.status.success(), text)
    };
    let why = "ticket 4711: they asked for it";
    let alone: [&[&str]; 4] = [
        &["root", "create", "--email", "new@example.com"],
        &["root", "key", "create", "--operator", OPERATOR, "--name", "new"],
        &["token", "create", "--tenant", "acme", "--member", "ana@example.com"],
        &["mail", "list", "--tenant", "acme"],
    ];
    for words in alone {
        let (done, text) = run(words, &server);
        assert!(!done && text.contains("nothing was done; unset MORTISE_SERVER"), "{words:?}: {text}");
        assert!(!text.contains("iss_"), "{words:?}: {text}");
    }
    // The server is gone, and none of these is done in its folder instead.
    let there: [&[&str]; 13] = [
        &["tenant", "list"],
        &["tenant", "suspend", "acme"],
        &["tenant", "domain", "acme"],
        &["tenant", "limits", "acme"],
        &["member", "list", "--tenant", "acme"],
        &["member", "invite", "--tenant", "acme", "--email", "ida@example.com", "--reason", why],
        &["member", "suspend", "--tenant", "acme", "--member", "uwe@example.com", "--reason", why],
        &["member", "add-service", "--tenant", "acme", "--name", "Deployer", "--reason", why],
        &["member", "reset-second-factor", "--tenant", "acme", "--email", "uwe@example.com", "--reason", why],
        &["root", "visit", "acme", "--reason", why],
        &["root", "end-visit", "acme", "ses_01k0zr5v8q3m7t1c9d4f6h8j0n"],
        &["root", "key", "list"],
        &["job", "list"],
    ];
    for words in there {
        let (done, text) = run(words, &server);
        assert!(!done && text.contains("127.0.0.1"), "{words:?}: {text}");
    }
    // One that is empty names none.
    let (done, text) = run(&["member", "list", "--tenant", "acme"], "");
    assert!(done && text.contains("uwe\tuwe@example.com\tuser\tactive"), "{text}");
    let list = ["member", "list", "--tenant", "acme", "--data", data.to_str().unwrap()];
    assert!(mortise_with_input(&list, "").succeeded().stdout.contains("una\tuna@example.com\tuser\tactive"));
}
