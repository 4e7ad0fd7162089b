//! What can be chosen about a run.

use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};
use mortise_engine::model::Tier;
use mortise_engine::storage::StoreKind;

/// Rounds and seconds of a `--quick` run: enough to see that everything works, too little to quote.
const QUICK: (u32, u64) = (1, 1);

/// Measures what companies notice of one another when they ask for too much.
#[derive(Debug, Parser)]
#[command(name = "fairness", bin_name = "cargo xtask bench fairness")]
pub(crate) struct Options {
    /// Tiers that all ten companies have bought, one run for each.
    #[arg(long, value_delimiter = ',', default_value = "basic,premium,platinum", value_parser = tier)]
    pub(crate) tiers: Vec<Tier>,
    /// What the tenth company asks for ten times of, one run for each.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "requests,work")]
    pub(crate) loud: Vec<Loud>,
    /// Store to run on.
    #[arg(long, default_value = "sled")]
    pub(crate) store: StoreKind,
    /// Rounds: in each it is measured once without the tenth company and once with it, in changing order.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) rounds: u32,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) seconds: u64,
    /// Does not measure what happens when the whole server is asked for too much.
    #[arg(long)]
    pub(crate) no_flood: bool,
    /// One round of one second: to see that everything works.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Where the data folders are made; on a disk. They are removed afterwards.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// What `cargo bench` says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What a loud company asks for ten times of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Loud {
    /// Requests of every day.
    Requests,
    /// Points of work, within its burst: changes of many issues, and large pages.
    Work,
}

fn tier(word: &str) -> Result<Tier, String> {
    Tier::from_word(&word.to_uppercase()).ok_or_else(|| "basic, premium or platinum".to_owned())
}

impl Options {
    /// These options with `--quick` worked in.
    pub(crate) fn settled(mut self) -> Self {
        if self.quick {
            (self.rounds, self.seconds) = QUICK;
        }
        self
    }

    /// Where the data folders are made: cargo's own folder for such files, which lies on the disk of the build.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.clone().unwrap_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).to_owned())
    }
}
