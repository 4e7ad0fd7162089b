//! What a plugin would have said to what has happened.

use crate::world::{Company, World, until};
use mortise_engine::command::issue::IssuePatch;
use mortise_engine::model::{Priority, StateCategory};
use mortise_plugins::backtest::{BacktestEffect, BacktestOf, BacktestPage, BacktestStatus, NewBacktest};
use mortise_plugins::service::InstallationChange;
use serde_json::{Value, json};

async fn backtest(world: &World, company: &Company, script: Value, filter: &str) -> BacktestPage {
    let settings = json!({ "script": script });
    let change = InstallationChange { settings: Some(settings), ..Default::default() };
    Box::pin(world.plugins.change(company.cx(), company.puppet.id, change)).await.unwrap();
    world.plugins.disable(company.cx(), company.puppet.id, None).await.unwrap();
    let of = BacktestOf::Installation(company.puppet.id);
    let new = NewBacktest { of, filter: filter.to_owned(), since: None };
    let id = Box::pin(world.plugins.backtest(&company.us, new)).await.unwrap().id;
    until("the backtest", async || {
        let page = world.plugins.backtest_page(&company.us, id, 100, 0).await.unwrap();
        page.backtest.status != BacktestStatus::Running
    })
    .await;
    world.plugins.backtest_page(&company.us, id, 100, 0).await.unwrap()
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
