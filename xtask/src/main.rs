//! The verbs of this repository: `cargo xtask demo`, `test`, `bench`, `prove`, `guests`, `fmt`, `bless`.
//!
//! Each verb is one file here that runs other programs, cargo above all, in the root of the repository.
//! It knows nothing of what Mortise does: whatever can be a test is a test, not a verb.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool of the terminal speaks on the terminal"
)]

use std::process::ExitCode;

mod repository;
mod step;

mod bench;
mod bless;
mod demo;
mod prove;
mod test;

const HELP: &str = "\
The verbs of this repository.

Usage: cargo xtask VERB [OPTIONS]

Verbs:
  demo    build the server and start it with a prepared company
  test    set up what is missing and run every check, with the time each took
  bench   run one benchmark
  prove   run the long form of one test, such as the crash test
  fmt     format the whole tree
  guests  build every plugin of the repository
  bless   rewrite the snapshots from what the code does now; then read the diff

Examples:
  cargo xtask demo                     then open the address it prints
  cargo xtask test                     what continuous integration runs
  cargo xtask test --only clippy       one stage of it
  cargo xtask bench http --help        the options of that benchmark
  cargo xtask prove crash              kill the server under load, many times

`cargo xtask VERB --help` says more about one verb.";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let verb = arguments.next();
    let rest: Vec<String> = arguments.collect();
    match run(verb.as_deref(), &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Option<&str>, rest: &[String]) -> anyhow::Result<()> {
    match verb {
        Some("demo") => demo::run(rest),
        Some("test") => test::run(rest),
        Some("bench") => bench::run(rest),
        Some("prove") => prove::run(rest),
        Some("guests") => test::build_guests(rest),
        Some("fmt") => step::cargo(["fmt", "--all"]).run(),
        Some("bless") => bless::run(rest),
        None | Some("help" | "--help" | "-h") => {
            println!("{HELP}");
            Ok(())
        }
        Some(other) => anyhow::bail!("there is no verb `{other}`; `cargo xtask --help` lists them"),
    }
}

/// Prints `help` and answers true when the first argument asks for it.
///
/// Only the first: later ones may belong to the program that is started.
fn asks_for_help(arguments: &[String], help: &str) -> bool {
    let asked = matches!(arguments.first().map(String::as_str), Some("--help" | "-h"));
    if asked {
        println!("{help}");
    }
    asked
}
