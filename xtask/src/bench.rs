//! `cargo xtask bench NAME`: one benchmark of any crate of the workspace, built with optimisation and run.
//!
//! A new benchmark needs no line here: cargo's own list is the list.

use crate::{asks_for_help, repository, step};

const HELP: &str = "\
Runs one benchmark against an optimised build.

Usage: cargo xtask bench NAME [OPTIONS OF THE BENCHMARK]

Examples:
  cargo xtask bench http               the whole server over HTTP; writes http.json to the target folder's bench/
  cargo xtask bench http --help        its options
  cargo xtask bench fairness           what companies notice of one that asks for too much; writes fairness.json beside it
  cargo xtask bench scale one          one company of up to a million issues; writes scale-one.json beside it
  cargo xtask bench scale many         ten thousand companies; writes scale-many.json beside it
  cargo xtask bench plugins            what plugins cost: a verdict, an event, an upload
  cargo xtask bench installations      memory of ten thousand installations of fifty plugins
  cargo xtask bench placement          what stores of single companies cost, and for how long a move holds writes up
  cargo xtask bench view               filters, orders and pages in process, without a server
  cargo xtask bench relevance          how well search finds what a reader found; writes relevance.json beside it";

/// Runs the benchmark named by the first argument, with the rest as its own options.
///
/// # Errors
/// When there is no such benchmark, or it fails.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    if asks_for_help(arguments, HELP) {
        return Ok(());
    }
    let known = repository::benchmarks()?;
    let Some((name, options)) = arguments.split_first() else {
        anyhow::bail!("which benchmark? There are: {}", known.join(", "));
    };
    anyhow::ensure!(known.contains(name), "there is no benchmark `{name}`; there are: {}", known.join(", "));
    step::cargo(["bench", "--workspace", "--bench", name, "--"]).args(options).become_it()
}
