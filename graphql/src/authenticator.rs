//! Who asks, by the engine's own tokens or by the word of the embedding program; and what they see.

use crate::context::{Snapshot, Viewer};
use crate::http::{AuthFailure, Authenticator, Readiness, RequestInfo};
use async_trait::async_trait;
use http::{header, request::Parts};
use mortise_engine::context::Principal;
use mortise_engine::{Engine, Error, ErrorCode};

/// Believes the engine's own access tokens and API keys, sent as `Authorization: Bearer …`.
#[derive(Debug, Clone)]
pub struct EngineAuthenticator(Engine);

impl EngineAuthenticator {
    /// For the people and keys of this engine.
    #[must_use]
    pub const fn new(engine: Engine) -> Self {
        Self(engine)
    }
}

#[async_trait]
impl Authenticator for EngineAuthenticator {
    type Identity = Viewer;

    async fn authenticate(&self, parts: &Parts) -> Result<Option<Viewer>, AuthFailure> {
        let Some(credentials) = parts.headers.get(header::AUTHORIZATION) else { return Ok(None) };
        let bearer = credentials.to_str().ok().and_then(bearer).ok_or(AuthFailure::InvalidToken)?;
        let address = parts.extensions.get::<RequestInfo>().and_then(|info| info.address);
        let found = self.0.authenticate_from(bearer, address).await.map_err(|error| failure(&error))?;
        Ok(Some(Viewer { principal: found.principal, session: found.session }))
    }
}

/// The token of a bearer credential; the scheme's case does not matter (RFC 9110 §11.1).
fn bearer(credentials: &str) -> Option<&str> {
    let (scheme, token) = credentials.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Believes the embedding program: its function tells from a request's head who asks, from its own session or from what
/// its own middleware left in the extensions. Nobody signs in through the API then.
#[derive(Debug, Clone)]
pub struct ExternalAuthenticator<F>(F);

impl<F> ExternalAuthenticator<F>
where
    F: Fn(&Parts) -> Option<Principal> + Send + Sync + 'static,
{
    /// Asks this function. It runs on the async runtime and must not block.
    pub const fn new(identify: F) -> Self {
        Self(identify)
    }
}

#[async_trait]
impl<F> Authenticator for ExternalAuthenticator<F>
where
    F: Fn(&Parts) -> Option<Principal> + Send + Sync + 'static,
{
    type Identity = Viewer;

    async fn authenticate(&self, parts: &Parts) -> Result<Option<Viewer>, AuthFailure> {
        Ok((self.0)(parts).map(Viewer::external))
    }
}

/// Lets in whom another authenticator knows, with what they see of their tenant.
pub(crate) struct Admission<A> {
    engine: Engine,
    inner: A,
}

impl<A> Admission<A> {
    pub(crate) const fn new(engine: Engine, inner: A) -> Self {
        Self { engine, inner }
    }
}

#[async_trait]
impl<A: Authenticator<Identity = Viewer>> Authenticator for Admission<A> {
    type Identity = Snapshot;

    async fn authenticate(&self, parts: &Parts) -> Result<Option<Snapshot>, AuthFailure> {
        let Some(viewer) = self.inner.authenticate(parts).await? else { return Ok(None) };
        tracing::Span::current().record("tenant.id", tracing::field::display(viewer.principal.tenant()));
        let seen = Snapshot::take(&self.engine, viewer).await;
        seen.map(Some).map_err(|error| failure(&error))
    }
}

/// A member who is gone and a tenant that is closed get the answer that a bad token gets: which it is, is not said.
fn failure(error: &Error) -> AuthFailure {
    match error.code() {
        ErrorCode::Unavailable | ErrorCode::Internal => {
            tracing::warn!(?error, "cannot tell who asks");
            AuthFailure::Unavailable
        }
        _ => AuthFailure::InvalidToken,
    }
}

/// Ready when the engine is.
pub(crate) struct Ready(Engine);

impl Ready {
    pub(crate) const fn new(engine: Engine) -> Self {
        Self(engine)
    }
}

#[async_trait]
impl Readiness for Ready {
    async fn ready(&self) -> Result<(), String> {
        self.0.ready().await.map_err(|error| error.message().to_owned())
    }
}
