mod wycheproof;

use super::*;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn token(header: &Value, payload: &[u8], sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", text(header.to_string().as_bytes()), text(payload));
    let signature = sign(signed.as_bytes());
    format!("{signed}.{}", text(&signature))
}

fn edwards(kid: &str) -> (Ed25519KeyPair, Value) {
    let pair = Ed25519KeyPair::generate().unwrap();
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": text(pair.public_key().as_ref())});
    (pair, jwk)
}

fn set(keys: &[Value]) -> Result<KeySet, KeySetError> {
    KeySet::read(json!({ "keys": keys }).to_string().as_bytes(), Kinds::Public)
}

#[test]
fn a_token_is_decoded_by_the_key_that_it_names() {
    let ((one, first), (_, second)) = (edwards("one"), edwards("two"));
    let keys = set(&[first, second]).unwrap();
    let good = token(&json!({"alg": "EdDSA", "kid": "one"}), b"hello", |m| one.sign(m).as_ref().to_vec());
    assert_eq!(keys.decode(&good).unwrap().payload, b"hello");
    let other = token(&json!({"alg": "EdDSA", "kid": "two"}), b"hello", |m| one.sign(m).as_ref().to_vec());
    assert_eq!(keys.decode(&other).unwrap_err(), Undecoded::BadSignature);
    let nameless = token(&json!({"alg": "EdDSA"}), b"hello", |m| one.sign(m).as_ref().to_vec());
    assert_eq!(keys.decode(&nameless).unwrap_err(), Undecoded::UnknownKey(None));
}

#[test]
fn a_key_has_one_algorithm_whatever_the_header_says() {
    let (pair, jwk) = edwards("one");
    let public = pair.public_key().as_ref().to_vec();
    let keys = set(&[jwk]).unwrap();
    let secret = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &public);
    for alg in ["HS256", "none", "nOnE", "RS256", "ES256", "eddsa", ""] {
        let header = json!({"alg": alg, "kid": "one"});
        let confused = token(&header, b"{}", |m| aws_lc_rs::hmac::sign(&secret, m).as_ref().to_vec());
        assert_eq!(keys.decode(&confused).unwrap_err(), Undecoded::WrongAlgorithm, "{alg}");
        let unsigned = token(&header, b"{}", |_| Vec::new());
        assert_eq!(keys.decode(&unsigned).unwrap_err(), Undecoded::WrongAlgorithm, "{alg}");
    }
}

#[test]
fn keys_that_a_header_brings_or_points_to_are_never_looked_at() {
    let ((_, ours), (thief, theirs)) = (edwards("one"), edwards("thief"));
    let keys = set(&[ours]).unwrap();
    for extra in [
        json!({"jwk": theirs}),
        json!({"jku": "http://127.0.0.1:1/keys"}),
        json!({"x5u": "http://127.0.0.1:1/keys"}),
        json!({"x5c": ["MIIB"]}),
    ] {
        let mut header = json!({"alg": "EdDSA", "kid": "one"});
        header.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let forged = token(&header, b"{}", |m| thief.sign(m).as_ref().to_vec());
        assert_eq!(keys.decode(&forged).unwrap_err(), Undecoded::BadSignature, "{extra}");
    }
}

#[test]
fn a_signature_of_zeros_is_none() {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref();
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..])});
    let keys = set(&[jwk]).unwrap();
    let header = json!({"alg": "ES256"});
    let good = token(&header, b"{}", |m| pair.sign(&SystemRandom::new(), m).unwrap().as_ref().to_vec());
    assert!(keys.decode(&good).is_ok());
    for psychic in [vec![0; 64], vec![0; 63], Vec::new(), [[0; 32], [1; 32]].concat()] {
        let forged = token(&header, b"{}", |_| psychic.clone());
        assert_eq!(keys.decode(&forged).unwrap_err(), Undecoded::BadSignature, "{psychic:?}");
    }
}

