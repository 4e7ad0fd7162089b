//! The schema over a real engine in a folder of its own.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod filters;
mod history;
mod issues;
mod lean;
mod people;
mod refusals;
mod snapshot;
mod tables;
mod world;
