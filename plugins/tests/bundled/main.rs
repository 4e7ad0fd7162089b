//! The curated plugins and the examples on a real engine, each with its main use from end to end. What they decide in detail
//! is tested beside them, in `plugins/bundled` and `examples/plugins`.
//!
//! The guests are those that `cargo xtask test --only guests` has left in the target folder.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests: a panic is a failed test"
)]

mod following;
mod gates;
mod languages;
#[path = "../runner/listener.rs"]
mod listener;
mod office;
mod sending;
mod timed;
#[path = "../runner/world.rs"]
#[expect(dead_code, reason = "shared with tests that ask for more")]
mod world;
