//! Importing at a running server: who may, what is left behind, and what ends it.

mod endings;
mod refusals;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{ACME, Client, OTHER, Response, Run, World, email, mortise_with_input};

/// An archive of so many issues, each with a comment.
fn archive(issues: u64) -> String {
    let issue = |number: u64| {
        format!(
            r#"{{"number": {number}, "title": "Issue {number}", "state": "OPEN", "author": "octocat", "labels": ["bug"],
            "body": "text", "createdAt": "2020-01-01T00:00:00Z",
            "comments": [{{"author": "bo", "body": "yes", "createdAt": "2020-01-02T00:00:00Z"}}]}}"#
        )
    };
    let issues: Vec<_> = (1..=issues).map(issue).collect();
    format!(
        r#"{{"magic": "E!vIA5L86J2I", "timestamp": "2026-07-09T01:59:21Z", "repo": "o/spec", "labels": [],
        "issues": [{}], "pulls": []}}"#,
        issues.join(",")
    )
}

/// Sends an archive in somebody's name.
fn post(client: &Client, query: &str, body: &str) -> Response {
    client.send(&format!("POST /import/github?{query}"), &[("accept", "*/*")], body.as_bytes()).unwrap()
}

/// The lines of an answer.
fn lines(response: &Response) -> Vec<Value> {
    assert_eq!((response.status, response.header("content-type")), (200, Some("application/jsonl")));
    response.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The code and the sentence for which there is no account.
fn failure(response: &Response) -> (String, String) {
    let last = lines(response).pop().unwrap();
    let word = |name: &str| last["error"][name].as_str().unwrap_or_else(|| panic!("{last}")).to_owned();
    (word("code"), word("message"))
}

/// Files that were taken in and are still there.
fn taken_in(world: &World) -> usize {
    std::fs::read_dir(world.data().join("spool")).unwrap().count()
}

fn teams(client: &Client) -> u64 {
    client.ask("{ teams { totalCount } }", json!({})).data()["teams"]["totalCount"].as_u64().unwrap()
}

/// An API key of somebody; nothing may run.
fn key(world: &World, company: &str, name: &str, scope: &str) -> String {
    let words = ["token", "create", "--tenant", company, "--member", &email(name), "--scope", scope];
    world.run(&words).succeeded().stdout.trim().to_owned()
}

/// The command line at the running server, with this bearer in a file, and this archive in another.
fn run(world: &World, bearer: &str, archive: &str, more: &[&str]) -> Run {
    let file = |name: &str, text: &str| -> PathBuf {
        let path = world.beside(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let (token, file) = (file("bearer", bearer), file("archive.json", archive));
    let server = format!("http://{}", world.nobody().address);
    let words = ["import", "github", file.to_str().unwrap(), "--team", "SPEC", "--server", &server];
    mortise_with_input(&[&words[..], &["--token-file", token.to_str().unwrap()], more].concat(), "")
}

/// A request whose body is so long, and of which no byte was sent yet.
fn begun(client: &Client, bytes: usize) -> TcpStream {
    begun_with(client, &format!("connection: close\r\ncontent-length: {bytes}"))
}

/// A request with these headers more, and of whose body no byte was sent yet.
fn begun_with(client: &Client, more: &str) -> TcpStream {
    let mut stream = TcpStream::connect(client.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let bearer = client.token.as_ref().unwrap();
    let head = format!(
        "POST /import/github?team=SPEC HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {bearer}\r\n\
         user-agent: {}\r\n{more}\r\n\r\n",
        crate::world::AGENT
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

/// All that comes until the other side closes.
fn rest(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_super_admin_imports_at_a_running_server_and_a_second_run_adds_nothing() {
    let mut world = World::founded_on("sled");
    let bearer = key(&world, "acme", "ana", "admin");
    world.start();
    let ana = world.client("ana");
    let (head, text) = (ana.log_head(), archive(45));
    let account = |run: Run| serde_json::from_str::<Value>(&run.succeeded().stdout).unwrap();

    let rehearsed = account(run(&world, &bearer, &text, &["--dry-run", "--json"]));
    assert_eq!((&rehearsed["dryRun"], &rehearsed["added"]), (&json!(true), &Value::Null));
    assert_eq!(rehearsed["survey"]["report"]["carried"]["issues"], 45);
    assert_eq!((ana.log_head(), taken_in(&world)), (head, 0));

    let first = account(run(&world, &bearer, &text, &["--tenant", "acme", "--json"]));
    let added = json!({ "teams": 1, "people": 2, "labels": 1, "issues": 45, "comments": 45 });
    assert_eq!((&first["added"], &first["tenant"], &first["team"]), (&added, &json!("acme"), &json!("SPEC")));
    let issue = ana.ask("{ issue(id: \"SPEC-45\") { title creator { name } createdAt } }", json!({}));
    assert_eq!(issue.data()["issue"]["title"], "Issue 45");
    assert_eq!(issue.data()["issue"]["creator"]["name"], "octocat");
    let head = ana.log_head();

    let second = run(&world, ana.token.as_deref().unwrap(), &text, &[]).succeeded();
    assert!(second.stdout.contains("Added to SPEC: 0 issues, 0 comments"), "{}", second.stdout);
    assert_eq!(
        (ana.log_head(), taken_in(&world)),
        (head, 0),
        "an access token is as good, and nothing is new"
    );

    let document =
        "{ auditEvents(filter: { kinds: [\"team.created\"] }, first: 1) { nodes { actor { name } } } }";
    let told = ana.ask(document, json!({}));
    assert_eq!(told.data()["auditEvents"]["nodes"][0]["actor"]["name"], "ana", "{}", told.text);

    // Issues stand there in the names of who wrote them elsewhere; who brought them is told beside them, each time.
    let document = "{ auditEvents(filter: { kinds: [\"import.began\", \"issue.created\"] }, first: 50) {
        nodes { kind actorKind actor { name } subjectId address requestId details { to } } } }";
    let told = ana.ask(document, json!({})).data()["auditEvents"]["nodes"].as_array().unwrap().clone();
    let (began, issues): (Vec<_>, Vec<_>) =
        told.into_iter().partition(|entry| entry["kind"] == "import.began");
    assert_eq!(began.len(), 2, "a rehearsal is none: {began:?}");
    for entry in &began {
        assert_eq!(
            (&entry["actor"]["name"], &entry["address"]),
            (&json!("ana"), &json!("127.0.0.1")),
            "{entry}"
        );
        assert!(entry["details"].to_string().contains("into SPEC from o/spec, 45 issues"), "{entry}");
    }
    assert!(began[0]["subjectId"].is_string() && began[0]["requestId"] != began[1]["requestId"], "{began:?}");
    assert_eq!(issues.len(), 45);
    assert!(issues.iter().all(|issue| issue["requestId"] == began[1]["requestId"]), "{issues:?}");

    // What the folder would have been told is the same.
    world.stop();
    let path = world.beside("archive.json");
    let words = ["import", "github", path.to_str().unwrap(), "--tenant", "acme", "--team", "SPEC", "--json"];
    let mut offline = account(world.run(&words));
    assert_eq!(offline["added"]["issues"], 0);
    offline["added"] = first["added"].clone();
    assert_eq!(offline, first);
}

#[test]
fn an_import_goes_to_the_company_of_who_asks_and_says_how_far_it_has_come() {
    let world = World::new();
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    let head = ana.log_head();
    let response = post(&zoe, "team=spec", &archive(3));
    let lines = lines(&response);
    assert!(lines.iter().any(|line| line["read"].is_u64() && line["of"].is_u64()), "{}", response.body);
    assert!(lines.iter().any(|line| line["written"] == 3 && line["of"] == 3), "{}", response.body);
    let report = &lines.last().unwrap()["report"];
    assert_eq!((&report["tenant"], &report["team"]), (&json!(OTHER.slug), &json!("SPEC")));
    assert_eq!((ana.log_head(), teams(&ana), teams(&zoe)), (head, 1, 2));
    let asked = zoe.send("GET /import/github", &[("accept", "*/*")], b"").unwrap();
    let terms: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(terms, json!({ "tenant": "other", "bytesMax": 512 * 1024 * 1024 }));
    run(&world, zoe.token.as_deref().unwrap(), &archive(1), &["--tenant", ACME.slug])
        .refused_with(&["the key is of the company `other`", "--tenant names `acme`"]);
}