#[test]
fn a_token_in_any_other_form_is_malformed() {
    let (pair, jwk) = edwards("one");
    let keys = set(&[jwk]).unwrap();
    let good = token(&json!({"alg": "EdDSA", "kid": "one"}), b"{}", |m| pair.sign(m).as_ref().to_vec());
    assert!(keys.decode(&good).is_ok());
    let parts: Vec<_> = good.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let crit = text(br#"{"alg":"EdDSA","kid":"one","crit":["exp"]}"#);
    let unencoded = text(br#"{"alg":"EdDSA","kid":"one","b64":false}"#);
    let twice = text(br#"{"alg":"EdDSA","alg":"EdDSA","kid":"one"}"#);
    for malformed in [
        String::new(),
        "..".to_owned(),
        format!("{header}.{payload}"),
        format!("{good}."),
        format!("{good}.{signature}"),
        format!(" {good}"),
        format!("{good}\n"),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}.{signature}=="),
        format!("{header}.{payload}.{}", signature.replace(['-', '_'], "+")) + "+",
        format!("{crit}.{payload}.{signature}"),
        format!("{unencoded}.{payload}.{signature}"),
        format!("{twice}.{payload}.{signature}"),
        format!("{}.{payload}.{signature}", text(b"[]")),
        format!("{header}.{}.{signature}", "A".repeat(TOKEN_BYTES_MAX)),
        "x".repeat(1 << 20),
    ] {
        let shown: String = malformed.chars().take(60).collect();
        assert_eq!(keys.decode(&malformed).unwrap_err(), Undecoded::Malformed, "{shown}");
    }
    let stripped = format!("{header}.{payload}.");
    assert_eq!(keys.decode(&stripped).unwrap_err(), Undecoded::BadSignature);
}

#[test]
fn a_name_that_is_a_path_or_a_question_to_a_database_is_only_a_name() {
    let ((one, first), (_, second)) = (edwards("one"), edwards("two"));
    let keys = set(&[first, second]).unwrap();
    for kid in ["../../../dev/null", "one' OR '1'='1", "", "ONE", "one\0", "one "] {
        let forged = token(&json!({"alg": "EdDSA", "kid": kid}), b"{}", |m| one.sign(m).as_ref().to_vec());
        assert_eq!(keys.decode(&forged).unwrap_err(), Undecoded::UnknownKey(Some(kid.to_owned())));
    }
}

#[test]
fn secrets_have_no_place_among_public_keys_nor_where_anybody_may_fetch_them() {
    let secret = json!({"kty": "oct", "alg": "HS256", "kid": "s", "k": text(&[7; 32])});
    let (_, public) = edwards("one");
    assert_eq!(set(std::slice::from_ref(&secret)).unwrap_err(), KeySetError::Shared);
    let local =
        |keys: &[Value]| KeySet::read(json!({ "keys": keys }).to_string().as_bytes(), Kinds::PublicOrShared);
    assert_eq!(local(&[secret.clone(), public]).unwrap_err(), KeySetError::Shared);
    assert_eq!(local(&[secret]).unwrap().len(), 1);
    for short in [31, 1, 0] {
        let weak = json!({"kty": "oct", "alg": "HS256", "kid": "s", "k": text(&vec![7; short])});
        assert!(local(&[weak]).unwrap().is_empty(), "{short}");
    }
}

#[test]
fn a_set_that_leaves_a_doubt_is_not_used() {
    let ((_, one), (_, again), (_, mut nameless)) = (edwards("one"), edwards("one"), edwards("x"));
    nameless.as_object_mut().unwrap().remove("kid");
    assert_eq!(set(&[one.clone(), again]).unwrap_err(), KeySetError::Ambiguous);
    assert_eq!(set(&[one.clone(), nameless.clone()]).unwrap_err(), KeySetError::Ambiguous);
    assert_eq!(set(&[nameless]).unwrap().len(), 1);
    let mut unusable = one.clone();
    unusable.as_object_mut().unwrap().insert("x".into(), json!("AAAA"));
    for pair in [[one.clone(), unusable.clone()], [unusable, one]] {
        assert_eq!(set(&pair).unwrap_err(), KeySetError::Ambiguous, "though one of them cannot be used");
    }
    let many: Vec<_> = (0..=KEYS_MAX).map(|n| edwards(&n.to_string()).1).collect();
    assert_eq!(set(&many).unwrap_err(), KeySetError::TooMany);
    for text in ["", "{}", "[]", r#"{"keys":{}}"#, "null"] {
        assert_eq!(KeySet::read(text.as_bytes(), Kinds::Public).unwrap_err(), KeySetError::Malformed);
    }
}

#[test]
fn keys_for_other_uses_and_of_unknown_kinds_are_left_out() {
    let (_, good) = edwards("one");
    let with = |name: &str, value: Value| {
        let mut jwk = edwards(name).1;
        jwk.as_object_mut().unwrap().insert(name.to_owned(), value);
        jwk
    };
    let others = [
        with("use", json!("enc")),
        with("key_ops", json!(["encrypt"])),
        with("alg", json!("RS256")),
        with("crv", json!("X25519")),
        with("kty", json!("XYZ")),
        with("x", json!("AAAA")),
        json!({"kty": "EC", "crv": "secp256k1", "x": text(&[1; 32]), "y": text(&[1; 32]), "kid": "k1"}),
        json!("no key"),
    ];
    let mut all = others.to_vec();
    all.push(good);
    let keys = set(&all).unwrap();
    assert_eq!(keys.len(), 1, "{keys:?}");
}
