//! Takes a body in, within bounds of size and time. It does not know what is in it.

use crate::beside::Refusal;
use axum::body::Body;
use http::request::Parts;
use http::{StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use std::time::Duration;
use tokio::time::timeout;

/// Refuses a body that says it is compressed or too large, before any of it is read.
///
/// # Errors
///
/// The same.
pub(super) fn expect_fits(parts: &Parts, body: &Body, bytes_max: usize) -> Result<(), Refusal> {
    if parts.headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        let message = "compressed bodies are not accepted: send it plain";
        return Err(Refusal::Body(StatusCode::UNSUPPORTED_MEDIA_TYPE, message.to_owned()));
    }
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(too_large(bytes_max));
    }
    Ok(())
}

/// Refuses a form, before any of it is read: what it holds is only a part of it.
///
/// # Errors
///
/// The same.
pub(super) fn expect_bare(parts: &Parts) -> Result<(), Refusal> {
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/")) {
        let message = "a form is not accepted: send the component's bytes as the whole body, as \
                       `curl --data-binary @x.wasm` does and `curl -F` does not";
        return Err(Refusal::Body(StatusCode::UNSUPPORTED_MEDIA_TYPE, message.to_owned()));
    }
    Ok(())
}

/// The whole body. What is refused before its end is left to the caller.
///
/// # Errors
///
/// It is too large, breaks off, or does not come in time.
pub(super) async fn take(
    body: &mut Option<Body>,
    bytes_max: usize,
    patience: Duration,
) -> Result<Vec<u8>, Refusal> {
    let Some(unread) = body.as_mut() else { return Err(broken_off()) };
    let whole = timeout(patience, collect(unread, bytes_max)).await.map_err(|_elapsed| {
        let message = format!("the body did not arrive within {} s", patience.as_secs());
        Refusal::Body(StatusCode::REQUEST_TIMEOUT, message)
    })??;
    *body = None;
    Ok(whole)
}

async fn collect(body: &mut Body, bytes_max: usize) -> Result<Vec<u8>, Refusal> {
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_cause| broken_off())?.into_data() else { continue };
        if whole.len().saturating_add(data.len()) > bytes_max {
            return Err(too_large(bytes_max));
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole)
}

/// Bytes that are still to come, where the sender said it.
pub(super) fn length(body: &Body) -> Option<u64> {
    body.size_hint().exact()
}

fn too_large(bytes_max: usize) -> Refusal {
    let limit = match bytes_max {
        max if max >= 1 << 20 && max.is_multiple_of(1 << 20) => format!("{} MiB", max >> 20),
        max if max >= 1 << 10 && max.is_multiple_of(1 << 10) => format!("{} KiB", max >> 10),
        max => format!("{max} bytes"),
    };
    let message = format!("the body exceeds the limit of {limit}");
    Refusal::Body(StatusCode::PAYLOAD_TOO_LARGE, message)
}

fn broken_off() -> Refusal {
    Refusal::Body(StatusCode::BAD_REQUEST, "the body broke off".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn taken(bytes: usize, max: usize) -> Result<usize, StatusCode> {
        let mut body = Some(Body::from(vec![0; bytes]));
        let taken = take(&mut body, max, Duration::from_secs(5)).await;
        assert_eq!(body.is_some(), taken.is_err());
        taken.map(|bytes| bytes.len()).map_err(|refusal| match refusal {
            Refusal::Body(status, _) => status,
            _ => StatusCode::IM_A_TEAPOT,
        })
    }

    #[test]
    fn a_form_is_no_component_and_what_curl_says_of_plain_bytes_is_none() {
        let bare = |kind: &str| {
            let request = http::Request::post("/plugins").header(header::CONTENT_TYPE, kind);
            expect_bare(&request.body(()).unwrap().into_parts().0).is_ok()
        };
        for kind in ["application/wasm", "application/x-www-form-urlencoded", ""] {
            assert!(bare(kind), "{kind}");
        }
        for kind in ["multipart/form-data; boundary=x", "Multipart/Mixed"] {
            assert!(!bare(kind), "{kind}");
        }
    }

    #[tokio::test]
    async fn a_body_is_taken_up_to_its_bound() {
        assert_eq!(taken(10, 10).await, Ok(10));
        assert_eq!(taken(11, 10).await, Err(StatusCode::PAYLOAD_TOO_LARGE));
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_waited_for_no_longer_than_so() {
        let never = async_graphql::futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>();
        let mut body = Some(Body::from_stream(never));
        let refused = take(&mut body, 10, Duration::from_millis(20)).await;
        assert!(matches!(refused, Err(Refusal::Body(StatusCode::REQUEST_TIMEOUT, _))));
    }
}
