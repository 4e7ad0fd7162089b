//! An engine with a company and its plugins, in a temporary folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use mortise_engine::command::issue::{CreateIssue, IssuePatch, UpdateIssue};
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::id::{IssueId, StateId, TeamId, TenantId};
use mortise_engine::model::{EntitlementKey, EntitlementValue, Installation, StateCategory, Tier};
use mortise_engine::storage::StoreKind;
use mortise_engine::{Engine, EngineBuilder, Limits, NewTenant};
use mortise_plugins::service::NewInstallation;
use mortise_plugins::{Plugins, PluginsConfig};

/// Blocks of the store that are kept in memory: few, since they are not what is measured.
const STORE_CACHE_BYTES: u64 = 4 << 20;

/// CPU time of a company's plugins in a minute: so much that nothing has to wait for more.
const CPU: Duration = Duration::from_secs(3_600);

/// How long a request waits for all plugins together: the first loads the code of fifty.
const HOOKS_MS: u64 = 10_000;

pub(crate) struct Company {
    pub(crate) engine: Engine,
    pub(crate) plugins: Plugins,
    pub(crate) tenant: TenantId,
    pub(crate) team: TeamId,
    folder: tempfile::TempDir,
}

/// The engine of this folder, without plugins.
pub(crate) async fn engine(folder: &Path) -> anyhow::Result<Engine> {
    Ok(builder(folder).store_cache_bytes(STORE_CACHE_BYTES).open().await?)
}

/// What it is opened with, but for what its store may keep in memory.
pub(crate) fn builder(folder: &Path) -> EngineBuilder {
    let limits = Limits { hooks_time_ms: HOOKS_MS, ..Limits::default() };
    Engine::builder(folder.join("data")).store(StoreKind::Fjall).limits(limits)
}

/// The plugins of this folder, attached.
pub(crate) async fn plugins(folder: &Path, engine: &Engine) -> anyhow::Result<Plugins> {
    let worker = vec![env!("CARGO_BIN_EXE_mortise-compile-plugin").into()];
    let mut config = PluginsConfig::in_folder(folder.join("plugins"), worker)?;
    for limits in [&mut config.limits.premium, &mut config.limits.platinum] {
        for rate in [&mut limits.workflow_cpu, &mut limits.cpu] {
            (rate.per_minute, rate.burst) = (CPU, CPU);
        }
        // A machine that stands still for a moment is no slow guest.
        limits.workflow.wall = Duration::from_secs(5);
    }
    let plugins = Plugins::new(config)?;
    plugins.attach(engine).await;
    Ok(plugins)
}

impl Company {
    pub(crate) async fn found() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let engine = engine(folder.path()).await?;
        Self::found_with(engine, folder).await
    }

    /// The same with an engine of this folder.
    pub(crate) async fn found_with(engine: Engine, folder: tempfile::TempDir) -> anyhow::Result<Self> {
        let plugins = plugins(folder.path(), &engine).await?;
        let founded = engine
            .create_tenant(NewTenant::new("acme", "Acme").with_tier(Tier::Platinum).with_team("ENG"))
            .await?;
        may_upload(&engine, &Principal::trusted_system(founded.tenant.id)).await?;
        let team = founded.team.context("a first team was asked for")?;
        Ok(Self { engine, plugins, tenant: founded.tenant.id, team, folder })
    }

    pub(crate) fn us(&self) -> Principal {
        Principal::trusted_system(self.tenant)
    }

    pub(crate) fn cx(&self) -> OpContext {
        OpContext::new(self.us())
    }

    pub(crate) async fn install(
        &self,
        wasm: Vec<u8>,
        settings: serde_json::Value,
    ) -> anyhow::Result<Arc<Installation>> {
        install(&self.plugins, &self.us(), wasm, settings).await
    }

    pub(crate) async fn issue(&self) -> anyhow::Result<IssueId> {
        issue(&self.engine, &self.us(), self.team).await
    }

    /// A state of this category.
    pub(crate) async fn state(&self, category: StateCategory) -> anyhow::Result<StateId> {
        state(&self.engine, &self.us(), category).await
    }

    pub(crate) async fn move_to(&self, issue: IssueId, state: StateId) -> anyhow::Result<()> {
        move_to(&self.engine, &self.us(), issue, state).await
    }

    /// Closes everything; the folder stays as long as it is held.
    pub(crate) async fn close(self) -> tempfile::TempDir {
        self.plugins.close().await;
        self.engine.close().await;
        self.folder
    }
}

/// Agrees with a company that it may upload, also what is large: what is written in Python is.
pub(crate) async fn may_upload(engine: &Engine, us: &Principal) -> anyhow::Result<()> {
    let words = EntitlementValue::Words(["curated", "own", "large"].map(str::to_owned).into());
    let cx = OpContext::new(us.clone());
    engine.override_entitlement(cx, EntitlementKey::Plugins, Some((words, None))).await?;
    Ok(())
}

/// Uploads a plugin, installs and enables it.
pub(crate) async fn install(
    plugins: &Plugins,
    us: &Principal,
    wasm: Vec<u8>,
    settings: serde_json::Value,
) -> anyhow::Result<Arc<Installation>> {
    let cx = || OpContext::new(us.clone());
    let uploaded = Box::pin(plugins.upload(cx(), wasm)).await?;
    let new = NewInstallation { settings, enabled: true, ..NewInstallation::of(&uploaded.code) };
    Ok(Box::pin(plugins.install(cx(), new)).await?.what)
}

/// An issue that has all that it needs to be completed.
pub(crate) async fn issue(engine: &Engine, us: &Principal, team: TeamId) -> anyhow::Result<IssueId> {
    let command =
        CreateIssue { title: "Login fails".into(), estimate: Some(3), ..CreateIssue::in_team(team) };
    let done = Box::pin(engine.execute(OpContext::new(us.clone()), command)).await?;
    done.issue().context("an issue was made")
}

/// A state of this category.
pub(crate) async fn state(
    engine: &Engine,
    us: &Principal,
    category: StateCategory,
) -> anyhow::Result<StateId> {
    let reader = engine.reader(us).await?;
    let mut workflows = reader.directory().workflows();
    let state = workflows.find_map(|workflow| workflow.first_of(category).map(|state| state.id));
    state.context("the workflow has such a state")
}

/// Moves an issue: the guests that are measured are asked about that.
pub(crate) async fn move_to(
    engine: &Engine,
    us: &Principal,
    issue: IssueId,
    state: StateId,
) -> anyhow::Result<()> {
    let patch = IssuePatch { state: Some(state), ..IssuePatch::default() };
    let command = UpdateIssue::new(issue.into(), patch);
    Box::pin(engine.execute(OpContext::new(us.clone()), command)).await?;
    Ok(())
}

/// A guest that was built before.
pub(crate) fn guest(folder: Option<&Path>, name: &str) -> anyhow::Result<Vec<u8>> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let folder = folder.map_or_else(|| target.join("plugins"), Path::to_owned);
    let path = folder.join(format!("{name}.wasm"));
    std::fs::read(&path).with_context(|| format!("cannot read {}: run `cargo xtask guests`", path.display()))
}
