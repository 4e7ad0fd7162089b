//! Runs: every call of a guest leaves a record, also one that was stopped, and is counted.
//!
//! A record says what was asked, what came of it, in words, what it used of each budget, and what the guest logged. Runs that are
//! alike others and logged nothing leave it in [brief](brief); one a minute of them is kept as a whole, with what it knew, so that
//! it can be done again. Records of hooks are made while somebody's change waits, so they go through a bounded queue and are
//! written in batches behind it; see [`Recorder`]. What is kept is bounded by number, age and size.

mod alike;
mod blocks;
mod books;
mod brief;
mod counted;
mod id;
mod newest;
mod queue;
mod record;
mod recorder;
mod rows;
mod seen;
mod shown;
mod sums;
mod uuid_as_bytes;
mod waiting;

pub(crate) use alike::Likeness;
pub(crate) use brief::{Brief, BriefRow, Ran};
pub use id::RunId;
pub(crate) use record::{EDITS, ENOUGH};
pub use record::{RunAnswer, RunInput, RunLog, RunMode, RunOutcome, RunRecord, RunShare, RunTask};
pub(crate) use recorder::{Finished, Recorder};
pub(crate) use rows::input_of;
pub use seen::{HIDDEN, RunSight};
pub use shown::{RunFilter, RunPage, RunTotals, Shown};
