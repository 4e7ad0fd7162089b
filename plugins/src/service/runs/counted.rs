//! What the sums take of a run.

use super::brief::BriefRow;
use super::{EDITS, RunAnswer, RunId, RunMode, RunOutcome, RunRecord, RunTask};
use mortise_engine::time::Timestamp;

/// A run as it is counted.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) id: RunId,
    pub(super) task: RunTask,
    pub(super) mode: RunMode,
    pub(super) answer: RunAnswer,
    pub(super) at: Timestamp,
    /// CPU time of the guest, in microseconds.
    pub(super) cpu_us: u64,
    pub(super) sign: Sign,
}

/// What a run says of how its plugin does, in words for all who look at that.
#[derive(Debug)]
pub(super) enum Sign {
    /// Nothing.
    None,
    /// It does what it should.
    Well,
    /// It failed.
    Failed(String),
    /// It is not asked any more.
    NotAsked(String),
}

impl Counted {
    /// What is counted of a run with this record.
    pub(super) fn of(record: &RunRecord) -> Self {
        Self {
            id: record.id,
            task: record.task,
            mode: record.mode,
            answer: record.outcome.answer,
            at: record.at,
            cpu_us: record.cpu_us(),
            sign: Sign::of(record.id, &record.outcome),
        }
    }

    /// What is counted of a run with this brief.
    pub(super) fn of_brief(brief: &BriefRow) -> Self {
        Self {
            id: brief.id,
            task: brief.task,
            mode: brief.mode,
            answer: brief.answer,
            at: brief.at,
            cpu_us: brief.cpu_us(),
            sign: Sign::of(brief.id, &brief.outcome()),
        }
    }
}

impl Sign {
    /// Of a run that ended so. What a plugin says itself may be about what not all of them see: its run has it.
    fn of(run: RunId, outcome: &RunOutcome) -> Self {
        let words = || outcome.words.clone();
        let says_why =
            |what: &str| Self::Failed(format!("{what}: `mortise plugin runs`, or its run {run}, says why"));
        match (outcome.answer, outcome.kind.as_str()) {
            (RunAnswer::NotRun, "not_entitled") => Self::NotAsked(words()),
            (RunAnswer::NotRun, _) => Self::None,
            (RunAnswer::Refused, _) if !outcome.is_failure() => Self::None,
            (RunAnswer::Refused, _) => says_why("what it wanted done was refused"),
            (RunAnswer::GaveUp, _) => says_why("it gave up"),
            (RunAnswer::Failed, "trap") => says_why("it failed by itself"),
            (RunAnswer::Failed, EDITS) => says_why("what it amended cannot be"),
            (RunAnswer::Failed, _) => Self::Failed(words()),
            _ => Self::Well,
        }
    }
}
