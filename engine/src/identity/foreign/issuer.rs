//! An issuer of tokens that the operator trusts: a vendor's own sign-in, say, around an embedded engine.
//!
//! What must hold: the signature, by a key of that issuer; `iss` and `aud`, letter for letter; a time that has come and is
//! not over, nor further off than a day; and the claims that name the company and the member. It does not know whether
//! either is there.

use super::key_set::Undecoded;
use super::remote::RemoteKeys;
use data_encoding::BASE64URL_NOPAD;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// How far the clocks may differ, in milliseconds.
const LEEWAY_MS: i64 = 30 * 1000;
/// The longest that a token may live, in milliseconds.
const LIFE_MAX_MS: i64 = 24 * 60 * 60 * 1000;
/// Claims of one token.
const CLAIMS_MAX: usize = 200;
/// Bytes of a claim that names somebody.
const NAME_BYTES_MAX: usize = 255;
/// What a header may call the token; without a name it is one too.
const TYPES: [&str; 3] = ["JWT", "at+jwt", "application/at+jwt"];

/// How a token names the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TenantFrom {
    /// It does not: all tokens of this issuer are for the company with this slug.
    Fixed(String),
    /// By this claim, which holds the company's slug or its id.
    Claim(String),
}

/// How a token names the member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberFrom {
    /// By this claim, which holds their id, `usr_…`.
    Id(String),
    /// By this claim, which holds their address. Where the token also has `email_verified`, it must be true.
    Email(String),
}

/// See the module.
#[derive(Debug)]
pub struct ExternalIssuer {
    issuer: String,
    audience: String,
    keys: RemoteKeys,
    tenant: TenantFrom,
    member: MemberFrom,
    companies: Option<Vec<String>>,
}

/// What a token of an external issuer says, all checked but whether they are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignClaims {
    /// The company's slug or id.
    pub tenant: String,
    /// The member's id or address.
    pub member: String,
    /// Whether `member` is an address.
    pub by_email: bool,
}

/// Why a foreign token is refused. For logs; a client learns only that it is not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ForeignRefusal {
    /// Not three parts of base64url, or its header or claims are not what they must be, each once.
    #[error("cannot accept the token: it is malformed")]
    Malformed,
    /// The issuer's keys cannot be fetched at the moment, so that nothing is known of the token. The only refusal that is
    /// none: the same token may be good later.
    #[error("cannot tell about the token: the keys of its issuer cannot be fetched at the moment")]
    KeysUnavailable,
    /// The key that it names is not among the issuer's.
    #[error("cannot accept the token: its issuer has no such key")]
    UnknownKey,
    /// Its header asks for another algorithm than its key has.
    #[error("cannot accept the token: its header names another algorithm than its key has")]
    WrongAlgorithm,
    /// The signature does not fit.
    #[error("cannot accept the token: its signature does not fit")]
    BadSignature,
    /// Its header calls it something else than a token for access.
    #[error("cannot accept the token: it is a token of another kind")]
    WrongType,
    /// Another issuer.
    #[error("cannot accept the token: it was issued elsewhere")]
    WrongIssuer,
    /// Not for this engine.
    #[error("cannot accept the token: it was issued for another audience")]
    WrongAudience,
    /// Its time is over, or it has none.
    #[error("cannot accept the token: it has expired")]
    Expired,
    /// Its time has not come.
    #[error("cannot accept the token: it is not valid yet; check the clocks")]
    NotYet,
    /// It lives longer than a day.
    #[error("cannot accept the token: it lives longer than a day")]
    LivesTooLong,
    /// It names no company, or one that this issuer does not speak for.
    #[error("cannot accept the token: it names no company that its issuer speaks for")]
    NoTenant,
    /// It names no member.
    #[error("cannot accept the token: it names no member")]
    NoMember,
}

impl From<Undecoded> for ForeignRefusal {
    fn from(undecoded: Undecoded) -> Self {
        match undecoded {
            Undecoded::Malformed => Self::Malformed,
            Undecoded::UnknownKey(_) => Self::UnknownKey,
            Undecoded::WrongAlgorithm => Self::WrongAlgorithm,
            Undecoded::BadSignature => Self::BadSignature,
            Undecoded::Unavailable => Self::KeysUnavailable,
        }
    }
}

