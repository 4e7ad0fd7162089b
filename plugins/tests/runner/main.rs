//! What runs after a commit, on a real engine with real guests: automations, schedules, requests both ways, replays and
//! backtests.
//!
//! The guests are those that `cargo xtask test --only guests` has left in the target folder.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests: a panic is a failed test"
)]

mod backtests;
mod events;
mod failures;
mod halted;
mod hidden;
mod inbound;
mod killed;
mod listener;
mod outsider;
mod replays;
mod secrets;
mod sending;
mod strangers;
mod ticks;
mod walls;
mod world;
