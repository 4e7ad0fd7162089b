//! An engine with its plugins in a folder, a clock that stands still, and a company with the puppet in it.

use mortise_engine::command::comment::CreateComment;
use mortise_engine::command::issue::{CreateIssue, IssuePatch, IssueRef, Operation, UpdateIssue};
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::id::{InstallationId, IssueId, TeamId};
use mortise_engine::model::{Comment, Installation, Issue, Tier};
use mortise_engine::time::{Clock, Timestamp};
use mortise_engine::{Engine, NewTenant};
use mortise_plugins::manifest::{Manifest, pack};
use mortise_plugins::service::{NewInstallation, RunFilter, RunRecord, Shown};
use mortise_plugins::{Plugins, PluginsConfig};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Monday, the 5th of January 2026, 08:00 in UTC.
pub(crate) const MONDAY: i64 = 1_767_600_000_000;

/// How long a test waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A clock that is moved by hand.
#[derive(Clone)]
pub(crate) struct Hands(Arc<AtomicI64>);

impl Hands {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(MONDAY)))
    }

    pub(crate) fn clock(&self) -> Clock {
        let hands = self.0.clone();
        Clock::from_fn(move || Timestamp::from_millis(hands.load(Ordering::SeqCst)))
    }

    pub(crate) fn on(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// To a moment such as `2026-03-28T12:00:00Z`.
    pub(crate) fn to(&self, moment: &str) {
        let moment: jiff::Timestamp = moment.parse().unwrap();
        self.0.store(moment.as_millisecond(), Ordering::SeqCst);
    }
}

/// An engine with plugins.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) plugins: Plugins,
    pub(crate) hands: Hands,
    pub(crate) folder: Arc<TempDir>,
}

/// A company with a team and the puppet.
pub(crate) struct Company {
    pub(crate) team: TeamId,
    pub(crate) us: Principal,
    pub(crate) puppet: Arc<Installation>,
}

impl Company {
    pub(crate) fn cx(&self) -> OpContext {
        OpContext::new(self.us.clone())
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(Arc::new(tempfile::tempdir().unwrap()), Hands::new()).await
    }

    /// With something set up otherwise.
    pub(crate) async fn with(how: impl FnOnce(&mut PluginsConfig)) -> Self {
        Self::on_with(Arc::new(tempfile::tempdir().unwrap()), Hands::new(), how).await
    }

    /// On a folder that may have been used before.
    pub(crate) async fn on(folder: Arc<TempDir>, hands: Hands) -> Self {
        Self::on_with(folder, hands, |_| ()).await
    }

    pub(crate) async fn on_with(
        folder: Arc<TempDir>,
        hands: Hands,
        how: impl FnOnce(&mut PluginsConfig),
    ) -> Self {
        let engine = Engine::builder(folder.path().join("engine")).clock(hands.clock()).open().await.unwrap();
        let mut config = config(folder.path());
        how(&mut config);
        let plugins = Plugins::new(config).unwrap();
        plugins.attach(&engine).await;
        Self { engine, plugins, hands, folder }
    }

    /// Everything is closed in order.
    pub(crate) async fn close(self) -> (Arc<TempDir>, Hands) {
        self.plugins.close().await;
        self.engine.close().await;
        (self.folder, self.hands)
    }

    /// A company with the puppet, enabled, that does this on events and times that hold no script of their own.
    pub(crate) async fn company(&self, slug: &str, script: Value) -> Company {
        self.company_with(slug, puppet(&[]), json!({ "script": script })).await
    }

    pub(crate) async fn company_with(&self, slug: &str, wasm: Vec<u8>, settings: Value) -> Company {
        let new = NewTenant::new(slug, slug).with_team("ENG").with_tier(Tier::Platinum);
        let founded = self.engine.create_tenant(new).await.unwrap();
        let us = Principal::trusted_system(founded.tenant.id);
        let puppet = self.install(&us, wasm, settings).await;
        Company { team: founded.team.unwrap(), us, puppet }
    }

    pub(crate) async fn install(&self, us: &Principal, wasm: Vec<u8>, settings: Value) -> Arc<Installation> {
        let cx = || OpContext::new(us.clone());
        let uploaded = Box::pin(self.plugins.upload(cx(), wasm)).await.unwrap();
        let new = NewInstallation { settings, enabled: true, ..NewInstallation::of(&uploaded.code) };
        Box::pin(self.plugins.install(cx(), new)).await.unwrap().what
    }

    pub(crate) async fn create(&self, company: &Company, title: impl Into<String>) -> IssueId {
        let command = CreateIssue { title: title.into(), ..CreateIssue::in_team(company.team) };
        Box::pin(self.engine.execute(company.cx(), command)).await.unwrap().issue().unwrap()
    }

    pub(crate) async fn patch(&self, company: &Company, issue: IssueId, patch: IssuePatch) {
        let operation = Operation::default();
        let command = UpdateIssue { issue: IssueRef::Id(issue), if_version: None, patch, operation };
        Box::pin(self.engine.execute(company.cx(), command)).await.unwrap();
    }

    pub(crate) async fn retitle(&self, company: &Company, issue: IssueId, title: &str) {
        self.patch(company, issue, IssuePatch { title: Some(title.to_owned()), ..IssuePatch::default() })
            .await;
    }