impl ExternalIssuer {
    /// An issuer with this `iss`, whose tokens for us have this `aud`.
    #[must_use]
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        keys: RemoteKeys,
        tenant: TenantFrom,
        member: MemberFrom,
    ) -> Self {
        Self { issuer: issuer.into(), audience: audience.into(), keys, tenant, member, companies: None }
    }

    /// Speaking for these companies alone, by slug or id as its tokens name them; for all unless said.
    #[must_use]
    pub fn only_for(mut self, companies: impl IntoIterator<Item = String>) -> Self {
        self.companies = Some(companies.into_iter().collect());
        self
    }

    /// The `iss` of its tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Which issuer a token says it is from. It proves nothing; it says whose keys to try.
    #[must_use]
    pub fn named_in(token: &str) -> Option<String> {
        if token.len() > super::key_set::TOKEN_BYTES_MAX {
            return None;
        }
        let payload = BASE64URL_NOPAD.decode(token.split('.').nth(1)?.as_bytes()).ok()?;
        let claims: Claims = serde_json::from_slice(&payload).ok()?;
        claims.text("iss").map(str::to_owned)
    }

    /// Verifies a token, and says whom of which company it speaks for.
    ///
    /// # Errors
    /// [`ForeignRefusal`].
    pub async fn verify(&self, token: &str, now_ms: i64) -> Result<ForeignClaims, ForeignRefusal> {
        let decoded = self.keys.decode(token, now_ms).await?;
        let known = |typ: &str| TYPES.iter().any(|known| known.eq_ignore_ascii_case(typ));
        if !decoded.typ.as_deref().is_none_or(known) {
            return Err(ForeignRefusal::WrongType);
        }
        let claims: Claims =
            serde_json::from_slice(&decoded.payload).map_err(|_| ForeignRefusal::Malformed)?;
        self.check(&claims, now_ms)?;
        Ok(ForeignClaims {
            tenant: self.tenant_of(&claims)?,
            member: self.member_of(&claims)?,
            by_email: matches!(self.member, MemberFrom::Email(_)),
        })
    }

    fn check(&self, claims: &Claims, now_ms: i64) -> Result<(), ForeignRefusal> {
        if claims.text("iss") != Some(&self.issuer) {
            return Err(ForeignRefusal::WrongIssuer);
        }
        if !claims.is_for(&self.audience) {
            return Err(ForeignRefusal::WrongAudience);
        }
        // A subject is always a text, whichever claim names the member.
        if claims.text("sub").is_none() {
            return Err(ForeignRefusal::Malformed);
        }
        let expires_ms = claims.time_ms("exp")?.ok_or(ForeignRefusal::Expired)?;
        let (not_before_ms, issued_ms) = (claims.time_ms("nbf")?, claims.time_ms("iat")?);
        let latest_begin = now_ms.saturating_add(LEEWAY_MS);
        if not_before_ms.is_some_and(|at| at > latest_begin) || issued_ms.is_some_and(|at| at > latest_begin)
        {
            return Err(ForeignRefusal::NotYet);
        }
        if expires_ms.saturating_add(LEEWAY_MS) <= now_ms {
            return Err(ForeignRefusal::Expired);
        }
        let since_ms = issued_ms.unwrap_or(now_ms).min(now_ms);
        if expires_ms.saturating_sub(since_ms) > LIFE_MAX_MS {
            return Err(ForeignRefusal::LivesTooLong);
        }
        Ok(())
    }

    fn tenant_of(&self, claims: &Claims) -> Result<String, ForeignRefusal> {
        let named = match &self.tenant {
            TenantFrom::Fixed(slug) => Some(slug.as_str()),
            TenantFrom::Claim(name) => claims.name(name),
        };
        let spoken_for = |tenant: &&str| {
            self.companies.as_ref().is_none_or(|companies| companies.iter().any(|own| own == tenant))
        };
        named.filter(spoken_for).map(str::to_owned).ok_or(ForeignRefusal::NoTenant)
    }

    fn member_of(&self, claims: &Claims) -> Result<String, ForeignRefusal> {
        let named = match &self.member {
            MemberFrom::Id(name) => claims.name(name),
            MemberFrom::Email(name) => {
                let unverified =
                    claims.0.get("email_verified").is_some_and(|said| *said != Value::Bool(true));
                claims.name(name).filter(|_| !unverified)
            }
        };
        named.map(str::to_owned).ok_or(ForeignRefusal::NoMember)
    }
}

/// The claims of a token, each once.
struct Claims(BTreeMap<String, Value>);

impl Claims {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// A text that names somebody.
    fn name(&self, name: &str) -> Option<&str> {
        self.text(name).filter(|text| !text.is_empty() && text.len() <= NAME_BYTES_MAX)
    }

    /// A time in whole or broken seconds (RFC 7519 §2), in milliseconds; none when there is none.
    fn time_ms(&self, name: &str) -> Result<Option<i64>, ForeignRefusal> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let seconds = match (value.as_i64(), value.as_f64()) {
            (Some(whole), _) => whole,
            // Beyond what a number of seconds can be it saturates, and then it is over or too far off.
            (None, Some(broken)) if broken.is_finite() => broken as i64,
            _ => return Err(ForeignRefusal::Malformed),
        };
        Ok(Some(seconds.saturating_mul(1000)))
    }

    /// Whether it is meant for this audience, alone or among others.
    fn is_for(&self, audience: &str) -> bool {
        match self.0.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(several)) => {
                several.iter().all(Value::is_string) && several.iter().any(|one| one == audience)
            }
            _ => false,
        }
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EachOnce;

        impl<'de> Visitor<'de> for EachOnce {
            type Value = Claims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of claims")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Claims, M::Error> {
                let mut claims = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if claims.len() == CLAIMS_MAX || claims.insert(name, value).is_some() {
                        return Err(de::Error::custom("a claim stands twice, or there are too many"));
                    }
                }
                Ok(Claims(claims))
            }
        }

        deserializer.deserialize_map(EachOnce)
    }
}

#[cfg(test)]
mod tests;
