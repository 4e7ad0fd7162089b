//! The attacks on tokens that are known, against a token of an external issuer.

use super::*;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::json;

const NOW: i64 = 1_800_000_000_000;
const ISSUER: &str = "https://id.vendor.example";
const AUDIENCE: &str = "mortise";

struct Vendor {
    pair: Ed25519KeyPair,
    issuer: ExternalIssuer,
}

impl Vendor {
    fn new() -> Self {
        Self::with(MemberFrom::Email("email".into()))
    }

    fn with(member: MemberFrom) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let x = BASE64URL_NOPAD.encode(pair.public_key().as_ref());
        let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "one", "x": x}]});
        let keys = RemoteKeys::fixed(keys.to_string().as_bytes()).unwrap();
        let issuer = ExternalIssuer::new(ISSUER, AUDIENCE, keys, TenantFrom::Claim("company".into()), member);
        Self { pair, issuer }
    }

    fn sign(&self, typ: Option<&str>, payload: &str) -> String {
        let mut header = json!({"alg": "EdDSA", "kid": "one"});
        if let Some(typ) = typ {
            header["typ"] = json!(typ);
        }
        let [header, payload] =
            [header.to_string(), payload.to_owned()].map(|part| BASE64URL_NOPAD.encode(part.as_bytes()));
        let signed = format!("{header}.{payload}");
        let signature = BASE64URL_NOPAD.encode(self.pair.sign(signed.as_bytes()).as_ref());
        format!("{signed}.{signature}")
    }

    async fn verify(&self, claims: &Value) -> Result<ForeignClaims, ForeignRefusal> {
        self.issuer.verify(&self.sign(Some("JWT"), &claims.to_string()), NOW).await
    }
}

fn claims() -> Value {
    let now = NOW / 1000;
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "42", "company": "acme", "email": "ana@acme.test",
        "iat": now - 10, "nbf": now - 10, "exp": now + 600,
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

#[tokio::test]
async fn a_good_token_says_whom_of_which_company() {
    let vendor = Vendor::new();
    let expected = ForeignClaims { tenant: "acme".into(), member: "ana@acme.test".into(), by_email: true };
    assert_eq!(vendor.verify(&claims()).await, Ok(expected.clone()));
    assert_eq!(vendor.verify(&with("aud", json!(["other", AUDIENCE]))).await, Ok(expected.clone()));
    assert_eq!(vendor.verify(&with("email_verified", json!(true))).await, Ok(expected.clone()));
    assert_eq!(vendor.verify(&with("exp", json!(NOW as f64 / 1000.0 + 60.5))).await, Ok(expected));
    let token = vendor.sign(None, &claims().to_string());
    assert_eq!(ExternalIssuer::named_in(&token).as_deref(), Some(ISSUER));
}

#[tokio::test]
async fn every_claim_must_be_there_and_right() {
    use ForeignRefusal::{
        Expired, LivesTooLong, Malformed, NoMember, NoTenant, NotYet, WrongAudience, WrongIssuer,
    };
    let (vendor, now) = (Vendor::new(), NOW / 1000);
    for (claims, refusal) in [
        (without("iss"), WrongIssuer),
        (with("iss", json!("https://id.vendor.example/")), WrongIssuer),
        (with("iss", json!([ISSUER])), WrongIssuer),
        (without("aud"), WrongAudience),
        (with("aud", json!("other")), WrongAudience),
        (with("aud", json!([])), WrongAudience),
        (with("aud", json!([AUDIENCE, 1])), WrongAudience),
        (without("sub"), Malformed),
        (with("sub", json!(42)), Malformed),
        (without("exp"), Expired),
        (with("exp", json!(now - 31)), Expired),
        (with("exp", json!("9999999999")), Malformed),
        (with("exp", json!(null)), Malformed),
        (with("exp", json!(now + 100 * 86_400)), LivesTooLong),
        (with("exp", json!(1e300)), LivesTooLong),
        (with("exp", json!(i64::MAX)), LivesTooLong),
        (with("nbf", json!(now + 600)), NotYet),
        (with("nbf", json!("soon")), Malformed),
        (with("iat", json!(now + 600)), NotYet),
        (with("iat", json!(now - 100 * 86_400)), LivesTooLong),
        (without("company"), NoTenant),
        (with("company", json!("")), NoTenant),
        (with("company", json!(["acme"])), NoTenant),
        (without("email"), NoMember),
        (with("email", json!({"a": 1})), NoMember),
        (with("email_verified", json!(false)), NoMember),
        (with("email_verified", json!("true")), NoMember),
        (json!([]), Malformed),
        (json!("text"), Malformed),
    ] {
        assert_eq!(vendor.verify(&claims).await, Err(refusal), "{claims}");
    }
}

#[tokio::test]
async fn a_claim_that_stands_twice_is_refused() {
    let vendor = Vendor::new();
    let twice = claims().to_string().replacen('{', "{\"company\":\"globex\",", 1);
    let token = vendor.sign(Some("JWT"), &twice);
    assert_eq!(vendor.issuer.verify(&token, NOW).await, Err(ForeignRefusal::Malformed));
}

#[tokio::test]
async fn a_token_of_another_kind_is_refused() {
    let vendor = Vendor::new();
    for typ in ["secevent+jwt", "dpop+jwt", "logout+jwt", ""] {
        let token = vendor.sign(Some(typ), &claims().to_string());
        assert_eq!(vendor.issuer.verify(&token, NOW).await, Err(ForeignRefusal::WrongType), "{typ}");
    }
    for typ in ["jwt", "at+jwt"] {
        assert!(vendor.issuer.verify(&vendor.sign(Some(typ), &claims().to_string()), NOW).await.is_ok());
    }
}

#[tokio::test]
async fn an_issuer_speaks_for_its_own_companies_alone() {
    let Vendor { pair, issuer } = Vendor::new();
    let vendor = Vendor { pair, issuer: issuer.only_for(["acme".to_owned()]) };
    assert!(vendor.verify(&claims()).await.is_ok());
    assert_eq!(vendor.verify(&with("company", json!("globex"))).await, Err(ForeignRefusal::NoTenant));
}

#[tokio::test]
async fn what_another_key_has_signed_is_refused() {
    let (vendor, thief) = (Vendor::new(), Vendor::new());
    let forged = thief.sign(Some("JWT"), &claims().to_string());
    assert_eq!(vendor.issuer.verify(&forged, NOW).await, Err(ForeignRefusal::BadSignature));
    let good = vendor.sign(Some("JWT"), &claims().to_string());
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(vendor.issuer.verify(&changed, NOW).await.is_err(), "{at}");
    }
}

#[tokio::test]
async fn a_member_is_named_by_id_where_that_was_agreed() {
    let vendor = Vendor::with(MemberFrom::Id("sub".into()));
    let expected = ForeignClaims { tenant: "acme".into(), member: "42".into(), by_email: false };
    assert_eq!(vendor.verify(&without("email")).await, Ok(expected));
}
