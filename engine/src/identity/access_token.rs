//! Access tokens: JSON Web Tokens (RFC 9068) signed with Ed25519, which live ten minutes.
//!
//! Only what this module itself would write is accepted: one algorithm, a known `kid`, the type `at+jwt`, exactly our
//! claims, each once. Keys named inside a token (`jku`, `x5u`, `jwk`) are never looked at. A token carries no role; its
//! `ver` is the member's version at issue. This module does not know the version in force, nor whether the session was
//! revoked: the caller compares both at every request, which is why a verified token may be remembered for a while.

mod claims;
mod refusal;
mod verified;

pub use claims::{AccessClaims, Audience};
pub use refusal::AccessTokenError;
pub use verified::{VERIFIED_TOKEN_KEPT_MS, VERIFIED_TOKENS_MAX};

use crate::{
    id::SessionId,
    identity::{
        Holder, RandomnessUnavailable, SecretBytes, SecretText, SigningKeys, crypto_provider,
        signing_keys::SigningKey,
    },
};
use claims::Claims;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, Header, Validation};
use parking_lot::RwLock;
use serde::Deserialize;
use std::{borrow::Cow, sync::Arc};
use verified::VerifiedTokens;

/// How long a token is accepted, in milliseconds.
pub const ACCESS_TOKEN_LIFE_MS: i64 = 10 * 60 * 1000;
/// How far the clocks of issuer and verifier may differ, in milliseconds.
pub const CLOCK_LEEWAY_MS: i64 = 5 * 1000;
/// The longest token looked at, in bytes; ours take about 600.
pub const ACCESS_TOKEN_BYTES_MAX: usize = 4 * 1024;

/// The type of token in the header (RFC 9068 §2.1): keeps other signed tokens out.
const TYPE: &str = "at+jwt";
/// The one algorithm, whatever a header says.
const ALGORITHM: Algorithm = Algorithm::EdDSA;
/// Its name in a header.
const ALGORITHM_NAME: &str = "EdDSA";

/// A fresh access token.
#[derive(Debug)]
pub struct IssuedAccessToken {
    /// The token, for the `Authorization: Bearer` header.
    pub token: SecretText,
    /// When it stops being accepted (without the leeway).
    pub expires_at_ms: i64,
}

/// Why no token could be issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// No random bytes for the token's id.
    #[error("cannot issue an access token: {0}")]
    Randomness(#[from] RandomnessUnavailable),
    /// The current key would not sign.
    #[error("cannot sign an access token with key `{kid}`: {source}")]
    Signing {
        /// The key.
        kid: String,
        /// Why not.
        source: jsonwebtoken::errors::Error,
    },
}

/// Issues and verifies access tokens for one issuer; one value for the whole engine.
#[derive(Debug)]
pub struct AccessTokens {
    issuer: String,
    keys: RwLock<Arc<KeyRing>>,
    tenant: Validation,
    platform: Validation,
    verified: VerifiedTokens,
}

/// The keys in force, with a number that tells them from earlier ones.
#[derive(Debug)]
struct KeyRing {
    keys: SigningKeys,
    generation: u64,
}

impl AccessTokens {
    /// Tokens of `issuer`, a name for this installation (its public URL, say), signed with `keys`.
    #[must_use]
    pub fn new(issuer: &str, keys: SigningKeys) -> Self {
        crypto_provider::ensure_installed();
        Self {
            issuer: issuer.to_owned(),
            keys: RwLock::new(Arc::new(KeyRing { keys, generation: 0 })),
            tenant: validation(issuer, Audience::Tenant),
            platform: validation(issuer, Audience::Platform),
            verified: VerifiedTokens::new(),
        }
    }

    /// Takes up keys loaded anew, after a rotation. What was verified with the old ones is verified again.
    pub fn replace_keys(&self, keys: SigningKeys) {
        let mut ring = self.keys.write();
        let generation = ring.generation + 1;
        *ring = Arc::new(KeyRing { keys, generation });
    }

    /// Lets `ask` see the keys in force.
    pub(super) fn with_keys<T>(&self, ask: impl FnOnce(&SigningKeys) -> T) -> T {
        let ring = Arc::clone(&self.keys.read());
        ask(&ring.keys)
    }

