//! What the sums take of a run: all that is left of one that is alike others, of which no record is made.

use super::{RunAnswer, RunId, RunMode, RunOutcome, RunRecord, RunTask};
use mortise_engine::id::InstallationId;
use mortise_engine::time::Timestamp;

/// A run as it is counted.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) id: RunId,
    pub(crate) installation: InstallationId,
    pub(crate) task: RunTask,
    pub(crate) mode: RunMode,
    pub(crate) answer: RunAnswer,
    pub(crate) at: Timestamp,
    /// CPU time of the guest, in microseconds.
    pub(crate) cpu_us: u64,
    pub(crate) sign: Sign,
}

/// What a run says of how its plugin does, in words for all who look at that.
#[derive(Debug)]
pub(crate) enum Sign {
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
            installation: record.installation,
            task: record.task,
            mode: record.mode,
            answer: record.outcome.answer,
            at: record.at,
            cpu_us: record.cpu_us(),
            sign: Sign::of(record.id, &record.outcome),
        }
    }

    /// Whether it let pass what it was asked about, or showed less of it: as nearly all do.
    pub(super) fn is_plain(&self) -> bool {
        let shown_alone = self.task == RunTask::NextStates && self.answer == RunAnswer::Narrowed;
        self.mode == RunMode::Live && (self.answer == RunAnswer::Allowed || shown_alone)
    }
}

impl Sign {
    /// Of a run that ended so. What a plugin says itself may be about what not all of them see: its run has it.
    pub(crate) fn of(run: RunId, outcome: &RunOutcome) -> Self {
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
            (RunAnswer::Failed, _) => Self::Failed(words()),
            _ => Self::Well,
        }
    }

    /// Bytes of its words.
    pub(super) const fn bytes(&self) -> usize {
        match self {
            Self::None | Self::Well => 0,
            Self::Failed(why) | Self::NotAsked(why) => why.len(),
        }
    }
}
