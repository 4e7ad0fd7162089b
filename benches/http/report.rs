//! All figures of a run, as they stand in `http.json`.

use std::path::PathBuf;

use anyhow::Context as _;
use mortise_engine::time::Clock;
use serde::{Deserialize, Serialize};

use crate::footprint::{Footprint, Written};
use crate::machine::Machine;
use crate::options::Options;
use crate::place;
use crate::work::Load;

/// Where the figures are kept.
const FILE: &str = "http.json";

/// See the module.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    /// When it began.
    pub(crate) at: String,
    /// What was measured: the commit, with `+` behind it when files had been changed since.
    pub(crate) commit: String,
    pub(crate) machine: Machine,
    /// For which each load was measured, after its warm-up.
    pub(crate) seconds: u64,
    pub(crate) warm_up_seconds: u64,
    pub(crate) idempotency_keys: bool,
    pub(crate) runs: Vec<Run>,
}

/// One store at one size.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) store: String,
    /// That were seeded.
    pub(crate) issues: u32,
    pub(crate) comments: usize,
    pub(crate) seed_seconds: f64,
    /// From the start of the process to the first right answer about an issue, for each start.
    pub(crate) first_answer_ms: Vec<f64>,
    /// Memory after the first answer.
    pub(crate) idle_rss_mib: f64,
    pub(crate) disk: Disk,
    /// What one create writes into the store.
    pub(crate) per_create: Written,
    /// The same with an idempotency key.
    pub(crate) per_keyed_create: Written,
    pub(crate) issues_after: Issues,
    pub(crate) loads: Vec<Figures>,
}

/// What the data folder takes on the disk.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Disk {
    /// With the company and no issue.
    pub(crate) empty_bytes: u64,
    /// After the seed.
    pub(crate) seeded_bytes: u64,
    /// Of each seeded issue with its comments: what the seed added.
    pub(crate) bytes_per_issue: f64,
    /// After all loads, the server having stopped.
    pub(crate) loaded_bytes: u64,
}

/// How many issues there are at the end.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Issues {
    /// Seeded, and created with a right answer.
    pub(crate) acknowledged: u64,
    /// As the server counts them.
    pub(crate) counted: u64,
}

/// What came of one load.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    #[serde(flatten)]
    pub(crate) load: Load,
    pub(crate) operations: u64,
    pub(crate) operations_per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p95_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
    /// Wrong answers and such that did not come, the warm-up included.
    pub(crate) errors: u64,
    pub(crate) first_error: Option<String>,
    /// User and system time of the server's processes.
    pub(crate) cpu_ms_per_operation: f64,
    /// Processors that the server had, on average.
    pub(crate) cores: f64,
    /// Of writing work.
    pub(crate) written_bytes_per_operation: Option<f64>,
    /// Memory of the server afterwards.
    pub(crate) rss_mib: f64,
    /// Of the last minute, afterwards.
    pub(crate) load_average: f64,
}

impl Disk {
    /// After the seed, and before anything else.
    pub(crate) fn of(issues: u32, footprint: &Footprint, seeded_bytes: u64) -> Self {
        let added = seeded_bytes.saturating_sub(footprint.empty_bytes) as f64;
        let bytes_per_issue = added / f64::from(issues.max(1));
        Self { empty_bytes: footprint.empty_bytes, seeded_bytes, bytes_per_issue, loaded_bytes: 0 }
    }
}

impl Issues {
    /// Whether every acknowledged create is there. A create that failed may be there as well, or not.
    pub(crate) const fn are_whole(&self) -> bool {
        self.counted >= self.acknowledged
    }
}

impl Run {
    /// The median of the times to the first answer.
    pub(crate) fn first_answer_median_ms(&self) -> f64 {
        let mut times = self.first_answer_ms.clone();
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied().unwrap_or_default()
    }
}

impl Report {
    /// A report without figures yet.
    pub(crate) fn begin(options: &Options, machine: Machine) -> anyhow::Result<Self> {
        Ok(Self {
            at: Clock::system().now().to_string(),
            commit: place::commit()?,
            machine,
            seconds: options.seconds,
            warm_up_seconds: options.warm_up,
            idempotency_keys: options.idempotency_keys,
            runs: Vec::new(),
        })
    }

    /// Wrong answers, and runs in which an acknowledged issue is missing.
    pub(crate) fn failures(&self) -> u64 {
        let of_run = |run: &Run| {
            let lost = u64::from(!run.issues_after.are_whole());
            lost + run.loads.iter().map(|figures| figures.errors).sum::<u64>()
        };
        self.runs.iter().map(of_run).sum()
    }

    /// Writes it where the next reader looks for it, and answers where that is.
    pub(crate) fn write(&self) -> anyhow::Result<PathBuf> {
        place::write(FILE, self)
    }

    /// The last one written.
    pub(crate) fn read() -> anyhow::Result<Self> {
        let path = place::of_figures(FILE)?;
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}: run the benchmark first", path.display()))?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} is of another version: run the benchmark again", path.display()))
    }
}
