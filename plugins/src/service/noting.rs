//! A record of a run that is noted whatever becomes of who waits for it: at the latest when it is dropped.

use super::Plugins;
use super::runs::{Finished, RunRecord};

/// See the module.
pub(crate) struct Noting {
    plugins: Plugins,
    finished: Option<Finished>,
}

impl Noting {
    pub(crate) fn new(plugins: &Plugins, finished: Finished) -> Self {
        Self { plugins: plugins.clone(), finished: Some(finished) }
    }

    /// The record as it is so far.
    pub(crate) fn record(&self) -> Option<&RunRecord> {
        self.finished.as_ref().map(|finished| &finished.record)
    }

    /// The same, to be changed.
    pub(crate) fn record_mut(&mut self) -> Option<&mut RunRecord> {
        self.finished.as_mut().map(|finished| &mut finished.record)
    }
}

impl Drop for Noting {
    fn drop(&mut self) {
        if let Some(finished) = self.finished.take() {
            self.plugins.note(finished);
        }
    }
}

impl From<Noting> for Option<Finished> {
    fn from(mut noting: Noting) -> Self {
        noting.finished.take()
    }
}
