//! Guests that are asked about changes: they deny, amend, fail, or are only listened to.

use crate::world::{World, guest, puppet};
use mortise_engine::ErrorCode;
use mortise_engine::command::issue::IssuePatch;
use mortise_engine::model::{OnFailure, PluginMode, Priority, StateCategory, Tier};
use mortise_plugins::service::{InstallationChange, NewInstallation, RunAnswer, RunMode, RunTask};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_denied_with_the_field_until_it_is_filled() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let wasm = guest("estimate-gate-rust");
    let installation =
        world.installed(&company, wasm, |new| NewInstallation { enabled: true, ..new }).await.unwrap();
    let issue = world.create(&company, "Login fails").await.unwrap();
    let done = world.state(&company, StateCategory::Completed).await;
    let complete = IssuePatch { state: Some(done), ..IssuePatch::default() };
    let error = world.update(&company, issue, complete.clone()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Rejected);
    assert_eq!(error.message(), "ENG-1 is not done: estimate is missing");
    assert_eq!(error.fields(), [("estimate".to_owned(), "is missing".to_owned())]);
    let filled = IssuePatch { estimate: Some(Some(3)), ..complete };
    world.update(&company, issue, filled).await.unwrap();
    assert_eq!(world.issue(&company, issue).await.state, done);
    let page = world.runs(&company, installation.id).await;
    let denied = page.runs.iter().find(|run| run.outcome.answer == RunAnswer::Denied).unwrap();
    assert_eq!(denied.issue, Some(issue));
    assert!(denied.about.starts_with("ENG-1: "), "{}", denied.about);
    assert!(denied.detail.as_deref().unwrap().contains("is missing"));
    assert!(denied.used.iter().any(|share| share.name == "cpu_us" && share.used > 0 && share.percent <= 100));
    assert!(denied.replayable);
    assert!(world.plugins.run_input(&company.us, installation.id, denied.id).await.is_ok());
    assert_eq!(page.totals[0].denied, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_amended_is_part_of_the_fact() {
    let world = World::new().await;
    let script = json!({ "amend": [["edits", [{ "priority": "high" }, { "estimate": 5 }]]] });
    let (company, installation) = world.played("acme", script).await;
    let issue = world.create(&company, "Login fails").await.unwrap();
    let row = world.issue(&company, issue).await;
    assert_eq!((row.priority, row.estimate, row.version), (Priority::High, Some(5), 1), "in one fact");
    let page = world.runs(&company, installation.id).await;
    assert!(page.runs.iter().any(|run| run.outcome.answer == RunAnswer::Amended), "{page:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amendment_that_cannot_be_is_a_failure() {
    let world = World::new().await;
    let script = json!({ "amend": [["edits", [{ "add-label": "no such label" }]]] });
    let (company, installation) = world.played("acme", script).await;
    let error = world.create(&company, "Login fails").await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Rejected);
    assert!(error.message().contains("no label `no such label`"), "{error}");
    let page = world.runs(&company, installation.id).await;
    assert_eq!(page.runs[0].outcome.answer, RunAnswer::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_parent_is_named_that_the_plugin_does_not_see_by_id_nor_by_key() {
    use mortise_engine::command::team::CreateTeam;
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let team = mortise_engine::id::TeamId::generate();
    let board =
        CreateTeam { id: Some(team), name: "Board".into(), private: true, ..CreateTeam::with_key("BRD") };
    world.engine.execute(company.cx(), board).await.unwrap();
    let private = crate::world::Company { team, us: company.us.clone(), tenant: company.tenant };
    let hidden = world.create(&private, "What the plugin does not see").await.unwrap();
    let seen = world.create(&company, "What it sees").await.unwrap();
    let installed = world.installed(&company, crate::world::puppet(), |new| new).await.unwrap();
    let amends = async |parent: &str| {
        let script = json!({ "amend": [["edits", [{ "parent": parent }]]] });
        let settings = Some(json!({ "script": script }));
        let change = InstallationChange { settings, ..InstallationChange::default() };
        world.plugins.change(company.cx(), installed.id, change).await.unwrap();
        world.plugins.enable(company.cx(), installed.id).await.unwrap();
        world.create(&company, "Login fails").await
    };
    for parent in [hidden.to_string(), "BRD-1".to_owned(), "BRD-99".to_owned()] {
        let error = amends(&parent).await.unwrap_err();
        assert!(error.message().contains("there is no issue"), "{parent}: {error}");
    }
    for parent in [seen.to_string(), "ENG-1".to_owned()] {
        let child = amends(&parent).await.unwrap();
        assert_eq!(world.issue(&company, child).await.parent, Some(seen), "{parent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_shadow_it_is_recorded_and_changes_nothing() {
    let world = World::new().await;
    let script = json!({
        "amend": [["edits", [{ "priority": "high" }]]],
        "validate": [["deny", "never", { "title": "is wrong" }]],
    });
    let (company, installation) = world.played("acme", script).await;
    assert!(world.create(&company, "Login fails").await.is_err());
    let shadow = InstallationChange { mode: Some(PluginMode::Shadow), ..InstallationChange::default() };
    world.plugins.change(company.cx(), installation.id, shadow).await.unwrap();
    let issue = world.create(&company, "Login fails").await.unwrap();
    assert_eq!(world.issue(&company, issue).await.priority, Priority::None);
    let page = world.runs(&company, installation.id).await;
    let asked = |task| matches!(task, RunTask::Amend | RunTask::Validate);
    let shadows: Vec<_> =
        page.runs.iter().filter(|run| run.mode == RunMode::Shadow && asked(run.task)).collect();
    let answers: Vec<_> = shadows.iter().map(|run| run.outcome.answer).collect();
    assert_eq!(answers, [RunAnswer::Denied, RunAnswer::Amended], "newest first");
    assert_eq!(shadows[0].outcome.words, "never");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_closes_the_gate_or_opens_it_as_was_said() {
    let world = World::new().await;
    let (company, installation) =
        world.played("acme", json!({ "validate": [["panic", "out of luck"]] })).await;
    let error = world.create(&company, "Login fails").await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Rejected);
    assert!(error.message().contains("could not say whether this may be: it failed. Ask again"), "{error}");
    let open = InstallationChange { on_failure: Some(OnFailure::Open), ..InstallationChange::default() };
    world.plugins.change(company.cx(), installation.id, open).await.unwrap();
    world.create(&company, "Login fails").await.unwrap();
    let page = world.runs(&company, installation.id).await;
    let failed: Vec<_> = page.runs.iter().filter(|run| run.outcome.answer == RunAnswer::Failed).collect();
    assert_eq!(failed.len(), 2);
    assert!(failed[0].logs.iter().any(|log| log.message.contains("out of luck")), "{failed:?}");
    assert!(failed[0].outcome.words.starts_with("panicked: out of luck ("), "{failed:?}");
    let last = page.asked.last_failure.as_deref().unwrap();
    assert!(last.contains(&failed[0].id.to_string()) && !last.contains("luck"), "{last}");
    assert_eq!(page.asked.failures_in_a_row, 1, "what it was asked to amend in between went well");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_computes_for_ever_is_stopped_and_says_what_it_used() {
    let world = World::new().await;
    let (company, installation) = world.played("acme", json!({ "validate": [["loop"]] })).await;
    let error = world.create(&company, "Login fails").await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Rejected);
    let page = world.runs(&company, installation.id).await;
    let stopped = page.runs.iter().find(|run| run.outcome.answer == RunAnswer::Failed).unwrap();
    assert!(["cpu", "wall"].contains(&stopped.outcome.kind.as_str()), "{stopped:?}");
    assert!(stopped.outcome.words.contains("limit"), "{}", stopped.outcome.words);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_asks_and_writes_nothing() {
    let world = World::new().await;
    let (company, installation) = world.played("acme", json!({ "validate": [["deny", "never"]] })).await;
    let command = mortise_engine::command::issue::CreateIssue {
        title: "Login fails".into(),
        ..mortise_engine::command::issue::CreateIssue::in_team(company.team)
    };
    let error = world.engine.execute(company.cx().with_dry_run(true), command).await.unwrap_err();
    assert_eq!(error.message(), "never");
    let page = world.runs(&company, installation.id).await;
    // It has a schedule too, and was told that it is there.
    let asked: Vec<_> = page.runs.iter().filter(|run| run.task == RunTask::Validate).collect();
    assert!(!asked.is_empty() && asked.iter().all(|run| run.mode == RunMode::DryRun), "{page:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amendment_that_the_rules_refuse_is_a_failure_of_its_plugin() {
    let world = World::new().await;
    let script = json!({ "amend": [["edits", [{ "title": "" }]]] });
    let (company, installation) = world.played("acme", script).await;
    let error = world.create(&company, "Login fails").await.unwrap_err();
    assert!(error.message().contains("a change that is refused"), "{error}");
    let page = world.runs(&company, installation.id).await;
    let amended: Vec<_> = page.runs.iter().filter(|run| run.task == RunTask::Amend).collect();
    let [run] = amended.as_slice() else { panic!("{amended:?}") };
    assert_eq!((run.outcome.answer, run.outcome.kind.as_str()), (RunAnswer::Failed, "edits"));
    assert!(run.outcome.words.contains("the title"), "{}", run.outcome.words);
    assert_eq!(page.asked.failures_in_a_row, 1, "{:?}", page.asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_tries_a_guard_out_neither_stops_it_nor_makes_it_well() {
    let world = World::new().await;
    let (company, installation) = world.played("acme", json!({ "validate": [["trap"]] })).await;
    for rehearsal in [false].into_iter().chain([true; 25]) {
        let command = mortise_engine::command::issue::CreateIssue {
            title: "Login fails".into(),
            ..mortise_engine::command::issue::CreateIssue::in_team(company.team)
        };
        let error = world.engine.execute(company.cx().with_dry_run(rehearsal), command).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Rejected);
    }
    let (asked, _) = world.plugins.health(&company.us, installation.id).await.unwrap();
    assert_eq!((asked.failures_in_a_row, asked.failing_since), (1, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_changes_nothing_by_the_host_functions() {
    let world = World::new().await;
    let script = json!({ "validate": [
        ["create", { "team": "ENG", "title": "another" }],
        ["kv-set", "k", "v"],
        ["send", "GET", "https://hooks.example.com/"],
        ["hmac", "token", "x"],
        ["random", 8],
    ] });
    let (company, installation) = world.played("acme", script).await;
    world.create(&company, "Login fails").await.unwrap();
    let page = world.runs(&company, installation.id).await;
    let run = page.runs.iter().find(|run| run.task == RunTask::Validate).unwrap();
    let logs: Vec<_> = run.logs.iter().map(|log| log.message.as_str()).collect();
    assert_eq!(logs.len(), 5, "{logs:?}");
    assert!(logs.iter().all(|log| log.contains(": error")), "{logs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_past_a_guard_by_hiding_the_issue_in_the_same_change() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let settings = json!({ "script": { "validate": [["deny", "never"]] } });
    let installed = world.installed(&company, puppet(), |new| NewInstallation { settings, ..new });
    let installation = installed.await.unwrap();
    let issue = world.create(&company, "Login fails").await.unwrap();
    world.plugins.enable(company.cx(), installation.id).await.unwrap();
    let hidden = IssuePatch { confidential: Some(true), estimate: Some(Some(3)), ..IssuePatch::default() };
    let error = world.update(&company, issue, hidden).await.unwrap_err();
    assert_eq!(error.message(), "never");
    // What it never saw it is not asked about, and that is written down, without what it is about.
    let create = mortise_engine::command::issue::CreateIssue {
        title: "For few eyes".into(),
        confidential: true,
        ..mortise_engine::command::issue::CreateIssue::in_team(company.team)
    };
    world.engine.execute(company.cx(), create).await.unwrap();
    let page = world.runs(&company, installation.id).await;
    let run = page.runs.iter().find(|run| run.outcome.kind == "not_seen").unwrap();
    assert_eq!((run.outcome.answer, run.issue), (RunAnswer::NotRun, None));
    assert!(!format!("{:?}", page.runs).contains("For few eyes"));
}
