//! The figures Mortise aims for. `docs/performance.md` says where they come from.

use crate::work::{CrowdWork, Work};

/// From so many issues on, a company is one that the aims speak of.
const LARGE: u32 = 1_000_000;

/// Milliseconds that 99 of 100 answers of a large company should take at most.
pub(crate) const fn p99_ms(work: Work, issues: u32) -> Option<f64> {
    match work {
        Work::List if issues >= LARGE => Some(5.0),
        _ => None,
    }
}

/// Milliseconds in which a large company should answer for the first time, from a checkpoint.
pub(crate) const fn opened_ms(issues: u32, checkpoint: bool) -> Option<f64> {
    if issues >= LARGE && checkpoint { Some(1_000.0) } else { None }
}

/// Milliseconds in which many companies should be there on this store.
pub(crate) fn start_ms(store: &str) -> Option<f64> {
    (store == "fjall").then_some(1_000.0)
}

/// MiB that a process should take that holds many companies, none of which anybody has asked.
pub(crate) const IDLE_MIB: f64 = 150.0;

/// Milliseconds that 99 of 100 answers of companies should take at most that nobody has asked since the start.
pub(crate) const fn cold_ms(work: CrowdWork) -> Option<f64> {
    match work {
        CrowdWork::Query | CrowdWork::LargeQuery => Some(20.0),
        _ => None,
    }
}
