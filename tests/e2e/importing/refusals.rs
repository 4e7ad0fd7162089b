//! Who may not import, and what may not be: nothing is written, and nothing is left of what was sent.

use std::io::Write as _;

use serde_json::{Value, json};

use super::{archive, begun, begun_with, failure, key, post, rest, run, taken_in, teams};
use crate::root::world_with_keys;
use crate::world::{ACME, Client, Response, World};

/// What a refusal is made of, without what differs from request to request.
fn shape(response: &Response) -> (u16, Value, Vec<String>) {
    let body: Value = serde_json::from_str(&response.body).unwrap_or_else(|e| panic!("{e}: {response:?}"));
    let error = &body["errors"][0];
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let made_of = [names(&body), names(error), names(&error["extensions"])].concat();
    (response.status, error["extensions"]["code"].clone(), made_of)
}

#[test]
fn only_a_super_admin_of_the_company_imports_and_others_are_refused_as_they_are_elsewhere() {
    let (mut world, [root]) = world_with_keys(["admin"]);
    let platform = std::fs::read_to_string(root.file(&world, "platform.key")).unwrap();
    world.stop();
    let [read, write, of_uwe] = [("ana", "read"), ("ana", "write"), ("uwe", "admin")]
        .map(|(name, scope)| key(&world, "acme", name, scope));
    let visit = ["root", "visit", "acme", "--operator", "root@example.com", "--scope", "admin"];
    let visit = world.run(&[&visit[..], &["--reason", "to look at it"]].concat()).succeeded().stdout;
    world.start();
    let ana = world.client("ana");
    let head = ana.log_head();
    let bearing = |bearer: &str| ana.with_token(ACME, bearer.trim());
    let refused: [(&str, Client, u16, &str); 9] = [
        ("a user", world.client("uwe"), 403, "FORBIDDEN"),
        ("an admin", world.client("adam"), 403, "FORBIDDEN"),
        ("a user's key", bearing(&of_uwe), 403, "FORBIDDEN"),
        ("a key for reading", bearing(&read), 403, "FORBIDDEN"),
        ("a key for writing", bearing(&write), 403, "FORBIDDEN"),
        ("a visit", bearing(&visit), 403, "FORBIDDEN"),
        ("a platform key", bearing(&platform), 401, "UNAUTHENTICATED"),
        ("no token", bearing("iss_live_no"), 401, "UNAUTHENTICATED"),
        ("nobody", world.nobody(), 401, "UNAUTHENTICATED"),
    ];
    let text = archive(3);
    for (who, client, status, code) in &refused {
        let elsewhere = if *status == 403 { &refused[0].1 } else { client };
        let elsewhere = elsewhere.send("GET /audit/export?format=csv", &[("accept", "*/*")], b"").unwrap();
        for response in [
            post(client, "team=SPEC", &text),
            post(client, "team=SPEC&dryRun=1", &text),
            client.send("GET /import/github", &[("accept", "*/*")], b"").unwrap(),
        ] {
            let told = shape(&response);
            assert_eq!((told.0, &told.1), (*status, &json!(code)), "{who}: {response:?}");
            assert_eq!(told, shape(&elsewhere), "{who}");
            assert_eq!(response.header("www-authenticate"), elsewhere.header("www-authenticate"), "{who}");
            assert!(response.header("x-request-id").is_some() && response.header("cache-control").is_some());
        }
    }
    run(&world, &platform, &text, &[]).refused_with(&["does not accept this key", "super admin"]);
    run(&world, &of_uwe, &text, &[]).refused_with(&["not allowed to import", "super admin"]);
    run(&world, &read, &text, &[]).refused_with(&["reaches as far as READ", "scope ADMIN"]);
    assert_eq!((ana.log_head(), taken_in(&world)), (head, 0));
    let document = "{ auditEvents(filter: { kinds: [\"action.refused\"] }, first: 50) {
        nodes { actor { name } details { to } } } }";
    let told = ana.ask(document, json!({}));
    assert!(told.text.contains("\"Import\"") && told.text.contains("adam"), "{}", told.text);
}

#[test]
fn an_archive_that_is_too_large_is_refused_before_it_is_taken_in() {
    let mut world = World::founded_on("sled");
    world.start_with(&["--no-rate-limits", "--import-bytes-max", "1000"]);
    let ana = world.client("ana");
    let (head, text) = (ana.log_head(), archive(9));
    let response = post(&ana, "team=SPEC", &text);
    let (status, code, _) = shape(&response);
    assert_eq!((status, code), (413, json!("TOO_COSTLY")), "{response:?}");
    assert!(response.body.contains("1000 bytes"), "{response:?}");

    // Who does not say how long it is learns it on the way.
    let chunks = text.as_bytes().chunks(400).map(|part| {
        let part = std::str::from_utf8(part).unwrap();
        format!("{:x}\r\n{part}\r\n", part.len())
    });
    let chunked: String = chunks.chain(["0\r\n\r\n".to_owned()]).collect();
    let mut stream = begun_with(&ana, "connection: close\r\ntransfer-encoding: chunked");
    stream.write_all(chunked.as_bytes()).unwrap();
    let answer = rest(stream);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");

    // Who waits to be asked for it is not asked, and the server closes by itself.
    let waits = format!("expect: 100-continue\r\ncontent-length: {}", text.len());
    let answer = rest(begun_with(&ana, &waits));
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");

    let bearer = ana.token.as_deref().unwrap();
    run(&world, bearer, &text, &[]).refused_with(&["takes at most 1000", "--import-bytes-max"]);
    assert_eq!((ana.log_head(), taken_in(&world)), (head, 0));
    world.stop();
    world.start_with(&["--no-rate-limits", "--import-bytes-max", "0"]);
    let ana = world.client("ana");
    run(&world, ana.token.as_deref().unwrap(), &text, &[]).refused_with(&["is not served"]);
}

