//! The whole system as its users meet it: the program, its data folder, real HTTP.
//!
//! Every test has a world of its own, so tests run beside each other. Nothing here knows how the engine works inside.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may panic"
)]

#[path = "../world/world.rs"]
mod world;

#[path = "../world/smtp.rs"]
mod smtp;

mod access;
mod alike;
mod audit;
mod bad_input;
mod bad_queries;
mod canary;
mod concurrency;
mod ending;
mod forged;
mod idempotency;
mod import;
mod importing;
mod isolation;
mod issues;
mod keeping;
mod lists;
mod mail;
mod matrix;
mod operation;
mod plugins;
mod roles;
mod root;
mod script;
mod sign_in;
mod tiers;
mod verbs;
