//! Time and numbers.

use std::{future::pending, time::Duration};

use async_graphql::futures_util::stream;
use axum::body::{Body, Bytes};
use http::header;
use tower::ServiceExt;

use super::{app, ask, posting, send};
use crate::http::{HttpLimits, RouterOptions};

fn limited(change: impl FnOnce(&mut HttpLimits)) -> RouterOptions {
    let mut options = RouterOptions::default();
    change(&mut options.limits);
    options
}

#[tokio::test]
async fn what_takes_too_long_is_503_and_only_a_mutation_is_to_be_repeated_with_its_key() {
    let app = app(limited(|limits| limits.request_timeout = Duration::from_millis(20)));
    for (document, advice) in [
        ("{never}", "it took too long and was given up: ask for less at once"),
        ("mutation {never}", "its outcome is unknown: repeat it with the same idempotency key"),
    ] {
        let answer = ask(&app, document).await;
        answer.assert_refused(503, "UNAVAILABLE");
        assert_eq!(answer.header(header::RETRY_AFTER), "1");
        let message = answer.json()["errors"][0]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(advice), "{message}");
        assert_eq!(message.contains("idempotency"), document.starts_with("mutation"), "{message}");
    }
}

#[tokio::test]
async fn a_body_that_stalls_is_cut() {
    let app = app(limited(|limits| limits.body_timeout = Duration::from_millis(20)));
    let stalling = stream::once(pending::<Result<Bytes, std::io::Error>>());
    let request = posting().body(Body::from_stream(stalling)).unwrap();
    let answer = send(&app, request).await;
    answer.assert_refused(408, "INVALID_INPUT");
    assert_eq!(answer.header(header::CONNECTION), "close");
}

#[tokio::test]
async fn beyond_the_bound_of_requests_at_work_one_is_told_to_come_back() {
    let app = app(limited(|limits| limits.in_flight_max = 1));
    let never = posting().body(Body::from(r#"{"query":"{never}"}"#)).unwrap();
    let mut first = Box::pin(app.clone().oneshot(never));
    assert!(tokio::time::timeout(Duration::from_millis(50), &mut first).await.is_err());
    let answer = ask(&app, "{hello}").await;
    answer.assert_refused(503, "UNAVAILABLE");
    assert_eq!(answer.header(header::RETRY_AFTER), "1");
    assert_eq!(super::get(&app, "/healthz").await.status, 200);
    drop(first);
    assert_eq!(ask(&app, "{hello}").await.status, 200);
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_its_place() {
    let app = app(limited(|limits| limits.in_flight_max = 1));
    for _ in 0..3 {
        let never = posting().body(Body::from(r#"{"query":"{never}"}"#)).unwrap();
        let request = app.clone().oneshot(never);
        assert!(tokio::time::timeout(Duration::from_millis(20), request).await.is_err());
    }
    assert_eq!(ask(&app, "{hello}").await.status, 200);
    let metrics = super::get(&app, "/metrics").await.text;
    assert!(metrics.contains("graphql_requests_in_flight 0"), "{metrics}");
}
