//! Requests that would lead inward: to this machine, to the network around it, to the services of a cloud. As a server is set up,
//! none of them arrives.
//!
//! What a name resolves to is judged below, where the tests choose the answers: `outbound/src/tests.rs`.

use crate::listener::{Reply, replying};
use crate::sending::outward;
use crate::world::{World, puppet, until};
use mortise_plugins::manifest::Manifest;
use serde_json::json;

/// This machine and places near it, as addresses are written and as they are smuggled.
const INWARD: [&str; 18] = [
    "localhost",
    "127.0.0.1",
    "127.1",
    "0.0.0.0",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "10.0.0.1",
    "169.254.169.254",
    "[::ffff:169.254.169.254]",
    "[fe80::1]",
    "[fd00:ec2::254]",
];

/// A world as servers are: requests of plugins stay outside.
async fn walled() -> World {
    World::with(|config| config.private_networks = false).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_address_leads_inward_not_even_by_a_name_that_is_granted() {
    let world = walled().await;
    let (port, received) = replying(vec![Reply(200, String::new(), "inside".into())]).await;
    let company = world.company_with("acme", outward(), json!({})).await;
    let mut issues = Vec::new();
    for host in INWARD {
        let steps = json!([
            ["send", "GET", format!("https://{host}/")],
            ["send", "GET", format!("http://{host}:{port}/")],
            ["send", "GET", format!("https://{host}:{port}/")],
            ["send", "GET", format!("https://a@{host}/")],
            ["enqueue", "POST", format!("https://{host}/"), {}, "x"],
            ["comment", "$issue", "tried"],
        ]);
        issues.push(world.create(&company, json!({ "on-event": steps }).to_string()).await);
    }
    let last = *issues.last().unwrap();
    until("all were tried", async || world.bodies(&company, last).await == ["tried"]).await;
    let runs = world.runs(&company).await;
    for (issue, host) in issues.iter().zip(INWARD) {
        let run = runs.iter().find(|run| run.issue == Some(*issue) && !run.logs.is_empty()).unwrap();
        let lines: Vec<_> = run.logs.iter().map(|line| line.message.as_str()).collect();
        let tries = lines.iter().filter(|line| line.starts_with("send: error"));
        assert_eq!(tries.count(), 4, "{host}: {lines:#?}");
        // A name that is granted is kept to be sent, and judged when its addresses are known.
        let kept = if host == "localhost" { "enqueue: ok" } else { "enqueue: error" };
        assert!(lines.iter().any(|line| line.starts_with(kept)), "{host}: {lines:#?}");
    }
    let letters =
        async || world.plugins.dead_letters(&company.us, company.puppet.id, 10, None).await.unwrap();
    until("the one that was kept is given up", async || letters().await.total == 1).await;
    let letter = letters().await.letters.remove(0);
    assert!(letter.why.contains("private network"), "{letter:?}");
    assert_eq!(letter.attempts, 1, "nobody tries again what leads nowhere");
    let backlog = world.plugins.backlog(&company.us, company.puppet.id).await.unwrap();
    assert!(backlog.requests.is_empty(), "{backlog:?}");
    assert!(received.lock().is_empty(), "{received:?}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_is_an_answer_and_no_way_in() {
    let world = World::new().await;
    let (inner, inside) = replying(vec![Reply(200, String::new(), "inside".into())]).await;
    let location = format!("location: http://localhost:{inner}/\r\n");
    let (port, outside) = replying(vec![Reply(307, location, "elsewhere".into())]).await;
    let address = format!("http://localhost:{port}/");
    let steps = json!([
        ["send", "GET", address],
        ["comment", "$issue", "$last"],
        ["enqueue", "POST", address, {}, "x"]
    ]);
    let settings = json!({ "script": { "on-event": steps } });
    let company = world.company_with("acme", outward(), settings).await;
    let issue = world.create(&company, "Login fails").await;
    until("the answer", async || world.bodies(&company, issue).await == ["elsewhere"]).await;
    until("the other was not taken", async || {
        let backlog = world.plugins.backlog(&company.us, company.puppet.id).await.unwrap();
        backlog.requests.iter().any(|request| request.why.contains("307"))
    })
    .await;
    assert_eq!((outside.lock().len(), inside.lock().len()), (2, 0));
    world.close().await;
}

#[test]
fn no_manifest_asks_for_an_address() {
    let wasm = puppet(&[]);
    let manifest = String::from_utf8(Manifest::text_of_component(&wasm).unwrap().to_vec()).unwrap();
    let granted = "http = [\"hooks.example.com\", \"*.example.org\"]";
    assert!(manifest.contains(granted) && Manifest::parse(manifest.as_bytes()).is_ok());
    for host in INWARD.iter().skip(1).chain(&["*", "*.com", "*.localhost", "intranet"]) {
        let asks = manifest.replace(granted, &format!("http = [\"{host}\"]"));
        let error = Manifest::parse(asks.as_bytes()).err();
        let error = error.unwrap_or_else(|| panic!("{host} may be asked for")).to_string();
        assert!(error.contains("permissions.http"), "{host}: {error}");
    }
}
