//! `cargo xtask bless`: rewrites every checked-in expectation from what the code does now.
//!
//! It judges nothing: reading the difference is the author's part.

use crate::{asks_for_help, step};

/// Set to `1` while blessing. Tests that keep an expectation outside insta (`schema.graphql`) rewrite it then.
const BLESS: &str = "MORTISE_BLESS";

const HELP: &str = "\
Rewrites the snapshots and `schema.graphql` from what the code does now; then read the diff.

Usage: cargo xtask bless [OPTIONS OF `cargo test`]

Examples:
  cargo xtask bless
  cargo xtask bless --package mortise-engine";

/// Runs the tests with every expectation rewritten, then shows which files changed.
///
/// # Errors
/// When a test fails for another reason than its expectation.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    if asks_for_help(arguments, HELP) {
        return Ok(());
    }
    let what: &[String] = if arguments.is_empty() { &["--workspace".to_owned()] } else { arguments };
    step::cargo(["test", "--quiet", "--lib", "--bins", "--tests"])
        .args(what)
        .env("INSTA_UPDATE", "always")
        .env(BLESS, "1")
        .run()?;
    step::Step::new("git")
        .args(["status", "--short", "--", "*.snap", "*.graphql", "docs/query-language.md"])
        .run()
}
