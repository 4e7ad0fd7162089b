//! cargo-deny over `deny.toml`: licences, sources, and which crate may depend on which technology.
//!
//! Advisories are left out: they change without a change of ours, so they are no property of a commit.

use std::path::PathBuf;

use super::workspace_folder;
use crate::step::{Step, cargo};

/// The release whose configuration syntax `deny.toml` is written in.
const VERSION: &str = "0.20.2";

/// Runs the checks, with a copy of cargo-deny built into the target folder where the machine has none.
///
/// # Errors
/// When cargo-deny cannot be built or finds something.
pub(super) fn check() -> anyhow::Result<()> {
    // A wrapper for a technology that is not in the tree yet is no mistake.
    let arguments =
        ["check", "--hide-inclusion-graph", "--allow", "unused-wrapper", "bans", "licenses", "sources"];
    Step::new(program()?).args(arguments).run()
}

/// `cargo-deny` of the right version: the machine's, else the one we built before, else one built now.
fn program() -> anyhow::Result<PathBuf> {
    let tools = workspace_folder("tools")?;
    let ours = tools.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    for program in [PathBuf::from("cargo-deny"), ours.clone()] {
        if is_usable(&program) {
            return Ok(program);
        }
    }
    build(&tools)?;
    Ok(ours)
}

fn is_usable(program: &PathBuf) -> bool {
    let asked = Step::new(program).args(["--version"]);
    asked.succeeds() && asked.output().is_ok_and(|version| version.trim() == format!("cargo-deny {VERSION}"))
}

/// About 80 seconds on two cores. Optimisation would cost minutes and save one second a run.
fn build(tools: &std::path::Path) -> anyhow::Result<()> {
    let scratch = tools.join("build");
    cargo([
        "install",
        "cargo-deny",
        "--version",
        VERSION,
        "--locked",
        "--no-default-features",
        "--profile",
        "dev",
        "--force",
    ])
    .args(["--root".as_ref(), tools.as_os_str(), "--target-dir".as_ref(), scratch.as_os_str()])
    .env("CARGO_PROFILE_DEV_DEBUG", "0")
    .env("CARGO_INCREMENTAL", "0")
    .run()?;
    // Hundreds of megabytes that nothing will ask for again; a leftover harms nobody.
    let _ = std::fs::remove_dir_all(scratch);
    Ok(())
}
