//! Those that tell others: slack-notifier, webhook-formatter. They speak to a server on this machine, which the operator of the
//! test allows; for that, and for nothing else, their components name it instead of the real one.

use crate::listener::{Reply, replying, server};
use crate::office::Office;
use crate::world::{guest, rewritten, until};
use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

/// The component with one text of its code replaced by another of the same length.
fn readdressed(mut wasm: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "{to}");
    let places: Vec<usize> = (0..wasm.len()).filter(|at| wasm[*at..].starts_with(from.as_bytes())).collect();
    let [place] = places[..] else { panic!("{from} stands at {places:?}") };
    wasm[place..place + to.len()].copy_from_slice(to.as_bytes());
    wasm
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slack_is_told_in_one_thread_for_an_issue() {
    let taken = json!({ "ok": true, "channel": "C024BE91L", "ts": "1767600000.000100" }).to_string();
    let (port, received) = replying(vec![Reply(200, String::new(), taken)]).await;
    assert!(port >= 10_000, "the address has to be as long as the one that it replaces");
    let wasm = guest("slack-notifier");
    let here = format!("http://localhost:{port}/api/chat.postMe");
    let wasm = readdressed(wasm, "https://slack.com/api/chat.postMessage", &here);
    let wasm = rewritten(&wasm, &[("http = [\"slack.com\", \"hooks.slack.com\"]", "http = [\"localhost\"]")]);
    let office = Office::with_code(wasm, json!({ "routes": [{ "channel": "C024BE91L" }] })).await;
    office.secret("slack-token", "xoxb-not-a-real-one").await;
    let issue = office.issue("Login <fails>", |new| new).await;
    until("the message", async || received.lock().len() == 1).await;
    office.world.comment(&office.company, issue, "since Monday").await;
    until("the reply", async || received.lock().len() == 2).await;

    let received = received.lock().clone();
    let bodies: Vec<Value> = received.iter().map(|it| serde_json::from_str(&it.body).unwrap()).collect();
    for (request, body) in received.iter().zip(&bodies) {
        assert!(request.head.starts_with("POST /api/chat.postMe HTTP/1.1"), "{request:?}");
        assert_eq!(request.header("authorization").as_deref(), Some("Bearer xoxb-not-a-real-one"));
        assert_eq!(body["channel"], "C024BE91L");
    }
    let text = bodies[0]["text"].as_str().unwrap();
    assert!(text.ends_with("created ENG-1 Login &lt;fails&gt;"), "{text}");
    assert_eq!(bodies[0]["thread_ts"], Value::Null);
    assert_eq!(bodies[1]["thread_ts"], "1767600000.000100");
    assert!(bodies[1]["blocks"].to_string().contains("since Monday"), "{bodies:?}");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_gets_what_its_template_says_and_a_signature() {
    let (address, received) = server(&[503, 200]).await;
    let wasm = rewritten(
        &guest("webhook-formatter"),
        &[("pattern = \"^https://[^ ]+$\"", "pattern = \"^http://[^ ]+$\"")],
    );
    let settings = json!({
        "url": address,
        "events": ["issue.created"],
        "template": "{\"text\": \"{{issue.key}} {{issue.title}}\"}",
        "signature": "plain",
    });
    let office = Office::with_code(wasm, settings).await;
    office.secret("signing-key", "between us").await;
    let issue = office.issue("Say \"hello\"", |new| new).await;
    office.world.comment(&office.company, issue, "not an event that it tells").await;
    until("the first attempt", async || received.lock().len() == 1).await;
    until("the second", async || {
        office.world.hands.on(std::time::Duration::from_secs(1));
        received.lock().len() == 2
    })
    .await;

    let key = hmac::Key::new(hmac::HMAC_SHA256, b"between us");
    for request in received.lock().iter() {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!(body, json!({ "text": "ENG-1 Say \"hello\"" }));
        let tag = request.header("x-mortise-signature-256").unwrap();
        let tag = HEXLOWER.decode(tag.strip_prefix("sha256=").unwrap().as_bytes()).unwrap();
        hmac::verify(&key, request.body.as_bytes(), &tag).unwrap();
    }
    office.close().await;
}
