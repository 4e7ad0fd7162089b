//! Who waits for the writer of a tenant: whoever writes now knows whether another comes at once.

use std::sync::atomic::{AtomicUsize, Ordering};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Line(AtomicUsize);

/// One that waits, until it is dropped.
pub(super) struct Waiting<'a>(&'a Line);

impl Line {
    /// One more waits.
    pub(super) fn join(&self) -> Waiting<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Waiting(self)
    }

    /// Whether somebody waits.
    pub(super) fn is_waited_in(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
