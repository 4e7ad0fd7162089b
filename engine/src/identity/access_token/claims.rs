//! What an access token says.
//!
//! Does not know how it was signed.

use super::{ACCESS_TOKEN_LIFE_MS, AccessTokenError, CLOCK_LEEWAY_MS};
use crate::{
    id::{RootId, SessionId},
    identity::{Holder, SecretBytes},
};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

/// For which side of the engine a token is: one never opens the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// The members of companies.
    Tenant,
    /// The operators of the platform.
    Platform,
}

impl Audience {
    /// The name in the `aud` claim.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "mortise:tenant",
            Self::Platform => "mortise:platform",
        }
    }

    /// The side that a holder belongs to.
    #[must_use]
    pub const fn of(holder: Holder) -> Self {
        match holder {
            Holder::Member { .. } => Self::Tenant,
            Holder::Root { .. } => Self::Platform,
        }
    }
}

/// What a verified access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessClaims {
    /// Whom it speaks for.
    pub holder: Holder,
    /// The session it belongs to; refuse it when that is revoked.
    pub session: SessionId,
    /// The holder's version at issue; refuse it when the version in force is another.
    pub version: u64,
    /// When it was issued, in whole seconds, as milliseconds since the epoch.
    pub issued_at_ms: i64,
    /// From when on it is accepted.
    pub not_before_ms: i64,
    /// When it stops being accepted.
    pub expires_at_ms: i64,
}

impl AccessClaims {
    /// What can be refused of claims that are known to be ours.
    pub(super) fn check(&self, audience: Audience, now_ms: i64) -> Result<(), AccessTokenError> {
        if Audience::of(self.holder) != audience {
            return Err(AccessTokenError::WrongAudience);
        }
        let latest_begin = now_ms.saturating_add(CLOCK_LEEWAY_MS);
        if self.not_before_ms > latest_begin || self.issued_at_ms > latest_begin {
            return Err(AccessTokenError::NotYet);
        }
        if self.expires_at_ms.saturating_add(CLOCK_LEEWAY_MS) <= now_ms {
            return Err(AccessTokenError::Expired);
        }
        if self.expires_at_ms.saturating_sub(self.issued_at_ms) > ACCESS_TOKEN_LIFE_MS {
            return Err(AccessTokenError::LivesTooLong);
        }
        Ok(())
    }
}

/// The claims as they stand in the token. Unknown, missing and repeated ones are refused.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    iss: String,
    aud: String,
    sub: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tid: Option<String>,
    sid: String,
    ver: u64,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
}

impl Claims {
    pub(super) fn new(
        issuer: &str,
        holder: Holder,
        session: SessionId,
        version: u64,
        now_ms: i64,
        id: &SecretBytes<16>,
    ) -> Self {
        let (sub, tid) = match holder {
            Holder::Member { tenant, member } => (member.to_string(), Some(tenant.to_string())),
            Holder::Root { root } => (root.to_string(), None),
        };
        let now_s = now_ms.div_euclid(1000);
        Self {
            iss: issuer.to_owned(),
            aud: Audience::of(holder).as_str().to_owned(),
            sub,
            tid,
            sid: session.to_string(),
            ver: version,
            iat: now_s,
            nbf: now_s,
            exp: now_s + ACCESS_TOKEN_LIFE_MS / 1000,
            jti: BASE64URL_NOPAD.encode(id.as_bytes()),
        }
    }

    pub(super) fn expires_at_ms(&self) -> i64 {
        self.exp.saturating_mul(1000)
    }

    /// The claims as values; `None` when an id is not of its kind, or does not go with the audience.
    pub(super) fn read(&self) -> Option<AccessClaims> {
        let holder = match &self.tid {
            Some(tid) => Holder::Member { tenant: tid.parse().ok()?, member: self.sub.parse().ok()? },
            None => Holder::Root { root: self.sub.parse::<RootId>().ok()? },
        };
        if self.aud != Audience::of(holder).as_str() {
            return None;
        }
        Some(AccessClaims {
            holder,
            session: self.sid.parse().ok()?,
            version: self.ver,
            issued_at_ms: self.iat.checked_mul(1000)?,
            not_before_ms: self.nbf.checked_mul(1000)?,
            expires_at_ms: self.exp.checked_mul(1000)?,
        })
    }
}
