//! The record of a refresh token family: what the server remembers of a session's tokens.
//!
//! It does not know the tokens, only their hashes.

use super::{
    LIVE_TOKENS_MAX, PresentedRefreshToken, REFRESH_GRACE_MS, REFRESH_IDLE_MS, REFRESH_LIFE_MS, write,
};
use crate::{
    id::SessionId,
    identity::{Holder, SecretBytes, SecretHash, SecretText},
};
use minicbor::{Decode, Encode};

/// Which client a family was last used by: a hash of what it says of itself.
///
/// Easy to imitate, so it grants nothing by itself; it only keeps the grace for lost answers from strangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct ClientFingerprint(#[n(0)] SecretHash);

impl ClientFingerprint {
    /// The fingerprint of a client with this `User-Agent`; a missing one is the empty text.
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        Self(SecretHash::of(user_agent.as_bytes()))
    }
}

/// The token that was spent last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Spent {
    /// Its hash.
    #[n(0)]
    pub hash: SecretHash,
    /// When it was spent, in milliseconds since the epoch.
    #[n(1)]
    pub at_ms: i64,
}

/// All refresh tokens of one session.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct RefreshFamily {
    /// The session.
    #[n(0)]
    pub session: SessionId,
    /// Whom it speaks for.
    #[n(1)]
    pub holder: Holder,
    /// When the session began, in milliseconds since the epoch.
    #[n(2)]
    pub created_ms: i64,
    /// When it ends unless a token is used before; never later than [`REFRESH_LIFE_MS`] after its beginning.
    #[n(3)]
    pub expires_ms: i64,
    /// The hash of the proof that is in every token of this family.
    #[n(4)]
    pub proof: SecretHash,
    /// The hashes of the tokens that may be used: one, or up to [`LIVE_TOKENS_MAX`] after lost answers.
    #[n(5)]
    pub live: Vec<SecretHash>,
    /// The token in whose place the live ones were issued.
    #[n(6)]
    pub previous: Option<Spent>,
    /// The client that used it last.
    #[n(7)]
    pub client: ClientFingerprint,
    /// When it was revoked: by sign-out, by an admin, or because a spent token returned.
    #[n(8)]
    pub revoked_ms: Option<i64>,
}

impl RefreshFamily {
    /// Begins a session's family, and makes its first token of two fresh secrets.
    #[must_use]
    pub fn begin(
        session: SessionId,
        holder: Holder,
        now_ms: i64,
        client: ClientFingerprint,
        proof: &SecretBytes<16>,
        fresh: &SecretBytes<32>,
    ) -> (Self, SecretText) {
        let token = write(holder.namespace(), session, proof, fresh);
        let family = Self {
            session,
            holder,
            created_ms: now_ms,
            expires_ms: now_ms.saturating_add(REFRESH_IDLE_MS),
            proof: SecretHash::of(proof.as_bytes()),
            live: vec![SecretHash::of(token.expose().as_bytes())],
            previous: None,
            client,
            revoked_ms: None,
        };
        (family, token)
    }

    /// The family as it is after sign-out or revocation. Revoking twice keeps the first time.
    #[must_use]
    pub fn revoke(&self, now_ms: i64) -> Self {
        Self { revoked_ms: self.revoked_ms.or(Some(now_ms)), live: Vec::new(), ..self.clone() }
    }

    /// Whether the session goes on: neither revoked nor expired.
    #[must_use]
    pub fn is_open(&self, now_ms: i64) -> bool {
        self.revoked_ms.is_none() && now_ms < self.expires_ms
    }

    /// Whether the presented token was once issued in this family: it names it and holds its proof.
    pub(super) fn issued(&self, presented: &PresentedRefreshToken) -> bool {
        presented.session == self.session
            && presented.namespace == self.holder.namespace()
            && SecretHash::of(presented.proof.as_bytes()) == self.proof
    }

    pub(super) fn is_live(&self, hash: SecretHash) -> bool {
        self.live.contains(&hash)
    }

    /// Whether the answer to a token just spent may have been lost, and may be repeated once more.
    pub(super) fn within_grace(&self, hash: SecretHash, now_ms: i64, client: ClientFingerprint) -> bool {
        self.previous
            .is_some_and(|spent| spent.hash == hash && now_ms.saturating_sub(spent.at_ms) <= REFRESH_GRACE_MS)
            && self.client == client
            && self.live.len() < LIVE_TOKENS_MAX
    }

    /// `spent` was used: `next` alone is live, and the session's end moves on.
    pub(super) fn spend(
        &self,
        spent: SecretHash,
        next: SecretHash,
        now_ms: i64,
        client: ClientFingerprint,
    ) -> Self {
        let latest = self.created_ms.saturating_add(REFRESH_LIFE_MS);
        Self {
            expires_ms: now_ms.saturating_add(REFRESH_IDLE_MS).min(latest),
            live: vec![next],
            previous: Some(Spent { hash: spent, at_ms: now_ms }),
            client,
            ..self.clone()
        }
    }

    /// The answer is repeated: `next` is live beside those that may be lost. The grace does not begin anew.
    pub(super) fn repeat(&self, next: SecretHash) -> Self {
        let mut family = self.clone();
        family.live.push(next);
        family
    }
}
