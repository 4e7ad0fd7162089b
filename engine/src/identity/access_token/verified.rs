//! Tokens whose signature was verified a moment ago, so that a busy client costs one verification in half a minute.
//!
//! An Ed25519 verification costs as much as a whole small query. Only what cannot change is remembered: that the claims
//! were signed by one of the keys in force. It does not know the time of a claim, nor a revocation; both are compared
//! at every request.

use super::AccessClaims;
use quick_cache::sync::Cache;
use std::fmt;

/// Tokens remembered at once, at about 200 bytes each; the least used make room.
pub const VERIFIED_TOKENS_MAX: usize = 16 * 1024;
/// How long a token is remembered, in milliseconds.
pub const VERIFIED_TOKEN_KEPT_MS: i64 = 30 * 1000;

/// A hash of the whole token, signature included: the token itself is not kept.
type TokenName = [u8; 32];

#[derive(Clone, Copy)]
struct Verified {
    claims: AccessClaims,
    at_ms: i64,
    generation: u64,
}

pub(super) struct VerifiedTokens(Cache<TokenName, Verified>);

impl VerifiedTokens {
    pub(super) fn new() -> Self {
        Self(Cache::new(VERIFIED_TOKENS_MAX))
    }

    pub(super) fn name(token: &str) -> TokenName {
        *blake3::hash(token.as_bytes()).as_bytes()
    }

    /// The claims of a token verified within the last half minute with the keys of `generation`.
    pub(super) fn find(&self, name: &TokenName, generation: u64, now_ms: i64) -> Option<AccessClaims> {
        let verified = self.0.get(name)?;
        let end_ms = verified.claims.expires_at_ms.min(verified.at_ms.saturating_add(VERIFIED_TOKEN_KEPT_MS));
        let fresh = (verified.at_ms..end_ms).contains(&now_ms) && verified.generation == generation;
        fresh.then_some(verified.claims)
    }

    pub(super) fn remember(&self, name: TokenName, claims: AccessClaims, generation: u64, now_ms: i64) {
        self.0.insert(name, Verified { claims, at_ms: now_ms, generation });
    }
}

impl fmt::Debug for VerifiedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedTokens").field("remembered", &self.0.len()).finish()
    }
}
