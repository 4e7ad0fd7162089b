//! What a body or a query string must be.

use http::{Request, header};
use serde_json::{Value, json};

use super::{GRAPHQL, JSON, app, ask, get, post, posting, send};
use crate::http::RouterOptions;

#[tokio::test]
async fn a_malformed_body_is_a_typed_400_that_says_nothing_of_our_insides() {
    let app = app(RouterOptions::default());
    let nested = format!(r#"{{"query":"{{hello}}","variables":{{"a":{}}}}}"#, "[".repeat(100_000));
    for body in [
        "",
        "{",
        "7",
        "null",
        "\"{hello}\"",
        "[]",
        r#"[{"query":"{hello}"}]"#,
        "{}",
        r#"{"query":7}"#,
        r#"{"query":null}"#,
        r#"{"query":["{hello}"]}"#,
        r#"{"query":"{hello}","operationName":1}"#,
        r#"{"query":"{hello}","variables":[]}"#,
        r#"{"query":"{hello}","variables":"{}"}"#,
        r#"{"query":"{hello}","extensions":7}"#,
        r#"{"query":"{hello}","query":"{hello}"}"#,
        "\u{0}",
        &nested,
    ] {
        for accept in [GRAPHQL, JSON, "*/*"] {
            let mut request = posting().body(body.to_owned().into()).unwrap();
            request.headers_mut().insert(header::ACCEPT, accept.parse().unwrap());
            let answer = send(&app, request).await;
            answer.assert_refused(400, "INVALID_INPUT");
            assert!(!answer.text.contains("expected") && !answer.text.contains("serde"), "{}", answer.text);
        }
    }
    let request = posting().body(vec![b'{', 0xFF, b'}'].into()).unwrap();
    send(&app, request).await.assert_refused(400, "INVALID_INPUT");
}

#[tokio::test]
async fn optional_parameters_may_be_null_and_others_are_ignored() {
    let app = app(RouterOptions::default());
    let nothing = json!({
        "query": "{hello}", "variables": null, "operationName": null, "extensions": null, "id": 7
    });
    assert_eq!(post(&app, nothing).await.status, 200);
}

#[tokio::test]
async fn a_broken_query_string_is_a_typed_400() {
    let app = app(RouterOptions::default());
    for query in
        ["", "query=%FF", "query=%7", "query={hello}&query={hello}", "query={hello}&variables=7", "q=1"]
    {
        get(&app, &format!("/graphql?{query}")).await.assert_refused(400, "INVALID_INPUT");
    }
}

#[tokio::test]
async fn an_operation_must_be_named_when_there_are_several() {
    let app = app(RouterOptions::default());
    ask(&app, "query A{hello} query B{hello}").await.assert_refused(400, "INVALID_INPUT");
    for (document, name, status) in [
        ("query A{hello} query B{hello}", "B", 200),
        ("query A{hello} query B{hello}", "C", 400),
        ("query A{hello}", "", 200),
        ("{hello}", "A", 400),
    ] {
        let answer = post(&app, json!({ "query": document, "operationName": name })).await;
        assert_eq!(answer.status.as_u16(), status, "{document} {name}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_persisted_query_is_refused_in_the_words_its_clients_know() {
    let app = app(RouterOptions::default());
    let body: Value = json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "0" } } });
    let answer = post(&app, body).await;
    answer.assert_refused(400, "PERSISTED_QUERY_NOT_SUPPORTED");
    assert_eq!(answer.json()["errors"][0]["message"], "PersistedQueryNotSupported");
}

#[tokio::test]
async fn a_body_may_be_as_large_as_the_limit_and_no_larger() {
    let app = app(RouterOptions::default());
    let filled = |bytes: usize| {
        let start = r#"{"query":"{hello}","filler":""#;
        format!("{start}{}\"}}", "x".repeat(bytes - start.len() - 2))
    };
    let limit = 2 * 1024 * 1024;
    let request = |body: String| {
        Request::post("/graphql").header(header::CONTENT_TYPE, JSON).body(body.into()).unwrap()
    };
    assert_eq!(send(&app, request(filled(limit))).await.status, 200);
    send(&app, request(filled(limit + 1))).await.assert_refused(413, "TOO_COSTLY");
}
