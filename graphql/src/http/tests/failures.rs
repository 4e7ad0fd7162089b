//! Errors: their codes, masks, bounds and statuses.

use http::header;
use serde_json::{Value, json};

use super::{GRAPHQL, JSON, app, ask, post, posting, send};
use crate::http::RouterOptions;

#[tokio::test]
async fn a_bad_document_is_400_unless_json_was_asked_for_by_name() {
    let app = app(RouterOptions::default());
    for document in
        ["{", "", "{nope}", "{hello(times:\"x\")}", "{colour(colour:BLUE)}", "query($i:Int!){hello}"]
    {
        for (accept, status) in [(GRAPHQL, 400), ("*/*", 400), (JSON, 200)] {
            let mut request = posting().body(json!({ "query": document }).to_string().into()).unwrap();
            request.headers_mut().insert(header::ACCEPT, accept.parse().unwrap());
            send(&app, request).await.assert_refused(status, "INVALID_INPUT");
        }
    }
}

#[tokio::test]
async fn a_syntax_error_tells_its_place_and_does_not_repeat_the_document() {
    let app = app(RouterOptions::default());
    let answer = ask(&app, "{ hello\n  secret_word( }").await;
    let error = &answer.json()["errors"][0];
    assert_eq!(error["locations"], json!([{ "line": 2, "column": 16 }]));
    assert!(!answer.text.contains("secret_word") && answer.text.contains("at 2:16"), "{}", answer.text);
}

#[tokio::test]
async fn errors_are_few_and_short_and_suggest_nothing() {
    let app = app(RouterOptions::default());
    let many: String = (0..50).map(|i| format!("x{i}{} ", "y".repeat(180))).collect();
    let errors = ask(&app, &format!("{{{many}}}")).await.json()["errors"].clone();
    assert_eq!(errors.as_array().unwrap().len(), 10);
    let long = ask(&app, &format!("{{{}}}", "é".replace('é', "z").repeat(5000))).await;
    assert!(long.json()["errors"][0]["message"].as_str().unwrap().len() <= 300, "{}", long.text);
    assert!(!ask(&app, "{helo}").await.text.contains("Did you mean"));
}

#[tokio::test]
async fn a_resolvers_code_and_message_reach_the_client() {
    let app = app(RouterOptions::default());
    for (code, status) in [
        ("UNAUTHENTICATED", 401),
        ("FORBIDDEN", 403),
        ("NOT_FOUND", 404),
        ("INVALID_INPUT", 400),
        ("CONFLICT", 409),
        ("REJECTED", 422),
        ("RATE_LIMITED", 429),
        ("ENTITLEMENT_EXCEEDED", 403),
        ("TOO_COSTLY", 400),
        ("UNAVAILABLE", 503),
        ("INTERNAL", 500),
    ] {
        let answer = ask(&app, &format!("{{fail(code:\"{code}\")}}")).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code));
        assert_eq!(answer.json()["errors"][0]["message"], "failed on purpose");
        assert_eq!(answer.json()["data"], Value::Null);
        assert_eq!(answer.header(header::WWW_AUTHENTICATE).is_empty(), status != 401);
        assert_eq!(answer.header(header::RETRY_AFTER).is_empty(), !matches!(status, 429 | 503));
    }
}

#[tokio::test]
async fn the_status_is_200_when_json_was_asked_for_or_there_is_data_or_the_errors_differ() {
    let app = app(RouterOptions::default());
    let document = "{fail(code:\"FORBIDDEN\")}";
    let mut request = posting().body(json!({ "query": document }).to_string().into()).unwrap();
    request.headers_mut().insert(header::ACCEPT, JSON.parse().unwrap());
    assert_eq!(send(&app, request).await.status, 200);

    let answer = ask(&app, "{hello maybe(code:\"FORBIDDEN\")}").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (200, "FORBIDDEN"));
    assert_eq!(answer.json()["data"], json!({ "hello": "hello", "maybe": null }));

    let answer = ask(&app, "{maybe(code:\"CONFLICT\") fail(code:\"FORBIDDEN\")}").await;
    let distinct = answer.json()["errors"].as_array().unwrap().len();
    assert_eq!(answer.status.as_u16(), if distinct == 2 { 200 } else { 403 }, "{}", answer.text);
}

#[tokio::test]
async fn an_error_without_a_known_code_is_masked() {
    let app = app(RouterOptions::default());
    for document in ["{leak}", "{fail(code:\"SECRET\")}"] {
        let answer = ask(&app, document).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (500, "INTERNAL"));
        assert!(!answer.text.contains("secret") && !answer.text.contains("purpose"), "{}", answer.text);
        assert!(!answer.text.contains("SECRET"), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_value_that_its_own_parser_refuses_is_invalid_input() {
    let app = app(RouterOptions::default());
    let answer = ask(&app, "{issues(first:9223372036854775807){number}}").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "INVALID_INPUT"), "{}", answer.text);
}

#[tokio::test]
async fn a_panic_is_an_internal_error_with_an_id_and_the_next_request_is_served() {
    let app = app(RouterOptions::default());
    let answer = ask(&app, "{boom}").await;
    answer.assert_refused(500, "INTERNAL");
    assert!(!answer.text.contains("toy"), "{}", answer.text);
    assert_eq!(ask(&app, "{hello}").await.status, 200);
}

#[tokio::test]
async fn json_that_a_resolver_wrote_is_copied_into_the_answer() {
    let app = app(RouterOptions::default());
    let answer = ask(&app, "{a:hello ready b:hello}").await;
    assert_eq!(answer.text, r#"{"data":{"a":"hello","ready":{"written":["by hand"]},"b":"hello"}}"#);
}

#[tokio::test]
async fn a_subscription_is_refused() {
    let app = app(RouterOptions::default());
    let answer = post(&app, json!({ "query": "subscription{count}" })).await;
    answer.assert_refused(400, "INVALID_INPUT");
}
