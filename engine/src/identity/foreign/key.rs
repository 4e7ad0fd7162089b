//! One key of a foreign issuer, read from its JSON form.
//!
//! A key that is not for verifying signatures, or of a kind that is not known here, is left out: sets hold such keys. One
//! that is too weak is left out too, so that nothing it signed is believed. It does not know the set.

use super::algorithm::Algorithm;
use super::roca;
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, ParsedPublicKey, RsaPublicKeyComponents};
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use zeroize::Zeroizing;

/// Bits of an RSA modulus.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// The smallest public exponent of RSA.
const RSA_EXPONENT_MIN: u64 = 65_537;
/// The most bytes of a shared secret.
const SHARED_BYTES_MAX: usize = 1024;

/// The members of a key that matter; others are ignored.
#[derive(Deserialize)]
pub(super) struct RawKey {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    k: Option<String>,
}

/// A key that verifies with one algorithm.
pub(super) struct Key {
    pub(super) kid: Option<String>,
    pub(super) algorithm: Algorithm,
    material: Material,
}

enum Material {
    Public(ParsedPublicKey),
    Shared(Box<hmac::Key>),
}

impl Key {
    /// The key, if it is one that verifies signatures and is strong enough.
    pub(super) fn read(raw: &RawKey) -> Option<Self> {
        let for_verifying = raw.usage.as_deref().is_none_or(|usage| usage == "sig")
            && raw.key_ops.as_ref().is_none_or(|operations| operations.iter().any(|op| op == "verify"));
        if !for_verifying {
            return None;
        }
        let algorithm = match &raw.alg {
            Some(name) => Algorithm::named(name)?,
            None => default_algorithm(raw)?,
        };
        let material = match raw.kty.as_str() {
            "RSA" => rsa(raw, algorithm)?,
            "EC" => curve(raw, algorithm)?,
            "OKP" => edwards(raw, algorithm)?,
            "oct" => shared(raw, algorithm)?,
            _ => return None,
        };
        Some(Self { kid: raw.kid.clone(), algorithm, material })
    }

    /// Whether it is a secret that both sides know, so that whoever verifies could sign too.
    pub(super) const fn is_shared(&self) -> bool {
        matches!(self.material, Material::Shared(_))
    }

    /// Whether `signature` over `message` was made with this key.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Public(key) => key.verify_sig(message, signature).is_ok(),
            Material::Shared(key) => hmac::verify(key, message, signature).is_ok(),
        }
    }
}

/// The algorithm of a key that does not say.
fn default_algorithm(raw: &RawKey) -> Option<Algorithm> {
    match (raw.kty.as_str(), raw.crv.as_deref()) {
        ("RSA", None) => Some(Algorithm::Rs256),
        ("EC", Some("P-256")) => Some(Algorithm::Es256),
        ("EC", Some("P-384")) => Some(Algorithm::Es384),
        ("EC", Some("P-521")) => Some(Algorithm::Es512),
        ("OKP", Some("Ed25519")) => Some(Algorithm::EdDsa),
        // A shared secret must say what it is for.
        _ => None,
    }
}

fn rsa(raw: &RawKey, algorithm: Algorithm) -> Option<Material> {
    let parameters = algorithm.rsa()?;
    let (n, e) = (bytes(raw.n.as_deref()?)?, bytes(raw.e.as_deref()?)?);
    let (n, e) = (without_zeros(&n), without_zeros(&e));
    let bits = n.len() * 8 - n.first()?.leading_zeros() as usize;
    let exponent =
        e.iter().try_fold(0_u64, |number, byte| number.checked_mul(256)?.checked_add((*byte).into()))?;
    let sound = RSA_BITS.contains(&bits)
        && exponent >= RSA_EXPONENT_MIN
        && exponent % 2 == 1
        && n.last().is_some_and(|last| last % 2 == 1)
        && !roca::is_marked(n);
    if !sound {
        return None;
    }
    RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters).ok().map(Material::Public)
}

fn curve(raw: &RawKey, algorithm: Algorithm) -> Option<Material> {
    let (name, length, verification) = algorithm.curve()?;
    if raw.crv.as_deref() != Some(name) {
        return None;
    }
    let (x, y) = (bytes(raw.x.as_deref()?)?, bytes(raw.y.as_deref()?)?);
    if x.len() != length || y.len() != length {
        return None;
    }
    let point = [&[4_u8][..], &x, &y].concat();
    ParsedPublicKey::new(verification, point).ok().map(Material::Public)
}

fn edwards(raw: &RawKey, algorithm: Algorithm) -> Option<Material> {
    if algorithm != Algorithm::EdDsa || raw.crv.as_deref() != Some("Ed25519") {
        return None;
    }
    let x = bytes(raw.x.as_deref()?)?;
    ParsedPublicKey::new(&ED25519, x).ok().map(Material::Public)
}

fn shared(raw: &RawKey, algorithm: Algorithm) -> Option<Material> {
    let (how, bytes_min) = algorithm.shared()?;
    let secret = Zeroizing::new(bytes(raw.k.as_deref()?)?);
    let fits = (bytes_min..=SHARED_BYTES_MAX).contains(&secret.len());
    fits.then(|| Material::Shared(Box::new(hmac::Key::new(how, &secret))))
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
