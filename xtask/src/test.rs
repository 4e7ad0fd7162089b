//! `cargo xtask test`: sets up what is missing, runs every check in order, and says how long each took.
//!
//! A stage is a line of [`STAGES`]. It knows no check in detail: that is the tool's part, whose output is left as it is.

use std::time::{Duration, Instant};

use crate::{asks_for_help, repository, step};

mod cargo_deny;
mod fresh;
mod guests;
mod selection;
mod servers;
mod snapshots;
mod toolchain;
mod wasm_target;

use selection::Selection;

/// One stage: it runs on this terminal and answers an error that names what to run again.
struct Stage {
    name: &'static str,
    shows: &'static str,
    run: fn() -> anyhow::Result<()>,
}

/// In the order they run: what fails soonest and costs least comes first.
const STAGES: &[Stage] = &[
    Stage {
        name: "toolchain",
        shows: "rustc, clippy, rustfmt and a C compiler are here",
        run: toolchain::check,
    },
    Stage { name: "format", shows: "the tree is formatted", run: format },
    Stage { name: "clippy", shows: "no lint fires, tests and examples included", run: clippy },
    Stage { name: "docs", shows: "the documentation builds, its links lead somewhere", run: docs },
    Stage {
        name: "guests",
        shows: "plugins build for WebAssembly; the tests below read them",
        run: guests::build,
    },
    Stage {
        name: "plugins",
        shows: "the plugins' own tests pass, no lint of theirs fires",
        run: guests::check,
    },
    Stage { name: "tests", shows: "unit and integration tests pass", run: tests },
    Stage { name: "scale", shows: "the benchmark of scale gets right answers on little data", run: scale },
    Stage { name: "doctests", shows: "the examples in the documentation run", run: doctests },
    Stage {
        name: "examples",
        shows: "the programs of `examples/` build, and one that ends by itself runs",
        run: examples,
    },
    Stage { name: "snapshots", shows: "no expectation is pending or unused", run: snapshots::check },
    Stage { name: "deny", shows: "dependencies keep to deny.toml", run: cargo_deny::check },
];

const HELP: &str = "\
Sets up what is missing and runs every check; stops at the first that fails. In a tree where nobody has built by hand, builds
are whole ones; CARGO_INCREMENTAL says otherwise.

Usage: cargo xtask test [OPTIONS]

  --only STAGE     run this stage alone; may be repeated
  --skip STAGE     leave this stage out; may be repeated
  --keep-going     run the remaining stages after one has failed

Examples:
  cargo xtask test
  cargo xtask test --only clippy --only tests
  cargo xtask test --skip deny

Stages, in order:";

const GUESTS_HELP: &str = "\
Builds every plugin of the repository, bundled ones, examples and those of the tests, into target/plugins/NAME.wasm.

Usage: cargo xtask guests

The same as `cargo xtask test --only guests`.";

/// Runs the selected stages and prints the table.
///
/// # Errors
/// When an option is unknown or a stage fails.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    if asks_for_help(arguments, HELP) {
        for stage in STAGES {
            println!("  {:<10} {}", stage.name, stage.shows);
        }
        return Ok(());
    }
    let names: Vec<&str> = STAGES.iter().map(|stage| stage.name).collect();
    let selection = Selection::parse(arguments, &names)?;
    if fresh::is_fresh()? {
        return fresh::begin_again(arguments);
    }

    let began = Instant::now();
    let mut rows: Vec<(&str, Outcome)> = Vec::new();
    let mut failed: Vec<&str> = Vec::new();
    for stage in STAGES {
        let left_out = !selection.includes(stage.name) || (!failed.is_empty() && !selection.keep_going);
        let outcome = if left_out { Outcome::NotRun } else { stage.perform() };
        if matches!(outcome, Outcome::Failed(_)) {
            failed.push(stage.name);
        }
        rows.push((stage.name, outcome));
    }
    println!("\n{}", table(&rows, began.elapsed()));
    anyhow::ensure!(
        failed.is_empty(),
        "failed: {}; again with: cargo xtask test{}",
        failed.join(", "),
        failed.iter().map(|name| format!(" --only {name}")).collect::<String>()
    );
    Ok(())
}

enum Outcome {
    Passed(Duration),
    Failed(Duration),
    NotRun,
}

impl Stage {
    fn perform(&self) -> Outcome {
        eprintln!("\n== {}: {}", self.name, self.shows);
        let began = Instant::now();
        match (self.run)() {
            Ok(()) => Outcome::Passed(began.elapsed()),
            Err(error) => {
                eprintln!("error: stage `{}`: {error:#}", self.name);
                Outcome::Failed(began.elapsed())
            }
        }
    }
}

