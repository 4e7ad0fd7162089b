//! The host against real guests, most of them hostile: all with the real engine, the real compile worker, real files.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod artifacts;
mod bombs;
mod guests;
mod hostile;
mod leaks;
mod list;
mod mutated;
mod puppet;
mod replays;
mod smith;
mod uploads;
mod world;
