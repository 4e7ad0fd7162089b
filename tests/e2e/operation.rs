//! Running it: starting, stopping, and what the command line says about a folder it cannot have.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::world::{ACME, Answer, World, email, mortise_with_input, until};

#[test]
fn an_api_key_acts_for_its_member_until_it_is_wrong() {
    let mut world = World::new();
    world.stop();
    let uwe = email("uwe");
    let run =
        world.run(&["token", "create", "--tenant", "acme", "--member", &uwe, "--expires", "90d"]).succeeded();
    let key = run.stdout.trim().to_owned();
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
    assert!(key.starts_with("iss_live_") && !key.contains(char::is_whitespace), "{key}");
    world
        .run(&["token", "create", "--tenant", "acme", "--member", &email("nobody")])
        .refused_with(&["nobody"]);
    world.run(&["token", "create", "--tenant", "nowhere", "--member", &uwe]).refused_with(&["nowhere"]);

    world.start();
    let client = world.nobody().with_token(ACME, &key);
    let viewer = "{ viewer { name } }";
    assert_eq!(client.ask(viewer, json!({})).data()["viewer"]["name"], "uwe");
    assert_eq!(client.issue("Made by a program")["identifier"], "ENG-1");
    let refused = client.change("teamCreate", json!({ "input": { "key": "OPS", "name": "Operations" } }));
    assert_eq!(refused.code(), Some("FORBIDDEN"));
    for wrong in [&key[..key.len() - 1], &format!("{key}A"), &key.replacen("iss_live_", "iss_root_", 1)] {
        let refused = world.nobody().with_token(ACME, wrong).ask(viewer, json!({}));
        assert_eq!((refused.status, refused.code()), (401, Some("UNAUTHENTICATED")), "{wrong}");
    }
}

#[test]
fn a_request_that_was_accepted_is_answered_before_the_server_stops() {
    let mut world = World::new();
    let ana = world.client("ana");
    let team = ana.id_of("teams", "ENG");
    let document =
        "mutation($input: IssueCreateInput!) { issueCreate(input: $input) { issue { identifier } } }";
    let input = json!({ "teamId": team, "title": "In the last moment" });
    let body = json!({ "query": document, "variables": { "input": input } }).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         expect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        ana.token.as_ref().unwrap(),
        body.len()
    );
    let mut stream = TcpStream::connect(ana.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    // The server asks for the body: so it has accepted the request.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");

    world.server().ask_to_stop();
    until("the server takes no further requests", || TcpStream::connect(ana.address).is_err());
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("ENG-1"), "{answer}");
    world.stopped();

    world.start();
    let answer = world.client("ana").ask("{ issue(id: \"ENG-1\") { title } }", json!({}));
    assert_eq!(answer.data()["issue"]["title"], "In the last moment");
}

#[test]
fn whatever_was_answered_before_the_server_stopped_is_there_afterwards() {
    let mut world = World::new();
    let ana = world.client("ana");
    let team = ana.id_of("teams", "ENG");
    let input = json!({ "input": { "teamId": team, "title": "Under way" } });
    let (answered, some) = std::sync::mpsc::sync_channel(1_000);
    let titles: Vec<u64> = std::thread::scope(|scope| {
        for _ in 0..8 {
            let (ana, input, answered) = (&ana, &input, answered.clone());
            scope.spawn(move || {
                // Until the server takes no more; an answer once begun comes whole.
                loop {
                    match ana.try_to_change("issueCreate", input) {
                        Ok(answer) => {
                            answered.send(answer.payload()["issue"]["number"].as_u64().unwrap()).unwrap()
                        }
                        Err(error) => {
                            assert_ne!(error.kind(), std::io::ErrorKind::InvalidData, "{error}");
                            return;
                        }
                    }
                }
            });
        }
        drop(answered);
        let first: Vec<u64> = some.iter().take(40).collect();
        world.server().ask_to_stop();
        first.into_iter().chain(some.iter()).collect()
    });
    world.stopped();
    world.start();
    let total = world.client("ana").ask("{ issues { totalCount } }", json!({}));
    let total = total.data()["issues"]["totalCount"].as_u64().unwrap();
    assert!(titles.iter().all(|number| *number <= total), "{titles:?} of {total}");
    assert!(titles.len() as u64 <= total);
}

