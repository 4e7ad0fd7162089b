//! The contract of `wit/v1` as Rust types: what passes between host and guests.
//!
//! All of it is generated. The values of `types` stand here flat, as those of hooks do; interfaces of the same names
//! keep their module, such as [`http::Request`] beside [`inbound::Request`]. It knows nothing of the engine's own types.

/// What the macro makes of the world that holds everything.
#[allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::large_futures,
    reason = "generated; what can be said of it is said in wit/v1"
)]
pub(crate) mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit/v1",
        world: "all",
        imports: { default: async | trappable },
        exports: { default: async },
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
    });
}

pub use bindings::exports::mortise::plugin::{automation, inbound, lifecycle, scheduled, workflow};
pub use bindings::mortise::plugin::{
    clock, commands, http, issues, kv, log, random, secrets, settings, types,
};

pub use automation::{Commented, Event, Updated};
pub use lifecycle::Step;
pub use scheduled::Tick;
pub use types::*;
pub use workflow::{Denial, NextState, Proposal, Transition, Verdict};
