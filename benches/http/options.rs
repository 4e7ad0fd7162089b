//! What can be chosen about a run.

use std::path::{Path, PathBuf};

use clap::Parser;
use mortise_engine::storage::StoreKind;

use crate::work::Work;

/// Issues, seconds and starts of a `--quick` run: enough to see that everything works, too little to quote.
const QUICK: (u32, u64, usize) = (1_000, 1, 1);

/// Puts the real server under load and says what each operation cost.
#[derive(Debug, Parser)]
#[command(name = "http", bin_name = "cargo xtask bench http")]
pub(crate) struct Options {
    /// Issues of the company, one run for each number.
    #[arg(long, value_delimiter = ',', default_value = "10000,100000", value_parser = clap::value_parser!(u32).range(500..))]
    pub(crate) sizes: Vec<u32>,
    /// Stores to run on.
    #[arg(long, value_delimiter = ',', default_value = "sled,fjall")]
    pub(crate) stores: Vec<StoreKind>,
    /// Only these kinds of work, such as for a profiler.
    #[arg(long, value_delimiter = ',', value_name = "WORK")]
    pub(crate) only: Vec<Work>,
    /// Seconds for which each kind of work is measured.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) seconds: u64,
    /// Seconds of the same work before that, not measured.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..=600))]
    pub(crate) warm_up: u64,
    /// How often the server is started to take the median of its first answer.
    #[arg(long, default_value_t = 3, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=100))]
    pub(crate) starts: usize,
    /// 1,000 issues, one second, one start: to see that everything works.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Sends a fresh idempotency key with every create.
    #[arg(long)]
    pub(crate) idempotency_keys: bool,
    /// Where the data folders are made; on a disk. They are removed afterwards.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Runs nothing: shows the last report as markdown, or puts it into this file between its marks.
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    pub(crate) markdown: Option<Option<PathBuf>>,
    /// What `cargo bench` says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    /// These options with `--quick` worked in.
    pub(crate) fn settled(mut self) -> Self {
        if self.quick {
            let (issues, seconds, starts) = QUICK;
            (self.sizes, self.seconds, self.starts) = (vec![issues], seconds, starts);
        }
        self
    }

    /// Where the data folders are made: cargo's own folder for such files, which lies on the disk of the build.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.clone().unwrap_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).to_owned())
    }
}
