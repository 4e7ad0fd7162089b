//! Doing a run again, and seeing what one would do.

use crate::world::{World, until};
use mortise_engine::ErrorCode;
use mortise_engine::command::issue::CreateIssue;
use mortise_plugins::rehearse::Rehearse;
use mortise_plugins::service::CpuRate;
use mortise_plugins::service::{RunMode, RunTask};
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_done_again_exactly_and_without_effect() {
    let world = World::new().await;
    let steps = json!([
        ["random", 16],
        ["kv-add", "n", 1],
        ["get", "$issue"],
        ["now"],
        ["send", "GET", "https://hooks.example.com/", {}, ""],
        ["comment", "$issue", "n is $last"]
    ]);
    let company = world.company("acme", json!({ "on-event": steps })).await;
    let issue = world.create(&company, "Login fails").await;
    until("the comment", async || !world.bodies(&company, issue).await.is_empty()).await;
    let run = world.runs(&company).await.into_iter().find(|run| run.task == RunTask::Event).unwrap();
    world.retitle(&company, issue, "Another title").await;
    world.settled(&company).await;
    let before = world.bodies(&company, issue).await;
    for _ in 0..2 {
        let again = Box::pin(world.plugins.replay(&company.us, run.id)).await.unwrap();
        assert!(again.same, "{again:?}");
        assert_eq!(again.logs, run.logs, "the same chance, the same time, the same issue");
    }
    assert_eq!(world.bodies(&company, issue).await, before);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_done_again_takes_of_the_companys_processor_time() {
    let little = CpuRate { per_minute: Duration::from_nanos(1), burst: Duration::from_millis(20) };
    let world = World::with(|config| config.limits.platinum.cpu = little).await;
    // A hook has a bucket of its own, and so there is a run.
    let company = world.company("acme", json!({ "validate": [["burn", 1000], ["deny", "no", {}]] })).await;
    let command = CreateIssue { title: "x".into(), ..CreateIssue::in_team(company.team) };
    let refused = Box::pin(world.engine.execute(company.cx(), command)).await;
    assert!(refused.is_err());
    let run = world.runs(&company).await.into_iter().find(|run| run.task == RunTask::Validate).unwrap();
    let mut spent = None;
    for _ in 0..1_000 {
        spent = Box::pin(world.plugins.replay(&company.us, run.id)).await.err();
        if spent.is_some() {
            break;
        }
    }
    let spent = spent.expect("a thousand runs take more than 20 ms");
    assert_eq!(spent.code(), ErrorCode::Unavailable);
    assert!(spent.message().contains("processor time"), "{}", spent.message());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_it_would_do_is_shown_as_differences() {
    let world = World::new().await;
    let company = world.company("acme", json!({})).await;
    let issue = world.create(&company, "Login fails").await;
    world.settled(&company).await;
    let steps = json!([
        ["update", "$issue", [{ "title": "Sign-in fails" }, { "priority": "high" }]],
        ["comment", "$issue", "renamed"],
        ["kv-set", "k", "v"],
        ["send", "GET", "https://hooks.example.com/", {}, ""],
        ["enqueue", "POST", "https://hooks.example.com/a?token=1", {}, "body"]
    ]);
    let settings = mortise_plugins::service::InstallationChange {
        settings: Some(json!({ "script": { "on-event": steps } })),
        ..Default::default()
    };
    Box::pin(world.plugins.change(company.cx(), company.puppet.id, settings)).await.unwrap();
    let what = Rehearse::Event(issue.into(), Some("issue.created".into()));
    let shown = Box::pin(world.plugins.rehearse(&company.us, company.puppet.id, what)).await.unwrap();
    assert_eq!(shown.refused, None);
    let fields: Vec<_> = shown.changes.iter().flat_map(|change| &change.fields).collect();
    let find = |name: &str| fields.iter().find(|field| field.field == name).unwrap();
    assert_eq!(find("title").before.as_deref(), Some("Login fails"));
    assert_eq!(find("title").after.as_deref(), Some("Sign-in fails"));
    assert_eq!(find("priority").after.as_deref(), Some("HIGH"));
    assert_eq!(find("comment").after.as_deref(), Some("renamed"));
    assert_eq!(shown.memory, [("k".to_owned(), true)]);
    assert_eq!(shown.requests, ["POST https://hooks.example.com/a"]);
    assert!(
        shown.logs.iter().any(|log| log.message.starts_with("send: error Error::Denied")),
        "{:?}",
        shown.logs
    );
    assert_eq!(world.issue(&company, issue).await.title, "Login fails");
    assert!(world.bodies(&company, issue).await.is_empty());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_it_did_itself_is_nothing_to_rehearse() {
    let world = World::new().await;
    let company = world.company("acme", json!({ "on-event": [["comment", "$issue", "seen"]] })).await;
    let issue = world.create(&company, "Login fails").await;
    until("the comment", async || !world.bodies(&company, issue).await.is_empty()).await;
    let rehearse = |name: Option<&str>| {
        let what = Rehearse::Event(issue.into(), name.map(str::to_owned));
        Box::pin(world.plugins.rehearse(&company.us, company.puppet.id, what))
    };
    rehearse(None).await.unwrap();
    let run = world.runs(&company).await.into_iter().find(|run| run.mode == RunMode::DryRun).unwrap();
    assert!(run.about.starts_with("issue.created "), "{}", run.about);
    let own = rehearse(Some("comment.created")).await.unwrap_err();
    assert_eq!(own.code(), ErrorCode::NotFound);
    world.close().await;
}
