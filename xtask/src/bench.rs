//! `cargo xtask bench NAME`: one file or folder of `benches/`, built with optimisation and run.
//!
//! A new benchmark needs no line here: the folder is the list.

use anyhow::Context;

use crate::{asks_for_help, repository, step};

const HELP: &str = "\
Runs one benchmark, a file or folder of `benches/`, against an optimised build.

Usage: cargo xtask bench NAME [OPTIONS OF THE BENCHMARK]

Examples:
  cargo xtask bench http               the whole server over HTTP; writes http.json to the target folder's bench/
  cargo xtask bench http --help        its options
  cargo xtask bench fairness           what companies notice of one that asks for too much; writes fairness.json beside it
  cargo xtask bench scale one          one company of up to a million issues; writes scale-one.json beside it
  cargo xtask bench scale many         ten thousand companies; writes scale-many.json beside it
  cargo xtask bench plugins            what plugins cost: a verdict, an event, an upload, ten thousand installations
  cargo xtask bench placement          what stores of single companies cost, and for how long a move holds writes up
  cargo xtask bench relevance          how well search finds what a reader found; writes relevance.json beside it";

/// Runs the benchmark named by the first argument, with the rest as its own options.
///
/// # Errors
/// When there is no such benchmark, or it fails.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    if asks_for_help(arguments, HELP) {
        return Ok(());
    }
    let known = known()?;
    let Some((name, options)) = arguments.split_first() else {
        anyhow::bail!("which benchmark? There are: {}", known.join(", "));
    };
    anyhow::ensure!(known.contains(name), "there is no benchmark `{name}`; there are: {}", known.join(", "));
    step::cargo(["bench", "--workspace", "--bench", name, "--"]).args(options).become_it()
}

fn known() -> anyhow::Result<Vec<String>> {
    let folder = repository::root().join("benches");
    let files = std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut names: Vec<String> = files
        .filter_map(|file| {
            let name = file.ok()?.file_name().into_string().ok()?;
            Some(name.strip_suffix(".rs").unwrap_or(&name).to_owned())
        })
        .collect();
    names.sort();
    Ok(names)
}
