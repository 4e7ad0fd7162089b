//! Everything between axum and the schema: the GraphQL endpoint with its rules, GraphiQL, health and metrics.
//!
//! [`router`] takes a schema and a way to authenticate, and gives an [`axum::Router`] that a server mounts at its
//! root or nests under any path. One request goes through these steps, each in the module of its name:
//!
//! ```text
//! room at all                    handler, turns        503
//! method, Accept, content type   handler, accept       405 406 415
//! authentication                 authentication        401
//! how fast, how much             limit                 429
//! parameters                     body, parameters      400 408 413, media type
//! document                       document_cache        scan → parse → guard → validate, once per text
//! variables                      variables             declared types, defaults
//! turn                           turns                 503
//! execution                      execution             time limit, panics caught
//! answer                         errors, response      codes, masks, status, bytes
//! ```
//!
//! Nothing here knows what an issue is, nor how an identity is proved: the schema's root types and the
//! [`Authenticator`] are parameters.

mod accept;
mod authentication;
pub(crate) mod body;
mod code;
mod document_cache;
mod errors;
mod execution;
mod graphiql;
mod guard;
mod handler;
mod health;
mod input_types;
mod limit;
mod metrics;
mod options;
mod parameters;
mod query_string;
mod refusal;
mod request_info;
pub(crate) mod response;
mod router;
mod scan;
mod turns;
mod variables;

#[cfg(test)]
mod tests;

pub use authentication::{AuthFailure, Authenticator, Nobody};
pub use code::ErrorCode;
pub use health::{AlwaysReady, Readiness};
pub use limit::by_address;
pub(crate) use limit::strangers_by_address;
pub use limit::{Account, Budget, Burst, Calls, Prices, RateLimits, Spent, Standing};
pub use metrics::HttpMetrics;
pub use options::{DocumentLimits, HttpLimits, Prepare, RouterOptions};
pub use query_string::read as read_query;
pub use request_info::RequestInfo;
pub use router::{endpoint, router};
