//! Failing: later, in order, with growing delays; at last not any more, until somebody says so.

use crate::world::{World, until};
use mortise_engine::ErrorCode;
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_is_tried_later_and_holds_up_its_own_issue_alone() {
    let world = World::new().await;
    let script = json!({ "on-event": [["comment", "$issue", "attempt $attempt"]] });
    let company = world.company("acme", script).await;
    let stuck = world.create(&company, json!({ "on-event": [["retry", "not yet"]] }).to_string()).await;
    until("it waits", async || {
        let backlog = world.plugins.backlog(&company.us, company.puppet.id).await.unwrap();
        backlog.events.first().is_some_and(|event| event.attempts == 1 && event.why == "not yet")
    })
    .await;
    // The issue as it stands now says something else; but what happened to it waits its turn.
    world.retitle(&company, stuck, "plain again").await;
    let free = world.create(&company, "free").await;
    until("the other issue", async || world.bodies(&company, free).await == ["attempt 1"]).await;
    assert!(world.bodies(&company, stuck).await.is_empty());
    let backlog = world.plugins.backlog(&company.us, company.puppet.id).await.unwrap();
    let waits: Vec<_> = backlog.events.iter().map(|event| (event.issue, event.attempts)).collect();
    assert_eq!(waits, [(Some(stuck), 1), (Some(stuck), 0)]);
    world.hands.on(Duration::from_secs(12));
    until("both, in order", async || world.bodies(&company, stuck).await == ["attempt 2", "attempt 1"]).await;
    let backlog = world.plugins.backlog(&company.us, company.puppet.id).await.unwrap();
    assert!(backlog.events.is_empty());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_nine_attempts_it_is_given_up_and_done_when_somebody_says_so() {
    let mut world = World::new().await;
    let company = world.company("acme", json!({ "on-event": [["comment", "$issue", "done"]] })).await;
    let issue = world.create(&company, json!({ "on-event": [["retry", "never"]] }).to_string()).await;
    for attempt in 1..=8 {
        until("the attempt", async || {
            let backlog = world.plugins.backlog(&company.us, company.puppet.id).await.unwrap();
            backlog.events.first().is_some_and(|event| event.attempts == attempt)
        })
        .await;
        if attempt == 4 {
            let (folder, hands) = world.close().await;
            world = World::on(folder, hands).await;
        }
        world.hands.on(Duration::from_secs(7 * 3600));
    }
    let letters = async |world: &World| {
        world.plugins.dead_letters(&company.us, company.puppet.id, 10, None).await.unwrap()
    };
    until("it is given up", async || letters(&world).await.total == 1).await;
    let letter = letters(&world).await.letters.remove(0);
    assert_eq!((letter.attempts, letter.issue), (9, Some(issue)));
    assert!(letter.why.contains("9 times") && letter.why.contains("never"), "{letter:?}");

    let nobody = world.plugins.redeliver(company.cx(), company.puppet.id, &["00ff".into()]).await;
    assert_eq!(nobody.unwrap_err().code(), ErrorCode::NotFound);
    world.retitle(&company, issue, "plain").await;
    until("the retitling", async || world.bodies(&company, issue).await.len() == 1).await;
    assert_eq!(world.plugins.redeliver(company.cx(), company.puppet.id, &[letter.id]).await.unwrap().what, 1);
    until("it is done", async || world.bodies(&company, issue).await.len() == 2).await;
    assert_eq!(letters(&world).await.total, 0);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_never_works_is_given_up_at_once_and_can_be_let_go() {
    let world = World::new().await;
    let company = world.company("acme", json!({})).await;
    world.create(&company, json!({ "on-event": [["permanent", "no such project"]] }).to_string()).await;
    let letters =
        async || world.plugins.dead_letters(&company.us, company.puppet.id, 10, None).await.unwrap();
    until("it is given up", async || letters().await.total == 1).await;
    let letter = letters().await.letters.remove(0);
    assert_eq!((letter.why.as_str(), letter.attempts), ("no such project", 1));
    assert_eq!(
        world.plugins.drop_letters(company.cx(), company.puppet.id, &[letter.id]).await.unwrap().what,
        1
    );
    assert_eq!(letters().await.total, 0);
    world.close().await;
}
