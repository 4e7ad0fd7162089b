//! `cargo xtask prove NAME`: the long form of a test whose short form runs in `cargo xtask test`.
//!
//! A long form is the same test with [`LONG_FORM`] set: more rounds, more clients, larger data.

use crate::{asks_for_help, step};

/// Set to `1` for the long form. Tests read it to choose their numbers, never to choose what they check.
const LONG_FORM: &str = "MORTISE_PROVE";

/// One proof: a test target, or some tests of one.
struct Proof {
    /// What the reader calls it.
    name: &'static str,
    /// One line for the list.
    shows: &'static str,
    /// Where it is, as cargo says it. Of the whole workspace where its name is enough: then crates are built once for all.
    target: &'static [&'static str],
    /// Which tests of the target, by parts of their names; all when empty. Options of the test program may stand among them.
    tests: &'static [&'static str],
}

/// Alphabetical. A new proof is a line here and a test that knows [`LONG_FORM`].
const PROOFS: &[Proof] = &[
    Proof {
        name: "audit",
        shows: "10,000 random tamperings with the log and the security events: all are found",
        target: &["--package", "mortise-engine", "--lib"],
        tests: &["engine::tests::audit::tampering::"],
    },
    Proof {
        name: "automations",
        shows: "kill -9 while plugins act, 50 times: what they staged has happened once and whole, for every issue",
        target: &["--workspace", "--test", "runner"],
        tests: &["killed::"],
    },
    Proof {
        name: "calls",
        shows: "kill -9 while calls of the day are counted: none is given back, a kill takes at most a lease",
        target: &["--workspace", "--test", "crash"],
        tests: &["calls::"],
    },
    Proof {
        name: "crash",
        shows: "kill -9 under load, many times: every acknowledged write is there, `check` is clean",
        target: &["--workspace", "--test", "crash"],
        tests: &["nothing_acknowledged_is_lost"],
    },
    Proof {
        name: "filters",
        shows: "10,000 random filters, orders and pages, and looks into the past, against a plain reading",
        target: &["--package", "mortise-engine", "--lib"],
        tests: &["view::tests::", "engine::tests::archive::"],
    },
    Proof {
        name: "guessing",
        shows: "how long it takes to refuse somebody who is there and somebody who is not, interleaved; 10,000 guesses",
        target: &["--package", "mortise-engine", "--lib"],
        tests: &["engine::tests::sign_in::guessing::"],
    },
    Proof {
        name: "isolation",
        shows: "ids of another company and of nobody, asked in turns: the same bytes, and how long each takes",
        target: &["--workspace", "--test", "e2e"],
        tests: &["alike::"],
    },
    Proof {
        name: "placement",
        shows: "kill -9 while a company is founded, moved or erased, at every step and at random moments: nothing acknowledged is lost",
        target: &["--workspace", "--test", "placement"],
        tests: &[],
    },
    Proof {
        name: "plugins",
        shows: "hostile plugins beside neighbours, 10,000 random guests, 1,000 mutated: all are stopped, memory comes back",
        target: &["--workspace", "--test", "host", "--test", "beside"],
        // One after the other: they look at the memory of the process.
        tests: &[
            "--test-threads=1",
            "bombs::",
            "hostile::",
            "leaks::",
            "mutated::",
            "smith::",
            "neighbours::",
        ],
    },
    Proof {
        name: "revocation",
        shows: "how soon is refused what was taken away: sessions, keys, roles, members, companies; under five seconds",
        target: &["--workspace", "--test", "e2e"],
        tests: &["ending::"],
    },
    Proof {
        name: "search",
        shows: "the first search behind a write finds it, and after kill -9 search equals the store",
        target: &["--workspace", "--test", "search"],
        tests: &[],
    },
];

const HELP: &str = "\
Runs the long form of one test, optimised.

Usage: cargo xtask prove NAME [OPTIONS OF THE TEST]

Examples:
  cargo xtask prove crash
  cargo xtask prove crash sled         only the cases with `sled` in their name
  cargo xtask prove filters            the archive, if it is at hand; else generated data alone
  cargo xtask prove plugins neighbours hostile plugins beside companies that work, alone
  cargo xtask prove search on_fjall

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
    // Options that name tests take the place of the tests that the proof names.
    let named = options.iter().any(|option| !option.starts_with('-'));
    let tests = proof.tests.iter().filter(|test| !named || test.starts_with('-'));
    step::cargo(["test", "--profile", "bench"])
        .args(proof.target)
        .args(["--", "--nocapture"])
        .args(tests)
        .args(options)
        .env(LONG_FORM, "1")
        .become_it()
}
