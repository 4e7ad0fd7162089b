//! Machine code from a file becomes part of this process. The only unsafe code of the crate.

#![expect(
    unsafe_code,
    reason = "loading compiled code is trusting it: the function's contract says when that may be"
)]

use super::artifact::Genuine;
use wasmtime::Engine;
use wasmtime::component::Component;

/// Loads an artifact. The engine checks version and settings once more.
pub(super) fn load(engine: &Engine, artifact: &Genuine<'_>) -> wasmtime::Result<Component> {
    // SAFETY: `deserialize` runs whatever is in these bytes, so they must come from `Engine::precompile_component`. A
    // `Genuine` is made in one place only: when a hash under the host's own key says that the host itself wrote these
    // bytes, and it writes nothing but the output of its compile worker. The bytes lie in memory of ours since they were
    // checked, so no other process can change them in between; the engine copies them.
    unsafe { Component::deserialize(engine, artifact.content()) }
}
