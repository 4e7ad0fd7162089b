//! How hard it is measured.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Effort {
    /// Times that each question is asked at least.
    pub(crate) runs: u64,
    /// Seconds for which it is asked at least.
    pub(crate) seconds: u64,
    /// How often a company is opened, and a folder started on, for a median.
    pub(crate) starts: usize,
}

impl Effort {
    /// Enough to see that everything works, too little to quote.
    pub(crate) const QUICK: Self = Self { runs: 20, seconds: 0, starts: 1 };

    /// Questions that are asked and closely checked before any is measured: they warm what can be warm.
    pub(crate) const fn checks(self) -> u64 {
        self.runs.div_ceil(10)
    }

    /// For how long one question is asked at most, though it then has fewer runs.
    pub(crate) const fn patience(self) -> Duration {
        Duration::from_secs(60 + 2 * self.seconds)
    }
}
