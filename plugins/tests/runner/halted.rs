//! Stopped at work: by a person while a call is under way, and by its own failing.

use crate::world::{World, puppet, until};
use mortise_engine::model::{Installation, OnFailure};
use mortise_plugins::service::{InstallationChange, RunAnswer, RunFilter, RunTask, Shown};
use serde_json::json;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A server on this machine that says when it is asked, and answers when it may.
pub(crate) async fn gate() -> (String, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://localhost:{}/gate", listener.local_addr().unwrap().port());
    let ((says, asked), (open, mut opened)) = (mpsc::channel(10), mpsc::channel(10));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut part = [0; 4096];
            let _ = stream.read(&mut part).await;
            let _ = says.send(()).await;
            let _: Option<()> = opened.recv().await;
            let _ =
                stream.write_all(b"HTTP/1.1 200 x\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await;
        }
    });
    (address, asked, open)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_disabled_at_work_does_nothing_more() {
    let mut world = World::new().await;
    let (address, mut asked, open) = gate().await;
    let settings = json!({ "script": { "on-event": [
        ["send", "GET", address, {}, ""], ["comment", "$issue", "too late"]
    ] } });
    let wasm = puppet(&[("http = [\"hooks.example.com\", \"*.example.org\"]", "http = [\"localhost\"]")]);
    let company = world.company_with("acme", wasm, settings).await;
    let first = world.create(&company, "Login fails").await;
    asked.recv().await.unwrap();
    let second = world.create(&company, "Logout fails").await;
    Box::pin(world.plugins.disable(company.cx(), company.puppet.id, None)).await.unwrap();
    open.send(()).await.unwrap();
    until("what it staged is refused", async || {
        world.runs(&company).await.iter().any(|run| run.outcome.answer == RunAnswer::Refused)
    })
    .await;
    let (folder, hands) = world.close().await;
    world = World::on(folder, hands).await;
    for issue in [first, second] {
        assert!(world.bodies(&company, issue).await.is_empty());
    }
    let runs = world.runs(&company).await;
    assert_eq!(runs.iter().filter(|run| run.task == RunTask::Event).count(), 1, "{runs:?}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guard_that_fails_by_itself_goes_on_guarding() {
    let mut world = World::new().await;
    let company = world.company("acme", json!({ "on-event": [["permanent", "broken"]] })).await;
    let now = async |world: &World| -> Arc<Installation> {
        // What is known of runs is written before it is shown.
        world.runs(&company).await;
        let reader = world.engine.reader(&company.us).await.unwrap();
        reader.installation(company.puppet.id).unwrap()
    };
    for n in 0..20 {
        world.create(&company, format!("issue {n}")).await;
    }
    until("it is stopped", async || now(&world).await.acting_stopped.is_some()).await;
    let (folder, hands) = world.close().await;
    world = World::on(folder, hands).await;
    let stopped = now(&world).await;
    assert!(stopped.is_enabled() && !stopped.is_acting(), "also after a restart");
    assert!(stopped.acting_stopped.as_deref().unwrap().contains("it gave up"), "{stopped:?}");

    let change = InstallationChange {
        settings: Some(json!({ "script": { "on-event": [["comment", "$issue", "seen"]] } })),
        ..Default::default()
    };
    Box::pin(world.plugins.change(company.cx(), company.puppet.id, change)).await.unwrap();
    let before = world.create(&company, "meanwhile").await;
    Box::pin(world.plugins.enable(company.cx(), company.puppet.id)).await.unwrap();
    let after = world.create(&company, "then").await;
    until("it acts again", async || world.bodies(&company, after).await == ["seen"]).await;
    assert!(world.bodies(&company, before).await.is_empty(), "it begins anew");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_guards_nothing_is_switched_off_when_it_fails_by_itself() {
    let world = World::new().await;
    let company = world.company("acme", json!({ "on-event": [["permanent", "broken"]] })).await;
    let open = InstallationChange { on_failure: Some(OnFailure::Open), ..Default::default() };
    Box::pin(world.plugins.change(company.cx(), company.puppet.id, open)).await.unwrap();
    for n in 0..20 {
        world.create(&company, format!("issue {n}")).await;
    }
    until("it is disabled", async || {
        world.runs(&company).await;
        let reader = world.engine.reader(&company.us).await.unwrap();
        !reader.installation(company.puppet.id).unwrap().is_enabled()
    })
    .await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_whose_commands_are_refused_time_after_time_fails() {
    let world = World::new().await;
    // Too long a title is found when the command is done, not when it is staged.
    let script = json!({ "on-event": [["update", "$issue", [{ "title": "x".repeat(600) }]]] });
    let company = world.company("acme", script).await;
    for n in 0..20 {
        world.create(&company, format!("issue {n}")).await;
    }
    until("it is stopped", async || {
        world.runs(&company).await;
        let reader = world.engine.reader(&company.us).await.unwrap();
        let now = reader.installation(company.puppet.id).unwrap();
        now.acting_stopped.as_deref().is_some_and(|why| why.contains("what it wanted done was refused"))
    })
    .await;
    let (asked, acting) = world.plugins.health(&company.us, company.puppet.id).await.unwrap();
    assert_eq!((asked.failures_of_last(), acting.failures_in_a_row), (0, 20), "{acting:?}");
    let (all, page) = (RunFilter::default(), Shown::default());
    let page = world.plugins.runs(&company.us, company.puppet.id, &all, page).await.unwrap();
    assert_eq!(page.totals.iter().map(|totals| totals.failed).sum::<u64>(), 20);
    world.close().await;
}
