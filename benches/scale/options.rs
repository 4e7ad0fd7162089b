//! What can be chosen about a run.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};
use mortise_engine::storage::StoreKind;

use crate::effort::Effort;
use crate::many::Crowd;
use crate::work::{CrowdWork, Work};

/// Issues of a company of a `--quick` run.
const QUICK_ISSUES: u32 = 1_000;

/// Says what stays quick when there is much of it.
#[derive(Debug, Parser)]
#[command(name = "scale", bin_name = "cargo xtask bench scale")]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Runs nothing: shows the last reports as markdown, or puts them into this file between its marks.
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    pub(crate) markdown: Option<Option<PathBuf>>,
    /// What `cargo bench` says to every benchmark.
    #[arg(long, hide = true, global = true)]
    bench: bool,
}

/// Which of the two.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// One large company.
    One(One),
    /// Many companies.
    Many(Many),
    /// One step, read from the standard input: how the others work.
    #[command(hide = true)]
    Child,
}

/// One large company.
#[derive(Debug, Clone, Args)]
pub(crate) struct One {
    /// Issues of the company, one run for each number.
    #[arg(long, value_delimiter = ',', default_value = "10000,100000,1000000", value_parser = clap::value_parser!(u32).range(500..=2_000_000))]
    pub(crate) sizes: Vec<u32>,
    /// Only these kinds of work, such as for a profiler.
    #[arg(long, value_delimiter = ',', value_name = "WORK")]
    pub(crate) only: Vec<Work>,
    #[command(flatten)]
    pub(crate) how: How,
}

/// Many companies.
#[derive(Debug, Clone, Args)]
pub(crate) struct Many {
    #[command(flatten)]
    pub(crate) crowd: Crowd,
    /// Only these kinds of work, such as for a profiler.
    #[arg(long, value_delimiter = ',', value_name = "WORK")]
    pub(crate) only: Vec<CrowdWork>,
    #[command(flatten)]
    pub(crate) how: How,
}

/// What both have.
#[derive(Debug, Clone, Args)]
pub(crate) struct How {
    /// Stores to run on.
    #[arg(long, value_delimiter = ',', default_value = "sled,fjall")]
    pub(crate) stores: Vec<StoreKind>,
    /// Times that each question is asked at least.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    runs: u64,
    /// Seconds for which each question is asked at least.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..=3_600))]
    seconds: u64,
    /// How often a company is opened, and a folder started on, for a median.
    #[arg(long, default_value_t = 3, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=100))]
    starts: usize,
    /// Little data and few runs: to see that everything works.
    #[arg(long)]
    quick: bool,
    /// Where the data folders are made; on a disk. They are removed afterwards.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Leaves the data folders there, and works on those that an earlier run has left: seeding takes longest.
    #[arg(long)]
    pub(crate) keep: bool,
}

impl One {
    /// These options with `--quick` worked in.
    pub(crate) fn settled(&self) -> Self {
        let mut settled = self.clone();
        if settled.how.quick {
            settled.sizes = vec![QUICK_ISSUES];
        }
        settled
    }

    /// Whether this kind of work is asked for.
    pub(crate) fn wants(&self, work: Work) -> bool {
        self.only.is_empty() || self.only.contains(&work)
    }
}

impl Many {
    /// These options with `--quick` worked in.
    pub(crate) fn settled(&self) -> Self {
        let mut settled = self.clone();
        if settled.how.quick {
            settled.crowd = Crowd::QUICK;
        }
        settled
    }

    /// Whether this kind of work is asked for.
    pub(crate) fn wants(&self, work: CrowdWork) -> bool {
        self.only.is_empty() || self.only.contains(&work)
    }
}

impl How {
    /// How hard it is measured.
    pub(crate) fn effort(&self) -> Effort {
        let Self { runs, seconds, starts, .. } = *self;
        if self.quick { Effort::QUICK } else { Effort { runs, seconds, starts } }
    }

    /// Where the figures are kept; those of a quick run apart, for they are none to show.
    pub(crate) fn file(&self, name: &str) -> String {
        if self.quick { format!("quick-{name}") } else { name.to_owned() }
    }

    /// Where the data folders are made: cargo's own folder for such files, which lies on the disk of the build.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.clone().unwrap_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).to_owned())
    }
}
