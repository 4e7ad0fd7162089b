//! Which runs are alike others: nearly all that hooks leave behind. One a minute of a kind is kept as a whole, so that it can be
//! done again; of the others a brief is.

use super::{RunAnswer, RunMode, RunRecord, RunTask};
use mortise_engine::id::InstallationId;
use mortise_engine::time::Timestamp;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;

/// One in so many milliseconds is kept as a whole of what is alike.
const SAMPLE_MS: i64 = 60_000;

/// Kinds of runs of which is remembered when the last one was kept as a whole: two of each of 20,000 installations.
const SAMPLED_MAX: usize = 40_000;

/// What tells whether a run is alike others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Likeness {
    pub(crate) installation: InstallationId,
    pub(crate) task: RunTask,
    pub(crate) mode: RunMode,
    pub(crate) answer: RunAnswer,
    pub(crate) at: Timestamp,
    /// It has said more than its answer: it logged something, or there are details.
    pub(crate) says_more: bool,
}

impl Likeness {
    /// That of a run with this record.
    pub(super) fn of(record: &RunRecord) -> Self {
        Self {
            installation: record.installation,
            task: record.task,
            mode: record.mode,
            answer: record.outcome.answer,
            at: record.at,
            says_more: !record.logs.is_empty() || record.logs_dropped > 0 || record.detail.is_some(),
        }
    }

    /// Whether it let pass what it was asked about or showed less of it, as nearly all do, or was not run; and said no more.
    fn is_alike(&self) -> bool {
        let shown_alone = self.task == RunTask::NextStates && self.answer == RunAnswer::Narrowed;
        let passed = self.mode == RunMode::Live && (self.answer == RunAnswer::Allowed || shown_alone);
        (passed || self.answer == RunAnswer::NotRun) && !self.says_more
    }
}

impl RunRecord {
    /// Whether it is alike others, of which only some are kept with what they knew.
    pub(crate) fn is_alike(&self) -> bool {
        Likeness::of(self).is_alike()
    }
}

/// When the last one was kept as a whole, of each kind: of an installation, for a task, run or not.
#[derive(Debug, Default)]
pub(super) struct Sampled(Mutex<FxHashMap<(InstallationId, RunTask, bool), i64>>);

impl Sampled {
    /// Whether a run is kept as a whole: all but what is alike, of which one a minute is. Asked once of each run.
    pub(super) fn keeps_whole(&self, run: &Likeness) -> bool {
        if !run.is_alike() {
            return true;
        }
        let kind = (run.installation, run.task, run.answer == RunAnswer::NotRun);
        let now = run.at.millis();
        let mut sampled = self.0.lock();
        if sampled.len() >= SAMPLED_MAX && !sampled.contains_key(&kind) {
            sampled.clear();
        }
        let last = sampled.entry(kind).or_insert(i64::MIN);
        // A clock that was ahead is no reason to keep none.
        let due = now >= last.saturating_add(SAMPLE_MS) || now < *last;
        if due {
            *last = now;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGAN: i64 = 1_767_600_000_000;

    fn passed(at: i64) -> Likeness {
        Likeness {
            installation: InstallationId::generate(),
            task: RunTask::Validate,
            mode: RunMode::Live,
            answer: RunAnswer::Allowed,
            at: Timestamp::from_millis(at),
            says_more: false,
        }
    }

    #[test]
    fn one_a_minute_is_kept_whole_of_what_is_alike_and_all_that_says_more() {
        let (sampled, first) = (Sampled::default(), passed(BEGAN));
        let at = |millis: i64| Likeness { at: Timestamp::from_millis(BEGAN + millis), ..first };
        assert!(sampled.keeps_whole(&first));
        assert!(!sampled.keeps_whole(&at(1)) && !sampled.keeps_whole(&at(SAMPLE_MS - 1)));
        assert!(sampled.keeps_whole(&Likeness { says_more: true, ..at(2) }), "it logged something");
        assert!(sampled.keeps_whole(&Likeness { mode: RunMode::Shadow, ..at(2) }));
        assert!(sampled.keeps_whole(&Likeness { answer: RunAnswer::Denied, ..at(2) }));
        assert!(sampled.keeps_whole(&Likeness { answer: RunAnswer::Narrowed, ..at(2) }), "it is no board");
        let not_run = Likeness { answer: RunAnswer::NotRun, ..at(2) };
        assert!(sampled.keeps_whole(&not_run), "those that were not run are of another kind");
        assert!(!sampled.keeps_whole(&Likeness { mode: RunMode::Shadow, ..not_run }));
        assert!(sampled.keeps_whole(&at(SAMPLE_MS)) && !sampled.keeps_whole(&at(SAMPLE_MS + 1)));
        assert!(sampled.keeps_whole(&passed(BEGAN + 1)), "another installation's");
    }
}
