//! Every forgery we know of, one line each.

use super::*;
use AccessTokenError::{
    BadSignature, Expired, LivesTooLong, Malformed, NotYet, TooLong, UnknownKey, WrongAlgorithm,
    WrongAudience, WrongIssuer, WrongType,
};

/// Makes good tokens with one thing changed, and notes which were not refused as expected.
struct Forger {
    here: Installation,
    failures: Vec<String>,
}

impl Forger {
    fn expect(&mut self, attack: &str, token: &str, expected: AccessTokenError) {
        // Twice: what was refused must not be remembered as good.
        for attempt in 1..=2 {
            let outcome = self.here.verify(token, NOW);
            if outcome != Err(expected) {
                self.failures.push(format!("{attack}, attempt {attempt}: {outcome:?}, not {expected:?}"));
            }
        }
    }

    fn header(&mut self, attack: &str, change: impl FnOnce(&mut Value), expected: AccessTokenError) {
        let mut header = self.here.header();
        change(&mut header);
        let token = self.here.sign(&header.to_string(), &good_claims().to_string());
        self.expect(attack, &token, expected);
    }

    fn claims(&mut self, attack: &str, change: impl FnOnce(&mut Value), expected: AccessTokenError) {
        let mut claims = good_claims();
        change(&mut claims);
        self.raw_claims(attack, &claims.to_string(), expected);
    }

    /// Claims as raw text, for what no JSON value can hold.
    fn raw_claims(&mut self, attack: &str, claims: &str, expected: AccessTokenError) {
        let token = self.here.sign(&self.here.header().to_string(), claims);
        self.expect(attack, &token, expected);
    }

    fn finish(self) {
        assert!(self.failures.is_empty(), "{:#?}", self.failures);
        let good = self.here.sign(&self.here.header().to_string(), &good_claims().to_string());
        assert!(self.here.verify(&good, NOW).is_ok(), "what was changed was a good token");
    }
}

fn forger() -> Forger {
    Forger { here: Installation::new(), failures: Vec::new() }
}

fn remove(object: &mut Value, member: &str) {
    object.as_object_mut().unwrap().remove(member).unwrap();
}

/// A header and the good claims, not yet signed.
fn message(header: &Value) -> String {
    format!("{}.{}", base64(header.to_string().as_bytes()), base64(good_claims().to_string().as_bytes()))
}

#[test]
fn no_other_algorithm_is_accepted() {
    let mut forger = forger();
    let names =
        ["none", "None", "nOnE", "", "HS256", "RS256", "ES256", "PS512", "EDDSA", "Ed25519", "EdDSA "];
    for alg in names {
        forger.header(alg, |header| header["alg"] = json!(alg), WrongAlgorithm);
    }
    forger.header("no algorithm", |header| remove(header, "alg"), Malformed);
    forger.header("algorithm as a list", |header| header["alg"] = json!(["EdDSA"]), Malformed);
    forger.finish();
}

#[test]
fn a_stripped_signature_is_refused() {
    let mut forger = forger();
    for (alg, empty, absent) in [("none", WrongAlgorithm, WrongAlgorithm), ("EdDSA", BadSignature, Malformed)]
    {
        let mut header = forger.here.header();
        header["alg"] = json!(alg);
        forger.expect(alg, &format!("{}.", message(&header)), empty);
        forger.expect(alg, &message(&header), absent);
    }
    forger.finish();
}

#[test]
fn the_public_key_is_no_hmac_secret() {
    let mut forger = forger();
    let jwks = SigningKeys::open(&forger.here.keys, NOW).unwrap().jwks();
    let jwks = serde_json::to_value(jwks).unwrap();
    let public = BASE64URL_NOPAD.decode(jwks["keys"][0]["x"].as_str().unwrap().as_bytes()).unwrap();
    for (alg, expected) in [("HS256", WrongAlgorithm), ("EdDSA", BadSignature)] {
        let mut header = forger.here.header();
        header["alg"] = json!(alg);
        let message = message(&header);
        let secret = EncodingKey::from_secret(&public);
        let signature = crypto::sign(message.as_bytes(), &secret, Algorithm::HS256).unwrap();
        forger.expect(alg, &format!("{message}.{signature}"), expected);
    }
    forger.finish();
}

