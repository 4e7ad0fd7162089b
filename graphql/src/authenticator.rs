//! Who asks, by the engine's own tokens or by the word of the embedding program; and what they see.

use crate::context::{Snapshot, Viewer};
use crate::http::{Account, AuthFailure, Authenticator, Calls, Readiness, RequestInfo, Spent};
use async_trait::async_trait;
use http::{header, request::Parts};
use mortise_engine::context::Principal;
use mortise_engine::entitlement::Entitlements;
use mortise_engine::identity::{AccessTokenError, ForeignRefusal, PresentedApiKey};
use mortise_engine::model::EntitlementKey;
use mortise_engine::time::Timestamp;
use mortise_engine::{Engine, Error, ErrorCode};
use std::num::NonZeroU32;
use std::time::Duration;

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
        let client = parts.extensions.get::<RequestInfo>().map(RequestInfo::client).unwrap_or_default();
        let found = self.0.authenticate_client(bearer, &client).await;
        let found = found.map_err(|error| failure_of(bearer, &error))?;
        Ok(Some(Viewer { principal: found.principal, session: found.session }))
    }

    /// An access token is told from memory. What is no bearer token at all is not looked at further.
    fn is_costly(&self, parts: &Parts) -> bool {
        let credentials = parts.headers.get(header::AUTHORIZATION).and_then(|text| text.to_str().ok());
        credentials.and_then(bearer).is_some_and(|token| !self.0.is_told_from_memory(token))
    }
}

/// The token of a bearer credential; the scheme's case does not matter (RFC 9110 §11.1).
pub(crate) fn bearer(credentials: &str) -> Option<&str> {
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

    fn is_costly(&self, parts: &Parts) -> bool {
        self.inner.is_costly(parts)
    }

    /// The company's, whoever of it asks.
    fn account(&self, asker: &Snapshot) -> Option<Account> {
        let tenant = asker.reader().tenant();
        let entitled = Entitlements::of(tenant, self.engine.tiers(), self.engine.clock().now());
        let rate = |key| {
            let rate = entitled.limit(key)?;
            // None would be no limit.
            Some(NonZeroU32::new(u32::try_from(rate).unwrap_or(u32::MAX)).unwrap_or(NonZeroU32::MIN))
        };
        Some(Account {
            // The random half of the id: no two companies have the same.
            key: tenant.id.uuid().as_u64_pair().1,
            burst_per_second: rate(EntitlementKey::BurstPerSecond),
            cost_per_second: rate(EntitlementKey::CostPerSecond),
        })
    }

    async fn count(&self, asker: &Snapshot) -> Result<Option<Calls>, AuthFailure> {
        let counted = self.engine.count_call(&asker.viewer().principal).await;
        let now = self.engine.clock().now();
        match counted {
            Ok(calls) => Ok(calls.map(|calls| of_today(calls.limit, calls.used, calls.resets_at, now))),
            Err(error) if error.code() == ErrorCode::RateLimited => Err(spent(&error, now)),
            Err(error) => Err(failure(&error)),
        }
    }

    fn work(&self, asker: &Snapshot) -> u64 {
        asker.shown() as u64
    }
}

fn of_today(limit: Option<u64>, used: u64, resets_at: Timestamp, now: Timestamp) -> Calls {
    let left_ms = resets_at.millis().saturating_sub(now.millis());
    let resets_in = Duration::from_millis(u64::try_from(left_ms).unwrap_or_default());
    Calls { limit, used, resets_at_ms: resets_at.millis(), resets_in }
}

/// There are no more calls today.
fn spent(error: &Error, now: Timestamp) -> AuthFailure {
    let Some(exceeded) = error.exceeded() else { return AuthFailure::Unavailable };
    let resets_at = exceeded.resets_at.unwrap_or(now);
    AuthFailure::CallsSpent(Box::new(Spent {
        message: error.message().to_owned(),
        key: exceeded.key.clone(),
        calls: of_today(Some(exceeded.limit), exceeded.used, resets_at, now),
        resets_at: resets_at.to_string(),
        upgrade_to: exceeded.upgrade_to.clone(),
    }))
}

/// A member who is gone and a tenant that is closed get the answer that a bad token gets: which it is, is not said.
pub(crate) fn failure(error: &Error) -> AuthFailure {
    match error.code() {
        ErrorCode::Unavailable | ErrorCode::Internal => {
            tracing::warn!(?error, "cannot tell who asks");
            AuthFailure::Unavailable
        }
        _ if has_expired(error) => AuthFailure::ExpiredToken,
        _ => AuthFailure::InvalidToken,
    }
}

/// The same, in words for what was shown: whoever has a key cannot sign in again.
pub(crate) fn failure_of(bearer: &str, error: &Error) -> AuthFailure {
    match failure(error) {
        AuthFailure::InvalidToken if PresentedApiKey::looks_like(bearer) => AuthFailure::InvalidKey,
        other => other,
    }
}

/// Whether it was a genuine token whose time is over: signatures are verified first.
fn has_expired(error: &Error) -> bool {
    let Some(why) = std::error::Error::source(error) else { return false };
    why.downcast_ref() == Some(&AccessTokenError::Expired)
        || why.downcast_ref() == Some(&ForeignRefusal::Expired)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_genuine_token_whose_time_is_over_is_told_from_a_forged_one() {
        let refused = |why: AccessTokenError| {
            failure(&Error::new(ErrorCode::Unauthenticated, "sign in again").with_source(why))
        };
        assert_eq!(refused(AccessTokenError::Expired), AuthFailure::ExpiredToken);
        assert_eq!(refused(AccessTokenError::BadSignature), AuthFailure::InvalidToken);
        let foreign = Error::new(ErrorCode::Unauthenticated, "").with_source(ForeignRefusal::Expired);
        assert_eq!(failure(&foreign), AuthFailure::ExpiredToken);
    }

    #[test]
    fn a_key_that_is_refused_is_called_a_key() {
        let refused = |bearer| failure_of(bearer, &Error::new(ErrorCode::Unauthenticated, "no"));
        assert_eq!(refused("iss_live_x"), AuthFailure::InvalidKey);
        assert_eq!(refused("iss_root_x"), AuthFailure::InvalidKey);
        assert_eq!(refused("e30.e30.x"), AuthFailure::InvalidToken);
        assert!(AuthFailure::InvalidKey.message().contains("the API key is not valid"));
        let busy = failure_of("iss_live_x", &Error::unavailable("later"));
        assert_eq!(busy, AuthFailure::Unavailable);
    }
}
