//! API keys: long-lived secrets of programs, `iss_live_<key>_<secret><checksum>` (for operators `iss_root_…`).
//!
//! `<key>` is the tenant and the key's id, so that one look-up finds the record. The secret has 256 random bits, so the
//! record keeps a plain SHA-256 of the whole text. This module does not know what a key may do.

use crate::model::{KeyScope, Network};
use crate::{
    id::ApiKeyId,
    identity::{
        Holder, MalformedToken, Namespace, SecretBytes, SecretHash, SecretText,
        opaque_token::{TokenReader, TokenWriter},
    },
};
use minicbor::{Decode, Encode};
use std::net::IpAddr;
use zeroize::Zeroizing;

const MEMBER_PREFIX: &str = ApiKeyRecord::MEMBER_PREFIX;
const ROOT_PREFIX: &str = ApiKeyRecord::ROOT_PREFIX;

/// The characters at the end of `<key>` that are kept to be shown.
const SHOWN_CHARACTERS: usize = 6;

/// What is stored of an API key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ApiKeyRecord {
    /// The key.
    #[n(0)]
    pub id: ApiKeyId,
    /// Whom it speaks for.
    #[n(1)]
    pub holder: Holder,
    /// What its owner calls it; its length is the caller's to limit.
    #[n(2)]
    pub name: String,
    /// Enough of its text to recognise it in a list: the prefix and some characters that are not secret.
    #[n(3)]
    pub shown: String,
    /// The hash of its whole text.
    #[n(4)]
    pub hash: SecretHash,
    /// When it was made, in milliseconds since the epoch.
    #[n(5)]
    pub created_ms: i64,
    /// From when on it is refused; never when `None`.
    #[n(6)]
    pub expires_ms: Option<i64>,
    /// When it was revoked.
    #[n(7)]
    pub revoked_ms: Option<i64>,
    /// When it was last used, as exactly as the caller cares to write.
    #[n(8)]
    pub last_used_ms: Option<i64>,
    /// How far it reaches; none in records of old: as far as its holder.
    #[n(9)]
    pub scope: Option<KeyScope>,
    /// From where it may be used; none: from everywhere.
    #[n(10)]
    pub networks: Option<Vec<Network>>,
}

/// Why a well-formed API key is refused. For logs; a client learns only that it is not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyRefusal {
    /// It is not the key of this record.
    #[error("cannot accept the API key: there is no such key")]
    Unknown,
    /// It was revoked.
    #[error("cannot accept the API key: it was revoked; create another")]
    Revoked,
    /// Its time is over.
    #[error("cannot accept the API key: it has expired; create another")]
    Expired,
    /// It comes from an address that it may not be used from, or from one that is not known.
    #[error("cannot accept the API key: it may not be used from this address")]
    Elsewhere,
}

impl ApiKeyRecord {
    /// What the text of a key of a company's member begins with.
    pub const MEMBER_PREFIX: &str = "iss_live_";
    /// What that of somebody who runs the platform begins with.
    pub const ROOT_PREFIX: &str = "iss_root_";

    /// Makes a key from a fresh secret: the record to store, and the text that is shown once.
    #[must_use]
    pub fn create(
        id: ApiKeyId,
        holder: Holder,
        name: String,
        now_ms: i64,
        expires_ms: Option<i64>,
        fresh: &SecretBytes<32>,
    ) -> (Self, SecretText) {
        let prefix = match holder {
            Holder::Member { .. } => MEMBER_PREFIX,
            Holder::Root { .. } => ROOT_PREFIX,
        };
        let written = TokenWriter::new(prefix).namespace(holder.namespace()).bytes(id.as_bytes());
        let shown = format!("{prefix}…{}", written.last_characters(SHOWN_CHARACTERS));
        let text = SecretText::from_zeroizing(written.separator().bytes(fresh.as_bytes()).finish());
        let hash = SecretHash::of(text.expose().as_bytes());
        let record = Self {
            id,
            holder,
            name,
            shown,
            hash,
            created_ms: now_ms,
            expires_ms,
            revoked_ms: None,
            last_used_ms: None,
            scope: None,
            networks: None,
        };
        (record, text)
    }

    /// Whether the presented key is this one, and in force.
    ///
    /// # Errors
    /// [`ApiKeyRefusal`]; whether it was revoked or has expired is said only of the right secret.
    pub fn check(&self, presented: &PresentedApiKey, now_ms: i64) -> Result<(), ApiKeyRefusal> {
        if presented.hash != self.hash {
            return Err(ApiKeyRefusal::Unknown);
        }
        if self.revoked_ms.is_some() {
            return Err(ApiKeyRefusal::Revoked);
        }
        if self.expires_ms.is_some_and(|expires_ms| expires_ms <= now_ms) {
            return Err(ApiKeyRefusal::Expired);
        }
        Ok(())
    }

    /// Whether it is neither revoked nor expired.
    #[must_use]
    pub fn is_open(&self, now_ms: i64) -> bool {
        self.revoked_ms.is_none() && self.expires_ms.is_none_or(|expires_ms| now_ms < expires_ms)
    }

    /// Whether it may be used from this address; asked after [`check`](Self::check).
    ///
    /// # Errors
    /// [`ApiKeyRefusal::Elsewhere`].
    pub fn check_address(&self, address: Option<IpAddr>) -> Result<(), ApiKeyRefusal> {
        let Some(networks) = &self.networks else { return Ok(()) };
        let inside = |address: IpAddr| networks.iter().any(|network| network.contains(address));
        if address.is_some_and(inside) { Ok(()) } else { Err(ApiKeyRefusal::Elsewhere) }
    }

    /// How far it reaches.
    #[must_use]
    pub fn reach(&self) -> KeyScope {
        self.scope.unwrap_or(KeyScope::Admin)
    }
}

/// An API key as a client shows it, read but not yet believed.
#[derive(Debug)]
pub struct PresentedApiKey {
    namespace: Namespace,
    id: ApiKeyId,
    hash: SecretHash,
}

impl PresentedApiKey {
    /// Whether a bearer credential looks like an API key, rather than an access token.
    #[must_use]
    pub fn looks_like(text: &str) -> bool {
        text.starts_with(MEMBER_PREFIX) || text.starts_with(ROOT_PREFIX)
    }

    /// Reads a key's text.
    ///
    /// # Errors
    /// [`MalformedToken`]: it is no API key; nothing needs to be looked up.
    pub fn parse(text: &str) -> Result<Self, MalformedToken> {
        let (body, of_member) = match (text.strip_prefix(MEMBER_PREFIX), text.strip_prefix(ROOT_PREFIX)) {
            (Some(body), _) => (body, true),
            (_, Some(body)) => (body, false),
            _ => return Err(MalformedToken::Prefix { expected: "iss_live_` or `iss_root_" }),
        };
        let mut fields = TokenReader::new(text, body)?;
        let namespace = if of_member { fields.tenant()? } else { Namespace::Platform };
        let id = ApiKeyId::from_uuid(fields.uuid()?);
        fields.separator()?;
        let _secret: Zeroizing<[u8; 32]> = fields.bytes()?;
        fields.finish()?;
        Ok(Self { namespace, id, hash: SecretHash::of(text.as_bytes()) })
    }

    /// Where the record is kept.
    #[must_use]
    pub const fn namespace(&self) -> Namespace {
        self.namespace
    }

    /// Which key it says it is.
    #[must_use]
    pub const fn id(&self) -> ApiKeyId {
        self.id
    }
}

#[cfg(test)]
mod tests;
