//! engine

pub mod id;
pub mod storage;
