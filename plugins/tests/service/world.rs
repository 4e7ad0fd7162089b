//! An engine with its plugins in a temporary folder, and companies in it.

use mortise_engine::command::issue::{CreateIssue, IssuePatch, IssueRef, Operation, UpdateIssue};
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::id::{InstallationId, IssueId, StateId, TeamId, TenantId};
use mortise_engine::limits::Limits;
use mortise_engine::model::{Digest, Installation, Issue, StateCategory, Tier};
use mortise_engine::{Committed, Engine, NewTenant, Result};
use mortise_plugins::manifest::pack;
use mortise_plugins::service::{NewInstallation, RunFilter, RunPage, RunRecord, Shown};
use mortise_plugins::signing::{PublicKey, SigningKey};
use mortise_plugins::{Plugins, PluginsConfig};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// An engine with plugins.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) plugins: Plugins,
    /// Who signs for the catalogue.
    pub(crate) key: SigningKey,
    pub(crate) folder: TempDir,
}

/// A company with a team.
pub(crate) struct Company {
    pub(crate) tenant: TenantId,
    pub(crate) team: TeamId,
    pub(crate) us: Principal,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::within(Limits::default(), |_| {}).await
    }

    /// One whose engine has these limits, and whose plugins have others.
    pub(crate) async fn within(limits: Limits, change: impl FnOnce(&mut PluginsConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::generate().unwrap();
        let engine = Engine::builder(folder.path().join("engine")).limits(limits).open().await.unwrap();
        let mut config = config(&folder, &key);
        change(&mut config);
        let plugins = Plugins::new(config).unwrap();
        plugins.attach(&engine).await;
        Self { engine, plugins, key, folder }
    }

    /// The service made anew on the same folder, as after a restart, attached to nothing.
    pub(crate) fn again(&self) -> Plugins {
        Plugins::new(config(&self.folder, &self.key)).unwrap()
    }

    /// All of it closed and opened again.
    pub(crate) async fn restarted(self) -> Self {
        let Self { engine, plugins, key, folder } = self;
        plugins.close().await;
        engine.close().await;
        drop((plugins, engine));
        let engine = Engine::builder(folder.path().join("engine")).open().await.unwrap();
        let plugins = Plugins::new(config(&folder, &key)).unwrap();
        plugins.attach(&engine).await;
        Self { engine, plugins, key, folder }
    }

    /// The same, believing other signatures.
    pub(crate) fn again_trusting(&self, keys: Vec<PublicKey>) -> Plugins {
        let mut config = config(&self.folder, &self.key);
        config.catalogue_keys = keys;
        Plugins::new(config).unwrap()
    }

    /// The same with compiled code in this folder of its own, as after an upgrade of the program.
    pub(crate) fn upgraded(&self, code: &std::path::Path) -> Plugins {
        let mut config = config(&self.folder, &self.key);
        config.host.cache = code.to_owned();
        Plugins::new(config).unwrap()
    }

    pub(crate) async fn company(&self, slug: &str, tier: Tier) -> Company {
        let new = NewTenant::new(slug, slug).with_team("ENG").with_tier(tier);
        let founded = self.engine.create_tenant(new).await.unwrap();
        let us = Principal::trusted_system(founded.tenant.id);
        Company { tenant: founded.tenant.id, team: founded.team.unwrap(), us }
    }

    /// A Platinum company with the puppet, enabled, and this script for each of its functions.
    pub(crate) async fn played(&self, slug: &str, script: serde_json::Value) -> (Company, Arc<Installation>) {
        let company = self.company(slug, Tier::Platinum).await;
        let installation = self.installed(&company, puppet(), |new| NewInstallation {
            settings: serde_json::json!({ "script": script }),
            enabled: true,
            ..new
        });
        let installation = installation.await.unwrap();
        (company, installation)
    }

    /// Uploads a plugin and installs it.
    pub(crate) async fn installed(
        &self,
        company: &Company,
        wasm: Vec<u8>,
        how: impl FnOnce(NewInstallation) -> NewInstallation,
    ) -> Result<Arc<Installation>> {
        let uploaded = Box::pin(self.plugins.upload(company.cx(), wasm)).await?;
        let new = how(NewInstallation::of(&uploaded.code));
        Ok(Box::pin(self.plugins.install(company.cx(), new)).await?.what)
    }

    pub(crate) async fn create(&self, company: &Company, title: &str) -> Result<IssueId> {
        let command = CreateIssue { title: title.to_owned(), ..CreateIssue::in_team(company.team) };
        let done = self.engine.execute(company.cx(), command).await?;
        Ok(done.issue().unwrap())
    }

    pub(crate) async fn update(
        &self,
        company: &Company,
        issue: IssueId,
        patch: IssuePatch,
    ) -> Result<Committed> {
        let command = UpdateIssue {
            issue: IssueRef::Id(issue),
            if_version: None,
            patch,
            operation: Operation::default(),
        };
        self.engine.execute(company.cx(), command).await
    }

    pub(crate) async fn issue(&self, company: &Company, issue: IssueId) -> Arc<Issue> {
        let reader = self.engine.reader(&company.us).await.unwrap();
        reader.issue(&issue.into()).await.unwrap().unwrap()
    }

    /// The first state of this category.
    pub(crate) async fn state(&self, company: &Company, category: StateCategory) -> StateId {
        let reader = self.engine.reader(&company.us).await.unwrap();
        let workflow = reader.directory().workflow_of(company.team).unwrap();
        workflow.first_of(category).unwrap().id
    }

    /// All runs of an installation that are wanted, newest first, as pages of this size show them.
    pub(crate) async fn all_runs(
        &self,
        company: &Company,
        installation: InstallationId,
        filter: &RunFilter,
        first: usize,
    ) -> Vec<RunRecord> {
        let (mut runs, mut after) = (Vec::new(), None);
        loop {
            let page = Shown { first, after };
            let page = self.plugins.runs(&company.us, installation, filter, page).await.unwrap();
            after = page.runs.last().map(|run| run.id);
            runs.extend(page.runs);
            if !page.more {
                return runs;
            }
        }
    }

    /// The newest runs of an installation.
    pub(crate) async fn runs(&self, company: &Company, installation: InstallationId) -> RunPage {
        let page = Shown { first: 100, after: None };
        self.plugins.runs(&company.us, installation, &RunFilter::default(), page).await.unwrap()
    }
}

