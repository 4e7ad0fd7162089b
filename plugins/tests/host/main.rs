//! The host against real guests, most of them hostile: all with the real engine, the real compile worker, real files.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod artifacts;
mod bombs;
mod costs;
mod drawn;
mod frozen;
mod guests;
mod harmful;
mod hostile;
mod ifs;
mod leaks;
mod list;
mod measure;
mod mutated;
mod places;
mod puppet;
mod replays;
mod smith;
mod uploads;
mod world;
