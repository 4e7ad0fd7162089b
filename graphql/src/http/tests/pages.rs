//! Everything that is not GraphQL: GraphiQL, health, metrics, and where they are mounted.

use async_trait::async_trait;
use axum::{Router, body::Body};
use http::{Request, header};
use prometheus_client::registry::Registry;
use std::sync::Arc;

use super::{app, ask, get, send, toy};
use crate::http::{HttpMetrics, Nobody, Readiness, RouterOptions, router};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async fn browse(app: &Router, path: &str) -> super::Answer {
    send(app, Request::get(path).header(header::ACCEPT, BROWSER).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_browser_gets_graphiql_and_a_program_does_not() {
    let app = app(RouterOptions::default());
    for path in ["/graphql", "/graphiql"] {
        let page = browse(&app, path).await;
        assert_eq!(page.header(header::CONTENT_TYPE), "text/html; charset=utf-8");
        assert!(page.text.contains("graphiql/graphiql.js"));
    }
    assert_eq!(browse(&app, "/graphql?query=%7Bhello%7D").await.text, r#"{"data":{"hello":"hello"}}"#);
    get(&app, "/graphql").await.assert_refused(400, "INVALID_INPUT");
}

#[tokio::test]
async fn the_page_links_only_to_files_that_are_served_beside_it() {
    let app = Router::new().nest("/deep/down", app(RouterOptions::default()));
    let page = browse(&app, "/deep/down/graphiql").await.text;
    let links: Vec<_> = page
        .split(['"'])
        .filter(|word| word.ends_with(".js") || word.ends_with(".css") || word.ends_with(".svg"))
        .collect();
    assert_eq!(links.len(), 3, "{page}");
    for link in links {
        assert!(!link.starts_with('/') && !link.contains("//"), "{link}");
        let file = get(&app, &format!("/deep/down/{link}")).await;
        assert!(file.status == 200 && !file.text.trim().is_empty(), "{link}");
    }
    assert!(!page.contains("<script>") && !page.contains("style=") && !page.contains(" on"), "{page}");
    assert_eq!(get(&app, "/deep/down/graphiql/../index.html").await.status, 404);
}

#[tokio::test]
async fn graphiqls_files_may_be_kept_and_may_run_no_foreign_script() {
    let app = app(RouterOptions::default());
    let file = get(&app, "/graphiql/graphiql.js").await;
    assert_eq!(file.header(header::CONTENT_TYPE), "text/javascript; charset=utf-8");
    assert!(file.header(header::CONTENT_SECURITY_POLICY).contains("script-src 'self';"));
    let tag = file.header(header::ETAG).to_owned();
    let again = Request::get("/graphiql/graphiql.js").header(header::IF_NONE_MATCH, &tag);
    let again = send(&app, again.body(Body::empty()).unwrap()).await;
    assert_eq!((again.status.as_u16(), again.text.len()), (304, 0));
    assert_ne!(get(&app, "/graphiql/graphiql.css").await.header(header::ETAG), tag);
}

#[tokio::test]
async fn what_is_turned_off_is_not_there() {
    let app = app(RouterOptions { graphiql: false, metrics: false, ..RouterOptions::default() });
    for path in ["/graphiql", "/graphiql/graphiql.js", "/metrics"] {
        assert_eq!(browse(&app, path).await.status, 404, "{path}");
    }
    browse(&app, "/graphql").await.assert_refused(400, "INVALID_INPUT");
}

#[tokio::test]
async fn the_endpoint_works_wherever_it_is_nested() {
    let app = Router::new().nest("/api/v1", app(RouterOptions::default()));
    assert_eq!(get(&app, "/api/v1/graphql?query=%7Bhello%7D").await.status, 200);
    assert_eq!(get(&app, "/graphql?query=%7Bhello%7D").await.status, 404);
}

struct NotYet;

#[async_trait]
impl Readiness for NotYet {
    async fn ready(&self) -> Result<(), String> {
        Err("the log is being replayed".into())
    }
}

#[tokio::test]
async fn alive_is_not_yet_ready() {
    let mut registry = Registry::default();
    let metrics = HttpMetrics::register(&mut registry);
    let starting = router(toy::schema, Nobody, NotYet, metrics, Arc::new(registry), RouterOptions::default());
    assert_eq!(get(&starting, "/healthz").await.status, 200);
    let answer = get(&starting, "/readyz").await;
    assert_eq!(
        (answer.status.as_u16(), answer.text.as_str()),
        (503, "not ready: the log is being replayed\n")
    );
    assert_eq!(get(&app(RouterOptions::default()), "/readyz").await.status, 200);
}

#[tokio::test]
async fn requests_are_counted_by_kind_and_status() {
    let app = app(RouterOptions::default());
    for document in ["{hello}", "{hello}", "mutation{bump}", "{"] {
        ask(&app, document).await;
    }
    let metrics = get(&app, "/metrics").await.text;
    for line in [
        r#"graphql_requests_total{operation="query",status="200"} 2"#,
        r#"graphql_requests_total{operation="mutation",status="200"} 1"#,
        r#"graphql_requests_total{operation="none",status="400"} 1"#,
        r#"graphql_request_duration_seconds_count{operation="query",status="200"} 2"#,
        "graphql_requests_in_flight 0",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}