    /// Issues a token for `holder` in `session`, whose version is `version` now.
    ///
    /// # Errors
    /// [`IssueError`]: the system gave no random bytes, or the cryptography failed.
    pub fn issue(
        &self,
        holder: Holder,
        session: SessionId,
        version: u64,
        now_ms: i64,
    ) -> Result<IssuedAccessToken, IssueError> {
        let ring = Arc::clone(&self.keys.read());
        let key = ring.keys.current(now_ms);
        let claims = Claims::new(&self.issuer, holder, session, version, now_ms, &SecretBytes::generate()?);
        let mut header = Header::new(ALGORITHM);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.kid().to_owned());
        let token = jsonwebtoken::encode(&header, &claims, key.encoding())
            .map_err(|source| IssueError::Signing { kid: key.kid().to_owned(), source })?;
        Ok(IssuedAccessToken { token: SecretText::new(token), expires_at_ms: claims.expires_at_ms() })
    }

    /// Verifies a token meant for `audience`, and says what it claims.
    ///
    /// The token as it stood behind `Bearer `, without white space. The claims are true of the moment of issue; compare
    /// [`AccessClaims::session`] and [`AccessClaims::version`] with what is in force.
    ///
    /// # Errors
    /// [`AccessTokenError`]: all of them mean "not signed in" to the client.
    pub fn verify(
        &self,
        token: &str,
        audience: Audience,
        now_ms: i64,
    ) -> Result<AccessClaims, AccessTokenError> {
        if token.len() > ACCESS_TOKEN_BYTES_MAX {
            return Err(AccessTokenError::TooLong);
        }
        let ring = Arc::clone(&self.keys.read());
        let name = VerifiedTokens::name(token);
        if let Some(claims) = self.verified.find(&name, ring.generation, now_ms) {
            claims.check(audience, now_ms)?;
            return Ok(claims);
        }
        let claims = self.verify_signature(token, audience, &ring.keys)?;
        claims.check(audience, now_ms)?;
        self.verified.remember(name, claims, ring.generation, now_ms);
        Ok(claims)
    }

    /// Everything about a token that does not depend on the time.
    fn verify_signature(
        &self,
        token: &str,
        audience: Audience,
        keys: &SigningKeys,
    ) -> Result<AccessClaims, AccessTokenError> {
        let key = key_of(token, keys)?;
        let validation = match audience {
            Audience::Tenant => &self.tenant,
            Audience::Platform => &self.platform,
        };
        let decoded = jsonwebtoken::decode::<Claims>(token, key.decoding(), validation)?;
        decoded.claims.read().ok_or(AccessTokenError::Malformed)
    }
}

/// The part of a header that matters. Other members are ignored, but one of these given twice is refused.
#[derive(Deserialize)]
struct HeaderRead<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow)]
    typ: Option<Cow<'a, str>>,
    #[serde(borrow)]
    kid: Option<Cow<'a, str>>,
    /// Extensions that a verifier must understand (RFC 7515 §4.1.11). We understand none.
    crit: Option<serde::de::IgnoredAny>,
}

/// The key that a token's header asks for, if the header is one of ours.
fn key_of<'k>(token: &str, keys: &'k SigningKeys) -> Result<&'k SigningKey, AccessTokenError> {
    let header = token.split('.').next().unwrap_or_default();
    let header = BASE64URL_NOPAD.decode(header.as_bytes()).map_err(|_| AccessTokenError::Malformed)?;
    let header: HeaderRead<'_> = serde_json::from_slice(&header).map_err(|_| AccessTokenError::Malformed)?;
    if header.alg != ALGORITHM_NAME {
        return Err(AccessTokenError::WrongAlgorithm);
    }
    if header.typ.as_deref() != Some(TYPE) {
        return Err(AccessTokenError::WrongType);
    }
    if header.crit.is_some() {
        return Err(AccessTokenError::Malformed);
    }
    header.kid.and_then(|kid| keys.find(&kid)).ok_or(AccessTokenError::UnknownKey)
}

/// What the library checks. Times are ours to check, because it asks the system's clock.
fn validation(issuer: &str, audience: Audience) -> Validation {
    let mut validation = Validation::new(ALGORITHM);
    validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience.as_str()]);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

#[cfg(test)]
mod tests;
