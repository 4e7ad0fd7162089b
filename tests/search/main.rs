//! What search promises, proven through HTTP: the first search behind a write's answer finds what was written, and a
//! server that was killed while it indexed finds afterwards what its store holds, nothing less and nothing else.
//!
//! The short form runs with all tests, the long one with `cargo xtask prove search`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a run says its seed and how far it is")]

#[path = "../world/world.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "the world of all whole-system tests; this one needs a part of it"
)]
mod world;

mod after_write;
mod crash;
mod find;
mod words;

/// Whether the long form is asked for.
fn is_long() -> bool {
    std::env::var("MORTISE_PROVE").is_ok_and(|set| set == "1")
}
