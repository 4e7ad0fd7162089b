//! Methods, media types, headers.

use http::{Request, header};
use serde_json::json;

use super::{GRAPHQL, JSON, app, get, post, posting, send};
use crate::http::RouterOptions;

#[tokio::test]
async fn a_query_is_answered_by_post_and_by_get() {
    let app = app(RouterOptions::default());
    let answer = post(&app, json!({ "query": "{hello}" })).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, r#"{"data":{"hello":"hello"}}"#));
    let answer = get(&app, "/graphql?query=query+A%7Bhello%7Dquery+B%7Bb%3Ahello%7D&operationName=B").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, r#"{"data":{"b":"hello"}}"#));
}

#[tokio::test]
async fn a_mutation_by_get_is_refused_and_changes_nothing() {
    let app = app(RouterOptions::default());
    let answer = get(&app, "/graphql?query=mutation%7Bbump%7D").await;
    answer.assert_refused(405, "INVALID_INPUT");
    assert_eq!(answer.header(header::ALLOW), "POST");
    assert_eq!(post(&app, json!({ "query": "mutation{bump}" })).await.json()["data"]["bump"], 1);
}

#[tokio::test]
async fn methods_other_than_get_and_post_are_refused() {
    let app = app(RouterOptions::default());
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"] {
        let request = posting().method(method).body(r#"{"query":"{hello}"}"#.into()).unwrap();
        let answer = send(&app, request).await;
        assert_eq!((answer.status.as_u16(), answer.header(header::ALLOW)), (405, "GET, POST"), "{method}");
    }
}

#[tokio::test]
async fn the_answer_has_the_type_that_was_asked_for() {
    let app = app(RouterOptions::default());
    for (accept, expected) in [
        (GRAPHQL, GRAPHQL),
        (JSON, JSON),
        ("*/*", JSON),
        ("application/graphql-response+json, application/json;q=0.9", GRAPHQL),
    ] {
        let request = Request::post("/graphql")
            .header(header::ACCEPT, accept)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .body(r#"{"query":"{hello}"}"#.into())
            .unwrap();
        let answer = send(&app, request).await;
        assert_eq!(answer.header(header::CONTENT_TYPE), format!("{expected}; charset=utf-8"));
    }
    let request = posting().header(header::ACCEPT, "text/plain");
    let mut request = request.body(r#"{"query":"{hello}"}"#.into()).unwrap();
    request.headers_mut().insert(header::ACCEPT, "text/plain".parse().unwrap());
    send(&app, request).await.assert_refused(406, "INVALID_INPUT");
}

#[tokio::test]
async fn only_plain_utf_8_json_is_read() {
    let app = app(RouterOptions::default());
    for content_type in
        ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"]
    {
        let mut request = Request::post("/graphql");
        if !content_type.is_empty() {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        let answer = send(&app, request.body(r#"{"query":"mutation{bump}"}"#.into()).unwrap()).await;
        answer.assert_refused(415, "INVALID_INPUT");
    }
    let request = posting().header(header::CONTENT_ENCODING, "gzip").body("x".into()).unwrap();
    send(&app, request).await.assert_refused(415, "INVALID_INPUT");
    assert_eq!(post(&app, json!({ "query": "mutation{bump}" })).await.json()["data"]["bump"], 1);
}

#[tokio::test]
async fn every_answer_names_the_request_and_is_nobody_elses_business() {
    let app = app(RouterOptions::default());
    for document in ["{hello}", "{", "{leak}"] {
        let answer = post(&app, json!({ "query": document })).await;
        assert_eq!(answer.header(header::CACHE_CONTROL), "private, no-store");
        assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        let id = answer.header("x-request-id");
        assert_eq!(id.len(), 36);
        if document != "{hello}" {
            assert_eq!(answer.json()["errors"][0]["extensions"]["requestId"], id);
        }
    }
}

#[tokio::test]
async fn a_sane_request_id_is_kept_and_another_is_replaced() {
    let app = app(RouterOptions::default());
    for (sent, kept) in [("trace-1.a_B", true), ("", false), ("a b", false), (&*"x".repeat(65), false)] {
        let request = posting().header("x-request-id", sent).body("{}".into()).unwrap();
        let answer = send(&app, request).await;
        assert_eq!(answer.header("x-request-id") == sent, kept, "{sent}");
        assert_eq!(answer.json()["errors"][0]["extensions"]["requestId"], answer.header("x-request-id"));
    }
}
