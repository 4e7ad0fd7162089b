//! The SDK for writing Mortise plugins in Rust.
//!
//! A plugin is a WebAssembly component without WASI: it sees what the contract of `wit/` shows, and nothing else. This
//! crate gives the contract's values friendly names ([`prelude`]), what the host grants as modules of [`host`], a trait for
//! each thing that a plugin may be asked, [`register!`] to say which of them one is, and a [`fake`] host, so that a plugin is
//! tested by plain `cargo test`. It knows nothing of the engine.
//!
//! # Examples
//!
//! A plugin that lets no issue move to its end without an estimate:
//!
//! ```
//! use mortise_sdk::prelude::*;
//!
//! struct NeedsEstimate;
//!
//! impl WorkflowPlugin for NeedsEstimate {
//!     fn validate(_: &Call, issue: &Issue, proposal: &Proposal) -> Result<Verdict, Error> {
//!         match proposal {
//!             Proposal::Transition(it) if it.to.category == Category::Completed && issue.estimate.is_none() => {
//!                 Ok(Verdict::deny("say how large it was").at("estimate", "is missing"))
//!             }
//!             _ => Ok(Verdict::allow()),
//!         }
//!     }
//! }
//!
//! mortise_sdk::register!(NeedsEstimate: workflow);
//!
//! use mortise_sdk::fake;
//! let to = fake::state("done", Category::Completed);
//! let moved = fake::transition(fake::state("doing", Category::Started), to);
//! let verdict = NeedsEstimate::validate(&fake::call(), &fake::issue("ENG-1"), &moved).unwrap();
//! assert_eq!(verdict, Verdict::deny("say how large it was").at("estimate", "is missing"));
//! ```

#[doc(hidden)]
pub mod bindings;
#[doc(hidden)]
pub mod entry;
mod error;
#[cfg(not(target_arch = "wasm32"))]
pub mod fake;
pub mod host;
#[cfg(all(target_arch = "wasm32", feature = "allocator"))]
mod memory;
mod plugin;
pub mod prelude;
mod register;
mod verdict;

pub use plugin::{AutomationPlugin, InboundPlugin, LifecyclePlugin, ScheduledPlugin, WorkflowPlugin};

/// The examples of the page that people read first.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
