//! An engine with a company and its plugins, in a temporary folder.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use mortise::plugins::service::NewInstallation;
use mortise::plugins::{Plugins, PluginsConfig};
use mortise_engine::command::issue::CreateIssue;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::id::{IssueId, TeamId, TenantId};
use mortise_engine::model::{Installation, StateCategory, Tier};
use mortise_engine::storage::StoreKind;
use mortise_engine::{Engine, NewTenant};

use crate::Options;

pub(crate) struct Company {
    pub(crate) engine: Engine,
    pub(crate) plugins: Plugins,
    pub(crate) tenant: TenantId,
    pub(crate) team: TeamId,
    _folder: tempfile::TempDir,
}

impl Company {
    pub(crate) async fn found() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let engine = Engine::builder(folder.path().join("data")).store(StoreKind::Fjall).open().await?;
        let program: OsString = std::env::current_exe()?.into();
        let config =
            PluginsConfig::in_folder(folder.path().join("plugins"), vec![program, "compile-plugin".into()])?;
        let plugins = Plugins::new(config)?;
        plugins.attach(&engine).await;
        let founded = engine
            .create_tenant(NewTenant::new("acme", "Acme").with_tier(Tier::Platinum).with_team("ENG"))
            .await?;
        let team = founded.team.context("a first team was asked for")?;
        Ok(Self { engine, plugins, tenant: founded.tenant.id, team, _folder: folder })
    }

    pub(crate) fn cx(&self) -> OpContext {
        OpContext::new(Principal::trusted_system(self.tenant))
    }

    pub(crate) async fn install(
        &self,
        wasm: Vec<u8>,
        settings: serde_json::Value,
    ) -> anyhow::Result<Arc<Installation>> {
        let uploaded = self.plugins.upload(self.cx(), wasm).await?;
        let new = NewInstallation { settings, enabled: true, ..NewInstallation::of(&uploaded.code) };
        Ok(self.plugins.install(self.cx(), new).await?.what)
    }

    pub(crate) async fn issue(&self) -> anyhow::Result<IssueId> {
        let command =
            CreateIssue { title: "Login fails".into(), estimate: Some(3), ..CreateIssue::in_team(self.team) };
        self.engine.execute(self.cx(), command).await?.issue().context("an issue was made")
    }

    /// A state of this category.
    pub(crate) async fn state(&self, category: StateCategory) -> anyhow::Result<mortise_engine::id::StateId> {
        let reader = self.engine.reader(&Principal::trusted_system(self.tenant)).await?;
        let directory = reader.directory();
        let state =
            directory.workflows().find_map(|workflow| workflow.first_of(category).map(|state| state.id));
        state.context("the workflow has such a state")
    }

    pub(crate) async fn close(self) {
        self.plugins.close().await;
        self.engine.close().await;
    }
}

/// A guest that was built before.
pub(crate) fn guest(options: &Options, name: &str) -> anyhow::Result<Vec<u8>> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let folder = options.guests.clone().unwrap_or_else(|| target.join("plugins"));
    let path = folder.join(format!("{name}.wasm"));
    std::fs::read(&path)
        .with_context(|| format!("cannot read {}: run `cargo xtask test --only guests`", path.display()))
}
