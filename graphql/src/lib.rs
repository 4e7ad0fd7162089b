//! The GraphQL API of Mortise: a schema over the engine, and the HTTP endpoint that serves it.
//!
//! [`router`] is the whole server as an [`axum::Router`]; [`router_with`] takes the embedding program's own way to tell
//! who asks; [`schema`] builds the schema alone, for a program that executes requests itself. Mutations are named noun
//! first (`issueCreate`), lists are connections, what a form should show beside a field comes as `userErrors` and
//! everything else as `errors` with a documented `extensions.code`. `schema.graphql` beside the sources is the contract.
//!
//! It decides nothing: a resolver takes its context, converts its input, asks the engine, and converts the answer. The
//! rules are in the engine, where a program that links it meets the same ones.

mod audit_export;
pub mod authenticator;
pub mod beside;
pub mod context;
mod engine_metrics;
mod error;
pub mod http;
mod jwks;
pub mod lean;
mod oidc;
mod plugin_routes;
mod root;
pub mod schema;

pub use authenticator::{EngineAuthenticator, ExternalAuthenticator};
pub use context::{Snapshot, Viewer};
pub use jwks::HttpJwks;
pub use mortise_outbound::{Allowed, Outbound, OutboundBounds, OutboundError, is_public};
pub use oidc::OidcOptions;

use authenticator::Admission;
use beside::Door;
use http::{Authenticator, HttpMetrics, RouterOptions};
use mortise_engine::Engine;
use prometheus_client::registry::Registry;
use std::sync::Arc;

/// The GraphQL server of this engine, signed in to with the engine's own tokens and API keys.
pub fn router(engine: Engine, options: RouterOptions) -> axum::Router {
    let authenticator = EngineAuthenticator::new(engine.clone());
    router_with(engine, authenticator, Registry::default(), options)
}

/// The GraphQL server of this engine, for a program that tells by itself who asks (see [`ExternalAuthenticator`]) or has
/// metrics of its own to show at `/metrics`.
pub fn router_with<A>(
    engine: Engine,
    authenticator: A,
    mut registry: Registry,
    mut options: RouterOptions,
) -> axum::Router
where
    A: Authenticator<Identity = Viewer>,
{
    options.rate_limits.prices = schema::prices(engine.limits().page_size_max);
    let metrics = HttpMetrics::register(&mut registry);
    registry.register_collector(Box::new(engine_metrics::EngineMetrics(engine.clone())));
    let of_platform = options.root.then(|| root::routes(engine.clone(), metrics.clone(), &options));
    let admission = Arc::new(Admission::new(engine.clone(), authenticator));
    let door = Door::kept_by(admission.clone(), options.proxies.clone());
    let export = audit_export::routes(engine.clone(), door.clone());
    // It asks who comes before it knows them, and nothing behind it counts who guesses.
    let export = http::by_address(export, &options);
    let plugins = options.plugins.clone();
    let of_plugins =
        plugins.clone().map(|plugins| plugin_routes::routes(engine.clone(), plugins, door.clone(), &options));
    let ready = engine.clone();
    let by_provider =
        options.oidc.as_ref().map(|oidc| oidc::routes(engine.clone(), oidc, options.proxies.clone()));
    let by_provider = by_provider.map(|routes| http::by_address(routes, &options));
    // The endpoint writes every answer with the byte writer, so lists may come as bytes.
    let schema =
        move || schema::with_plugins(schema::builder(engine.clone()).data(lean::Enabled), plugins.as_ref());
    let ready = authenticator::Ready::new(ready);
    let router = http::router(schema, admission, ready, metrics, Arc::new(registry), options);
    by_provider
        .into_iter()
        .chain(of_platform)
        .chain(of_plugins)
        .fold(router.merge(export), axum::Router::merge)
}
