//! Requests from outside: who has the address is answered, and nobody else learns anything.

use crate::world::World;
use mortise_plugins::inbound::{InboundAnswer, InboundRequest};
use serde_json::{Value, json};
use zeroize::Zeroizing;

fn post(body: &Value) -> InboundRequest {
    let headers = vec![("X-Hub-Signature-256".to_owned(), "sha256=00".to_owned())];
    let (method, path) = ("POST".to_owned(), "/push".to_owned());
    InboundRequest { method, path, headers, body: body.to_string().into_bytes(), ..InboundRequest::default() }
}

fn text(answer: &InboundAnswer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_leads_to_its_plugin_and_no_other_does() {
    let world = World::new().await;
    let company = world.company("acme", json!({})).await;
    let issue = world.create(&company, "Login fails").await;
    let path = world.plugins.inbound_address(&company.us, company.puppet.id).await.unwrap();
    let token = path.strip_prefix("/plugins/in/").unwrap();
    let script = json!([["comment", "ENG-1", "from outside"], ["respond", 201, "made"]]);
    let answer = Box::pin(world.plugins.answer_request(token, post(&script))).await;
    assert_eq!((answer.status, text(&answer).as_str()), (201, "made"));
    assert_eq!(world.bodies(&company, issue).await, ["from outside"], "it is done before the answer");

    let nothing = Box::pin(world.plugins.answer_request(&"A".repeat(token.len()), post(&script))).await;
    assert_eq!(nothing.status, 404);
    let next = world.plugins.change_inbound_address(company.cx(), company.puppet.id).await.unwrap();
    assert_eq!(next.events, ["plugin.address_changed"], "the log says it, and not the address");
    let old = Box::pin(world.plugins.answer_request(token, post(&script))).await;
    assert_eq!(old, nothing);
    world.plugins.disable(company.cx(), company.puppet.id, None).await.unwrap();
    let token = next.strip_prefix("/plugins/in/").unwrap();
    let disabled = Box::pin(world.plugins.answer_request(token, post(&script))).await;
    assert_eq!(disabled, nothing, "whether there is such a company cannot be told");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_an_address_of_before_cannot_silence_the_plugin() {
    let world = World::new().await;
    let company = world.company("acme", json!({})).await;
    let old = world.plugins.inbound_address(&company.us, company.puppet.id).await.unwrap();
    let new = world.plugins.change_inbound_address(company.cx(), company.puppet.id).await.unwrap();
    let script = json!([["respond", 200, "ok"]]);
    let ask = async |path: &str| {
        let token = path.strip_prefix("/plugins/in/").unwrap();
        Box::pin(world.plugins.answer_request(token, post(&script))).await.status
    };
    let mut answers = Vec::new();
    for _ in 0..200 {
        answers.push(ask(&old).await);
    }
    assert!(answers.contains(&429), "whoever asks so often is counted");
    assert_eq!(ask(&new).await, 200, "and not with those who have the address of now");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_is_told_without_details_and_changes_nothing() {
    let world = World::new().await;
    let company = world.company("acme", json!({})).await;
    let issue = world.create(&company, "Login fails").await;
    world.settled(&company).await;
    let path = world.plugins.inbound_address(&company.us, company.puppet.id).await.unwrap();
    let token = path.strip_prefix("/plugins/in/").unwrap();
    let ask = async |script: Value| Box::pin(world.plugins.answer_request(token, post(&script))).await;
    let comment = json!(["comment", "ENG-1", "half"]);
    for (ends, status) in [
        (json!(["panic", "secret words"]), 502),
        (json!(["permanent", "no"]), 502),
        (json!(["retry", "later"]), 503),
        (json!(["respond", 302, "elsewhere"]), 502),
    ] {
        let answer = ask(json!([comment, ends])).await;
        assert_eq!(answer.status, status, "{ends}");
        assert!(!text(&answer).contains("secret words"));
    }
    let title = json!(["update", "ENG-1", [{ "title": "x".repeat(600) }]]);
    assert_eq!(ask(json!([comment, title, ["respond", 200, "ok"]])).await.status, 502);
    assert!(world.bodies(&company, issue).await.is_empty());
    let large = InboundRequest { body: vec![b' '; (1 << 20) + 1], ..post(&json!([])) };
    assert_eq!(Box::pin(world.plugins.answer_request(token, large)).await.status, 413);
    let mut answers = Vec::new();
    for _ in 0..70 {
        answers.push(ask(json!([["respond", 200, "ok"]])).await.status);
    }
    assert!(answers.contains(&429), "so many at once are too many");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_is_made_with_a_secret_that_the_guest_never_sees() {
    let world = World::new().await;
    let company = world.company("acme", json!({})).await;
    let path = world.plugins.inbound_address(&company.us, company.puppet.id).await.unwrap();
    let token = path.strip_prefix("/plugins/in/").unwrap();
    let script = json!([["!hmac", "signing", "what do ya want for nothing?"], ["respond", 200, "$last"]]);
    let unset = Box::pin(world.plugins.answer_request(token, post(&script))).await;
    assert_eq!(unset.status, 502, "nobody has entered it");
    let secret = Zeroizing::new("Jefe".to_owned());
    world.plugins.set_secret(company.cx(), company.puppet.id, "signing", secret).await.unwrap();
    let answer = Box::pin(world.plugins.answer_request(token, post(&script))).await;
    assert_eq!(text(&answer), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    world.close().await;
}
