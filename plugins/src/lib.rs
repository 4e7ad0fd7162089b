//! The plugin host of Mortise: WebAssembly guests that take part in an engine's decisions.
//!
//! The host is not written yet. This crate marks its place between the engine, whose hooks it will implement, and
//! the API, which will manage what is installed. An engine without it decides everything by itself.
//!
//! It will be the only crate that knows WebAssembly. It knows nothing of HTTP or GraphQL.
