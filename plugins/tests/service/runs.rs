//! Records of runs: what is kept, how much, and what becomes of those that fail.

use crate::world::World;
use mortise_engine::command::issue::IssuePatch;
use mortise_engine::command::member::AddMember;
use mortise_engine::limits::Limits;
use mortise_engine::model::{InstallationStatus, OnFailure, Role, Tier};
use mortise_plugins::service::CpuRate;
use mortise_plugins::service::{InstallationChange, NewInstallation, RunAnswer, RunFilter, Shown};
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_found_by_its_id_and_lists_have_pages() {
    let world = World::new().await;
    let (company, installation) = world.played("acme", json!({ "validate": [["deny", "never"]] })).await;
    for n in 0..5 {
        world.create(&company, &format!("issue {n}")).await.unwrap_err();
    }
    let denied = RunFilter { answers: Some(vec![RunAnswer::Denied]), ..RunFilter::default() };
    let runs = |page| world.plugins.runs(&company.us, installation.id, &denied, page);
    let first = runs(Shown { first: 3, after: None }).await.unwrap();
    assert!(first.more && first.runs.len() == 3);
    assert!(first.runs.is_sorted_by(|newer, older| newer.id > older.id));
    let rest = runs(Shown { first: 3, after: Some(first.runs[2].id) }).await.unwrap();
    assert!(!rest.more && rest.runs.len() == 2);
    // All of it is not read for the first of it.
    let newest = Shown { first: 1, after: None };
    let newest =
        world.plugins.runs(&company.us, installation.id, &RunFilter::default(), newest).await.unwrap();
    assert!(newest.more && newest.runs.len() == 1 && newest.looked_at == 2, "{}", newest.looked_at);
    assert!(newest.bytes > 0);
    let one = world.plugins.find_run(&company.us, rest.runs[0].id).await.unwrap();
    assert_eq!(one, rest.runs[0]);
    let other = world.company("other", Tier::Platinum).await;
    assert!(world.plugins.find_run(&other.us, one.id).await.is_err(), "another company's");
    assert!(world.plugins.run(&other.us, installation.id, one.id).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_fails_stays_and_one_that_opens_is_switched_off() {
    let world = World::new().await;
    let (company, closed) = world
        .played("acme", json!({ "*": [], "amend": [["panic", "x"]], "validate": [["panic", "x"]] }))
        .await;
    let ann = AddMember {
        id: None,
        email: "ann@example.com".into(),
        name: "Ann".into(),
        role: Role::Admin,
        password_hash: None,
    };
    world.engine.execute(company.cx(), ann).await.unwrap();
    let letters = async || world.engine.mail_waiting(company.tenant).await.unwrap();
    assert_eq!(letters().await, 0);
    for n in 0..22 {
        world.create(&company, &format!("issue {n}")).await.unwrap_err();
        if n == 20 {
            world.runs(&company, closed.id).await;
        }
    }
    let page = world.runs(&company, closed.id).await;
    assert!(page.asked.failures_in_a_row >= 22, "{:?}", page.asked);
    assert_eq!(letters().await, 1, "the admin hears of it once");
    assert!(page.asked.is_unhealthy() && page.asked.failing_since.is_some());
    let reader = world.engine.reader(&company.us).await.unwrap();
    assert!(reader.installation(closed.id).unwrap().is_enabled(), "the gate stays closed");

    let open = InstallationChange { on_failure: Some(OnFailure::Open), ..InstallationChange::default() };
    world.plugins.change(company.cx(), closed.id, open).await.unwrap();
    world.plugins.disable(company.cx(), closed.id, Some("to begin anew".into())).await.unwrap();
    world.plugins.enable(company.cx(), closed.id).await.unwrap();
    for n in 0..20 {
        world.create(&company, &format!("issue {n}")).await.unwrap();
    }
    let page = world.runs(&company, closed.id).await;
    assert!(page.asked.is_unhealthy(), "{:?}", page.asked);
    let stopped = reader.refreshed().installation(closed.id).unwrap();
    assert_eq!(stopped.status, InstallationStatus::Disabled);
    assert!(stopped.stopped.as_deref().unwrap().contains("times in a row"), "{stopped:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_are_kept() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let script = json!({ "script": { "validate": [["deny", "never"]] } });
    // Else what it does each minute has records among them.
    let wasm = crate::world::puppet_as("1.0.0", &[("cron = \"* * * * *\"", "cron = \"0 9 * * *\"")]);
    let installed = world.installed(&company, wasm, |new| NewInstallation { settings: script, ..new });
    let installation = installed.await.unwrap();
    let issue = world.create(&company, "an issue").await.unwrap();
    world.plugins.enable(company.cx(), installation.id).await.unwrap();
    for n in 0..520_u32 {
        let patch = IssuePatch { estimate: Some(Some(n + 1)), ..IssuePatch::default() };
        world.update(&company, issue, patch).await.unwrap_err();
    }
    let kept = world.all_runs(&company, installation.id, &RunFilter::default(), 100).await;
    assert!(kept.is_sorted_by(|newer, older| newer.id > older.id));
    let mut replayable = 0;
    for run in &kept {
        let input = world.plugins.run_input(&company.us, installation.id, run.id).await;
        replayable += usize::from(input.is_ok());
    }
    assert_eq!(replayable, 100);
    // Each change is denied as a whole and amended in nothing in brief, but for the first of a minute.
    let of = |answer| kept.iter().filter(|run| run.outcome.answer == answer).count();
    let (denied, allowed) = (of(RunAnswer::Denied), of(RunAnswer::Allowed));
    assert_eq!(denied + allowed, kept.len(), "that it was enabled is long ago");
    assert!((400..=500).contains(&denied) && (500..=520).contains(&allowed), "{denied}, {allowed}");
    assert!(kept.len() >= 1_000, "{}", kept.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_waited_for_is_no_failure_and_costs_what_it_used() {
    // The engine waits for less than the plugin may use.
    let limits = Limits { hooks_time_ms: 200, ..Limits::default() };
    let world = World::within(limits, |config| {
        let limit = &mut config.limits.platinum;
        (limit.workflow.cpu, limit.workflow.wall) = (Duration::from_secs(600), Duration::from_secs(600));
        limit.workflow_cpu = CpuRate::per_minute(Duration::from_micros(1));
    })
    .await;
    let company = world.company("acme", Tier::Platinum).await;
    let amends_nothing = [("amend = [\"create\", \"update\", \"transition\", \"comment\"]", "amend = []")];
    let settings = json!({ "script": { "validate": [["loop"]] } });
    let wasm = crate::world::puppet_as("1.0.0", &amends_nothing);
    let installed =
        world.installed(&company, wasm, |new| NewInstallation { settings, enabled: true, ..new }).await;
    let installation = installed.unwrap();
    let error = world.create(&company, "the first").await.unwrap_err();
    assert!(error.message().contains("too long together"), "{error}");
    let page = world.runs(&company, installation.id).await;
    let unanswered = page.runs.iter().find(|run| run.outcome.kind == "unanswered").unwrap();
    assert_eq!(unanswered.outcome.answer, RunAnswer::NotRun);
    assert_eq!(page.asked.failures_in_a_row, 0, "{page:?}");
    // It had all of the company's time for that.
    let error = world.create(&company, "the second").await.unwrap_err();
    assert!(error.message().contains("processor time"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_of_runs_when_it_is_closed_is_written() {
    // By itself it would be written an hour after the first of them.
    let world =
        World::within(Limits::default(), |config| config.write_every = Duration::from_secs(3_600)).await;
    let (company, installation) = world.played("acme", json!({ "validate": [["deny", "never"]] })).await;
    for n in 0..5 {
        world.create(&company, &format!("issue {n}")).await.unwrap_err();
    }
    world.plugins.close().await;
    let again = world.again();
    again.attach(&world.engine).await;
    let page = Shown { first: 100, after: None };
    let page = again.runs(&company.us, installation.id, &RunFilter::default(), page).await.unwrap();
    let denied = page.runs.iter().filter(|run| run.outcome.answer == RunAnswer::Denied).count();
    assert_eq!(denied, 5, "{page:?}");
    again.close().await;
}
