//! Killed at any moment: what a plugin staged has happened once and whole, for every issue.
//!
//! The test runs itself again as another process, which opens the engine with the puppet in it and makes issues until it is
//! killed; then it looks at what is there.

use crate::world::{Hands, MONDAY, World, config, pause, puppet, until_within};
use mortise_engine::command::issue::CreateIssue;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::id::TenantId;
use mortise_engine::model::{Installation, Tier};
use mortise_engine::query::{IssuePageRequest, Window};
use mortise_engine::time::{Clock, Timestamp};
use mortise_engine::{Engine, NewTenant};
use mortise_plugins::Plugins;
use mortise_plugins::service::NewInstallation;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Says that the process is the one to be killed, and on which folder it works.
const CHILD: &str = "MORTISE_KILLED_CHILD";
/// Set for the long form of this test.
const LONG_FORM: &str = "MORTISE_PROVE";
/// How often it is killed, in the short form and in the long one.
const KILLS: (u32, u32) = (5, 50);

const THIS: &str = "killed::every_issue_is_done_once_and_whole";

/// Issues of the company, each with a comment, a follow-up as its part, and a count in the plugin's memory; or none of it.
#[test]
fn every_issue_is_done_once_and_whole() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if let Ok(folder) = std::env::var(CHILD) {
        runtime.block_on(work(Path::new(&folder)));
        return;
    }
    let kills = if std::env::var_os(LONG_FORM).is_some() { KILLS.1 } else { KILLS.0 };
    let folder = Arc::new(tempfile::tempdir().unwrap());
    for kill in 0..kills {
        let mut child = child(folder.path());
        // Not before there is something to be killed in; then at some other moment each time.
        let begun = folder.path().join("begun");
        while !begun.exists() {
            assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
            runtime.block_on(pause(Duration::from_millis(20)));
        }
        runtime.block_on(pause(Duration::from_millis(200 + u64::from(kill * 173 % 900))));
        child.kill().unwrap();
        child.wait().unwrap();
        std::fs::remove_file(begun).unwrap();
    }
    runtime.block_on(look(folder));
}

fn child(folder: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([THIS, "--exact", "--nocapture", "--test-threads=1"]).env(CHILD, folder);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn tenant_file(folder: &Path) -> PathBuf {
    folder.join("tenant")
}

/// The process that is killed: it goes on where the one before it was.
async fn work(folder: &Path) {
    let engine = Engine::builder(folder.join("engine")).clock(steady()).open().await.unwrap();
    let plugins = Plugins::new(config(folder)).unwrap();
    plugins.attach(&engine).await;
    let tenant = match std::fs::read_to_string(tenant_file(folder)) {
        Ok(id) => id.parse::<TenantId>().unwrap(),
        Err(_) => found(&engine, &plugins, folder).await,
    };
    let us = Principal::trusted_system(tenant);
    let reader = engine.reader(&us).await.unwrap();
    let team = reader.directory().team_by_key("ENG").unwrap().id;
    std::fs::write(folder.join("begun"), b"").unwrap();
    for n in 0..2_000 {
        let command = CreateIssue { title: format!("issue {n}"), ..CreateIssue::in_team(team) };
        Box::pin(engine.execute(OpContext::new(us.clone()), command)).await.unwrap();
        pause(Duration::from_millis(10)).await;
    }
}

/// Time goes on, but no schedule is due in the while.
fn steady() -> Clock {
    let (system, begun) = (Clock::system(), Clock::system().now().millis());
    Clock::from_fn(move || Timestamp::from_millis(MONDAY + system.now().millis() - begun))
}

async fn found(engine: &Engine, plugins: &Plugins, folder: &Path) -> TenantId {
    let new = NewTenant::new("acme", "Acme").with_team("ENG").with_tier(Tier::Platinum);
    let founded = engine.create_tenant(new).await.unwrap();
    let us = Principal::trusted_system(founded.tenant.id);
    let team = founded.team.unwrap().to_string();
    let steps = json!([
        ["comment", "$issue", "counted"],
        ["create", { "team": team, "title": "part of $key", "parent": "$issue" }],
        ["kv-add", "count", 1],
        ["kv-set", "done/$issue", "$invocation"]
    ]);
    let uploaded = Box::pin(plugins.upload(OpContext::new(us.clone()), puppet(&[]))).await.unwrap();
    let settings = json!({ "script": { "on-event": steps } });
    let new = NewInstallation { settings, enabled: true, ..NewInstallation::of(&uploaded.code) };
    Box::pin(plugins.install(OpContext::new(us), new)).await.unwrap();
    std::fs::write(tenant_file(folder), founded.tenant.id.to_string()).unwrap();
    founded.tenant.id
}

/// Lets the plugin come to the end, and compares.
async fn look(folder: Arc<tempfile::TempDir>) {
    let tenant: TenantId = std::fs::read_to_string(tenant_file(folder.path())).unwrap().parse().unwrap();
    let world = World::on(folder, Hands::new()).await;
    let us = Principal::trusted_system(tenant);
    let puppet: Arc<Installation> = world.engine.installations(&us).await.unwrap().remove(0);
    until_within(Duration::from_secs(600), "the plugin has come to the end", async || {
        world.hands.on(Duration::from_secs(6));
        let backlog = world.plugins.backlog(&us, puppet.id).await.unwrap();
        backlog.place >= backlog.head && backlog.events.is_empty()
    })
    .await;
    let letters = world.plugins.dead_letters(&us, puppet.id, 10, None).await.unwrap();
    assert_eq!(letters.total, 0, "{letters:?}");
    let reader = world.engine.reader(&us).await.unwrap();
    let (mut parts, mut wholes, mut after) = (0, 0, None);
    loop {
        let filter = reader.parse_query("").unwrap().filter;
        let request = IssuePageRequest { filter, sort: Vec::new(), window: Window::First(100, after) };
        let list = Box::pin(reader.issues(&request)).await.unwrap();
        for issue in &list.issues {
            if issue.parent.is_some() {
                parts += 1;
                assert_eq!(issue.comment_count, 0, "its own issues are none to act on");
            } else {
                wholes += 1;
                assert_eq!(issue.comment_count, 1, "{}: once", issue.title);
            }
        }
        after = list.issues.len().checked_sub(1).and_then(|last| list.cursors.of(last));
        if !list.has_next {
            break;
        }
    }
    assert!(wholes > 0);
    assert_eq!(parts, wholes, "each has its part, and none has two");
    let room = world.engine.plugin_room(tenant, puppet.id).await.unwrap();
    let (mut done, mut last) = (0, None::<Vec<u8>>);
    loop {
        let page = room.scan(b"auto/k/done/", last.as_deref(), 100).await.unwrap();
        let Some((name, _)) = page.last() else { break };
        last = Some(name.clone());
        done += page.len();
    }
    assert_eq!(done, wholes, "what it remembers is what it did");
    let report = world.engine.check(tenant).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    world.close().await;
}
