//! Takes an archive in, bit by bit and within bounds, to a sealed place in the data folder.
//!
//! It does not know what is in it.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::CONTENT_ENCODING;
use hyper::http::request::Parts;
use mortise::graphql::beside::{Place, Refusal};
use mortise::storage::Spooled;
use mortise::{Engine, Error};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::cli::chunks::next;

/// How long the next bytes may be waited for.
const BYTES_PATIENCE: Duration = Duration::from_secs(30);

/// How long all of them may.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// So many bytes come in a second, or the sender keeps others waiting: 1 MiB in 32 s.
const BYTES_PER_SECOND_MIN: u64 = 32 * 1024;

/// For so long they may come more slowly.
const SLOW_PATIENCE: Duration = Duration::from_secs(60);

/// Parts that wait to be written.
const PARTS_AHEAD: usize = 8;

/// How many bytes a body says it has; so many as it may have, when it does not say.
///
/// # Errors
/// It is compressed, or too large.
pub(super) fn announced(parts: &Parts, body: &Body, bytes_max: u64) -> Result<u64, Refusal> {
    if parts.headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        let message = "compressed bodies are not accepted: send the archive plain";
        return Err(Refusal::Body(StatusCode::UNSUPPORTED_MEDIA_TYPE, message.to_owned()));
    }
    if body.size_hint().lower() > bytes_max {
        return Err(too_large(bytes_max));
    }
    Ok(body.size_hint().exact().unwrap_or(bytes_max))
}

/// Takes in the whole body. What is refused before its end is left to the caller.
///
/// # Errors
/// It is too large, breaks off, does not come or comes too slowly, or there is no room for it.
pub(super) async fn take(
    engine: &Engine,
    body: &mut Option<Body>,
    bytes_max: u64,
    place: Arc<Place>,
) -> Result<Spooled, Refusal> {
    let Some(body) = body.as_mut() else { return Err(broken_off()) };
    let (to, from) = mpsc::channel(PARTS_AHEAD);
    let (engine, bytes) = (engine.clone(), body.size_hint().exact().unwrap_or_default());
    let written = tokio::task::spawn_blocking(move || {
        // Whoever sends may go away, and its file is there until it is removed here.
        let _place = place;
        write(&engine, bytes, from)
    });
    let received = receive(body, bytes_max, &to).await;
    if received.is_ok() {
        // The writer has gone only if it failed.
        let _ = to.send(None).await;
    }
    drop(to);
    let written = written.await.map_err(Error::internal);
    received?;
    written??.ok_or_else(broken_off)
}

/// Hands on what comes, while somebody takes it.
async fn receive(body: &mut Body, bytes_max: u64, to: &mpsc::Sender<Option<Bytes>>) -> Result<(), Refusal> {
    let (began, mut received) = (Instant::now(), 0_u64);
    loop {
        let came = timeout_at(deadline(began, Instant::now(), received), next(body)).await;
        let Some(bytes) = came.map_err(|_elapsed| stalled())? else { return Ok(()) };
        let bytes = bytes.map_err(|_cause| broken_off())?;
        received = received.saturating_add(bytes.len() as u64);
        if received > bytes_max {
            return Err(too_large(bytes_max));
        }
        if to.send(Some(bytes)).await.is_err() {
            return Ok(());
        }
    }
}

/// When a body is given up of which so much has come.
fn deadline(began: Instant, now: Instant, received: u64) -> Instant {
    let too_slow = began + SLOW_PATIENCE + Duration::from_secs(received / BYTES_PER_SECOND_MIN);
    (began + PATIENCE).min(now + BYTES_PATIENCE).min(too_slow)
}

/// Writes what comes, on a thread that may block. None if it breaks off.
fn write(
    engine: &Engine,
    bytes: u64,
    mut from: mpsc::Receiver<Option<Bytes>>,
) -> mortise::Result<Option<Spooled>> {
    let full = |source: Box<dyn std::error::Error + Send + Sync>| {
        let message =
            "the archive cannot be kept at the moment: the server's disk may be full; try again later";
        Error::unavailable(message).with_source(source)
    };
    let mut spool = engine.spool(bytes)?;
    while let Some(part) = from.blocking_recv() {
        match part {
            Some(bytes) => spool.write_all(&bytes).map_err(|source| full(source.into()))?,
            None => return spool.finish().map(Some).map_err(|source| full(source.into())),
        }
    }
    Ok(None)
}

fn too_large(bytes_max: u64) -> Refusal {
    let message = format!("the archive exceeds the limit of {bytes_max} bytes");
    Refusal::Body(StatusCode::PAYLOAD_TOO_LARGE, message)
}

fn broken_off() -> Refusal {
    Refusal::Body(StatusCode::BAD_REQUEST, "the body broke off".to_owned())
}

fn stalled() -> Refusal {
    let message = format!(
        "the archive does not come, or too slowly: the next bytes are waited for {} s, all of them {} min, and {} bytes \
         are expected in a second",
        BYTES_PATIENCE.as_secs(),
        PATIENCE.as_secs() / 60,
        BYTES_PER_SECOND_MIN
    );
    Refusal::Body(StatusCode::REQUEST_TIMEOUT, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sends_nothing_or_too_slowly_or_without_end_is_given_up() {
        let began = Instant::now();
        let after = |seconds: u64| began + Duration::from_secs(seconds);
        assert_eq!(deadline(began, began, 0), after(30), "nothing comes");
        assert_eq!(deadline(began, after(59), 100), after(60), "a byte now and then");
        let megabytes = |count: u64| count * 1024 * 1024;
        assert_eq!(deadline(began, after(50), megabytes(1)), after(80));
        assert_eq!(deadline(began, after(90), megabytes(1)), after(92), "it was quick, and has become slow");
        assert_eq!(deadline(began, after(3_590), megabytes(500)), after(3_600), "it never ends");
    }

    #[test]
    fn a_body_that_does_not_say_how_long_it_is_counts_as_the_longest() {
        let (parts, ()) = hyper::Request::new(()).into_parts();
        assert_eq!(announced(&parts, &Body::from("abc"), 10).unwrap(), 3);
        let (_to, from) = mpsc::channel(1);
        let unknown = Body::new(crate::cli::chunks::Chunks::new(from));
        assert_eq!(announced(&parts, &unknown, 10).unwrap(), 10);
        assert!(announced(&parts, &Body::from("abc"), 2).is_err());
    }
}
