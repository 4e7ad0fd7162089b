//! graphql

pub mod http;
