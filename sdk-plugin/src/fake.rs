//! A host for plain `cargo test`: it holds what a test puts in, answers from it, and keeps what the plugin staged, logged and
//! sent. It belongs to the thread of the test. Its filters are not the real query language: a test says what a filter finds.
//!
//! # Examples
//!
//! ```
//! use mortise_sdk::{fake, host};
//! let host = fake::Host::new().issue(fake::issue("ENG-1")).install();
//! host::commands::add_comment("ENG-1", "hello").unwrap();
//! assert_eq!(host.commands(), [fake::Command::AddComment { issue: "ENG-1".into(), body: "hello".into() }]);
//! ```

mod hmac;
mod staged;
mod state;
mod values;

pub(crate) mod clock;
pub(crate) mod commands;
pub(crate) mod http;
pub(crate) mod issues;
pub(crate) mod kv;
pub(crate) mod log;
pub(crate) mod random;
pub(crate) mod secrets;
pub(crate) mod settings;

pub use staged::Command;
pub use state::{Host, Installed, LogLine};
pub use values::{
    call, comment, commented, completed, created, inbound, issue, member, response, state, team, tick,
    transition, updated,
};
