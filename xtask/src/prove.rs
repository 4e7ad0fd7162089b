//! `cargo xtask prove NAME`: the long form of a test whose short form runs in `cargo xtask test`.
//!
//! A long form is the same test with [`LONG_FORM`] set: more rounds, more clients, larger data.

use crate::{asks_for_help, step};

/// Set to `1` for the long form. Tests read it to choose their numbers, never to choose what they check.
const LONG_FORM: &str = "MORTISE_PROVE";

/// One proof: a file of `tests/`.
struct Proof {
    /// What the reader calls it, and the name of the test target.
    name: &'static str,
    /// One line for the list.
    shows: &'static str,
}

/// Alphabetical. A new proof is a line here and a test that knows [`LONG_FORM`].
const PROOFS: &[Proof] = &[Proof {
    name: "crash",
    shows: "kill -9 under load, many times: every acknowledged write is there, `check` is clean",
}];

const HELP: &str = "\
Runs the long form of one test, optimised.

Usage: cargo xtask prove NAME [OPTIONS OF THE TEST]

Examples:
  cargo xtask prove crash
  cargo xtask prove crash sled         only the cases with `sled` in their name

There are:";

/// Runs the proof named by the first argument, with the rest as options of the test program.
///
/// # Errors
/// When there is no such proof, or it fails.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    if asks_for_help(arguments, HELP) {
        for proof in PROOFS {
            println!("  {:<12} {}", proof.name, proof.shows);
        }
        return Ok(());
    }
    let names = || PROOFS.iter().map(|proof| proof.name).collect::<Vec<_>>().join(", ");
    let Some((name, options)) = arguments.split_first() else {
        anyhow::bail!("which proof? There are: {}", names());
    };
    let Some(proof) = PROOFS.iter().find(|proof| proof.name == name) else {
        anyhow::bail!("there is no proof `{name}`; there are: {}", names());
    };
    step::cargo(["test", "--release", "--package", "mortise", "--test", proof.name, "--", "--nocapture"])
        .args(options)
        .env(LONG_FORM, "1")
        .become_it()
}
