//! The keys of a foreign issuer, and the one way to decode what they signed (RFC 7515, 7517).
//!
//! It does not know what a payload means, nor where the keys come from.

use super::key::{Key, RawKey};
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt;

/// The most keys of a set.
const KEYS_MAX: usize = 32;

/// The longest token that is looked at, in bytes.
pub(super) const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// Bytes of a key's name.
const KID_BYTES_MAX: usize = 256;

/// Which keys a set may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinds {
    /// Public ones: what anybody may fetch must hold no secret.
    Public,
    /// Public ones, or shared secrets, but not both: who configures the set vouches that it is kept from others.
    PublicOrShared,
}

/// Why a set of keys is not used at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// It is no JSON object with a list `keys`.
    #[error("cannot read the set of keys: it is no JSON Web Key Set")]
    Malformed,
    /// It has more keys than any honest issuer.
    #[error("cannot use the set of keys: it has more than {KEYS_MAX} keys")]
    TooMany,
    /// Two keys have one name, or one of several has none.
    #[error("cannot use the set of keys: two of its keys have the same `kid`, or one of several has none")]
    Ambiguous,
    /// It holds a shared secret where only public keys may be, or beside them.
    #[error("cannot use the set of keys: it holds a shared secret where only public keys may be")]
    Shared,
}

/// The keys of one issuer that can be used.
pub struct KeySet(Vec<Key>);

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|key| (&key.kid, key.algorithm.name()))).finish()
    }
}

#[derive(Deserialize)]
struct RawSet {
    keys: Vec<serde_json::Value>,
}

/// The part of a header that matters. Other members are ignored, but one of these given twice is refused.
#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow)]
    kid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    typ: Option<Cow<'a, str>>,
    /// Extensions that a verifier must understand (RFC 7515 §4.1.11). We understand none.
    crit: Option<serde::de::IgnoredAny>,
    /// Whether the payload is encoded (RFC 7797). Anything but the usual is refused.
    b64: Option<serde::de::IgnoredAny>,
}

/// A token that was decoded and whose signature fits.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) payload: Vec<u8>,
    /// What the header calls it.
    pub(super) typ: Option<String>,
}

/// Why a token was not decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Undecoded {
    Malformed,
    /// It is signed with a key that is not in the set.
    UnknownKey(Option<String>),
    /// Its header asks for another algorithm than its key has.
    WrongAlgorithm,
    BadSignature,
    /// The keys could not be fetched, so nothing can be said of it.
    Unavailable,
}

impl KeySet {
    /// Reads a set. Keys that are not for verifying, of unknown kinds, or too weak are left out.
    ///
    /// # Errors
    /// [`KeySetError`]: none of it is used.
    pub fn read(json: &[u8], kinds: Kinds) -> Result<Self, KeySetError> {
        let raw: RawSet = serde_json::from_slice(json).map_err(|_| KeySetError::Malformed)?;
        if raw.keys.len() > KEYS_MAX {
            return Err(KeySetError::TooMany);
        }
        if has_twins(&raw.keys) {
            return Err(KeySetError::Ambiguous);
        }
        let mut keys = Vec::with_capacity(raw.keys.len());
        for value in raw.keys {
            // One that cannot be read is of a kind that is not known here.
            let Ok(raw) = serde_json::from_value::<RawKey>(value) else { continue };
            keys.extend(Key::read(&raw));
        }
        let shared = keys.iter().filter(|key| key.is_shared()).count();
        let allowed = match kinds {
            Kinds::Public => shared == 0,
            Kinds::PublicOrShared => shared == 0 || shared == keys.len(),
        };
        if !allowed {
            return Err(KeySetError::Shared);
        }
        let named = |key: &Key| key.kid.as_ref().is_some_and(|kid| kid.len() <= KID_BYTES_MAX);
        if keys.len() > 1 && !keys.iter().all(named) {
            return Err(KeySetError::Ambiguous);
        }
        Ok(Self(keys))
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The payload of a compact token that one of the keys has signed.
    pub(super) fn decode(&self, token: &str) -> Result<Decoded, Undecoded> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Undecoded::Malformed);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Undecoded::Malformed);
        };
        let signed = token.get(..header.len() + 1 + payload.len()).ok_or(Undecoded::Malformed)?;
        let bytes = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| Undecoded::Malformed);
        let (header, payload, signature) = (bytes(header)?, bytes(payload)?, bytes(signature)?);
        let header: Header<'_> = serde_json::from_slice(&header).map_err(|_| Undecoded::Malformed)?;
        if header.crit.is_some() || header.b64.is_some() {
            return Err(Undecoded::Malformed);
        }
        let unknown = || Undecoded::UnknownKey(header.kid.as_deref().map(str::to_owned));
        let key = self.find(header.kid.as_deref()).ok_or_else(unknown)?;
        if header.alg != key.algorithm.name() {
            return Err(Undecoded::WrongAlgorithm);
        }
        if !key.verifies(signed.as_bytes(), &signature) {
            return Err(Undecoded::BadSignature);
        }
        Ok(Decoded { payload, typ: header.typ.map(Cow::into_owned) })
    }

    /// The key with this name; without one, the only key there is.
    fn find(&self, kid: Option<&str>) -> Option<&Key> {
        match (kid, self.0.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            // A single key without a name is the one, whatever the token calls it.
            (Some(_), [only]) if only.kid.is_none() => Some(only),
            (Some(kid), keys) => keys.iter().find(|key| key.kid.as_deref() == Some(kid)),
        }
    }
}

/// Whether two keys of a set have one name, also those that cannot be used: who left one of them out would say which of
/// the two was meant.
fn has_twins(keys: &[serde_json::Value]) -> bool {
    let mut names: Vec<&str> = keys.iter().filter_map(|key| key.get("kid")?.as_str()).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| matches!(pair, [one, other] if one == other))
}

#[cfg(test)]
mod tests;