#[test]
fn a_broken_archive_is_refused_with_its_place_and_nothing_is_written() {
    let world = World::new();
    let ana = world.client("ana");
    let (head, whole) = (ana.log_head(), archive(9));
    for (what, text) in [
        ("cut off", &whole[..whole.len() / 2]),
        ("empty", ""),
        ("no archive", "{\"magic\": 7}"),
        ("a number twice", &whole.replace("\"number\": 9", "\"number\": 8")),
    ] {
        let (code, message) = failure(&post(&ana, "team=SPEC", text));
        assert_eq!(code, "INVALID_INPUT", "{what}: {message}");
        assert!(message.contains("nothing was written") && message.contains("line "), "{what}: {message}");
        assert!(!message.contains("spool"), "{what}: {message}");
    }
    let bearer = ana.token.as_deref().unwrap();
    run(&world, bearer, &whole[..whole.len() / 2], &[]).refused_with(&[
        "nothing was written",
        "line ",
        "issues[",
    ]);
    let (code, message) = failure(&post(&ana, "team=%21%21%21", &whole));
    assert_eq!(code, "INVALID_INPUT", "{message}");
    for query in ["", "team=A&team=B", "team=A&what=else"] {
        assert_eq!(post(&ana, query, &whole).status, 400, "{query}");
    }
    let packed = ana.send("POST /import/github?team=SPEC", &[("content-encoding", "gzip")], b"x").unwrap();
    assert_eq!(packed.status, 415);
    assert_eq!((ana.log_head(), teams(&ana), taken_in(&world)), (head, 1, 0));
}

#[test]
fn an_import_that_does_not_fit_is_refused_before_it_writes() {
    let mut world = World::founded_on("sled");
    world.run(&["tenant", "tier", "acme", "basic"]).succeeded();
    world.run(&["tenant", "override", "acme", "issues", "5", "--until", "52w"]).succeeded();
    world.start();
    let ana = world.client("ana");
    let head = ana.log_head();
    for query in ["team=SPEC", "team=SPEC&dryRun=1"] {
        let (code, message) = failure(&post(&ana, query, &archive(6)));
        assert_eq!(code, "ENTITLEMENT_EXCEEDED", "{message}");
        assert!(message.contains("nothing was written"), "{message}");
        assert_eq!((ana.log_head(), taken_in(&world)), (head, 0));
    }
    // Numbers that other issues have are in the way.
    ana.issue("In the way");
    let (code, message) = failure(&post(&ana, "team=ENG", &archive(1)));
    assert_eq!(code, "CONFLICT", "{message}");
    assert!(message.contains("ENG-1"), "{message}");
    run(&world, ana.token.as_deref().unwrap(), &archive(3), &[]).succeeded();
}

#[test]
fn a_company_imports_one_archive_at_a_time() {
    let world = World::new();
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    let text = archive(3);
    let mut first = begun(&ana, text.len());
    first.write_all(&text.as_bytes()[..100]).unwrap();
    crate::world::until("the first is being taken in", || taken_in(&world) == 1);
    let second = post(&ana, "team=SPEC", &text);
    let (status, code, _) = shape(&second);
    assert_eq!((status, code), (429, json!("RATE_LIMITED")), "{second:?}");
    assert!(second.header("retry-after").is_some() && second.body.contains("of the company"), "{second:?}");
    assert_eq!(post(&zoe, "team=SPEC", &text).status, 200, "another company does not wait for it");
    first.write_all(&text.as_bytes()[100..]).unwrap();
    let answer = rest(first);
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"report\""), "{answer}");
    assert_eq!(post(&ana, "team=SPEC", &text).status, 200, "its place is free again");
    assert_eq!(taken_in(&world), 0);
}

#[test]
fn who_sends_slowly_keeps_nobody_from_the_work() {
    let mut world = World::founded_on("sled");
    let at_work = 4;
    let keys: Vec<String> = (0..at_work)
        .map(|number| {
            let slug = format!("slow{number}");
            let founded = ["tenant", "create", &slug, "--name", &slug, "--tier", "basic"];
            let admin = ["--admin-email", "ada@slow.example", "--admin-password-stdin"];
            world.run_with_input(&[&founded[..], &admin].concat(), "a long enough passphrase\n").succeeded();
            let made =
                ["token", "create", "--tenant", &slug, "--member", "ada@slow.example", "--scope", "admin"];
            world.run(&made).succeeded().stdout.trim().to_owned()
        })
        .collect();
    world.start();
    let zoe = world.client("zoe");
    let text = archive(3);
    let slow: Vec<_> = keys
        .iter()
        .map(|key| {
            let mut stream = begun(&zoe.with_token(ACME, key), text.len());
            stream.write_all(b"{").unwrap();
            stream
        })
        .collect();
    crate::world::until("they are being taken in", || taken_in(&world) == at_work);
    let response = post(&zoe, "team=SPEC", &text);
    assert!(response.status == 200 && response.body.contains("\"report\""), "{response:?}");
    drop(slow);
}
