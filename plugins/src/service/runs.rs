//! Runs: every call of a guest is counted, also one that was stopped, and leaves a record unless it is alike others.
//!
//! A record says what was asked, what came of it, in words, what it used of each budget, and what the guest logged. Those of
//! hooks are made while somebody's change waits, so they go through a bounded queue and are written in batches behind
//! it; see [`Recorder`]. What is kept is bounded by number, age and size.

mod books;
mod counted;
mod id;
mod queue;
mod record;
mod recorder;
mod seen;
mod shown;
mod waiting;

pub(crate) use counted::{Counted, Sign};
pub use id::RunId;
pub use record::{RunAnswer, RunInput, RunLog, RunMode, RunOutcome, RunRecord, RunShare, RunTask};
pub(crate) use recorder::{Finished, Recorder};
pub use seen::RunSight;
pub use shown::{RunFilter, RunPage, RunTotals, Shown};
