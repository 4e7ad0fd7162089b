//! The issue engine.

pub mod access;
pub mod context;
pub mod directory;
pub mod draft;
pub mod error;
pub mod event;
pub mod filter;
pub mod id;
pub mod limits;
pub mod model;
pub mod time;

pub use error::{Error, ErrorCode, Result};
pub use limits::Limits;