#[test]
fn only_a_known_kid_is_accepted_and_it_is_never_a_path() {
    let mut forger = forger();
    forger.header("no kid", |header| remove(header, "kid"), UnknownKey);
    forger.header("kid null", |header| header["kid"] = Value::Null, UnknownKey);
    forger.header("kid a number", |header| header["kid"] = json!(0), Malformed);
    let padded = format!("{} ", forger.here.kid);
    let kids =
        ["", "other", "../../../../dev/null", "/proc/self/environ", "' OR 1=1 --", "\0", "*", "%s", &padded];
    for kid in kids {
        forger.header(kid, |header| header["kid"] = json!(kid), UnknownKey);
    }
    let elsewhere = Installation::new();
    forger.expect("another installation's key", &elsewhere.issue(member()), UnknownKey);
    let under_our_kid = elsewhere.sign(&forger.here.header().to_string(), &good_claims().to_string());
    forger.expect("another key under our kid", &under_our_kid, BadSignature);
    forger.finish();
}

#[test]
fn keys_named_in_the_token_are_never_used() {
    let mut forger = forger();
    let evil = Installation::new();
    let jwks = serde_json::to_value(SigningKeys::open(&evil.keys, NOW).unwrap().jwks()).unwrap();
    for (name, value) in [
        ("jwk", jwks["keys"][0].clone()),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("http://169.254.169.254/")),
        ("x5c", json!(["MIIB"])),
    ] {
        let mut header = forger.here.header();
        header[name] = value;
        let signed_by_evil = evil.sign(&header.to_string(), &good_claims().to_string());
        forger.expect(name, &signed_by_evil, BadSignature);
        let signed_by_us = forger.here.sign(&header.to_string(), &good_claims().to_string());
        assert!(forger.here.verify(&signed_by_us, NOW).is_ok(), "{name} is ignored");
        header["kid"] = json!(evil.kid);
        let signed_by_evil = evil.sign(&header.to_string(), &good_claims().to_string());
        forger.expect(name, &signed_by_evil, UnknownKey);
    }
    forger.finish();
}

#[test]
fn a_token_of_another_kind_is_refused() {
    let mut forger = forger();
    forger.header("no type", |header| remove(header, "typ"), WrongType);
    for typ in ["JWT", "jwt", "at+JWT", "plugin+jwt", "", "at+jwt "] {
        forger.header(typ, |header| header["typ"] = json!(typ), WrongType);
    }
    forger.header("critical extension", |header| header["crit"] = json!(["b64"]), Malformed);
    forger.header("no critical extension", |header| header["crit"] = json!([]), Malformed);
    for text in ["iss_live_0123_456", "", ".", "..", "...", "a.b.c", "é.é.é", "null", "{}"] {
        forger.expect(text, text, Malformed);
    }
    forger.finish();
}

#[test]
fn refresh_and_access_tokens_never_stand_for_each_other() {
    use crate::identity::{ClientFingerprint, PresentedApiKey, PresentedRefreshToken, RefreshFamily};
    let mut forger = forger();
    let (proof, fresh) = (SecretBytes::from_bytes([1; 16]), SecretBytes::from_bytes([2; 32]));
    let client = ClientFingerprint::of("");
    let (_, refresh) = RefreshFamily::begin(session(), member(), NOW, client, &proof, &fresh);
    forger.expect("a refresh token", refresh.expose(), Malformed);
    let access = forger.here.issue(member());
    assert!(PresentedRefreshToken::parse(&access).is_err());
    assert!(PresentedApiKey::parse(&access).is_err() && PresentedApiKey::parse(refresh.expose()).is_err());
    forger.finish();
}

