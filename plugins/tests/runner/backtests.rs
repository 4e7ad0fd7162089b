//! What a plugin would have said to what has happened.

use crate::outsider::{admin, private_team};
use crate::world::{Company, World, puppet, until};
use mortise_engine::command::issue::IssuePatch;
use mortise_engine::command::team::SetTeamMember;
use mortise_engine::context::Principal;
use mortise_engine::model::{Priority, StateCategory, TeamRole};
use mortise_plugins::backtest::{
    BacktestEffect, BacktestId, BacktestOf, BacktestPage, BacktestStatus, NewBacktest,
};
use mortise_plugins::service::InstallationChange;
use serde_json::{Value, json};

async fn backtest(world: &World, company: &Company, script: Value, filter: &str) -> BacktestPage {
    let settings = json!({ "script": script });
    let change = InstallationChange { settings: Some(settings), ..Default::default() };
    Box::pin(world.plugins.change(company.cx(), company.puppet.id, change)).await.unwrap();
    world.plugins.disable(company.cx(), company.puppet.id, None).await.unwrap();
    ended(world, company, &company.us, filter).await
}

/// A backtest of the puppet as it is set, begun by this party, at its end.
async fn ended(world: &World, company: &Company, who: &Principal, filter: &str) -> BacktestPage {
    let of = BacktestOf::Installation(company.puppet.id);
    let new = NewBacktest { of, filter: filter.to_owned(), since: None };
    let id = Box::pin(world.plugins.backtest(who, new)).await.unwrap().id;
    until("the backtest", async || told(world, who, id).await.backtest.status != BacktestStatus::Running)
        .await;
    told(world, who, id).await
}

