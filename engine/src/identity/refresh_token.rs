//! Refresh tokens: one family per session, a new token at each use, and the end of the family when a spent one returns.
//!
//! A token is `mrt_` (for operators `mrr_`), the tenant, the session, the family's proof, the token's own secret and a
//! checksum. The proof is the same in all tokens of a family: who shows it with a secret that is not live holds a spent
//! token, however old, and is told from somebody who guessed a session's id; so any old token betrays a theft and no
//! list of old tokens is kept. The server keeps hashes only. [`rotate`] is a pure function; it does not know where
//! families are stored, and its caller must store the new state before handing out the token.

mod family;

pub use family::{ClientFingerprint, RefreshFamily, Spent};

use crate::{
    id::SessionId,
    identity::{
        MalformedToken, Namespace, SecretBytes, SecretHash, SecretText,
        opaque_token::{TokenReader, TokenWriter},
    },
    time::DAY_MS,
};
use zeroize::Zeroizing;

/// How long a family lives after its last use, in milliseconds.
pub const REFRESH_IDLE_MS: i64 = 30 * DAY_MS;
/// How long a family lives at most, in milliseconds.
pub const REFRESH_LIFE_MS: i64 = 90 * DAY_MS;
/// How long a token just spent may be shown again by the same client, which lost the answer; in milliseconds.
pub const REFRESH_GRACE_MS: i64 = 10 * 1000;
/// Tokens that may be live at once: the one handed out and those that repeated the request within the grace.
pub const LIVE_TOKENS_MAX: usize = 4;

const MEMBER_PREFIX: &str = "mrt_";
const ROOT_PREFIX: &str = "mrr_";

/// A refresh token as a client shows it, read but not yet believed.
#[derive(Debug)]
pub struct PresentedRefreshToken {
    namespace: Namespace,
    session: SessionId,
    proof: SecretBytes<16>,
    hash: SecretHash,
}

impl PresentedRefreshToken {
    /// Reads a token's text.
    ///
    /// # Errors
    /// [`MalformedToken`]: it is no refresh token; nothing needs to be looked up.
    pub fn parse(text: &str) -> Result<Self, MalformedToken> {
        let (body, of_member) = match (text.strip_prefix(MEMBER_PREFIX), text.strip_prefix(ROOT_PREFIX)) {
            (Some(body), _) => (body, true),
            (_, Some(body)) => (body, false),
            _ => return Err(MalformedToken::Prefix { expected: "mrt_` or `mrr_" }),
        };
        let mut fields = TokenReader::new(text, body)?;
        let namespace = if of_member { fields.tenant()? } else { Namespace::Platform };
        let session = SessionId::from_uuid(fields.uuid()?);
        let proof = SecretBytes::from_bytes(*fields.bytes()?);
        let _secret: Zeroizing<[u8; 32]> = fields.bytes()?;
        fields.finish()?;
        Ok(Self { namespace, session, proof, hash: SecretHash::of(text.as_bytes()) })
    }

    /// Where the family is kept.
    #[must_use]
    pub const fn namespace(&self) -> Namespace {
        self.namespace
    }

    /// Which session the family belongs to.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.session
    }
}

/// What became of a presented refresh token.
#[derive(Debug)]
#[must_use]
pub enum Rotation {
    /// It was live: store the family, then hand out the token.
    Rotated {
        /// The family's new state.
        family: RefreshFamily,
        /// The next token.
        token: SecretText,
    },
    /// It was spent a moment ago by the same client, which lost the answer: store the family, then hand out the token.
    GraceReplay {
        /// The family's new state.
        family: RefreshFamily,
        /// Another token in the lost one's place.
        token: SecretText,
    },
    /// It was spent before, so two parties hold this family's tokens: store the family, which is revoked, and refuse.
    Reused {
        /// The family, revoked.
        family: RefreshFamily,
    },
    /// The family was revoked before; refuse.
    Revoked,
    /// The family was not used for [`REFRESH_IDLE_MS`], or is older than [`REFRESH_LIFE_MS`]; refuse.
    Expired,
    /// It is no token of this family; refuse, and leave the family alone.
    Unknown,
}

/// Exchanges a presented token for the next one. `fresh` becomes the next token's secret.
pub fn rotate(
    family: &RefreshFamily,
    presented: &PresentedRefreshToken,
    now_ms: i64,
    client: ClientFingerprint,
    fresh: &SecretBytes<32>,
) -> Rotation {
    if !family.issued(presented) {
        return Rotation::Unknown;
    }
    if family.revoked_ms.is_some() {
        return Rotation::Revoked;
    }
    if now_ms >= family.expires_ms {
        return Rotation::Expired;
    }
    let token = write(presented.namespace, presented.session, &presented.proof, fresh);
    let next = SecretHash::of(token.expose().as_bytes());
    if family.is_live(presented.hash) {
        return Rotation::Rotated { family: family.spend(presented.hash, next, now_ms, client), token };
    }
    if family.within_grace(presented.hash, now_ms, client) {
        return Rotation::GraceReplay { family: family.repeat(next), token };
    }
    Rotation::Reused { family: family.revoke(now_ms) }
}

fn write(
    namespace: Namespace,
    session: SessionId,
    proof: &SecretBytes<16>,
    secret: &SecretBytes<32>,
) -> SecretText {
    let prefix = match namespace {
        Namespace::Tenant(_) => MEMBER_PREFIX,
        Namespace::Platform => ROOT_PREFIX,
    };
    let text = TokenWriter::new(prefix)
        .namespace(namespace)
        .bytes(session.as_bytes())
        .bytes(proof.as_bytes())
        .bytes(secret.as_bytes())
        .finish();
    SecretText::from_zeroizing(text)
}

#[cfg(test)]
mod tests;
