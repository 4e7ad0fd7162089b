//! The figures Mortise aims for: milliseconds of the server's processors for one operation.
//!
//! `docs/performance.md` says where they come from. Time of day is not among them: it depends on who else is there.

use crate::work::{Load, Work};

/// The most an operation of this load should cost, in milliseconds; none where nothing was promised.
pub(crate) const fn cpu_ms(load: Load) -> Option<f64> {
    match (load.work, load.clients) {
        (Work::Read, 16) => Some(0.05),
        (Work::List, 16) => Some(0.12),
        (Work::Search | Work::Create | Work::UpdateAndComment, 16) => Some(0.25),
        _ => None,
    }
}