#[test]
fn audience_and_issuer_are_required_and_exact() {
    let mut forger = forger();
    for claim in ["aud", "iss"] {
        forger.claims(claim, |claims| remove(claims, claim), Malformed);
        forger.claims(claim, |claims| claims[claim] = Value::Null, Malformed);
        forger.claims(claim, |claims| claims[claim] = json!(["mortise:tenant", ISSUER]), Malformed);
    }
    for audience in ["", "other", "mortise:platform", "mortise", "Mortise:Tenant"] {
        forger.claims(audience, |claims| claims["aud"] = json!(audience), WrongAudience);
    }
    for issuer in ["", "https://issues.example/", "https://evil.example", "HTTPS://ISSUES.EXAMPLE"] {
        forger.claims(issuer, |claims| claims["iss"] = json!(issuer), WrongIssuer);
    }
    forger.finish();
}

#[test]
fn times_are_required_and_whole_numbers() {
    let mut forger = forger();
    for claim in ["exp", "nbf", "iat"] {
        forger.claims(claim, |claims| remove(claims, claim), Malformed);
        let text = (NOW / 1000 + 60).to_string();
        for value in [
            json!(text),
            json!(1.8e9),
            json!(true),
            json!(null),
            json!([1]),
            json!(u64::MAX),
            json!(i64::MAX),
        ] {
            forger.claims(&format!("{claim} {value}"), |claims| claims[claim] = value, Malformed);
        }
        let claims = good_claims();
        let number = claims[claim].to_string();
        let endless = claims.to_string().replacen(
            &format!("\"{claim}\":{number}"),
            &format!("\"{claim}\":{number}e999"),
            1,
        );
        forger.raw_claims("a number beyond all numbers", &endless, Malformed);
    }
    forger.finish();
}

#[test]
fn times_are_in_force() {
    let mut forger = forger();
    let now_s = NOW / 1000;
    forger.claims("just expired", |claims| claims["exp"] = json!(now_s - 5), Expired);
    forger.claims("long expired", |claims| claims["exp"] = json!(1), Expired);
    forger.claims("expired before all time", |claims| claims["exp"] = json!(-1), Malformed);
    forger.claims("not before, ten minutes ahead", |claims| claims["nbf"] = json!(now_s + 600), NotYet);
    forger.claims("issued in the future", |claims| claims["iat"] = json!(now_s + 6), NotYet);
    forger.claims("far expiry", |claims| claims["exp"] = json!(now_s + 601), LivesTooLong);
    let very_far = 9_000_000_000_000_i64;
    forger.claims("very far expiry", |claims| claims["exp"] = json!(very_far), LivesTooLong);
    forger.finish();
}

#[test]
fn identities_are_required_and_of_their_own_kind() {
    let mut forger = forger();
    for claim in ["sub", "sid", "ver", "jti"] {
        forger.claims(claim, |claims| remove(claims, claim), Malformed);
    }
    let good = good_claims();
    let (sub, tid) = (good["sub"].as_str().unwrap(), good["tid"].clone());
    let root = root_id();
    let zero = format!("{sub}\0");
    for value in [
        json!(1),
        json!({}),
        json!([sub]),
        json!(null),
        json!(""),
        json!(zero),
        json!(sub.to_uppercase()),
        tid,
    ] {
        forger.claims(&format!("sub {value}"), |claims| claims["sub"] = value, Malformed);
    }
    forger.claims("a member without a tenant", |claims| remove(claims, "tid"), Malformed);
    forger.claims("an operator in a tenant", |claims| claims["sub"] = json!(root), Malformed);
    let operator = |claims: &mut Value| {
        remove(claims, "tid");
        claims["sub"] = json!(root);
    };
    forger.claims("an operator for the members' audience", operator, Malformed);
    forger.claims("a member for a tenant", |claims| claims["tid"] = json!(sub), Malformed);
    forger.claims("a member for a session", |claims| claims["sid"] = json!(sub), Malformed);
    forger.claims("a negative version", |claims| claims["ver"] = json!(-1), Malformed);
    forger.claims("a role", |claims| claims["role"] = json!("super_admin"), Malformed);
    forger.finish();
}

