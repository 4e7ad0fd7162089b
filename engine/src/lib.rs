//! engine
pub mod id;
pub mod identity;
