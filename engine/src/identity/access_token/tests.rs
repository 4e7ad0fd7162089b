mod attacks;
mod wycheproof;

use super::*;
use crate::id::{MemberId, RootId, TenantId};
use jsonwebtoken::{EncodingKey, crypto};
use serde_json::{Value, json};
use std::path::PathBuf;
use tempfile::TempDir;
use uuid::Uuid;

const NOW: i64 = 1_800_000_000_000;
const ISSUER: &str = "https://issues.example";

/// One installation: its tokens, and what a forger would give much for.
struct Installation {
    _temp: TempDir,
    keys: PathBuf,
    tokens: AccessTokens,
    kid: String,
    private: EncodingKey,
}

impl Installation {
    fn new() -> Self {
        let temp = TempDir::new().unwrap();
        let keys = temp.path().join("signing");
        let loaded = SigningKeys::open(&keys, NOW).unwrap();
        let (kid, private) = (loaded.current(NOW).kid().to_owned(), loaded.current(NOW).encoding().clone());
        Self { _temp: temp, keys, tokens: AccessTokens::new(ISSUER, loaded), kid, private }
    }

    fn issue(&self, holder: Holder) -> String {
        self.tokens.issue(holder, session(), 7, NOW).unwrap().token.expose().to_owned()
    }

    fn verify(&self, token: &str, now_ms: i64) -> Result<AccessClaims, AccessTokenError> {
        self.tokens.verify(token, Audience::Tenant, now_ms)
    }

    fn header(&self) -> Value {
        json!({"typ": "at+jwt", "alg": "EdDSA", "kid": self.kid})
    }

    /// A token with any header and claims, signed with the installation's own key.
    fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", base64(header.as_bytes()), base64(claims.as_bytes()));
        let signature = crypto::sign(message.as_bytes(), &self.private, ALGORITHM).unwrap();
        format!("{message}.{signature}")
    }
}

fn base64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn member() -> Holder {
    Holder::Member {
        tenant: TenantId::from_uuid(Uuid::from_u128(1)),
        member: MemberId::from_uuid(Uuid::from_u128(2)),
    }
}

fn root() -> Holder {
    Holder::Root { root: RootId::from_uuid(Uuid::from_u128(3)) }
}

fn session() -> SessionId {
    SessionId::from_uuid(Uuid::from_u128(4))
}

/// The claims of a good token.
fn good_claims() -> Value {
    let id = SecretBytes::from_bytes([1; 16]);
    serde_json::to_value(Claims::new(ISSUER, member(), session(), 7, NOW, &id)).unwrap()
}

#[test]
fn what_is_issued_verifies_and_says_who() {
    let here = Installation::new();
    let issued = here.tokens.issue(member(), session(), 7, NOW + 999).unwrap();
    let claims = here.verify(issued.token.expose(), NOW + 1000).unwrap();
    let expected = AccessClaims {
        holder: member(),
        session: session(),
        version: 7,
        issued_at_ms: NOW,
        not_before_ms: NOW,
        expires_at_ms: NOW + ACCESS_TOKEN_LIFE_MS,
    };
    assert_eq!(claims, expected);
    assert_eq!(issued.expires_at_ms, claims.expires_at_ms);
    assert!(issued.token.expose().len() < 700, "{}", issued.token.expose().len());
}

#[test]
fn a_members_token_never_opens_the_platform_nor_an_operators_a_company() {
    let here = Installation::new();
    for (holder, own, other) in
        [(member(), Audience::Tenant, Audience::Platform), (root(), Audience::Platform, Audience::Tenant)]
    {
        let token = here.issue(holder);
        assert_eq!(here.tokens.verify(&token, other, NOW), Err(AccessTokenError::WrongAudience));
        assert_eq!(here.tokens.verify(&token, own, NOW).unwrap().holder, holder);
        let once_remembered = here.tokens.verify(&token, other, NOW);
        assert_eq!(once_remembered, Err(AccessTokenError::WrongAudience));
    }
}

