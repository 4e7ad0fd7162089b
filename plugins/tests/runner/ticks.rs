//! Schedules: at their times, on the clocks of their zone; times that nobody was there for are counted.

use crate::world::{World, puppet, until};
use mortise_plugins::service::RunTask;
use serde_json::json;
use std::time::Duration;

fn hourly() -> Vec<u8> {
    puppet(&[
        ("cron = \"* * * * *\"", "cron = \"0 * * * *\""),
        ("cron = \"0 9 * * *\"", "cron = \"0 9 * * *\""),
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_woken_at_its_times_and_told_of_those_it_missed() {
    let mut world = World::new().await;
    let settings = json!({ "script": { "on-schedule": [["kv-add", "ticks", 1]] } });
    let company = world.company_with("acme", hourly(), settings).await;
    let ticks = async |world: &World| -> Vec<String> {
        let runs = world.runs(&company).await;
        let ticks = runs.iter().filter(|run| run.task == RunTask::Schedule);
        ticks
            .flat_map(|run| run.logs.iter().map(|log| log.message.clone()))
            .filter(|l| l.contains("tick"))
            .collect()
    };
    // It has been seen once before its time comes.
    crate::world::pause(Duration::from_secs(1)).await;
    assert_eq!(ticks(&world).await, Vec::<String>::new());
    // From 08:00 to 09:00 in UTC.
    world.hands.on(Duration::from_secs(3600));
    until("both schedules", async || ticks(&world).await.len() == 2).await;
    let told = ticks(&world).await.join("\n");
    assert!(told.contains("tick of daily due 2026-01-05T09:00:00.000Z missed 0"), "{told}");
    assert!(told.contains("tick of minutely due 2026-01-05T09:00:00.000Z missed 0"), "{told}");

    let (folder, hands) = world.close().await;
    hands.on(Duration::from_secs(5 * 3600));
    world = World::on(folder, hands).await;
    until("the one after the restart", async || ticks(&world).await.len() == 3).await;
    let told = ticks(&world).await;
    assert!(told.iter().any(|tick| tick.contains("due 2026-01-05T14:00:00.000Z missed 4")), "{told:?}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_it_is_due_next_is_known_for_as_long_as_it_acts() {
    let world = World::new().await;
    let company = world.company_with("acme", nightly(), json!({ "script": {} })).await;
    let reader = world.engine.reader(&company.us).await.unwrap();
    let code = reader.plugin_code(company.puppet.digest).unwrap();
    let schedules = world.plugins.described(&code).unwrap().schedules;
    let next = |installation| -> Vec<_> {
        let due = |schedule| world.plugins.next_due(reader.tenant(), installation, schedule);
        schedules
            .iter()
            .map(|schedule| (schedule.name.as_str(), due(schedule).map(|at| at.to_string())))
            .collect()
    };
    // Half past two in Vienna, in winter; and a day that not every year has.
    let (daily, leap) = ("2026-01-06T01:30:00.000Z".to_owned(), "2028-02-28T23:00:00.000Z".to_owned());
    assert_eq!(next(&company.puppet), [("daily", Some(daily)), ("minutely", Some(leap))]);
    world.plugins.disable(company.cx(), company.puppet.id, None).await.unwrap();
    let disabled = world.engine.reader(&company.us).await.unwrap().installation(company.puppet.id).unwrap();
    assert_eq!(next(&disabled), [("daily", None), ("minutely", None)]);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_that_fails_is_tried_again() {
    let world = World::new().await;
    let settings = json!({ "script": { "on-schedule": [["retry", "not yet"]] } });
    let company = world.company_with("acme", hourly(), settings).await;
    crate::world::pause(Duration::from_secs(1)).await;
    world.hands.on(Duration::from_secs(3600));
    let attempts = async || -> Vec<u32> {
        let runs = world.runs(&company).await;
        runs.iter().filter(|r| r.about == "schedule minutely").map(|run| run.attempt).collect()
    };
    until("the first attempt", async || attempts().await == [1]).await;
    world.hands.on(Duration::from_secs(12));
    until("the second", async || attempts().await == [2, 1]).await;
    world.close().await;
}

/// A schedule at half past two of each day in Vienna.
fn nightly() -> Vec<u8> {
    puppet(&[
        ("cron = \"0 9 * * *\"", "cron = \"30 2 * * *\"\nzone = \"Europe/Vienna\""),
        ("cron = \"* * * * *\"", "cron = \"0 0 29 2 *\""),
    ])
}

/// Lets a nightly plugin live through these moments, and says what it was told. A turn is over at each of them: an issue
/// that was made then has been seen, and what is due is looked at before what has happened.
async fn nights(moments: &[&str]) -> Vec<String> {
    let world = World::new().await;
    let begin = moments.first().unwrap();
    world.hands.to(begin);
    let settings = json!({ "script": { "on-event": [["comment", "$issue", "seen"]] } });
    let company = world.company_with("acme", nightly(), settings).await;
    for moment in moments {
        world.hands.to(moment);
        let issue = world.create(&company, *moment).await;
        until("its turn", async || !world.bodies(&company, issue).await.is_empty()).await;
    }
    let runs = world.runs(&company).await;
    world.close().await;
    // The newest run stands first.
    let ticks = runs.iter().rev().filter(|run| run.task == RunTask::Schedule);
    ticks.flat_map(|run| run.logs.iter().map(|log| log.message.clone())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_night_without_its_time_has_it_once_after_the_gap() {
    // On the 29th the clocks go from 02:00 to 03:00.
    let told = nights(&[
        "2026-03-28T12:00:00Z",
        "2026-03-29T00:59:00Z",
        "2026-03-29T01:00:30Z",
        "2026-03-29T01:31:00Z",
        "2026-03-29T12:00:00Z",
        "2026-03-30T00:31:00Z",
    ]);
    assert_eq!(
        told.await,
        [
            "tick of daily due 2026-03-29T01:00:00.000Z missed 0",
            "tick of daily due 2026-03-30T00:30:00.000Z missed 0"
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_night_that_has_its_time_twice_has_it_the_first_time() {
    // On the 25th the clocks go from 03:00 back to 02:00.
    let told = nights(&[
        "2026-10-24T12:00:00Z",
        "2026-10-25T00:29:00Z",
        "2026-10-25T00:31:00Z",
        "2026-10-25T01:31:00Z",
        "2026-10-25T12:00:00Z",
        "2026-10-26T01:31:00Z",
    ]);
    assert_eq!(
        told.await,
        [
            "tick of daily due 2026-10-25T00:30:00.000Z missed 0",
            "tick of daily due 2026-10-26T01:30:00.000Z missed 0"
        ]
    );
}
