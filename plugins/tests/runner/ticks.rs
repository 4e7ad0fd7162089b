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
