//! What is known about a request before anyone reads it: its id, where it comes from, when it came.
//!
//! It does not know the caller; that is the authenticator's word.

use std::{net::SocketAddr, time::Instant};

use axum::extract::ConnectInfo;
use http::{HeaderName, HeaderValue, header, request::Parts};
use uuid::Uuid;

/// The header that names a request, both ways.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest request id taken over from a client, in bytes.
const REQUEST_ID_BYTES_MAX: usize = 64;

/// Longest part of a user agent that is kept, in bytes.
const USER_AGENT_BYTES_MAX: usize = 256;

/// The circumstances of one request. Resolvers find it in the request's data.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// Names the request in answers and logs: the client's `x-request-id` if it is up to 64 letters, digits, `.`, `_`
    /// or `-`, else a fresh UUIDv7.
    pub request_id: String,
    /// The other end of the connection, where the server that runs the router tells (axum's `ConnectInfo`). Behind
    /// a proxy this is the proxy.
    pub peer: Option<SocketAddr>,
    /// The client's description of itself: its first 256 bytes, as it claims.
    pub user_agent: Option<String>,
    /// When the head of the request had been read.
    pub received_at: Instant,
}

impl RequestInfo {
    pub(super) fn of(parts: &Parts) -> Self {
        Self {
            request_id: parts
                .headers
                .get(REQUEST_ID)
                .and_then(|value| value.to_str().ok())
                .filter(|id| is_sane(id))
                .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned),
            peer: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0),
            user_agent: parts
                .headers
                .get(header::USER_AGENT)
                .and_then(|value| value.to_str().ok())
                .map(|agent| agent.chars().take(USER_AGENT_BYTES_MAX).collect()),
            received_at: Instant::now(),
        }
    }

    /// The id as a header value. It always is one: see [`is_sane`].
    pub(super) fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.request_id).unwrap_or(HeaderValue::from_static("unprintable"))
    }
}

/// Whether a client's id may be repeated into logs, headers and answers.
fn is_sane(id: &str) -> bool {
    (1..=REQUEST_ID_BYTES_MAX).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}
