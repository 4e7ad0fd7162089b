//! A question whose answer nobody waited for: it leaves a record too.
//!
//! Whoever asks may let go of a question wherever it stands: the engine when the time of the whole request is over, a server
//! when its caller has hung up. The plugin has not failed by that.

use super::noting::Noting;
use super::runs::Finished;
use super::{Plugins, RunAnswer, RunOutcome};

/// Notes a record when it is dropped, unless it was [answered](Self::answered).
pub(crate) struct Unanswered(Noting);

impl Unanswered {
    /// From here on; `finished` is the record, of which the outcome is said here.
    pub(crate) fn until_answered(plugins: &Plugins, mut finished: Finished) -> Self {
        finished.record.outcome = RunOutcome {
            answer: RunAnswer::NotRun,
            words: "nobody waited for its answer any more".to_owned(),
            kind: "unanswered".to_owned(),
        };
        Self(Noting::new(plugins, finished))
    }

    /// It was answered, and has a record of its own.
    pub(crate) fn answered(mut self) {
        self.0.forget();
    }
}
