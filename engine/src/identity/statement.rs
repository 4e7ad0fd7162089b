//! Signed statements: JSON of a type of its own, signed with the keys that sign access tokens, for others to keep.
//!
//! They are JSON Web Signatures (RFC 7515), which any library verifies with the public keys. A statement is no token: its
//! type is another, and nobody signs in with it. This module does not know what is stated.

use super::access_token::AccessTokens;
use super::crypto_provider;
use super::signing_keys::Jwks;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The longest statement that is looked at, in bytes.
const STATEMENT_BYTES_MAX: usize = 8 * 1024;

/// Keys that one set of public keys holds.
const KEYS_MAX: usize = 32;

/// Why a statement is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StatementRefusal {
    /// It is not one.
    #[error("this is no signed statement of this type")]
    Malformed,
    /// The key that signed it is not among those that are known.
    #[error("it is signed with a key that is not among the public keys at hand")]
    UnknownKey,
    /// Somebody changed it.
    #[error("the signature does not fit: it was changed, or forged")]
    Forged,
}

/// Why there are no public keys in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no Ed25519 public keys: expected a JSON Web Key, or a set of them")]
pub struct NoPublicKeys;

/// Public keys that statements are verified with.
pub struct PublicKeys(Vec<(String, DecodingKey)>);

impl std::fmt::Debug for PublicKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(kid, _)| kid)).finish()
    }
}

impl PublicKeys {
    /// The keys in a JSON Web Key, or in a set of them. Those of other kinds are left out.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn from_json(text: &str) -> Result<Self, NoPublicKeys> {
        crypto_provider::ensure_installed();
        let value: Value = serde_json::from_str(text).map_err(|_| NoPublicKeys)?;
        let keys = match value.get("keys").and_then(Value::as_array) {
            Some(keys) => keys.iter().take(KEYS_MAX).filter_map(key).collect(),
            None => key(&value).into_iter().collect::<Vec<_>>(),
        };
        if keys.is_empty() { Err(NoPublicKeys) } else { Ok(Self(keys)) }
    }
}

/// The name and the public half of a key.
fn key(value: &Value) -> Option<(String, DecodingKey)> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    if text("kty") != Some("OKP") || text("crv") != Some("Ed25519") {
        return None;
    }
    let public = BASE64URL_NOPAD.decode(text("x")?.as_bytes()).ok().filter(|bytes| bytes.len() == 32)?;
    Some((text("kid")?.to_owned(), DecodingKey::from_ed_der(&public)))
}

impl AccessTokens {
    /// States something, signed with the key that signs at this moment.
    ///
    /// # Errors
    ///
    /// The cryptography failed.
    pub fn state(
        &self,
        of_type: &str,
        claims: &impl Serialize,
        now_ms: i64,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        self.with_keys(|keys| {
            let key = keys.current(now_ms);
            let mut header = Header::new(Algorithm::EdDSA);
            header.typ = Some(of_type.to_owned());
            header.kid = Some(key.kid().to_owned());
            jsonwebtoken::encode(&header, claims, key.encoding())
        })
    }

    /// The public halves of all keys, for others to keep.
    #[must_use]
    pub fn public_keys(&self) -> Jwks {
        self.with_keys(|keys| keys.jwks())
    }
}

/// What a statement of this type says.
///
/// # Errors
///
/// [`StatementRefusal`].
pub fn read_statement<T: DeserializeOwned>(
    of_type: &str,
    text: &str,
    keys: &PublicKeys,
) -> Result<T, StatementRefusal> {
    if text.len() > STATEMENT_BYTES_MAX {
        return Err(StatementRefusal::Malformed);
    }
    let malformed = || StatementRefusal::Malformed;
    let (message, signature) = text.rsplit_once('.').ok_or_else(malformed)?;
    let (header, claims) = message.split_once('.').ok_or_else(malformed)?;
    let decoded = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| malformed());
    let header: Value = serde_json::from_slice(&decoded(header)?).map_err(|_| malformed())?;
    let named = |name: &str| header.get(name).and_then(Value::as_str);
    if named("alg") != Some("EdDSA") || named("typ") != Some(of_type) || header.get("crit").is_some() {
        return Err(malformed());
    }
    let known = keys.0.iter().find(|(kid, _)| Some(kid.as_str()) == named("kid"));
    let (_, key) = known.ok_or(StatementRefusal::UnknownKey)?;
    match jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, Algorithm::EdDSA) {
        Ok(true) => serde_json::from_slice(&decoded(claims)?).map_err(|_| malformed()),
        _ => Err(StatementRefusal::Forged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{MemberId, SessionId, TenantId};
    use crate::identity::{Audience, Holder, SigningKeys};

    const TYPE: &str = "a-statement+jwt";

    fn tokens() -> (tempfile::TempDir, AccessTokens) {
        let folder = tempfile::tempdir().unwrap();
        let keys = SigningKeys::open(&folder.path().join("signing"), 0).unwrap();
        (folder, AccessTokens::new("test", keys))
    }

    fn public(tokens: &AccessTokens) -> PublicKeys {
        PublicKeys::from_json(&serde_json::to_string(&tokens.public_keys()).unwrap()).unwrap()
    }

    #[test]
    fn a_statement_is_read_with_the_public_key_and_by_its_type_alone() {
        let (_folder, tokens) = tokens();
        let text = tokens.state(TYPE, &serde_json::json!({ "n": 1 }), 1).unwrap();
        let keys = public(&tokens);
        assert_eq!(read_statement::<Value>(TYPE, &text, &keys).unwrap()["n"], 1);
        assert_eq!(read_statement::<Value>("other+jwt", &text, &keys), Err(StatementRefusal::Malformed));
        let (_other, others) = self::tokens();
        assert_eq!(read_statement::<Value>(TYPE, &text, &public(&others)), Err(StatementRefusal::UnknownKey));
    }

    #[test]
    fn nobody_signs_in_with_a_statement() {
        let (_folder, tokens) = tokens();
        let holder = Holder::Member { tenant: TenantId::generate(), member: MemberId::generate() };
        let issued = tokens.issue(holder, SessionId::generate(), 1, 1).unwrap();
        let access = issued.token.expose();
        assert!(tokens.verify(access, Audience::Tenant, 1).is_ok());
        let claims = BASE64URL_NOPAD.decode(access.split('.').nth(1).unwrap().as_bytes()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        let text = tokens.state(TYPE, &claims, 1).unwrap();
        assert!(tokens.verify(&text, Audience::Tenant, 1).is_err(), "the same words, as another type");
    }

    #[test]
    fn whatever_is_changed_of_it_is_seen() {
        let (_folder, tokens) = tokens();
        let text = tokens.state(TYPE, &serde_json::json!({ "n": 1 }), 1).unwrap();
        let keys = public(&tokens);
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(changed == text || read_statement::<Value>(TYPE, &changed, &keys).is_err(), "{at}");
        }
    }

    #[test]
    fn keys_come_alone_or_in_a_set_and_nothing_else_is_one() {
        let (_folder, tokens) = tokens();
        let set = serde_json::to_value(tokens.public_keys()).unwrap();
        assert!(PublicKeys::from_json(&set.to_string()).is_ok());
        assert!(PublicKeys::from_json(&set["keys"][0].to_string()).is_ok());
        for text in
            ["", "{}", "{\"keys\":[]}", "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\",\"kid\":\"a\"}"]
        {
            assert!(PublicKeys::from_json(text).is_err(), "{text}");
        }
    }
}
