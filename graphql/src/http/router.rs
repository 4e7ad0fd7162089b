//! The routes.
//!
//! It does not listen: whoever mounts the router runs the connections.

use std::sync::Arc;

use async_graphql::{ObjectType, SchemaBuilder, SubscriptionType};
use axum::{
    Router,
    extract::{Path, Request},
    routing::{any, get},
};
use http::HeaderMap;
use prometheus_client::registry::Registry;

use super::{
    authentication::Authenticator,
    graphiql,
    handler::Endpoint,
    health::{self, Readiness},
    metrics::{self, HttpMetrics},
    options::RouterOptions,
};

/// The GraphQL server as a router: `/graphql`, `/graphiql`, `/healthz`, `/readyz`, `/metrics`.
///
/// It can be nested under any path; its own links are relative. `schema` is called twice and must give the same
/// schema with the same data both times: one form validates documents, the other executes them. `metrics` are the
/// endpoint's own, and `registry` is what `/metrics` shows: usually the one they were registered with.
///
/// The limits of [`RouterOptions`] hold within the router. The time for request heads, TLS and the number of
/// connections are the business of the server that runs it.
pub fn router<Q, M, S, A>(
    schema: impl Fn() -> SchemaBuilder<Q, M, S>,
    authenticator: A,
    readiness: impl Readiness,
    metrics: HttpMetrics,
    registry: Arc<Registry>,
    options: RouterOptions,
) -> Router
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
    A: Authenticator,
{
    let (with_graphiql, with_metrics) = (options.graphiql, options.metrics);
    let readiness = Arc::new(readiness);
    let mut router = endpoint("/graphql", schema, authenticator, metrics, options)
        .route("/healthz", get(health::healthz))
        .route(
            "/readyz",
            get(move || {
                let readiness = Arc::clone(&readiness);
                async move { health::readyz(readiness.as_ref()).await }
            }),
        );
    if with_graphiql {
        router =
            router
                .route("/graphiql", get(|headers: HeaderMap| async move { graphiql::page(&headers) }))
                .route(
                    "/graphiql/{file}",
                    get(|Path(name): Path<String>, headers: HeaderMap| async move {
                        graphiql::file(&name, &headers)
                    }),
                );
    }
    if with_metrics {
        router = router.route("/metrics", get(move || async move { metrics::page(&registry) }));
    }
    router
}

/// One GraphQL endpoint at this path, and nothing beside it. `schema` is called twice, as [`router`] says.
pub fn endpoint<Q, M, S, A>(
    path: &str,
    schema: impl Fn() -> SchemaBuilder<Q, M, S>,
    authenticator: A,
    metrics: HttpMetrics,
    options: RouterOptions,
) -> Router
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
    A: Authenticator,
{
    let endpoint = Arc::new(Endpoint::new(schema, authenticator, metrics, options));
    let serve = move |request: Request| {
        let endpoint = Arc::clone(&endpoint);
        async move { endpoint.serve(request).await }
    };
    Router::new().route(path, any(serve))
}
