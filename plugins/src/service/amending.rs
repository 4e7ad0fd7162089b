//! A run that amended something, until it is known whether the rules allow that.
//!
//! The engine decides with what was amended. Where the rules refuse it, the plugin has failed, and its record says so and why.

use super::runs::Finished;
use super::{Plugins, RunOutcome};

/// Leaves its record when it is dropped.
pub(super) struct Amending {
    plugins: Plugins,
    finished: Option<Finished>,
}

impl Amending {
    /// A run that amended something.
    pub(super) const fn of(plugins: Plugins, finished: Finished) -> Self {
        Self { plugins, finished: Some(finished) }
    }

    /// What it amended cannot be, for this reason.
    pub(super) fn refused(mut self, why: &str) {
        if let Some(finished) = &mut self.finished {
            finished.record.outcome = RunOutcome::unfit(why);
        }
    }
}

impl Drop for Amending {
    fn drop(&mut self) {
        self.plugins.note(self.finished.take());
    }
}
