//! Doing a run again, and seeing what one would do.

use crate::halted::gate;
use crate::world::{Company, World, puppet, until};
use mortise_engine::command::issue::CreateIssue;
use mortise_engine::context::{Operator, Principal};
use mortise_engine::id::InstallationId;
use mortise_engine::model::{Digest, Tier};
use mortise_engine::{Error, ErrorCode};
use mortise_plugins::backtest::{BacktestOf, NewBacktest};
use mortise_plugins::manifest::Manifest;
use mortise_plugins::rehearse::Rehearse;
use mortise_plugins::service::{CpuRate, NewInstallation, RunAnswer, RunId, RunMode, RunRecord, RunTask};
use mortise_plugins::signing::SigningKey;
use serde_json::json;
use std::time::Duration;

/// An issue that is refused, and the run of the puppet that was called for this.
async fn refused(world: &World, company: &Company, task: RunTask) -> RunRecord {
    let command = CreateIssue { title: "x".into(), ..CreateIssue::in_team(company.team) };
    Box::pin(world.engine.execute(company.cx(), command)).await.unwrap_err();
    let runs = world.runs(company).await;
    runs.into_iter().find(|run| run.task == task && run.replayable).unwrap()
}

/// What doing this run again, and a backtest and a rehearsal of its plugin, are refused with.
async fn refusals(world: &World, us: &Principal, id: InstallationId, run: RunId) -> [Error; 3] {
    let new = NewBacktest { of: BacktestOf::Installation(id), filter: String::new(), since: None };
    let daily = Rehearse::Schedule("daily".into());
    [
        Box::pin(world.plugins.replay(us, run)).await.unwrap_err(),
        Box::pin(world.plugins.backtest(us, new)).await.unwrap_err(),
        Box::pin(world.plugins.rehearse(us, id, daily)).await.unwrap_err(),
    ]
}

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
    let run = refused(&world, &company, RunTask::Validate).await;
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
async fn a_run_done_again_takes_of_it_also_where_nobody_waits_for_its_end() {
    let world = World::new().await;
    let company = world.company("acme", json!({ "validate": [["loop"]] })).await;
    let run = refused(&world, &company, RunTask::Validate).await;
    let (folder, hands) = world.close().await;
    let world = World::on_with(folder, hands, |config| {
        let little = CpuRate { per_minute: Duration::from_nanos(1), burst: Duration::from_millis(20) };
        config.limits.platinum.cpu = little;
        // It goes on for longer than anybody waits here.
        config.limits.platinum.workflow.cpu = Duration::from_secs(10);
        config.limits.platinum.workflow.wall = Duration::from_secs(10);
    })
    .await;
    let mut spent = None;
    for _ in 0..50 {
        let again = Box::pin(world.plugins.replay(&company.us, run.id));
        if let Ok(ended) = tokio::time::timeout(Duration::from_millis(100), again).await {
            spent = ended.err();
            break;
        }
    }
    let spent = spent.expect("what nobody waited for takes more than 20 ms");
    assert_eq!(spent.code(), ErrorCode::Unavailable);
    assert!(spent.message().contains("processor time"), "{}", spent.message());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_work_came_too_late_is_done_again_as_it_was() {
    let world = World::new().await;
    let (address, mut asked, open) = gate().await;
    let steps = json!([["send", "GET", address, {}, ""], ["comment", "$issue", "too late"]]);
    let wasm = puppet(&[("http = [\"hooks.example.com\", \"*.example.org\"]", "http = [\"localhost\"]")]);
    let settings = json!({ "script": { "on-event": steps } });
    let company = world.company_with("acme", wasm, settings).await;
    world.create(&company, "Login fails").await;
    asked.recv().await.unwrap();
    Box::pin(world.plugins.disable(company.cx(), company.puppet.id, None)).await.unwrap();
    open.send(()).await.unwrap();
    let late = async || {
        let runs = world.runs(&company).await;
        runs.into_iter().find(|run| run.outcome.answer == RunAnswer::Refused)
    };
    until("what it staged is refused", async || late().await.is_some()).await;
    let run = late().await.unwrap();
    assert_eq!(run.outcome.kind, "conflict");
    let again = Box::pin(world.plugins.replay(&company.us, run.id)).await.unwrap();
    assert!(again.same && again.outcome.kind == "done", "{again:?}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_amendment_that_could_not_be_is_done_again_as_it_was() {
    let world = World::new().await;
    let script = json!({ "amend": [["edits", [{ "add-label": "no such label" }]]] });
    let company = world.company("acme", script).await;
    let run = refused(&world, &company, RunTask::Amend).await;
    assert_eq!((run.outcome.answer, run.outcome.kind.as_str()), (RunAnswer::Failed, "edits"));
    let again = Box::pin(world.plugins.replay(&company.us, run.id)).await.unwrap();
    assert!(again.same && again.outcome.kind == "amended", "{again:?}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_company_may_not_have_any_more_is_neither_done_again_nor_tried_out() {
    let world = World::new().await;
    let company = world.company("acme", json!({ "validate": [["deny", "never", {}]] })).await;
    let run = refused(&world, &company, RunTask::Validate).await;
    assert!(Box::pin(world.plugins.replay(&company.us, run.id)).await.unwrap().same);
    world.engine.set_tier(company.cx(), Tier::Premium).await.unwrap();
    for error in refusals(&world, &company.us, company.puppet.id, run.id).await {
        assert_eq!(error.code(), ErrorCode::EntitlementExceeded, "{error}");
        assert_eq!(error.exceeded().unwrap().upgrade_to.as_deref(), Some("PLATINUM"), "{error}");
    }
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_was_stopped_is_neither_done_again_nor_tried_out() {
    let (key, by) = (SigningKey::generate().unwrap(), Operator::trusted());
    let world = World::with(|config| config.catalogue_keys = vec![key.public_key()]).await;
    let company = world.company("acme", json!({})).await;
    let wasm = puppet(&[("id = \"test.puppet\"", "id = \"test.other\"")]);
    let signature = key.sign(&Digest::of(&wasm).0, Manifest::text_of_component(&wasm).unwrap()).unwrap();
    let entry = Box::pin(world.plugins.publish(&by, wasm, &signature)).await.unwrap();
    let settings = json!({ "script": { "validate": [["log", "info", "seen"]] } });
    let new = NewInstallation { settings, enabled: true, ..NewInstallation::plain(entry.digest) };
    let install = world.plugins.install_curated(company.cx(), "test.other", None, new);
    let other = Box::pin(install).await.unwrap().what;
    world.create(&company, "Login fails").await;
    let runs = world.runs_of(&company, other.id).await;
    let run = runs.into_iter().find(|run| run.task == RunTask::Validate && run.replayable).unwrap();
    assert!(Box::pin(world.plugins.replay(&company.us, run.id)).await.unwrap().same);

    world.plugins.withdraw(&by, "test.other", &entry.version, "it leaks", true).await.unwrap();
    for error in refusals(&world, &company.us, other.id, run.id).await {
        assert_eq!(error.code(), ErrorCode::Rejected, "{error}");
        assert!(error.message().contains("it leaks. Take another version"), "{error}");
    }
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
