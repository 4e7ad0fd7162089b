//! The public form of a signing key (RFC 7517, RFC 8037).
//!
//! Knows only public keys.

use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;

/// A set of public keys, as `/.well-known/jwks.json` would serve it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwks {
    /// Oldest first.
    pub keys: Vec<Jwk>,
}

/// One public Ed25519 key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwk {
    kty: &'static str,
    crv: &'static str,
    alg: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
    kid: String,
    x: String,
}

impl Jwk {
    pub(super) fn ed25519(x: &str, kid: &str) -> Self {
        Self { kty: "OKP", crv: "Ed25519", alg: "EdDSA", usage: "sig", kid: kid.to_owned(), x: x.to_owned() }
    }
}

/// The thumbprint of an Ed25519 public key (RFC 7638): SHA-256 of its required members in order, as base64url.
pub(super) fn thumbprint(x: &str) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, members.as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_rfc_8037_appendix_a_3() {
        assert_eq!(
            thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }
}
