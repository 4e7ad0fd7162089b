//! Those that work at set times: stale-sweeper, sla-escalation.

use crate::office::Office;
use crate::world::until;
use mortise_engine::model::Priority;
use mortise_plugins::service::RunTask;
use serde_json::json;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Time goes on in such steps until the plugin was woken once: from then on it counts.
async fn awake(office: &Office, step: Duration) {
    until("it is woken", async || {
        office.world.hands.on(step);
        let runs = office.world.runs(&office.company).await;
        runs.iter().any(|run| run.task == RunTask::Schedule)
    })
    .await;
}

/// Waits for the run of this day, so that the clock goes on while nothing runs: a run has the time at which it began, and reads
/// what is so now.
async fn rested(office: &Office) {
    let now = office.world.engine.clock().now();
    until("the run of the day", async || {
        let runs = office.world.runs(&office.company).await;
        runs.iter().any(|run| run.task == RunTask::Schedule && run.at == now)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_touches_is_reminded_of_and_then_closed() {
    let settings = json!({ "after-days": 60, "then-days": 14 });
    let office = Office::with("stale-sweeper", settings).await;
    awake(&office, DAY).await;
    rested(&office).await;
    let stale = office.issue("Some day", |new| new).await;
    let wanted = office.issue("Some other day", |new| new).await;
    office.world.hands.on(61 * DAY);
    for issue in [stale, wanted] {
        until("the reminder", async || office.said(issue).await.len() == 1).await;
        let said = office.said(issue).await;
        assert!(said[0].starts_with("Nobody has touched this for 60 days."), "{said:?}");
    }
    office.world.hands.on(DAY);
    rested(&office).await;
    office.world.comment(&office.company, wanted, "still wanted").await;
    office.world.hands.on(14 * DAY);
    until("it is closed", async || office.state_of(stale).await == "closed").await;
    let said = office.said(stale).await;
    assert!(said.len() == 2 && said[1].starts_with("Closed, since nobody reacted"), "{said:?}");
    assert_eq!(office.state_of(wanted).await, "open", "both were looked at in one run");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_late_is_warned_of_and_then_escalated() {
    let settings = json!({
        // So long that it does not matter when it was woken.
        "policies": [{ "resolution-hours": 5000 }],
        "on-breach": { "comment": true, "raise-priority": true, "label": "late" },
    });
    let office = Office::with("sla-escalation", settings).await;
    let late = office.label("late").await;
    let issue = office.issue("Login fails", |new| new).await;
    awake(&office, Duration::from_secs(300)).await;
    assert!(office.said(issue).await.is_empty(), "there is time");
    office.world.hands.on(4200 * HOUR);
    until("the warning", async || office.said(issue).await.len() == 1).await;
    let said = office.said(issue).await;
    assert!(said[0].starts_with("Time runs short: a solution is due within 5000 h"), "{said:?}");
    office.world.hands.on(1000 * HOUR);
    until("the escalation", async || office.said(issue).await.len() == 2).await;
    let said = office.said(issue).await;
    assert!(said[1].starts_with("Too late: a solution was due within 5000 h"), "{said:?}");
    let row = office.world.issue(&office.company, issue).await;
    assert_eq!((row.priority, row.labels.as_slice()), (Priority::Low, [late].as_slice()));
    office.close().await;
}
