//! The GraphQL API of Mortise: schema, resolvers and the HTTP handler, over axum.
//!
//! It turns requests into commands and queries of the engine and answers into JSON. It decides nothing about issues.

pub mod http;
pub mod lean;
