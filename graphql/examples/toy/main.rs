//! Serves the toy schema: `cargo run -p mortise-graphql --example toy -- 127.0.0.1:8008`.
//!
//! For trying the HTTP side on its own, with curl or with the audits of the GraphQL-over-HTTP specification.

mod schema;

use std::sync::Arc;

use mortise_graphql::http::{AlwaysReady, HttpMetrics, Nobody, RouterOptions, router};
use prometheus_client::registry::Registry;

#[tokio::main]
async fn main() -> Result<(), std::io::Error> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8008".into());
    let introspection = arguments.next().as_deref() != Some("--no-introspection");
    let mut registry = Registry::default();
    let metrics = HttpMetrics::register(&mut registry);
    let options = RouterOptions { introspection, ..RouterOptions::default() };
    let app = router(schema::schema, Nobody, AlwaysReady, metrics, Arc::new(registry), options);
    axum::serve(tokio::net::TcpListener::bind(address).await?, app).await
}
