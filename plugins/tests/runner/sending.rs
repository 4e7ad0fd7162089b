//! Requests that plugins want sent: with their secrets, under one key however often they are tried, and at last given up.

use crate::listener::{Inbox, Reply, replying_after, server};
use crate::world::{World, pause, puppet, until};
use mortise_plugins::automation::FailureKind;
use mortise_plugins::service::InstallationChange;
use serde_json::json;
use std::time::Duration;
use zeroize::Zeroizing;

/// What the puppet asks for, and this machine.
const TO_US: (&str, &str) = ("http = [\"hooks.example.com\", \"*.example.org\"]", "http = [\"localhost\"]");

/// The puppet, granted requests to this machine.
pub(crate) fn outward() -> Vec<u8> {
    puppet(&[TO_US])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_staged_is_sent_until_it_is_taken_under_one_key() {
    let mut world = World::new().await;
    let (address, received) = server(&[500, 503, 200]).await;
    let header = json!({ "authorization": { "prefix": "Bearer ", "secret": "token" } });
    let steps = json!([["enqueue", "POST", address, header, "issue $key"]]);
    let settings = json!({ "script": { "on-event": steps } });
    let company = world.company_with("acme", outward(), settings).await;
    let secret = Zeroizing::new("s3cret".to_owned());
    world.plugins.set_secret(company.cx(), company.puppet.id, "token", secret).await.unwrap();
    world.create(&company, "Login fails").await;
    until("the first attempt", async || received.lock().len() == 1).await;
    until("it waits", async || {
        let backlog = world.plugins.backlog(&company.us, company.puppet.id).await.unwrap();
        backlog.requests.first().is_some_and(|r| r.attempts == 1 && r.why.contains("500"))
    })
    .await;
    let (folder, hands) = world.close().await;
    hands.on(Duration::from_secs(12));
    world = World::on(folder, hands).await;
    until("the second attempt", async || received.lock().len() == 2).await;
    until("it waits again", async || {
        let backlog = world.plugins.backlog(&company.us, company.puppet.id).await.unwrap();
        backlog.requests.first().is_some_and(|request| request.attempts == 2)
    })
    .await;
    world.hands.on(Duration::from_secs(40));
    until("it is taken", async || {
        world.plugins.backlog(&company.us, company.puppet.id).await.unwrap().requests.is_empty()
    })
    .await;
    let received = received.lock().clone();
    assert_eq!(received.len(), 3);
    let keys: Vec<_> = received.iter().map(|request| request.header("idempotency-key").unwrap()).collect();
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert_eq!(received[0].header("authorization").as_deref(), Some("Bearer s3cret"));
    assert_eq!(received[0].body, "issue ENG-1");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_whose_secret_was_taken_away_says_which() {
    let world = World::new().await;
    let (address, received) = server(&[500]).await;
    let header = json!({ "authorization": { "prefix": "Bearer ", "secret": "token" } });
    let steps = json!([["enqueue", "POST", address, header, "issue $key"]]);
    let company = world.company_with("acme", outward(), json!({ "script": { "on-event": steps } })).await;
    let secret = Zeroizing::new("s3cret".to_owned());
    world.plugins.set_secret(company.cx(), company.puppet.id, "token", secret).await.unwrap();
    world.create(&company, "Login fails").await;
    until("the first attempt", async || received.lock().len() == 1).await;
    world.plugins.remove_secret(company.cx(), company.puppet.id, "token").await.unwrap();
    world.hands.on(Duration::from_secs(12));
    until("it is given up", async || {
        let letters = world.plugins.dead_letters(&company.us, company.puppet.id, 10, None).await.unwrap();
        letters.letters.iter().any(|letter| letter.why.contains("the secret `token` is not set any more"))
    })
    .await;
    assert_eq!(received.lock().len(), 1);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_understood_is_given_up_and_sent_when_somebody_says_so() {
    let world = World::new().await;
    let (address, received) = server(&[400, 200]).await;
    let settings = json!({ "script": { "on-event": [["enqueue", "POST", address, {}, "body"]] } });
    let company = world.company_with("acme", outward(), settings).await;
    world.create(&company, "Login fails").await;
    let letters =
        async || world.plugins.dead_letters(&company.us, company.puppet.id, 10, None).await.unwrap();
    until("it is given up", async || letters().await.total == 1).await;
    let letter = letters().await.letters.remove(0);
    assert_eq!(letter.kind, FailureKind::Request);
    assert!(letter.why.contains("400"), "{letter:?}");
    world.plugins.redeliver(company.cx(), company.puppet.id, &[letter.id]).await.unwrap();
    until("it is sent", async || received.lock().len() == 2).await;
    until("nothing waits", async || {
        world.plugins.backlog(&company.us, company.puppet.id).await.unwrap().requests.is_empty()
    })
    .await;
    assert_eq!(letters().await.total, 0);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_now_is_answered_within_the_call() {
    let world = World::new().await;
    let (address, _) = server(&[200]).await;
    let settings = json!({ "script": { "on-event": [
        ["send", "POST", address, {}, "now"], ["comment", "$issue", "they said $last"]
    ] } });
    let company = world.company_with("acme", outward(), settings).await;
    let issue = world.create(&company, "Login fails").await;
    until("the comment", async || world.bodies(&company, issue).await == ["they said ok"]).await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_go_to_the_host_that_was_entered_as_a_setting_and_to_no_other() {
    let world = World::new().await;
    let (address, received) = server(&[200]).await;
    let wasm =
        puppet(&[("http = [\"hooks.example.com\", \"*.example.org\"]", "http = [\"$settings.word\"]")]);
    let steps = json!([
        ["enqueue", "POST", "https://hooks.example.com/", {}, "elsewhere"],
        ["enqueue", "POST", address, {}, "issue $key"],
    ]);
    let settings = json!({ "script": { "on-event": steps }, "word": address });
    let company = world.company_with("acme", wasm, settings).await;
    assert_eq!(company.puppet.granted.http, ["$settings.word"]);
    world.create(&company, "Login fails").await;
    until("it is sent", async || received.lock().len() == 1).await;
    assert_eq!(received.lock()[0].body, "issue ENG-1");
    let runs = world.runs(&company).await;
    let logs: Vec<_> = runs.iter().flat_map(|run| &run.logs).map(|line| line.message.as_str()).collect();
    assert!(logs.iter().any(|line| line.starts_with("enqueue: error Error::Denied")), "{logs:?}");
    // What is entered later holds from then on.
    let settings = Some(json!({ "script": { "on-event": steps }, "word": "https://hooks.example.net/" }));
    let change = InstallationChange { settings, ..InstallationChange::default() };
    world.plugins.change(company.cx(), company.puppet.id, change).await.unwrap();
    world.create(&company, "Logout fails").await;
    world.settled(&company).await;
    let backlog = world.plugins.backlog(&company.us, company.puppet.id).await.unwrap();
    assert!(backlog.requests.is_empty(), "{backlog:?}");
    assert_eq!(received.lock().len(), 1);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_when_a_plugin_is_disabled_is_sent_when_it_is_enabled_again() {
    let world = World::new().await;
    let (address, received) = server(&[500, 200]).await;
    let settings = json!({ "script": { "on-event": [["enqueue", "POST", address, {}, "body"]] } });
    let company = world.company_with("acme", outward(), settings).await;
    world.create(&company, "Login fails").await;
    let waits = async || {
        let backlog = world.plugins.backlog(&company.us, company.puppet.id).await.unwrap();
        backlog.requests.first().is_some_and(|request| request.attempts == 1)
    };
    until("it waits", waits).await;
    world.plugins.disable(company.cx(), company.puppet.id, None).await.unwrap();
    world.hands.on(Duration::from_secs(12));
    // Its turn comes and goes while it is disabled.
    pause(Duration::from_millis(600)).await;
    assert_eq!(received.lock().len(), 1);
    world.plugins.enable(company.cx(), company.puppet.id).await.unwrap();
    until("it is sent", async || received.lock().len() == 2).await;
    world.close().await;
}

/// Takes everything, each after so long.
async fn slow(time: Duration) -> (String, Inbox) {
    let (port, received) = replying_after(time, vec![Reply(200, String::new(), "ok".to_owned())]).await;
    (format!("http://localhost:{port}/hook"), received)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_answers_slowly_holds_up_no_other_plugin_of_the_company() {
    let world = World::new().await;
    let (slow, slowly) = slow(Duration::from_millis(2_500)).await;
    let (quick, quickly) = server(&[200]).await;
    let steps = json!([["repeat", 15, [["enqueue", "POST", slow, {}, "body"]]]]);
    let company = world.company_with("acme", outward(), json!({ "script": { "on-event": steps } })).await;
    let other = puppet(&[TO_US, ("id = \"test.puppet\"", "id = \"test.other\"")]);
    world.install(&company.us, other, json!({ "script": {} })).await;
    let issue = world.create(&company, "Login fails").await;
    until("a turn has begun", async || !slowly.lock().is_empty()).await;
    // Both do what the comment says; the first behind all that it has staged before.
    let steps = json!({ "on-event": [["enqueue", "POST", quick, {}, "body"]] });
    world.comment(&company, issue, &steps.to_string()).await;
    until("the other's is sent", async || !quickly.lock().is_empty()).await;
    // A turn ends after ten seconds, and the next begins with the other.
    let sent = slowly.lock().len();
    assert!(sent < 15, "all of the first plugin's were sent before");
    world.close().await;
}
