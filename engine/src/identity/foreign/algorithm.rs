//! The algorithms that foreign tokens may be signed with (RFC 7518 §3.1, RFC 8037), and what a key of each must be like.
//!
//! It knows no JSON.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{self, RsaParameters, VerificationAlgorithm};

/// An algorithm, as a key is pinned to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    Es512,
    EdDsa,
    Hs256,
    Hs384,
    Hs512,
}

use Algorithm::{EdDsa, Es256, Es384, Es512, Hs256, Hs384, Hs512, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};

impl Algorithm {
    const ALL: [Self; 13] =
        [Rs256, Rs384, Rs512, Ps256, Ps384, Ps512, Es256, Es384, Es512, EdDsa, Hs256, Hs384, Hs512];

    /// The algorithm with this name in a header or key, letter for letter.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Rs256 => "RS256",
            Rs384 => "RS384",
            Rs512 => "RS512",
            Ps256 => "PS256",
            Ps384 => "PS384",
            Ps512 => "PS512",
            Es256 => "ES256",
            Es384 => "ES384",
            Es512 => "ES512",
            EdDsa => "EdDSA",
            Hs256 => "HS256",
            Hs384 => "HS384",
            Hs512 => "HS512",
        }
    }

    /// How RSA is used; none for others.
    pub(super) const fn rsa(self) -> Option<&'static RsaParameters> {
        match self {
            Rs256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
            Rs384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
            Rs512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
            Ps256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
            Ps384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
            Ps512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
            _ => None,
        }
    }

    /// The curve's name, the bytes of a coordinate, and how it is used; none for others.
    pub(super) const fn curve(self) -> Option<(&'static str, usize, &'static dyn VerificationAlgorithm)> {
        match self {
            Es256 => Some(("P-256", 32, &signature::ECDSA_P256_SHA256_FIXED)),
            Es384 => Some(("P-384", 48, &signature::ECDSA_P384_SHA384_FIXED)),
            Es512 => Some(("P-521", 66, &signature::ECDSA_P521_SHA512_FIXED)),
            _ => None,
        }
    }

    /// How a shared secret is used, and the fewest bytes it may have (RFC 7518 §3.2); none for others.
    pub(super) fn shared(self) -> Option<(hmac::Algorithm, usize)> {
        match self {
            Hs256 => Some((hmac::HMAC_SHA256, 32)),
            Hs384 => Some((hmac::HMAC_SHA384, 48)),
            Hs512 => Some((hmac::HMAC_SHA512, 64)),
            _ => None,
        }
    }
}
