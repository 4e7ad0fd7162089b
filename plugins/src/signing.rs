//! Signatures of the catalogue: who vouches for a plugin, so that a server runs only what its operator trusts.
//!
//! What is signed is the hash of the component and that of its manifest, behind words that no other signature of ours begins
//! with. It does not know where keys are kept nor who is trusted.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use data_encoding::{BASE64, HEXLOWER};
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// What a signed message begins with. Another form of what is signed begins with another number.
const DOMAIN: &[u8] = b"mortise plugin 1\n";

/// What keys and signatures begin with as text.
const PREFIX: &str = "ed25519:";

const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";

/// Bytes of a key's file that are looked at: one has about 120.
const PEM_BYTES_MAX: usize = 4096;

/// Why a key or a signature is none, or does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// The text of a public key cannot be read.
    #[error("this is no public key: it is `ed25519:` and 44 characters of base64")]
    PublicKey,
    /// The text of a signature cannot be read.
    #[error("this is no signature: it is `ed25519:` and 88 characters of base64")]
    Signature,
    /// The private key cannot be read.
    #[error(
        "this is no private key: `mortise plugin keygen` makes one (Ed25519 as PKCS #8 in PEM, without a password)"
    )]
    PrivateKey,
    /// Somebody else signed it, or something else was signed.
    #[error(
        "the signature is not of this plugin by this key: the component or its manifest were changed, or another signed it"
    )]
    Wrong,
    /// The machine has no chance to draw keys from.
    #[error("no key can be drawn on this machine")]
    NoChance,
}

/// A key that signs. It is shown to nobody: `Debug` tells the public one.
pub struct SigningKey(Ed25519KeyPair);

/// A key that tells who signed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

/// A signature over one version of a plugin.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl SigningKey {
    /// A new key.
    ///
    /// # Errors
    ///
    /// [`SigningError::NoChance`].
    pub fn generate() -> Result<Self, SigningError> {
        Ed25519KeyPair::generate().map(Self).map_err(|_| SigningError::NoChance)
    }

    /// The key in a file as OpenSSL writes it: PKCS #8 in PEM.
    ///
    /// # Errors
    ///
    /// [`SigningError::PrivateKey`].
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, SigningError> {
        let refused = SigningError::PrivateKey;
        let body = pem.trim().strip_prefix(PEM_BEGIN).and_then(|rest| rest.strip_suffix(PEM_END));
        let body = body.filter(|body| body.len() <= PEM_BYTES_MAX).ok_or(refused)?;
        let base64: Zeroizing<Vec<u8>> =
            Zeroizing::new(body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
        let der = Zeroizing::new(BASE64.decode(&base64).map_err(|_| refused)?);
        Ed25519KeyPair::from_pkcs8(&der).map(Self).map_err(|_| refused)
    }

    /// The same as a text to keep in a file that its owner alone reads.
    ///
    /// # Errors
    ///
    /// [`SigningError::PrivateKey`] when the library refuses.
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>, SigningError> {
        let der = self.0.to_pkcs8v1().map_err(|_| SigningError::PrivateKey)?;
        let base64 = Zeroizing::new(BASE64.encode(der.as_ref()));
        let mut pem = Zeroizing::new(format!("{PEM_BEGIN}\n"));
        let mut rest = base64.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at_checked(64).unwrap_or((rest, ""));
            pem.push_str(line);
            pem.push('\n');
            rest = after;
        }
        pem.push_str(PEM_END);
        pem.push('\n');
        Ok(pem)
    }

    /// The key that others verify by.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(self.0.public_key().as_ref()) {
            *to = *from;
        }
        PublicKey(bytes)
    }

    /// Vouches for a component, by the hash that it is known by, together with its manifest.
    ///
    /// # Errors
    ///
    /// [`SigningError::Signature`] when the library refuses, which it does for no message.
    pub fn sign(&self, component: &[u8; 32], manifest: &[u8]) -> Result<Signature, SigningError> {
        let signature = self.0.sign(&message(component, manifest));
        signature.as_ref().try_into().map(Signature).map_err(|_| SigningError::Signature)
    }
}

impl PublicKey {
    /// Reads the text form, `ed25519:` and base64 with padding, in its one way to be written.
    ///
    /// # Errors
    ///
    /// [`SigningError::PublicKey`].
    pub fn parse(text: &str) -> Result<Self, SigningError> {
        decoded(text).map(Self).ok_or(SigningError::PublicKey)
    }

    /// Whether this key signed this component and this manifest.
    ///
    /// # Errors
    ///
    /// [`SigningError::Wrong`].
    pub fn verify(
        &self,
        component: &[u8; 32],
        manifest: &[u8],
        signature: &Signature,
    ) -> Result<(), SigningError> {
        let key = UnparsedPublicKey::new(&ED25519, self.0);
        let verified = key.verify(&message(component, manifest), &signature.0);
        verified.map_err(|_| SigningError::Wrong)
    }

    /// A short name to show and to log: the first 16 hexadecimal digits of its hash.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut text = HEXLOWER.encode(digest(&SHA256, &self.0).as_ref());
        text.truncate(16);
        text
    }
}

impl Signature {
    /// Reads the text form, `ed25519:` and base64 with padding.
    ///
    /// # Errors
    ///
    /// [`SigningError::Signature`].
    pub fn parse(text: &str) -> Result<Self, SigningError> {
        decoded(text).map(Self).ok_or(SigningError::Signature)
    }
}

/// What is signed: all of fixed length, so that nothing can pass from one part to the other.
fn message(component: &[u8; 32], manifest: &[u8]) -> Vec<u8> {
    [DOMAIN, component, digest(&SHA256, manifest).as_ref()].concat()
}

