//! The rules of the endpoint as sentences, against the toy schema, in process.

mod authentication;
mod documents;
mod failures;
mod limits;
mod negotiation;
mod pages;
mod parameters;
mod rates;
mod tcp;
#[path = "../../examples/toy/schema.rs"]
mod toy;
mod variables;

use std::sync::Arc;

use axum::{Router, body::Body};
use http::{HeaderMap, Request, StatusCode, header, request::Builder};
use http_body_util::BodyExt;
use prometheus_client::registry::Registry;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{AlwaysReady, Authenticator, HttpMetrics, Nobody, RouterOptions, router};

const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

/// A router over the toy schema.
fn app(options: RouterOptions) -> Router {
    app_for(Nobody, options)
}

fn app_for(authenticator: impl Authenticator, options: RouterOptions) -> Router {
    let mut registry = Registry::default();
    let metrics = HttpMetrics::register(&mut registry);
    router(toy::schema, authenticator, AlwaysReady, metrics, Arc::new(registry), options)
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or("no code").to_owned()
    }

    fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Refused, without a trace of an execution.
    fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.code().as_str()), (status, code), "{}", self.text);
        assert!(self.json().get("data").is_none(), "{}", self.text);
    }
}

async fn send(app: &Router, request: Request<Body>) -> Answer {
    let response = app.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

/// A POST that says it is JSON and wants the newer media type.
fn posting() -> Builder {
    Request::post("/graphql").header(header::CONTENT_TYPE, JSON).header(header::ACCEPT, GRAPHQL)
}

async fn post(app: &Router, body: Value) -> Answer {
    send(app, posting().body(body.to_string().into()).unwrap()).await
}

async fn ask(app: &Router, document: &str) -> Answer {
    post(app, json!({ "query": document })).await
}

async fn get(app: &Router, path: &str) -> Answer {
    send(app, Request::get(path).body(Body::empty()).unwrap()).await
}
