//! What a plugin said, where it failed at something: told to who sees all that its run was told of. It is an admin who does not
//! belong to a private team.

use crate::listener::server;
use crate::outsider::{admin, private_team};
use crate::sending::outward;
use crate::world::{Company, World, pause, puppet, until};
use mortise_engine::context::Principal;
use mortise_plugins::automation::{Backlog, DeadLetter, DeadLetters, FailureKind, WaitingWork};
use serde_json::json;
use std::time::Duration;

/// Instead of what was said.
const HIDDEN: &str = "about what you may not see";

/// A private team of the plugin's member alone, with an issue in it: `BRD-1`.
async fn takeover(world: &World, company: &Company) -> Company {
    let board = private_team(world, company).await;
    world.create(&board, "the takeover").await;
    board
}

async fn letters(world: &World, company: &Company, who: &Principal) -> DeadLetters {
    world.plugins.dead_letters(who, company.puppet.id, 10, None).await.unwrap()
}

async fn backlog(world: &World, company: &Company, who: &Principal) -> Backlog {
    world.plugins.backlog(who, company.puppet.id).await.unwrap()
}

/// A letter as who may not be told of it sees it.
fn blank(letter: &DeadLetter) -> DeadLetter {
    DeadLetter { issue: None, about: String::new(), why: HIDDEN.to_owned(), ..letter.clone() }
}

/// The same of what waits.
fn blank_work(work: &WaitingWork) -> WaitingWork {
    WaitingWork { issue: None, about: String::new(), why: HIDDEN.to_owned(), ..work.clone() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_schedule_gave_up_with_is_told_to_who_sees_what_it_read() {
    let world = World::new().await;
    let hourly =
        [("cron = \"* * * * *\"", "cron = \"0 * * * *\""), ("cron = \"0 9 * * *\"", "cron = \"0 0 29 2 *\"")];
    let script = json!([["get", "BRD-1"], ["permanent", "BRD-1 'the takeover' has no owner"]]);
    let settings = json!({ "script": { "on-schedule": script } });
    let company = world.company_with("acme", puppet(&hourly), settings).await;
    takeover(&world, &company).await;
    let ann = admin(&world, &company, "ann").await;
    // It has been seen once before its time comes.
    pause(Duration::from_secs(1)).await;
    world.hands.on(Duration::from_secs(3600));
    until("it is given up", async || letters(&world, &company, &company.us).await.total == 1).await;
    let all = letters(&world, &company, &company.us).await;
    let letter = &all.letters[0];
    assert_eq!(letter.kind, FailureKind::Schedule);
    assert!(letter.why.contains("takeover") && letter.about.contains("minutely"), "{letter:?}");
    let told = letters(&world, &company, &ann).await;
    assert_eq!(told, DeadLetters { letters: vec![blank(letter)], ..all }, "that it is there is told");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_it_said_about_an_event_is_told_to_who_sees_what_it_read_beside() {
    let world = World::new().await;
    let company = world.company("acme", json!({})).await;
    let board = takeover(&world, &company).await;
    let ann = admin(&world, &company, "ann").await;
    let read = json!(["get", "BRD-1"]);
    for end in ["retry", "permanent"] {
        let script = |steps| json!({ "on-event": steps }).to_string();
        world.create(&company, script(json!([[end, "not yet"]]))).await;
        world.create(&company, script(json!([read, [end, "it has no owner"]]))).await;
        world.create(&board, script(json!([[end, "nor has this"]]))).await;
    }
    let both = async |who: &Principal| {
        (backlog(&world, &company, who).await.events, letters(&world, &company, who).await.letters)
    };
    until("all have failed", async || {
        let (events, letters) = both(&company.us).await;
        events.iter().filter(|event| event.attempts == 1).count() == 3 && letters.len() == 3
    })
    .await;
    let (events, letters) = both(&company.us).await;
    let why: Vec<_> = events.iter().map(|event| event.why.as_str()).collect();
    assert_eq!(why, ["not yet", "it has no owner", "nor has this"]);
    let (told_events, told_letters) = both(&ann).await;
    let blank_events = events[1..].iter().map(blank_work);
    assert_eq!(told_events, [events[0].clone()].into_iter().chain(blank_events).collect::<Vec<_>>());
    let blank_letters = letters[1..].iter().map(blank);
    assert_eq!(told_letters, [letters[0].clone()].into_iter().chain(blank_letters).collect::<Vec<_>>());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_request_goes_is_told_to_who_sees_what_the_plugin_read() {
    let world = World::new().await;
    let (address, _) = server(&[500, 500, 400]).await;
    let company = world.company_with("acme", outward(), json!({ "script": {} })).await;
    takeover(&world, &company).await;
    let ann = admin(&world, &company, "ann").await;
    let enqueue = |to: &str| json!(["enqueue", "POST", format!("{address}/{to}"), {}, "body"]);
    let script = |steps| json!({ "on-event": steps }).to_string();
    world.create(&company, script(json!([enqueue("plain")]))).await;
    let waiting = async |who: &Principal| backlog(&world, &company, who).await.requests;
    let tried = |requests: &[WaitingWork]| requests.iter().filter(|request| request.attempts == 1).count();
    until("the first waits", async || tried(&waiting(&company.us).await) == 1).await;
    world.create(&company, script(json!([["get", "BRD-1"], enqueue("takeover")]))).await;
    until("both wait", async || tried(&waiting(&company.us).await) == 2).await;
    let all = waiting(&company.us).await;
    assert!(all[0].about.ends_with("/plain") && all[1].about.ends_with("/takeover"), "{all:?}");
    assert_eq!(waiting(&ann).await, [all[0].clone(), blank_work(&all[1])]);

    world.hands.on(Duration::from_secs(12));
    until("both are given up", async || letters(&world, &company, &company.us).await.total == 2).await;
    let all = letters(&world, &company, &company.us).await.letters;
    assert_eq!(letters(&world, &company, &ann).await.letters, [all[0].clone(), blank(&all[1])]);
    world.close().await;
}