fn decoded<const N: usize>(text: &str) -> Option<[u8; N]> {
    let base64 = text.strip_prefix(PREFIX).filter(|rest| rest.len() <= 2 * N)?;
    BASE64.decode(base64.as_bytes()).ok()?.try_into().ok()
}

impl FromStr for PublicKey {
    type Err = SigningError;

    fn from_str(text: &str) -> Result<Self, SigningError> {
        Self::parse(text)
    }
}

impl FromStr for Signature {
    type Err = SigningError;

    fn from_str(text: &str) -> Result<Self, SigningError> {
        Self::parse(text)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", BASE64.encode(&self.0))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", BASE64.encode(&self.0))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(of {})", self.public_key())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPONENT: [u8; 32] = [7; 32];
    const MANIFEST: &[u8] = b"id = \"acme.required-fields\"\n";

    /// As `openssl genpkey -algorithm ed25519` writes one; its seed is that of the first vector of RFC 8032.
    const OPENSSL: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
        -----END PRIVATE KEY-----\n";

    #[test]
    fn what_a_key_signed_its_public_key_verifies() {
        let key = SigningKey::generate().unwrap();
        let signature = key.sign(&COMPONENT, MANIFEST).unwrap();
        assert_eq!(key.public_key().verify(&COMPONENT, MANIFEST, &signature), Ok(()));
        let again: Signature = signature.to_string().parse().unwrap();
        let public: PublicKey = key.public_key().to_string().parse().unwrap();
        assert_eq!(public.verify(&COMPONENT, MANIFEST, &again), Ok(()));
        assert_eq!(public.fingerprint().len(), 16);
    }

    #[test]
    fn nothing_else_is_verified() {
        let (key, other) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        let public = key.public_key();
        let signature = key.sign(&COMPONENT, MANIFEST).unwrap();
        for bit in 0..256 {
            let mut component = COMPONENT;
            component[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(public.verify(&component, MANIFEST, &signature), Err(SigningError::Wrong));
        }
        for bit in 0..512 {
            let mut changed = signature;
            changed.0[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(public.verify(&COMPONENT, MANIFEST, &changed), Err(SigningError::Wrong), "{bit}");
        }
        for manifest in [b"".as_slice(), b"id = \"acme.required-fields\"", b"id = \"acme.other\"\n"] {
            assert_eq!(public.verify(&COMPONENT, manifest, &signature), Err(SigningError::Wrong));
        }
        assert_eq!(other.public_key().verify(&COMPONENT, MANIFEST, &signature), Err(SigningError::Wrong));
        let bare = other.0.sign(&[COMPONENT.as_slice(), digest(&SHA256, MANIFEST).as_ref()].concat());
        let bare = Signature(bare.as_ref().try_into().unwrap());
        let of_other = other.public_key();
        assert_eq!(
            of_other.verify(&COMPONENT, MANIFEST, &bare),
            Err(SigningError::Wrong),
            "without the words"
        );
    }

    #[test]
    fn the_hash_of_the_manifest_is_no_part_of_the_component() {
        let key = SigningKey::generate().unwrap();
        let signature = key.sign(&COMPONENT, MANIFEST).unwrap();
        let manifest: [u8; 32] = digest(&SHA256, MANIFEST).as_ref().try_into().unwrap();
        assert!(key.public_key().verify(&manifest, &COMPONENT, &signature).is_err());
    }

    #[test]
    fn a_key_is_read_from_what_openssl_writes() {
        let key = SigningKey::from_pkcs8_pem(OPENSSL).unwrap();
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert_eq!(HEXLOWER.encode(&key.public_key().0), public);
        assert!(!format!("{key:?}").contains("nWGx"), "{key:?}");
        let pem = key.to_pkcs8_pem().unwrap();
        assert_eq!(pem.as_str(), OPENSSL);
        let windows = pem.replace('\n', "\r\n");
        assert_eq!(SigningKey::from_pkcs8_pem(&windows).unwrap().public_key(), key.public_key());
    }

    #[test]
    fn what_is_no_private_key_is_refused() {
        let long = format!("{PEM_BEGIN}\n{}{PEM_END}", "A".repeat(5000));
        let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----";
        let empty = format!("{PEM_BEGIN}\n{PEM_END}");
        let twice = OPENSSL.repeat(2);
        let cut = OPENSSL.replace("rn9g", "");
        for text in ["", "nonsense", &long, public, &empty, &twice, &cut, PEM_BEGIN] {
            assert_eq!(SigningKey::from_pkcs8_pem(text).err(), Some(SigningError::PrivateKey), "{text}");
        }
    }

    #[test]
    fn texts_have_one_form() {
        let key = SigningKey::from_pkcs8_pem(OPENSSL).unwrap();
        let text = key.public_key().to_string();
        assert_eq!(text, "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        for wrong in [
            String::new(),
            text.replace("ed25519:", ""),
            text.replace("ed25519:", "ED25519:"),
            text.replace('=', ""),
            format!("{text}\n"),
            format!(" {text}"),
            // The bits behind the last byte are not zero.
            text.replace("URo=", "URp="),
            text.replace('/', "_"),
            format!("ed25519:{}", BASE64.encode(&[0; 31])),
            format!("ed25519:{}", BASE64.encode(&[0; 33])),
            format!("ed25519:{}", "A".repeat(10_000)),
        ] {
            assert_eq!(PublicKey::parse(&wrong), Err(SigningError::PublicKey), "{wrong}");
            assert_eq!(Signature::parse(&wrong), Err(SigningError::Signature), "{wrong}");
        }
    }
}
