//! The plugin host of Mortise: WebAssembly guests that take part in an engine's decisions.
//!
//! [`Plugins`] joins an engine with the [`host`]: it answers the engine's hooks by asking guests, keeps what companies
//! upload and install, and leaves a record of every run. Below it each part stands alone: [`host`] runs guests and knows no
//! engine; the rules of manifests, settings, schedules, outgoing requests and signatures know neither.
//!
//! It is the only crate that knows WebAssembly. It knows nothing of HTTP servers or GraphQL.

mod answers;
pub mod automation;
mod backoff;
pub mod backtest;
pub mod bucket;
mod convert;
pub mod destination;
pub mod host;
pub mod inbound;
pub mod manifest;
mod outgoing;
pub mod rehearse;
pub mod replay;
pub mod schedule;
pub mod service;
pub mod settings;
pub mod signing;

pub use answers::staging::outside::expect_allowed;
pub use host::worker_main;
pub use service::{Plugins, PluginsConfig};
