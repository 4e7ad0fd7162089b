//! All figures of a run, as they stand in `scale-one.json` and `scale-many.json`.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use mortise_engine::model::Seq;
use mortise_engine::time::Clock;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::effort::Effort;
use crate::machine::Machine;
use crate::many::{Crowd, Start};
use crate::one::Opening;
use crate::place;
use crate::process::Tree;
use crate::timing::Outcome;
use crate::work::{CrowdWork, Work};

/// See the module.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report<R> {
    /// When it began.
    pub(crate) at: String,
    /// What was measured: the commit, with `+` behind it when files had been changed since.
    pub(crate) commit: String,
    pub(crate) machine: Machine,
    pub(crate) effort: Effort,
    pub(crate) runs: Vec<R>,
}

/// One store, one company of one size.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OneRun {
    pub(crate) store: String,
    pub(crate) issues: u32,
    pub(crate) seeded: Seeded,
    /// What the data folder took on the disk then.
    pub(crate) folder_bytes: u64,
    pub(crate) openings: Vec<Opening>,
    pub(crate) answers: Answers,
}

/// What seeding took.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Seeded {
    pub(crate) seconds: f64,
    /// From then on until the index had followed; none when it cannot be asked.
    pub(crate) index_seconds: Option<f64>,
    /// Events in the log, of the largest company where there are many.
    pub(crate) events: u64,
    /// By the kernel's count.
    pub(crate) written_bytes: u64,
}

/// What an open company answered.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Answers {
    pub(crate) lists: Vec<Listed>,
    pub(crate) figures: Vec<Figures>,
}

/// The pages of one kind of list.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Listed {
    pub(crate) what: String,
    pub(crate) first: Outcome,
    /// Far behind the first.
    pub(crate) far: Outcome,
    pub(crate) last: Outcome,
}

/// What came of one kind of question.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    pub(crate) work: Work,
    pub(crate) what: String,
    pub(crate) outcome: Outcome,
}

/// One store, many companies.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ManyRun {
    pub(crate) store: String,
    pub(crate) crowd: Crowd,
    pub(crate) seeded: Seeded,
    pub(crate) folder_bytes: u64,
    pub(crate) starts: Vec<Start>,
    pub(crate) figures: Vec<CrowdFigures>,
}

/// What came of asking many companies.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CrowdFigures {
    pub(crate) work: CrowdWork,
    pub(crate) outcome: Outcome,
    /// Memory afterwards, in bytes.
    pub(crate) resident_bytes: u64,
    /// Issues that were made and searched at once.
    pub(crate) made: u64,
    /// Those of them that the first search after the answer did not find.
    pub(crate) missed: u64,
}

impl Seeded {
    /// By this very process, which has done nothing else.
    pub(crate) fn of(writing: Duration, indexing: Option<Duration>, events: Seq) -> anyhow::Result<Self> {
        Ok(Self {
            seconds: writing.as_secs_f64(),
            index_seconds: indexing.map(|took| took.as_secs_f64()),
            events: events.0,
            written_bytes: Tree::of(std::process::id()).usage()?.written_bytes,
        })
    }
}

impl<R: Serialize> Report<R> {
    /// A report without figures yet.
    pub(crate) fn begin(machine: Machine, effort: Effort) -> anyhow::Result<Self> {
        let at = Clock::system().now().to_string();
        Ok(Self { at, commit: place::commit()?, machine, effort, runs: Vec::new() })
    }

    /// Writes it where the next reader looks for it, and answers where that is.
    pub(crate) fn write(&self, file: &str) -> anyhow::Result<PathBuf> {
        place::write(file, self)
    }
}

/// The last one written; none when there is none.
pub(crate) fn read<R: DeserializeOwned>(file: &str) -> anyhow::Result<Option<Report<R>>> {
    let path = place::of_figures(file)?;
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let report = serde_json::from_str(&text);
    report
        .map(Some)
        .with_context(|| format!("{} is of another version: run the benchmark again", path.display()))
}
