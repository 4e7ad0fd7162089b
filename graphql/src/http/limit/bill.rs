//! What a request was let in for, until it is known what it used.
//!
//! It does not know what was done for it.

use super::Pass;

/// See the module. A request that ends half way, because it ran out of time, its client hung up or something panicked, takes
/// what it had used by then.
pub(crate) struct Bill<'a, F: Fn() -> u64> {
    pass: &'a Pass,
    reserved: u64,
    used: F,
    is_open: bool,
}

impl<'a, F: Fn() -> u64> Bill<'a, F> {
    /// For a request that so many points were taken for; `used` tells what it has used so far.
    pub(crate) const fn new(pass: &'a Pass, reserved: u64, used: F) -> Self {
        Self { pass, reserved, used, is_open: true }
    }

    /// Answers what was used.
    pub(crate) fn settle(mut self) -> u64 {
        let used = (self.used)();
        self.close(used);
        used
    }

    /// What never began has used nothing.
    pub(crate) fn give_back(mut self) {
        self.close(0);
    }

    fn close(&mut self, used: u64) {
        if std::mem::take(&mut self.is_open) {
            self.pass.settle(self.reserved, used);
        }
    }
}

impl<F: Fn() -> u64> Drop for Bill<'_, F> {
    fn drop(&mut self) {
        if self.is_open {
            self.close((self.used)());
        }
    }
}
