//! The API of those who run the platform, over HTTP: an endpoint of its own, for platform keys alone.
//!
//! Who shows none is told nothing here, not even the shape of the schema. It does not know what can be asked.

use crate::authenticator::{bearer, failure_of};
use crate::http::{AuthFailure, Authenticator, HttpMetrics, RequestInfo, RouterOptions, endpoint};
use crate::schema::{root, with_plugins};
use async_trait::async_trait;
use http::{header, request::Parts};
use mortise_engine::Engine;
use mortise_engine::context::Operator;

/// Where it is served.
const PATH: &str = "/root/graphql";

/// The endpoint of those who run the platform.
pub(crate) fn routes(engine: Engine, metrics: HttpMetrics, options: &RouterOptions) -> axum::Router {
    // A page for browsers has no key to show, and what an embedding program adds to requests is for its companies.
    let options = RouterOptions { graphiql: false, prepare: None, oidc: None, ..options.clone() };
    let authenticator = Platform(engine.clone());
    let plugins = options.plugins.clone();
    let schema = move || with_plugins(root::builder(engine.clone()), plugins.as_ref());
    endpoint(PATH, schema, authenticator, metrics, options)
}

/// Believes platform keys, sent as `Authorization: Bearer …`.
pub(crate) struct Platform(pub(crate) Engine);

#[async_trait]
impl Authenticator for Platform {
    type Identity = Operator;

    async fn authenticate(&self, parts: &Parts) -> Result<Option<Operator>, AuthFailure> {
        let credentials = parts.headers.get(header::AUTHORIZATION);
        let bearer = credentials.and_then(|text| text.to_str().ok()).and_then(bearer);
        let bearer = bearer.ok_or(AuthFailure::InvalidToken)?;
        let client = parts.extensions.get::<RequestInfo>().map(RequestInfo::client).unwrap_or_default();
        let operator = self.0.authenticate_operator(bearer, client.address).await;
        operator
            .map(|operator| Some(operator.with_client(client)))
            .map_err(|error| failure_of(bearer, &error))
    }
}