/// Nobody is told that something is saved when it is not, and everything goes on by itself once there is room.
fn a_full_disk_is_said_and_survived(store: &'static str) {
    let mut world = World::on(store);
    let ana = world.client("ana");
    let team = ana.id_of("teams", "ENG");
    let create = |n: usize| {
        let input = json!({ "teamId": team, "title": format!("Number {n}") });
        ana.change("issueCreate", json!({ "input": input, "idempotencyKey": format!("k{n}") }))
    };
    let numbers = |answers: &[Answer]| -> Vec<u64> {
        answers.iter().map(|answer| answer.payload()["issue"]["number"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers(&[create(1), create(2)]), [1, 2]);

    world.server().fill_disk(true);
    let refused: Vec<Answer> = std::thread::scope(|scope| {
        let threads: Vec<_> = (3..11)
            .map(|n| {
                scope.spawn({
                    let create = &create;
                    move || create(n)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for answer in &refused {
        assert_eq!((answer.status, answer.code()), (503, Some("UNAVAILABLE")), "{}", answer.text);
    }

    world.server().fill_disk(false);
    until("the store is open again", || create(3).code() != Some("UNAVAILABLE"));
    let mut all = numbers(&(1..11).map(create).collect::<Vec<_>>());
    all.sort_unstable();
    assert_eq!(all, (1..11).collect::<Vec<_>>());
    let total = ana.ask("{ issues { totalCount } }", json!({}));
    assert_eq!(total.data()["issues"]["totalCount"], 10, "sent again with its key, each is there once");
}

#[test]
fn a_full_disk_is_said_and_survived_on_sled() {
    a_full_disk_is_said_and_survived("sled");
}

#[test]
fn a_full_disk_is_said_and_survived_on_fjall() {
    a_full_disk_is_said_and_survived("fjall");
}

#[test]
fn a_folder_that_a_server_holds_is_refused_with_what_to_do() {
    let world = World::new();
    world.run(&["tenant", "list"]).refused_with(&[world.data().to_str().unwrap()]);
}

#[test]
fn a_folder_of_a_newer_version_or_another_store_is_refused_and_left_alone() {
    let world = World::founded_on("sled");
    let format = world.data().join("FORMAT");
    let ours = std::fs::read_to_string(&format).unwrap();
    std::fs::write(&format, "version = 9999\nstore = sled\n").unwrap();
    world.run(&["check"]).refused_with(&["9999", "newer"]);
    world.run(&["tenant", "list"]).refused_with(&["9999", "newer"]);
    assert_eq!(std::fs::read_to_string(&format).unwrap(), "version = 9999\nstore = sled\n");
    std::fs::write(&format, ours).unwrap();
    world.run(&["check", "--store", "fjall"]).refused_with(&["sled"]);
}

#[test]
fn a_folder_without_its_keys_opens_for_nobody() {
    let world = World::founded_on("sled");
    let key = world.data().join("keys/master.key");
    let ours = std::fs::read(&key).unwrap();
    let mut other = ours.clone();
    other[0] = if other[0] == b'0' { b'1' } else { b'0' };
    std::fs::write(&key, &other).unwrap();
    world.run(&["check"]).refused_with(&["key"]);
    std::fs::write(&key, ours).unwrap();
}

#[test]
fn a_folder_that_is_not_there_is_not_made_to_be_checked() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    mortise_with_input(&["check", "--data", nowhere.to_str().unwrap()], "").refused_with(&["nowhere"]);
    assert!(!nowhere.exists());
}

#[test]
fn health_readiness_and_metrics_are_told_to_anybody() {
    let world = World::new();
    let get = |path: &str| world.nobody().send(&format!("GET {path}"), &[("accept", "*/*")], b"").unwrap();
    assert_eq!(get("/healthz").status, 200);
    assert_eq!(get("/readyz").status, 200);
    let metrics = get("/metrics");
    assert!(metrics.status == 200 && metrics.body.contains("# EOF"), "{}", metrics.body);
    for line in ["tenant_stores_open ", "tenant_stores_opened_total ", "tenant_stores_refused_total 0"] {
        assert!(metrics.body.contains(line), "{line} is not in\n{}", metrics.body);
    }
    assert_eq!(get("/nowhere").status, 404);
}