fn table(rows: &[(&str, Outcome)], total: Duration) -> String {
    let mut lines = vec![format!("{:<10}  {:>8}  result", "stage", "time")];
    lines.extend(rows.iter().map(|(name, outcome)| {
        let (time, word) = match outcome {
            Outcome::Passed(time) => (clock(*time), "passed"),
            Outcome::Failed(time) => (clock(*time), "FAILED"),
            Outcome::NotRun => ("-".to_owned(), "not run"),
        };
        format!("{name:<10}  {time:>8}  {word}")
    }));
    lines.push(format!("{:<10}  {:>8}", "all", clock(total)));
    lines.join("\n")
}

/// `0.4 s`, `12.3 s`, `4 m 05 s`.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} m {:02} s", seconds / 60, seconds % 60)
    }
}

fn format() -> anyhow::Result<()> {
    step::cargo(["fmt", "--all", "--check"]).run()
}

fn clippy() -> anyhow::Result<()> {
    step::cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]).run()
}

/// With the examples, so that dependencies have the features that the lints have seen them with, and none is looked at twice.
fn docs() -> anyhow::Result<()> {
    step::cargo(["doc", "--workspace", "--no-deps", "--lib", "--examples"])
        .args(["--bin", "xtask", "--bin", "mortise-compile-plugin"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()
}

/// Most benchmarks are left to clippy: running them as tests would measure nothing for minutes.
fn tests() -> anyhow::Result<()> {
    servers::ensure()?;
    let nextest = step::cargo(["nextest", "--version"]).succeeds();
    let runner: &[&str] = if nextest { &["nextest", "run"] } else { &["test"] };
    // They wait for the disk and for servers: as many as there are processors leave a quarter of these idle.
    let at_once = std::thread::available_parallelism().map_or(2, |cores| cores.get() + 1);
    let at_once = if nextest { vec!["--test-threads".to_owned(), at_once.to_string()] } else { Vec::new() };
    step::cargo(runner)
        .args(["--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"])
        .args(at_once)
        .env(snapshots::REFERENCES, snapshots::forget_references()?)
        .run()
}

/// It checks every answer, and its quick form takes seconds.
fn scale() -> anyhow::Result<()> {
    for which in ["one", "many"] {
        step::cargo(["bench", "--profile", "dev", "--workspace", "--bench", "scale", "--"])
            .args([which, "--quick"])
            .run()?;
    }
    Ok(())
}

fn doctests() -> anyhow::Result<()> {
    step::cargo(["test", "--workspace", "--doc"]).run()
}

/// An example that serves nobody: it says what it did, and ends.
const ENDING: &str = "white_label";

fn examples() -> anyhow::Result<()> {
    step::cargo(["build", "--workspace", "--examples"]).run()?;
    let program = format!("{ENDING}{}", std::env::consts::EXE_SUFFIX);
    step::Step::new(repository::target()?.join("debug").join("examples").join(program)).run()
}

/// `cargo xtask guests`: the stage alone, for whoever works on a plugin.
///
/// # Errors
/// When a guest does not build.
pub(crate) fn build_guests(arguments: &[String]) -> anyhow::Result<()> {
    if asks_for_help(arguments, GUESTS_HELP) {
        return Ok(());
    }
    anyhow::ensure!(arguments.is_empty(), "`cargo xtask guests` takes no options");
    guests::build()
}

/// The folder for what the stages leave for each other and for the next run.
fn workspace_folder(name: &str) -> anyhow::Result<std::path::PathBuf> {
    let folder = repository::target()?.join(name);
    std::fs::create_dir_all(&folder)
        .map_err(|error| anyhow::anyhow!("cannot make {}: {error}", folder.display()))?;
    Ok(folder)
}

#[cfg(test)]
mod tests_of_the_table {
    use super::*;

    #[test]
    fn the_table_has_a_line_for_every_stage_and_one_for_all() {
        let rows = [
            ("format", Outcome::Passed(Duration::from_millis(420))),
            ("tests", Outcome::Failed(Duration::from_secs(245))),
            ("deny", Outcome::NotRun),
        ];
        let expected = "\
stage           time  result
format         0.4 s  passed
tests       4 m 05 s  FAILED
deny               -  not run
all         4 m 06 s";
        assert_eq!(table(&rows, Duration::from_secs(246)), expected);
    }
}
