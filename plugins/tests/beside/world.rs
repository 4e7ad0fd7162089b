//! An engine with plugins in a temporary folder, as a server has them, and companies in it.

use crate::measure::of_forms;
use mortise_engine::command::comment::CreateComment;
use mortise_engine::command::issue::{CreateIssue, IssuePatch, IssueRef, UpdateIssue};
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::id::{IssueId, TeamId};
use mortise_engine::model::{Installation, Issue, OnFailure, Tier};
use mortise_engine::{Engine, Limits, NewTenant, Result};
use mortise_plugins::manifest::{Manifest, pack};
use mortise_plugins::service::NewInstallation;
use mortise_plugins::{Plugins, PluginsConfig};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// An engine with plugins; clones are the same one.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) plugins: Plugins,
    _folder: Arc<TempDir>,
}

/// A company with a team.
#[derive(Clone)]
pub(crate) struct Company {
    pub(crate) team: TeamId,
    pub(crate) us: Principal,
}

impl Company {
    pub(crate) fn cx(&self) -> OpContext {
        OpContext::new(self.us.clone())
    }
}

impl World {
    /// In the long form with all limits as they come. In the short one, which is not optimised, a request and a guard have
    /// the time that they need.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut limits = Limits::default();
        limits.hooks_time_ms = of_forms(60_000, limits.hooks_time_ms);
        let engine = Engine::builder(folder.path().join("engine")).limits(limits).open().await.unwrap();
        let worker = vec![env!("CARGO_BIN_EXE_mortise-compile-plugin").into()];
        let mut config = PluginsConfig::in_folder(folder.path().join("plugins"), worker).unwrap();
        let workflow = &mut config.limits.platinum.workflow;
        workflow.wall = of_forms(Duration::from_secs(10), workflow.wall);
        let plugins = Plugins::new(config).unwrap();
        plugins.attach(&engine).await;
        Self { engine, plugins, _folder: Arc::new(folder) }
    }

    pub(crate) async fn close(&self) {
        self.plugins.close().await;
        self.engine.close().await;
    }

    pub(crate) async fn company(&self, slug: &str) -> Company {
        let new = NewTenant::new(slug, slug).with_team("ENG").with_tier(Tier::Platinum);
        let founded = self.engine.create_tenant(new).await.unwrap();
        Company { team: founded.team.unwrap(), us: Principal::trusted_system(founded.tenant.id) }
    }

    /// Uploads a plugin, installs and enables it.
    pub(crate) async fn install(
        &self,
        company: &Company,
        wasm: Vec<u8>,
        settings: Value,
        on_failure: OnFailure,
    ) -> Arc<Installation> {
        let uploaded = Box::pin(self.plugins.upload(company.cx(), wasm)).await.unwrap();
        let new = NewInstallation::of(&uploaded.code);
        let new = NewInstallation { settings, on_failure, enabled: true, ..new };
        Box::pin(self.plugins.install(company.cx(), new)).await.unwrap().what
    }

    pub(crate) async fn create(&self, company: &Company, title: &str) -> Result<IssueId> {
        let command = CreateIssue { title: title.to_owned(), ..CreateIssue::in_team(company.team) };
        Ok(Box::pin(self.engine.execute(company.cx(), command)).await?.issue().unwrap())
    }

    pub(crate) async fn retitle(&self, company: &Company, issue: IssueId, title: &str) -> Result<()> {
        let patch = IssuePatch { title: Some(title.to_owned()), ..IssuePatch::default() };
        Box::pin(self.engine.execute(company.cx(), UpdateIssue::new(issue.into(), patch))).await.map(drop)
    }

    pub(crate) async fn comment(&self, company: &Company, issue: IssueId, body: &str) -> Result<()> {
        let (issue, body) = (IssueRef::Id(issue), body.to_owned());
        let command = CreateComment { id: None, issue, body, parent: None };
        Box::pin(self.engine.execute(company.cx(), command)).await.map(drop)
    }

    pub(crate) async fn issue(&self, company: &Company, issue: IssueId) -> Arc<Issue> {
        let reader = self.engine.reader(&company.us).await.unwrap();
        reader.issue(&issue.into()).await.unwrap().unwrap()
    }
}

/// The guest that does what its settings say, under this id: it is asked at these points and acts on these events.
pub(crate) fn puppet(id: &str, validate: &str, events: &str) -> Vec<u8> {
    let mut target = PathBuf::from(env!("CARGO_BIN_EXE_mortise-compile-plugin"));
    target.pop();
    target.pop();
    let file = target.join("plugins").join("puppet.wasm");
    let wasm = std::fs::read(&file).unwrap_or_else(|error| {
        panic!("no guest at {}: run `cargo xtask test --only guests` first ({error})", file.display())
    });
    let manifest = Manifest::text_of_component(&wasm).unwrap();
    let mut manifest = String::from_utf8(manifest.to_vec()).unwrap();
    for (from, to) in [
        ("id = \"test.puppet\"", format!("id = \"{id}\"")),
        ("amend = [\"create\", \"update\", \"transition\", \"comment\"]\n", String::new()),
        (
            "validate = [\"create\", \"update\", \"transition\", \"comment\"]",
            format!("validate = {validate}"),
        ),
        ("next-states = true\n", String::new()),
        ("events = [\"issue.*\", \"comment.*\"]", format!("events = {events}")),
        ("cron = \"* * * * *\"", "cron = \"0 0 29 2 *\"".to_owned()),
        ("cron = \"0 9 * * *\"", "cron = \"0 0 29 2 *\"".to_owned()),
    ] {
        assert!(manifest.contains(from), "the puppet's manifest has no {from}");
        manifest = manifest.replace(from, &to);
    }
    pack(&wasm, &manifest).unwrap()
}

pub(crate) async fn pause(time: Duration) {
    #[expect(clippy::disallowed_methods, reason = "looks again in a moment, until a deadline")]
    tokio::time::sleep(time).await;
}
