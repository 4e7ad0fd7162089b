//! The audit log over real HTTP and on the command line, through restarts, kills, and a data folder put back.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::world::{ACME, AGENT, Client, OTHER, World, email, send};

const EVENTS: &str = "query($filter: AuditFilter, $first: Int, $after: String) {
    auditEvents(filter: $filter, first: $first, after: $after) {
        nodes { id kind actorKind actorId actor { name } subjectId address userAgent requestId count details { name from to } }
        pageInfo { hasNextPage endCursor }
    } }";

fn of_kind(client: &Client, kind: &str) -> Vec<Value> {
    let answer = client.ask(EVENTS, json!({ "filter": { "kinds": [kind] }, "first": 250 }));
    answer.data()["auditEvents"]["nodes"].as_array().unwrap().clone()
}

/// Exports the audit log in somebody's name.
fn export(client: &Client, query: &str) -> (u16, String) {
    let what = format!("GET /audit/export?{query}");
    let response = client.send(&what, &[("accept", "*/*")], b"").unwrap();
    (response.status, response.body)
}

#[test]
fn who_got_in_who_did_not_and_from_where_is_told_to_super_admins_alone() {
    let world = World::new();
    let (ana, uwe) = (world.client("ana"), world.client("uwe"));
    world.nobody().ask_to_sign_in("acme", &email("uwe"), "wrong");
    world.nobody().ask_to_sign_in("acme", "nobody@example.com", "wrong");
    let refused = uwe.change("labelCreate", json!({ "input": { "name": "x", "color": "#d73a4a" } }));
    assert_eq!(refused.code(), Some("FORBIDDEN"));
    let failed = of_kind(&ana, "sign_in.failed");
    assert_eq!(failed.len(), 2, "{failed:?}");
    let of_uwe = failed.iter().find(|event| !event["subjectId"].is_null()).unwrap();
    assert_eq!(of_uwe["subjectId"], ana.id_of("members", "uwe"));
    assert_eq!((&of_uwe["address"], &of_uwe["userAgent"]), (&json!("127.0.0.1"), &json!(AGENT)));
    assert!(of_uwe["actorId"].is_null() && of_uwe["requestId"].is_string(), "{of_uwe}");
    let began = of_kind(&ana, "session.began");
    assert!(began.iter().any(|event| event["actor"]["name"] == "uwe"), "{began:?}");
    let told = of_kind(&ana, "action.refused");
    assert_eq!(
        (&told[0]["actor"]["name"], &told[0]["details"][0]["to"]),
        (&json!("uwe"), &json!("labelCreate"))
    );
    let joined = of_kind(&ana, "member.joined");
    assert!(joined.iter().any(|event| event["details"].to_string().contains("ADMIN")), "{joined:?}");
    for name in ["adam", "uwe"] {
        let client = world.client(name);
        assert_eq!(client.ask(EVENTS, json!({})).code(), Some("FORBIDDEN"));
        assert_eq!(client.ask("{ auditHead { signed } }", json!({})).code(), Some("FORBIDDEN"));
        let (status, body) = export(&client, "format=csv");
        assert!(status == 403 && body.contains("FORBIDDEN"), "{status} {body}");
    }
    let (status, _) = export(&world.nobody(), "format=csv");
    assert_eq!(status, 401);
}

