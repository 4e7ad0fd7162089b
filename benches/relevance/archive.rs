//! The archive as the issues of a company in a data folder of its own, brought in as anybody would: by the command line.
//!
//! It does not know what is sought in it.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use mortise::context::Principal;
use mortise::model::Tier;
use mortise::{Engine, NewTenant};

/// The company, and the team that the issues go to.
const TENANT: &str = "acme";
const TEAM: &str = "TLS13";

/// An engine in which the archive is, and who asks it.
pub(crate) struct Imported {
    pub(crate) engine: Engine,
    pub(crate) us: Principal,
}

impl Imported {
    /// Makes the folder and the company in it, and imports the archive.
    pub(crate) async fn into(data: &Path, archive: &Path) -> anyhow::Result<Self> {
        let founding = Engine::builder(data).open().await?;
        let founded =
            founding.create_tenant(NewTenant::new(TENANT, "Acme").with_tier(Tier::Platinum)).await?;
        founding.close().await;
        // The importer needs the folder for itself.
        drop(founding);
        import(data, archive)?;
        let engine = Engine::builder(data).open().await?;
        Ok(Self { engine, us: Principal::trusted_system(founded.tenant.id) })
    }
}

fn import(data: &Path, archive: &Path) -> anyhow::Result<()> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mortise"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MORTISE_")) {
        command.env_remove(name);
    }
    command
        .args(["import", "github", "--tenant", TENANT, "--team", TEAM, "--json", "--data"])
        .arg(data)
        .arg(archive);
    let output = command.output().context("cannot start the importer")?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "cannot import {}: {said}", archive.display());
    Ok(())
}