impl Company {
    pub(crate) fn cx(&self) -> OpContext {
        OpContext::new(self.us.clone())
    }
}

fn config(folder: &TempDir, key: &SigningKey) -> PluginsConfig {
    let worker = vec![env!("CARGO_BIN_EXE_mortise-compile-plugin").into()];
    let mut config = PluginsConfig::in_folder(folder.path().join("plugins"), worker).unwrap();
    // What is compiled once is there for all tests.
    config.host.cache = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("service-code");
    config.host.mac_key = [9; 32];
    config.host.workflow_calls = 8;
    config.host.other_calls = 8;
    // Machines that test are slow.
    config.limits.premium.workflow.wall = std::time::Duration::from_millis(300);
    config.limits.platinum.workflow.wall = std::time::Duration::from_millis(300);
    config.catalogue_keys = vec![key.public_key()];
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

/// The guest that does what its settings say.
pub(crate) fn puppet() -> Vec<u8> {
    guest("puppet")
}

/// The puppet with another manifest: of this version, and with these texts in place of others.
pub(crate) fn puppet_as(version: &str, replaced: &[(&str, &str)]) -> Vec<u8> {
    let wasm = puppet();
    let manifest = mortise_plugins::manifest::Manifest::text_of_component(&wasm).unwrap();
    let mut manifest = String::from_utf8(manifest.to_vec()).unwrap();
    manifest = manifest.replace("version = \"1.0.0\"", &format!("version = \"{version}\""));
    for (from, to) in replaced {
        assert!(manifest.contains(from), "{from} in {manifest}");
        manifest = manifest.replace(from, to);
    }
    pack(&wasm, &manifest).unwrap()
}

/// The digest of bytes.
pub(crate) fn digest(wasm: &[u8]) -> Digest {
    Digest::of(wasm)
}
