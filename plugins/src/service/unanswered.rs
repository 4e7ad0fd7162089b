//! A question whose answer nobody waited for: it leaves a record too.
//!
//! The engine lets go of a question when the time of the whole request is over, wherever it stands then.

use super::runs::Finished;
use super::{Plugins, RunAnswer, RunOutcome};

/// Notes a record when it is dropped, unless it was [answered](Self::answered).
pub(super) struct Unanswered {
    plugins: Plugins,
    finished: Option<Finished>,
}

impl Unanswered {
    /// From here on; `finished` is the record, of which the outcome is said here.
    pub(super) fn until_answered(plugins: &Plugins, mut finished: Finished) -> Self {
        finished.record.outcome = RunOutcome {
            answer: RunAnswer::Failed,
            words: "took too long, together with the other plugins that are asked".to_owned(),
            kind: "wall".to_owned(),
        };
        Self { plugins: plugins.clone(), finished: Some(finished) }
    }

    /// It was answered, and has a record of its own.
    pub(super) fn answered(mut self) {
        self.finished = None;
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        if let Some(finished) = self.finished.take() {
            self.plugins.note(finished);
        }
    }
}
