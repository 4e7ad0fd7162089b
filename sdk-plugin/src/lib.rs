//! The SDK for writing Mortise plugins in Rust.
//!
//! It is not written yet: it will wrap the contract of `wit/` once that is frozen. Until then it is an empty crate
//! that must build for `wasm32-unknown-unknown`, the only target it will have.
//!
//! It knows nothing of the engine: a plugin sees only what the contract shows.
#![no_std]
