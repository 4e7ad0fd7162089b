//! Hostile plugins of one company beside the work of others, on a real engine with the real compile worker.
//!
//! The guests are those that `cargo xtask test --only guests` has left in the target folder, and those of the host's tests.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests: a panic is a failed test")]

#[path = "../host/guests.rs"]
#[expect(dead_code, reason = "the host's own tests need more of it")]
mod guests;
#[path = "../host/harmful.rs"]
mod harmful;
#[path = "../host/ifs.rs"]
mod ifs;
#[path = "../host/measure.rs"]
#[expect(dead_code, reason = "the host's own tests need more of it")]
mod measure;

mod acting;
mod hostile;
mod neighbour;
mod neighbours;
mod times;
mod uploads;
mod world;