fn root_id() -> String {
    let Holder::Root { root } = root() else { return String::new() };
    root.to_string()
}

#[test]
fn a_claim_or_header_given_twice_is_refused() {
    let mut forger = forger();
    let good = good_claims().to_string();
    for (claim, value) in good_claims().as_object().unwrap() {
        let twice = good.replacen('{', &format!("{{\"{claim}\":{value},"), 1);
        forger.raw_claims(claim, &twice, Malformed);
    }
    let escaped = good.replacen('{', "{\"\\u0065xp\":1800000600,", 1);
    forger.raw_claims("exp in escapes", &escaped, Malformed);
    let header = forger.here.header();
    for (name, value) in header.as_object().unwrap() {
        let twice = header.to_string().replacen('{', &format!("{{\"{name}\":{value},"), 1);
        let token = forger.here.sign(&twice, &good);
        forger.expect(name, &token, Malformed);
    }
    forger.finish();
}

#[test]
fn a_changed_text_is_refused_wherever_it_is_changed() {
    let mut forger = forger();
    let good = forger.here.issue(member());
    for at in 0..good.len() {
        let mut changed = good.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        if forger.here.verify(&changed, NOW).is_ok() {
            forger.failures.push(format!("changed at {at}: accepted"));
        }
    }
    let parts: Vec<_> = good.split('.').collect();
    let signed = format!("{}.{}", parts[0], parts[1]);
    forger.expect("all zeros", &format!("{signed}.{}", base64(&[0; 64])), BadSignature);
    forger.expect("short signature", &format!("{signed}.{}", base64(&[1; 63])), BadSignature);
    forger.expect("swapped parts", &format!("{}.{}.{}", parts[1], parts[0], parts[2]), Malformed);
    forger.finish();
}

#[test]
fn padding_white_space_and_look_alikes_are_refused() {
    let mut forger = forger();
    let good = forger.here.issue(member());
    for (attack, before, after) in [
        ("padding", "", "="),
        ("double padding", "", "=="),
        ("space before", " ", ""),
        ("space after", "", " "),
        ("line end", "", "\n"),
        ("tab", "\t", ""),
        ("zero byte", "", "\0"),
        ("full stop of another script", "", "。"),
        ("full-width letter", "Ａ", ""),
        ("byte order mark", "\u{feff}", ""),
    ] {
        for at in 0..3 {
            let mut parts: Vec<_> = good.split('.').map(str::to_owned).collect();
            parts[at] = format!("{before}{}{after}", parts[at]);
            let outcome = forger.here.verify(&parts.join("."), NOW);
            // The signature covers the text of the first two parts, so it may be what fails.
            if !matches!(outcome, Err(Malformed | BadSignature)) {
                forger.failures.push(format!("{attack} in part {at}: {outcome:?}"));
            }
        }
    }
    forger.expect("a dot after", &format!("{good}."), Malformed);
    forger.expect("a fourth part", &format!("{good}.AAAA"), Malformed);
    forger.finish();
}

#[test]
fn an_endless_or_deep_token_costs_nothing() {
    let mut forger = forger();
    let good = forger.here.issue(member());
    forger.expect("1 MB", &format!("{good}{}", "A".repeat(1 << 20)), TooLong);
    forger.expect("one byte too long", &"a".repeat(ACCESS_TOKEN_BYTES_MAX + 1), TooLong);
    let deep = format!("{{\"kid\":{}", "[".repeat(2000));
    forger.expect("deep header", &format!("{}.e30.AA", base64(deep.as_bytes())), Malformed);
    forger.raw_claims("deep claims", &deep, Malformed);
    forger.finish();
}