    pub(crate) async fn comment(&self, company: &Company, issue: IssueId, body: &str) {
        let (issue, body) = (IssueRef::Id(issue), body.to_owned());
        let command = CreateComment { id: None, issue, body, parent: None };
        Box::pin(self.engine.execute(company.cx(), command)).await.unwrap();
    }

    pub(crate) async fn issue(&self, company: &Company, issue: IssueId) -> Arc<Issue> {
        let reader = self.engine.reader(&company.us).await.unwrap();
        reader.issue(&issue.into()).await.unwrap().unwrap()
    }

    pub(crate) async fn comments(&self, company: &Company, issue: IssueId) -> Vec<Arc<Comment>> {
        let reader = self.engine.reader(&company.us).await.unwrap();
        let row = reader.issue(&issue.into()).await.unwrap().unwrap();
        reader.comments(&row, None, 250).await.unwrap().0
    }

    pub(crate) async fn bodies(&self, company: &Company, issue: IssueId) -> Vec<String> {
        self.comments(company, issue).await.iter().map(|comment| comment.body.clone()).collect()
    }

    /// All runs of the puppet that are kept, newest first.
    pub(crate) async fn runs(&self, company: &Company) -> Vec<RunRecord> {
        self.runs_of(company, company.puppet.id).await
    }

    pub(crate) async fn runs_of(&self, company: &Company, id: InstallationId) -> Vec<RunRecord> {
        let (mut runs, mut after) = (Vec::new(), None);
        loop {
            let page = Shown { first: 100, after };
            let page = self.plugins.runs(&company.us, id, &RunFilter::default(), page).await.unwrap();
            after = page.runs.last().map(|run| run.id);
            runs.extend(page.runs);
            if !page.more {
                return runs;
            }
        }
    }

    /// Waits until all that has happened so far was acted on, or waits for a later time.
    pub(crate) async fn settled(&self, company: &Company) {
        until("the plugin has come to the end of the log", async || {
            // Its place is kept when nothing has happened for a while.
            self.hands.on(Duration::from_secs(6));
            let backlog = self.plugins.backlog(&company.us, company.puppet.id).await.unwrap();
            backlog.place >= backlog.head
        })
        .await;
    }
}

/// Waits for something that must come.
pub(crate) async fn until(what: &str, come: impl AsyncFnMut() -> bool) {
    until_within(PATIENCE, what, come).await;
}

/// The same with other patience.
pub(crate) async fn until_within(patience: Duration, what: &str, mut come: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + patience;
    while !come().await {
        assert!(Instant::now() < end, "not in time: {what}");
        pause(Duration::from_millis(30)).await;
    }
}

pub(crate) async fn pause(time: Duration) {
    #[expect(clippy::disallowed_methods, reason = "looks again in a moment, until a deadline")]
    tokio::time::sleep(time).await;
}

pub(crate) fn config(folder: &Path) -> PluginsConfig {
    let worker = vec![env!("CARGO_BIN_EXE_mortise-compile-plugin").into()];
    let mut config = PluginsConfig::in_folder(folder.join("plugins"), worker).unwrap();
    // What is compiled once is there for all tests.
    config.host.cache = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("runner-code");
    config.host.mac_key = [9; 32];
    config.host.workflow_calls = 8;
    config.host.other_calls = 8;
    // Machines that test are slow, and do not read the clock by hand.
    config.limits.platinum.cpu = mortise_plugins::service::CpuRate::per_minute(Duration::from_secs(600));
    config.limits.platinum.workflow.wall = Duration::from_millis(500);
    config.private_networks = true;
    config
}

/// A guest that the guests' own builds have left.
pub(crate) fn guest(name: &str) -> Vec<u8> {
    let mut target = PathBuf::from(env!("CARGO_BIN_EXE_mortise-compile-plugin"));
    target.pop();
    target.pop();
    let file = target.join("plugins").join(format!("{name}.wasm"));
    std::fs::read(&file).unwrap_or_else(|error| {
        panic!("no guest at {}: run `cargo xtask test --only guests` first ({error})", file.display())
    })
}

/// A guest with texts of its manifest replaced.
pub(crate) fn rewritten<'t>(
    wasm: &[u8],
    replaced: impl IntoIterator<Item = &'t (&'t str, &'t str)>,
) -> Vec<u8> {
    let manifest = Manifest::text_of_component(wasm).unwrap();
    let mut manifest = String::from_utf8(manifest.to_vec()).unwrap();
    for (from, to) in replaced {
        assert!(manifest.contains(from), "the guest's manifest has no {from}");
        manifest = manifest.replace(from, to);
    }
    pack(wasm, &manifest).unwrap()
}

/// The guest that does what it is told, with texts of its manifest replaced.
pub(crate) fn puppet(replaced: &[(&str, &str)]) -> Vec<u8> {
    // Tests that are not about time do not want to be woken by it.
    let quiet = [
        ("cron = \"* * * * *\"", "cron = \"0 0 29 2 *\""),
        ("cron = \"0 9 * * *\"", "cron = \"0 0 29 2 *\""),
    ];
    let keeps_time = replaced.iter().any(|(from, _)| from.contains("cron"));
    let quiet: &[_] = if keeps_time { &[] } else { &quiet };
    rewritten(&guest("puppet"), replaced.iter().chain(quiet))
}
