//! A question whose answer nobody waited for: it leaves a record too.
//!
//! Whoever asks may let go of a question wherever it stands: the engine when the time of the whole request is over, a server
//! when its caller has hung up. The plugin has not failed by that.

use super::runs::Finished;
use super::{Plugins, RunAnswer, RunOutcome};

/// Notes a record when it is dropped, unless it was [answered](Self::answered). The record is made only then: nearly all are
/// answered.
pub(crate) struct Unanswered<'p, R: FnOnce() -> Finished> {
    plugins: &'p Plugins,
    record: Option<R>,
}

impl<'p, R: FnOnce() -> Finished> Unanswered<'p, R> {
    /// From here on; `record` makes the record, of which the outcome is said here.
    pub(crate) const fn until_answered(plugins: &'p Plugins, record: R) -> Self {
        Self { plugins, record: Some(record) }
    }

    /// It was answered, and has a record of its own.
    pub(crate) fn answered(mut self) {
        self.record = None;
    }
}

impl<R: FnOnce() -> Finished> Drop for Unanswered<'_, R> {
    fn drop(&mut self) {
        let Some(record) = self.record.take() else { return };
        let mut finished = record();
        finished.record.outcome = RunOutcome {
            answer: RunAnswer::NotRun,
            words: "nobody waited for its answer any more".to_owned(),
            kind: "unanswered".to_owned(),
        };
        self.plugins.note(finished);
    }
}