#[test]
fn a_token_lives_ten_minutes_give_or_take_the_leeway() {
    let here = Installation::new();
    let token = here.issue(member());
    let end = NOW + ACCESS_TOKEN_LIFE_MS + CLOCK_LEEWAY_MS;
    for (now_ms, expected) in [
        (NOW - CLOCK_LEEWAY_MS - 1, Err(AccessTokenError::NotYet)),
        (NOW - CLOCK_LEEWAY_MS, Ok(())),
        (NOW, Ok(())),
        (end - 1, Ok(())),
        (end, Err(AccessTokenError::Expired)),
        (i64::MAX, Err(AccessTokenError::Expired)),
        (i64::MIN, Err(AccessTokenError::NotYet)),
    ] {
        assert_eq!(here.verify(&token, now_ms).map(drop), expected, "{now_ms}");
    }
}

#[test]
fn the_system_clock_plays_no_part() {
    let here = Installation::new();
    for now_ms in [0, 4_000_000_000_000] {
        let token = here.tokens.issue(member(), session(), 1, now_ms).unwrap().token;
        here.verify(token.expose(), now_ms).unwrap();
    }
}

#[test]
fn a_remembered_token_still_expires_on_time() {
    let here = Installation::new();
    let token = here.issue(member());
    let end = NOW + ACCESS_TOKEN_LIFE_MS + CLOCK_LEEWAY_MS;
    here.verify(&token, end - 1).unwrap();
    assert_eq!(here.verify(&token, end), Err(AccessTokenError::Expired));
}

#[test]
fn a_token_is_remembered_half_a_minute_and_never_past_its_end() {
    let here = Installation::new();
    let token = here.issue(member());
    let name = VerifiedTokens::name(&token);
    let remembered = |now_ms| here.tokens.verified.find(&name, 0, now_ms).is_some();
    assert!(!remembered(NOW));
    here.verify(&token, NOW).unwrap();
    assert!(remembered(NOW) && remembered(NOW + VERIFIED_TOKEN_KEPT_MS - 1));
    assert!(!remembered(NOW + VERIFIED_TOKEN_KEPT_MS) && !remembered(NOW - 1));
    let end = NOW + ACCESS_TOKEN_LIFE_MS;
    here.verify(&token, end - 1000).unwrap();
    assert!(remembered(end - 1) && !remembered(end));
}

#[test]
fn a_refused_token_is_not_remembered() {
    let here = Installation::new();
    let token = here.issue(member());
    here.verify(&token, NOW + 10 * ACCESS_TOKEN_LIFE_MS).unwrap_err();
    here.verify(&format!("{token}A"), NOW).unwrap_err();
    assert_eq!(format!("{:?}", here.tokens.verified), "VerifiedTokens { remembered: 0 }");
}

#[test]
fn rotation_refuses_no_token_and_retirement_refuses_even_remembered_ones() {
    let here = Installation::new();
    let old = here.issue(member());
    here.verify(&old, NOW).unwrap();
    SigningKeys::add_next(&here.keys, NOW + 1000).unwrap();
    here.tokens.replace_keys(SigningKeys::open(&here.keys, NOW).unwrap());
    here.verify(&old, NOW).unwrap();
    let new = here.tokens.issue(member(), session(), 7, NOW + 1000).unwrap().token;
    assert_ne!(old.split('.').next(), new.expose().split('.').next(), "another kid");
    here.verify(new.expose(), NOW + 1000).unwrap();
    SigningKeys::retire_superseded(&here.keys, i64::MAX).unwrap();
    here.tokens.replace_keys(SigningKeys::open(&here.keys, NOW).unwrap());
    assert_eq!(here.verify(&old, NOW + 1000), Err(AccessTokenError::UnknownKey));
    here.verify(new.expose(), NOW + 1000).unwrap();
}

#[test]
fn neither_the_token_nor_the_private_key_is_printed() {
    let here = Installation::new();
    let issued = here.tokens.issue(member(), session(), 7, NOW).unwrap();
    let printed = format!("{issued:?} {:?}", here.tokens);
    assert!(!printed.contains(issued.token.expose().split('.').nth(2).unwrap()), "{printed}");
    let private = here.private.as_bytes();
    assert!(!printed.contains(&format!("{private:?}")) && !printed.contains(&base64(private)), "{printed}");
    let error = here.verify(&format!("{}.canary", issued.token.expose()), NOW).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
}
