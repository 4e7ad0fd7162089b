//! The body of a request: its type, its size, its patience.
//!
//! It does not know what is in it.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use tokio::time::timeout;

use super::{code::ErrorCode, options::HttpLimits, refusal::Refusal};

/// How many times the limit is read and thrown away of a body that is not wanted, so that its sender gets to read
/// the answer instead of a broken connection.
const DRAINED_LIMITS: usize = 16;

/// Refuses a body that does not say it is plain UTF-8 JSON. Asking for this type also makes browsers ask us before
/// another site's page may send one.
pub(super) fn check_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let refuse = |message: &str| {
        Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorCode::InvalidInput, message))
    };
    let Some(content_type) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return refuse("the content-type is missing: send application/json");
    };
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    if parts.next().as_deref() != Some("application/json") {
        return refuse("this content-type is not accepted: send application/json");
    }
    if parts
        .filter_map(|part| part.strip_prefix("charset=").map(|charset| charset.trim_matches('"').to_owned()))
        .any(|charset| !matches!(charset.as_str(), "utf-8" | "utf8"))
    {
        return refuse("this charset is not accepted: send UTF-8");
    }
    match headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(()),
        Some(_) => refuse("compressed bodies are not accepted: send it plain"),
    }
}

/// Reads the whole body, within the limits of size and time.
pub(super) async fn read(body: Body, limits: &HttpLimits) -> Result<Bytes, Refusal> {
    match timeout(limits.body_timeout, collect(body, limits.body_bytes_max, limits.body_bytes_max)).await {
        Ok(result) => result,
        Err(_) => Err(stalled(limits.body_timeout)),
    }
}

/// Bytes of a body that is short enough to be read only so that its sender gets to read the answer.
const SHORT_BYTES: u64 = 64 * 1024;

/// Whether there is nothing more of a body.
pub(crate) fn is_at_end(body: &Body) -> bool {
    body.is_end_stream()
}

/// Whether a body says that it is short.
pub(crate) fn is_short(body: &Body) -> bool {
    body.size_hint().upper().is_some_and(|bytes| bytes <= SHORT_BYTES)
}

/// Reads and throws away a body that nobody wants, within limits.
pub(crate) async fn discard(body: Body, limits: &HttpLimits) {
    // Whether it arrived, stalled or was too large: the answer is known already.
    let _ = timeout(limits.body_timeout, collect(body, 0, limits.body_bytes_max)).await;
}

/// Keeps up to `bytes_max` of a body and reads on, so far as it is polite.
async fn collect(mut body: Body, bytes_max: usize, polite_bytes: usize) -> Result<Bytes, Refusal> {
    let mut whole = BytesMut::new();
    let mut received = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(Refusal::bad_request("the body broke off"));
        };
        let Ok(data) = frame.into_data() else { continue };
        received = received.saturating_add(data.len());
        if received <= bytes_max {
            whole.extend_from_slice(&data);
        } else if received > polite_bytes.saturating_mul(DRAINED_LIMITS) {
            break;
        }
    }
    if received > bytes_max {
        return Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            ErrorCode::TooCostly,
            format!("the body exceeds the limit of {bytes_max} bytes"),
        ));
    }
    Ok(whole.freeze())
}

fn stalled(patience: Duration) -> Refusal {
    Refusal::new(
        StatusCode::REQUEST_TIMEOUT,
        ErrorCode::InvalidInput,
        format!("the body did not arrive within {} s", patience.as_secs_f32()),
    )
    .header(header::CONNECTION, HeaderValue::from_static("close"))
}
