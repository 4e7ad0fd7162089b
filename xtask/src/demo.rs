//! `cargo xtask demo`: builds the server and becomes its `demo` command.
//!
//! What the demo contains is the command's own affair.

use crate::{asks_for_help, repository, step};

const HELP: &str = "\
Builds the server and starts it with a prepared company.

Usage: cargo xtask demo [--dev] [OPTIONS OF `mortise demo`]

  --dev    build without optimisation: a shorter build, a slower server. First option only

Examples:
  cargo xtask demo
  cargo xtask demo --dev
  cargo xtask demo -- --help           the options of the command itself

Ctrl-C stops it; requests already accepted are answered first.";

/// Builds and starts.
///
/// # Errors
/// When the build fails or the program cannot be started.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    if asks_for_help(arguments, HELP) {
        return Ok(());
    }
    let (dev, rest) = match arguments.split_first() {
        Some((first, rest)) if first == "--dev" => (true, rest),
        _ => (false, arguments),
    };
    let rest = rest.strip_prefix(&["--".to_owned()]).unwrap_or(rest);

    // That of a release optimises across crates: minutes more to build, and no difference that a demo shows.
    let (profile, folder) = if dev { ("dev", "debug") } else { ("bench", "release") };
    step::cargo(["build", "--package", "mortise", "--bin", "mortise", "--profile", profile]).run()?;
    let program = repository::target()?.join(folder).join(format!("mortise{}", std::env::consts::EXE_SUFFIX));
    step::Step::new(program).args(["demo"]).args(rest).become_it()
}