#[test]
fn pages_are_the_whole_list_and_a_filter_says_what_is_wrong_with_it() {
    let world = World::new();
    let ana = world.client("ana");
    ana.issue("An issue");
    let whole = ana.ask(EVENTS, json!({ "first": 250 })).data()["auditEvents"]["nodes"].clone();
    let (mut cut, mut after) = (Vec::new(), Value::Null);
    loop {
        let answer = ana.ask(EVENTS, json!({ "first": 2, "after": after }));
        let page = answer.data()["auditEvents"].clone();
        cut.extend(page["nodes"].as_array().unwrap().iter().cloned());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(json!(cut), whole);
    let zoe = world.client("zoe");
    assert_eq!(zoe.ask(EVENTS, json!({ "first": 2, "after": after })).code(), Some("INVALID_INPUT"));
    for (filter, field) in [
        (json!({ "actorId": "iss_1" }), "filter.actorId"),
        (json!({ "subjectId": "usr_1" }), "filter.subjectId"),
        (json!({ "address": "here" }), "filter.address"),
        (json!({ "kinds": ["Sign In"] }), "filter.kinds"),
    ] {
        let answer = ana.ask(EVENTS, json!({ "filter": filter }));
        assert_eq!(answer.refusal(), Some((&json!("INVALID_INPUT"), &json!(field))), "{}", answer.text);
    }
}

#[test]
fn an_export_is_a_table_without_formulas_or_lines_that_prove_themselves() {
    let mut world = World::new();
    let ana = world.client("ana");
    let uwe = ana.id_of("members", "uwe");
    let named = json!({ "id": uwe, "input": { "name": "=HYPERLINK(\"http://evil\")" } });
    ana.change("memberUpdate", named).payload();
    let signed_in = world.client("uwe");
    let (status, table) = export(&ana, "format=csv");
    assert_eq!(status, 200, "{table}");
    assert!(table.starts_with("id,at,") && table.contains("session.began"), "{table}");
    assert!(
        table.contains("'=HYPERLINK") && !table.contains(",=HYPERLINK") && !table.contains(",\"=HYPERLINK")
    );
    assert!(export(&ana, "format=jsonl&kind=session.began").1.lines().count() > 2);
    for query in ["format=xml", "from=yesterday", "proof=1&kind=session", "nonsense=1"] {
        let (status, body) = export(&ana, query);
        assert!(status == 400 && body.contains("INVALID_INPUT"), "{query}: {status} {body}");
    }
    let (_, lines) = export(&ana, "proof=1");
    let told = of_kind(&ana, "audit.exported");
    assert_eq!((told.len(), &told[0]["actor"]["name"]), (3, &json!("ana")), "{told:?}");
    let keys = ana.ask("{ auditHead { publicKeys } }", json!({})).data()["auditHead"]["publicKeys"].clone();
    drop(signed_in);
    world.stop();

    let (file, public) = (world.beside("audit.jsonl"), world.beside("keys.json"));
    std::fs::write(&file, &lines).unwrap();
    std::fs::write(&public, keys.as_str().unwrap()).unwrap();
    let verify = |file: &Path| {
        let files = (file.to_str().unwrap(), public.to_str().unwrap());
        crate::world::mortise_with_input(
            &["audit", "verify", "--export", files.0, "--public-keys", files.1, "--data", "/nowhere"],
            "",
        )
    };
    verify(&file).succeeded();
    let changed = world.beside("changed.jsonl");
    std::fs::write(&changed, lines.replacen("127.0.0.1", "192.0.2.1", 1)).unwrap();
    assert!(verify(&changed).stdout.contains("its record says another `address`"));
    let cut: Vec<&str> = lines.lines().collect();
    std::fs::write(&changed, [&cut[..cut.len() - 2], &cut[cut.len() - 1..]].concat().join("\n")).unwrap();
    assert!(!verify(&changed).success, "a line before the head is missing");
}

#[test]
fn a_data_folder_put_back_to_an_older_state_is_found_out_by_a_head_signed_since() {
    let mut world = World::new();
    world.client("ana").issue("The first");
    world.stop();
    let copy = world.beside("older");
    copied(&world.data(), &copy);
    world.start();
    world.client("ana").issue("The second");
    world.stop();
    let head = world.run(&["audit", "head", "--tenant", "acme"]).succeeded().stdout;
    let keys = world.run(&["audit", "keys"]).succeeded().stdout;
    let (head_file, keys_file) = (world.beside("acme.head"), world.beside("keys.json"));
    std::fs::write(&head_file, head).unwrap();
    std::fs::write(&keys_file, keys).unwrap();
    let files = [head_file.to_str().unwrap(), keys_file.to_str().unwrap()];
    let words = ["audit", "verify", "--tenant", "acme", "--head", files[0], "--public-keys", files[1]];
    let sound = world.run(&words).succeeded();
    assert!(sound.stdout.contains("1 heads: nothing was changed"), "{}", sound.stdout);
    world.run(&["audit", "verify"]).succeeded();

    std::fs::remove_dir_all(world.data()).unwrap();
    copied(&copy, &world.data());
    world.run(&["audit", "verify"]).succeeded();
    let back = world.run(&words);
    assert!(!back.success && back.stdout.contains("the log ends at"), "{}{}", back.stdout, back.stderr);
    let other = ["audit", "verify", "--tenant", "other", "--head", files[0]];
    assert!(!world.run(&other).success, "the head is of another company");
    std::fs::write(&head_file, "nonsense").unwrap();
    world.run(&words).refused_with(&["cannot use the head"]);
}

#[test]
fn a_sign_in_that_was_answered_stands_in_the_log_whatever_happens_to_the_server() {
    let mut world = World::new();
    let uwe = world.client("uwe");
    world.kill();
    world.start();
    let ana = world.client("ana");
    let began = of_kind(&ana, "session.began");
    assert!(began.iter().any(|event| event["actor"]["name"] == "uwe"), "{began:?}");
    assert_eq!(uwe.at(&ana).ask("{ viewer { name } }", json!({})).data()["viewer"]["name"], "uwe");
    world.nobody().ask_to_sign_in("acme", &email("una"), "wrong");
    world.stop();
    world.start();
    assert_eq!(of_kind(&world.client("ana"), "sign_in.failed").len(), 1, "an ordered stop loses nothing");
}

#[test]
fn an_operators_visit_is_told_with_its_reason_and_from_where_it_was_used() {
    let mut world = World::new();
    world.stop();
    let root = ["root", "create", "--email", "root@example.com", "--password-stdin"];
    world.run_with_input(&root, "an operators own passphrase\n").succeeded();
    let visit =
        ["root", "visit", "acme", "--operator", "root@example.com", "--reason", "they asked us to look"];
    let token = world.run(&visit).succeeded().stdout.trim().to_owned();
    world.start();
    let visitor = world.nobody().with_token(ACME, &token);
    visitor.ask("{ tenant { slug } }", json!({})).data();
    let ana = world.client("ana");
    let began = of_kind(&ana, "visit.began").remove(0);
    assert_eq!(began["actorKind"], "ROOT");
    assert!(began["details"].to_string().contains("they asked us to look"), "{began}");
    let used = of_kind(&ana, "visit.used").remove(0);
    assert_eq!((&used["address"], &used["actorId"]), (&json!("127.0.0.1"), &began["actorId"]));
}

#[test]
fn an_export_to_somebody_who_is_not_there_is_not_begun() {
    let world = World::new();
    let ana = world.client("ana");
    let bearer = format!("Bearer {}x", ana.token.as_ref().unwrap());
    let response =
        send(ana.address, "GET /audit/export?format=csv", &[("authorization", &bearer)], b"").unwrap();
    assert_eq!((response.status, response.header("cache-control")), (401, Some("private, no-store")));
    assert!(of_kind(&ana, "audit.exported").is_empty());
}

#[test]
fn an_export_holds_nothing_of_another_company_and_no_texts() {
    let world = World::new();
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    let text = "what only who reads the issue may know";
    ana.issue(text);
    zoe.issue(text);
    for (client, foreign) in [(&ana, OTHER), (&zoe, ACME)] {
        for query in ["format=csv", "format=jsonl", "proof=1"] {
            let (status, body) = export(client, query);
            assert_eq!(status, 200, "{body}");
            assert!(body.contains("issue.created"), "{body}");
            assert!(!body.contains(foreign.canary) && !body.contains(text), "{body}");
        }
    }
}

/// Copies a folder with all that is in it.
fn copied(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(status.success());
}
