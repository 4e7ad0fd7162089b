//! What runs after a commit: plugins act on what has happened and at times, and what they want sent is sent.
//!
//! An installation reads the log behind its own place, acts on one event after another, and what it stages is done in one batch
//! with that place: exactly once, however often it is tried. `runner` gives turns to companies, `acting` is one installation
//! at work, `attempt` one call and what becomes of it, `errand` how a call is made, `commit` how what it staged
//! is done, `following` how much of it may follow from one cause, `books` what is written down, and `basis` who may be told what
//! a plugin said.

pub(crate) mod acting;
pub(crate) mod attempt;
pub(crate) mod basis;
pub(crate) mod books;
mod commit;
mod dead;
pub(crate) mod errand;
pub(crate) mod fate;
pub(crate) mod following;
pub(crate) mod line;
pub(crate) mod queue;
pub(crate) mod rows;
pub(crate) mod runner;
pub(crate) mod steps;
pub(crate) mod ticks;
pub(crate) mod told;
pub(crate) mod turn;
pub(crate) mod waiting;
pub(crate) mod wanted;

pub(crate) use dead::about_request;
pub use dead::{Backlog, DeadLetter, DeadLetters, FailureKind, WaitingWork};