/// What this party is told of it.
async fn told(world: &World, who: &Principal, id: BacktestId) -> BacktestPage {
    world.plugins.backtest_page(who, id, 100, 0).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn denials_and_amendments_are_listed_as_they_would_have_been() {
    let world = World::new().await;
    let company = world.company("acme", json!({})).await;
    let reader = world.engine.reader(&company.us).await.unwrap();
    let workflow = reader.directory().workflow_of(company.team).unwrap().clone();
    let done = workflow.first_of(StateCategory::Completed).unwrap().id;
    drop(reader);
    for n in 0..3 {
        let issue = world.create(&company, format!("issue {n}")).await;
        world.comment(&company, issue, "on it").await;
        if n > 0 {
            world.patch(&company, issue, IssuePatch { state: Some(done), ..IssuePatch::default() }).await;
        }
    }
    let high = json!({ "amend": [["edits", [{ "priority": "high" }]]] });
    let page = backtest(&world, &company, high, "").await;
    assert_eq!(page.backtest.status, BacktestStatus::Done, "{page:?}");
    assert_eq!((page.backtest.issues_done, page.backtest.issues_total), (3, 3));
    assert_eq!((page.backtest.asked, page.backtest.amended), (8, 8), "{page:?}");
    assert_eq!(page.findings[0].effect, BacktestEffect::Amended);
    assert_eq!(page.findings[0].fields, [("priority".to_owned(), "high".to_owned())]);

    let never = json!({ "validate": [["deny", "not so fast", { "state": "wait" }]] });
    let page = backtest(&world, &company, never, "is:closed").await;
    assert_eq!((page.backtest.issues_total, page.backtest.denied), (2, 6), "{page:?}");
    let moved: Vec<_> = page
        .findings
        .iter()
        .filter(|f| f.event == "issue.transitioned" || f.event == "issue.updated")
        .collect();
    assert_eq!(moved.len(), 2, "{page:?}");
    assert_eq!((moved[0].key.as_str(), moved[0].message.as_str()), ("ENG-2", "not so fast"));
    assert_eq!(moved[0].fields, [("state".to_owned(), "wait".to_owned())]);

    // The issue was low in priority then, whatever it is now.
    let row = page.findings[0].issue;
    assert_eq!(world.issue(&company, row).await.priority, Priority::None);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_fails_at_everything_ends_early() {
    let world = World::new().await;
    let company = world.company("acme", json!({})).await;
    for n in 0..30 {
        world.create(&company, format!("issue {n}")).await;
    }
    let page = backtest(&world, &company, json!({ "validate": [["trap"]] }), "").await;
    assert_eq!(page.backtest.status, BacktestStatus::Failed);
    assert!(page.backtest.why.as_deref().is_some_and(|why| why.contains("fails at everything")), "{page:?}");
    assert_eq!(page.findings[0].effect, BacktestEffect::Failed);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_found_is_told_to_who_began_it_and_to_who_sees_everything() {
    let world = World::new().await;
    let company = world.company("acme", json!({})).await;
    let board = private_team(&world, &company).await;
    let (ann, bob) = (admin(&world, &company, "ann").await, admin(&world, &company, "bob").await);
    world.create(&board, "the takeover").await;
    world.create(&company, "Login fails").await;

    let never = json!({ "validate": [["deny", "never", {}]] });
    let all = backtest(&world, &company, never, "").await;
    assert_eq!((all.backtest.denied, all.findings.len()), (2, 2), "{all:?}");
    let id = all.backtest.id;
    let counts = BacktestPage { findings: Vec::new(), ..all };
    assert_eq!(told(&world, &ann, id).await, counts, "how it stands, and no more");
    for from in [0, 1, 2] {
        let part = world.plugins.backtest_page(&ann, id, 1, from).await.unwrap();
        assert_eq!(part, counts, "nor a part of it");
    }
    let part = world.plugins.backtest_page(&company.us, id, 1, 0).await.unwrap();
    assert_eq!((part.findings.len(), part.next), (1, Some(1)));

    let own = ended(&world, &company, &ann, "").await;
    let keys: Vec<_> = own.findings.iter().map(|finding| finding.key.as_str()).collect();
    assert_eq!(keys, ["ENG-1"], "what Ann sees");
    assert_eq!(told(&world, &company.us, own.backtest.id).await, own);
    assert!(told(&world, &bob, own.backtest.id).await.findings.is_empty(), "Bob did not begin it");

    let take_part =
        |role| SetTeamMember { team: board.team, member: ann.member().unwrap(), role, if_version: None };
    world.engine.execute(company.cx(), take_part(Some(TeamRole::Member))).await.unwrap();
    let more = ended(&world, &company, &ann, "").await;
    assert_eq!(more.findings.len(), 2, "{more:?}");
    world.engine.execute(company.cx(), take_part(None)).await.unwrap();
    let less = told(&world, &ann, more.backtest.id).await;
    let keys: Vec<_> = less.findings.iter().map(|finding| finding.key.as_str()).collect();
    assert_eq!(keys, ["ENG-1"], "what she still sees");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_not_asked_about_what_it_did_itself() {
    let world = World::new().await;
    let script = json!({ "on-event": [["update", "$issue", [{ "title": "by the plugin" }]]] });
    let company = world.company("acme", script).await;
    let issue = world.create(&company, "by us").await;
    until("it acts", async || world.issue(&company, issue).await.title == "by the plugin").await;
    let never = json!({ "validate": [["deny", "never", {}]] });
    let page = backtest(&world, &company, never, "").await;
    let events: Vec<_> = page.findings.iter().map(|finding| finding.event.as_str()).collect();
    assert_eq!((events, page.backtest.asked), (vec!["issue.created"], 1), "{page:?}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_that_does_not_take_the_settings_that_there_are_is_not_asked_at_all() {
    let world = World::new().await;
    let company = world.company("acme", json!({})).await;
    let demanding = puppet(&[
        ("id = \"test.puppet\"", "id = \"test.other\""),
        ("[settings]\ntype = \"object\"", "[settings]\ntype = \"object\"\nrequired = [\"script\"]"),
    ]);
    let uploaded = Box::pin(world.plugins.upload(company.cx(), demanding)).await.unwrap();
    let of = BacktestOf::Code(uploaded.code.digest);
    let new = NewBacktest { of, filter: String::new(), since: None };
    let error = Box::pin(world.plugins.backtest(&company.us, new)).await.unwrap_err();
    assert_eq!(
        (error.code(), error.field()),
        (mortise_engine::ErrorCode::InvalidInput, Some("settings.script"))
    );
    assert!(error.message().contains("is missing") && error.message().contains("install"), "{error}");
    world.close().await;
}
