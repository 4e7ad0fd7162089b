//! Where the data lies and how it is opened: what all commands that touch it have in common.
//!
//! It does not know what they do with it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use mortise::context::{OpContext, Principal};
use mortise::event::Origin;
use mortise::id::TenantId;
use mortise::model::{Member, Tenant};
use mortise::storage::{MasterKeySource, StoreKind};
use mortise::{Engine, EngineBuilder};

/// The variables of the environment that name a server and a data folder.
pub(super) const SERVER_VARIABLE: &str = "MORTISE_SERVER";
pub(super) const DATA_VARIABLE: &str = "MORTISE_DATA";

/// The data folder when nothing is said.
const DATA_DEFAULT: &str = "mortise-data";

/// How long a command waits for a folder that is held. A server waits longer: the one before it may be stopping.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// The data folder and how to open it.
#[derive(Debug, Clone, Args)]
pub(super) struct Place {
    /// Data folder [default: ./mortise-data; demo: ./data/demo]
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        value_name = "DIR",
        env = DATA_VARIABLE
    )]
    data: Option<PathBuf>,
    /// Storage of a new data folder; one that exists keeps its own [default: sled]
    #[arg(long, global = true, help_heading = "Options of every command", value_name = "STORE", env = "MORTISE_STORE", value_parser = store_kind())]
    store: Option<StoreKind>,
    /// Where the key that seals the data comes from: `file:PATH`, `env` (MORTISE_MASTER_KEY) or `command:PROGRAM ARG …`
    /// [default: file:DIR/keys/master.key, made on first start]
    #[arg(long, global = true, help_heading = "Options of every command", value_name = "SOURCE", env = "MORTISE_MASTER_KEY_FROM", value_parser = key_source)]
    master_key_from: Option<MasterKeySource>,
    /// The server that the environment names: then the folder stays closed.
    #[arg(skip)]
    server: Option<String>,
}

fn store_kind() -> impl clap::builder::TypedValueParser<Value = StoreKind> {
    PossibleValuesParser::new([StoreKind::Sled.name(), StoreKind::Fjall.name()])
        .try_map(|name| name.parse::<StoreKind>())
}

fn key_source(text: &str) -> Result<MasterKeySource, String> {
    if text == "env" {
        return Ok(MasterKeySource::Env);
    }
    match text.split_once(':') {
        Some(("file", path)) if !path.is_empty() => Ok(MasterKeySource::File(path.into())),
        Some(("command", line)) if !line.trim().is_empty() => {
            Ok(MasterKeySource::Command(line.split_whitespace().map(OsString::from).collect()))
        }
        _ => Err("write `file:PATH`, `env`, or `command:PROGRAM ARG …`".to_owned()),
    }
}

impl Place {
    /// The data folder.
    pub(super) fn data(&self) -> &Path {
        self.data.as_deref().unwrap_or(Path::new(DATA_DEFAULT))
    }

    /// The data folder, if one was said.
    pub(super) fn named(&self) -> Option<&Path> {
        self.data.as_deref()
    }

    /// This place for a command that could be meant for a server: while the environment names one, the folder stays closed.
    pub(super) fn unless_at(&self, server: Option<String>) -> Self {
        Self { server, ..self.clone() }
    }

    /// Refuses to open the folder while the environment names a server: whoever set it believes to ask that one.
    fn expect_no_server(&self) -> anyhow::Result<()> {
        let Some(server) = &self.server else { return Ok(()) };
        anyhow::bail!(
            "this is done in a data folder alone, and {SERVER_VARIABLE} names {server}: nothing was done; \
             unset {SERVER_VARIABLE} to do it in {}",
            self.data().display()
        )
    }

    /// This place, with another folder when none was said.
    pub(super) fn or_in(&self, folder: &str) -> Self {
        Self { data: Some(self.data.clone().unwrap_or_else(|| folder.into())), ..self.clone() }
    }

    /// An engine to be opened here.
    pub(super) fn engine(&self) -> EngineBuilder {
        let mut builder = Engine::builder(self.data());
        if let Some(kind) = self.store {
            builder = builder.store(kind);
        }
        if let Some(source) = &self.master_key_from {
            builder = builder.master_key(source.clone());
        }
        builder
    }

    /// Lets `work` have the engine, and closes it whatever came of it. The folder is made when it is missing.
    ///
    /// # Errors
    /// As the engine says (the folder is held by a running server, say), or what `work` fails with; and when the environment
    /// names a server, see [`unless_at`](Self::unless_at).
    pub(super) async fn with_engine<T>(
        &self,
        work: impl AsyncFnOnce(&Engine) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.expect_no_server()?;
        let engine = self.engine().lock_wait(LOCK_WAIT).open().await?;
        let done = work(&engine).await;
        engine.close().await;
        // The folder is free for others when this function returns.
        drop(engine);
        done
    }

    /// As [`with_engine`](Self::with_engine), for work that has no sense in an empty folder.
    ///
    /// # Errors
    /// The same, and when there is no data folder: it is not made.
    pub(super) async fn with_existing<T>(
        &self,
        work: impl AsyncFnOnce(&Engine) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.expect_no_server()?;
        let filled = std::fs::read_dir(self.data()).is_ok_and(|mut entries| entries.next().is_some());
        anyhow::ensure!(
            filled,
            "there is no data in {}: name its folder with --data, or make it with `mortise tenant create`",
            self.data().display()
        );
        self.with_engine(work).await
    }
}

/// The server that the environment names.
pub(super) fn named_by_environment() -> Option<String> {
    let server = std::env::var_os(SERVER_VARIABLE)?.to_string_lossy().into_owned();
    Some(server).filter(|server| !server.is_empty())
}

/// The tenant with this slug.
///
/// # Errors
/// There is none.
pub(super) fn tenant(engine: &Engine, slug: &str) -> anyhow::Result<Arc<Tenant>> {
    engine
        .tenant_by_slug(slug)
        .with_context(|| format!("there is no tenant `{slug}`: `mortise tenant list` shows those there are"))
}

/// The context in which the command line acts on a tenant: whoever can open the folder may do everything.
pub(super) fn context(tenant: TenantId) -> OpContext {
    OpContext::new(Principal::trusted_system(tenant)).with_origin(Origin::Cli)
}

/// Somebody of a company, by their address or id.
pub(super) async fn member(
    engine: &Engine,
    cx: &OpContext,
    who: &str,
) -> anyhow::Result<Option<Arc<Member>>> {
    let reader = engine.reader(&cx.principal).await?;
    let directory = reader.directory();
    let by_id = || directory.member(who.parse().ok()?);
    Ok(directory.member_by_email(who).or_else(by_id).cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_key_comes_from_a_file_the_environment_or_a_program() {
        assert_eq!(key_source("env"), Ok(MasterKeySource::Env));
        assert_eq!(key_source("file:/k:1"), Ok(MasterKeySource::File("/k:1".into())));
        let command = MasterKeySource::Command(vec!["kms".into(), "get".into()]);
        assert_eq!(key_source("command:kms  get"), Ok(command));
        for text in ["", "file:", "command: ", "vault:x"] {
            assert!(key_source(text).is_err(), "{text}");
        }
    }
}
