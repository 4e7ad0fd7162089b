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
    /// How it failed, or why its plugin is not asked any more, for all who look at its plugin.
    pub(crate) why: Option<String>,
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
            why: why_of(record.id, &record.outcome),
        }
    }

    /// Whether it let pass what it was asked about, or showed less of it: as nearly all do.
    pub(super) fn is_plain(&self) -> bool {
        let shown_alone = self.task == RunTask::NextStates && self.answer == RunAnswer::Narrowed;
        self.mode == RunMode::Live && (self.answer == RunAnswer::Allowed || shown_alone)
    }

    /// Whether the plugin failed in it. One that failed has why.
    pub(super) const fn is_failure(&self) -> bool {
        self.answer.may_be_failure() && self.why.is_some()
    }

    /// Whether it says how the plugin does: not where nobody knows whether what it staged was done, nor where whoever sends
    /// requests decides what is refused.
    pub(super) fn tells(&self) -> bool {
        self.answer != RunAnswer::Refused || (self.why.is_some() && self.task != RunTask::Inbound)
    }
}

/// How a run failed, or why its plugin is not asked any more, for all who look at that. What a plugin says itself may be about
/// what not all of them see: its run has it.
pub(crate) fn why_of(run: RunId, outcome: &RunOutcome) -> Option<String> {
    let says_why = |what: &str| Some(format!("{what}: `mortise plugin runs`, or its run {run}, says why"));
    match (outcome.answer, outcome.kind.as_str()) {
        (RunAnswer::Refused, _) if outcome.is_failure() => says_why("what it wanted done was refused"),
        (RunAnswer::NotRun, "not_entitled") => Some(outcome.words.clone()),
        (RunAnswer::GaveUp, _) => says_why("it gave up"),
        (RunAnswer::Failed, "trap") => says_why("it failed by itself"),
        (RunAnswer::Failed, _) => Some(outcome.words.clone()),
        _ => None,
    }
}
