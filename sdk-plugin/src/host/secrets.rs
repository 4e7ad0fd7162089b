//! Secrets of the installation, by name. Permission `secrets`. A plugin never reads one: the host uses it.

pub use crate::bindings::imports::mortise::plugin::secrets::Digest;
use crate::prelude::Error;

/// The names of those that are set.
#[must_use]
pub fn names() -> Vec<String> {
    super::ask!(secrets::names())
}

/// The HMAC (RFC 2104) of data with a secret.
///
/// # Errors
///
/// When there is no such secret.
pub fn hmac(secret: &str, digest: Digest, data: &[u8]) -> Result<Vec<u8>, Error> {
    super::ask!(secrets::hmac(secret, digest, data))
}

/// Whether this is the HMAC of data with a secret, compared in constant time.
///
/// # Errors
///
/// As [`hmac()`].
pub fn hmac_verify(secret: &str, digest: Digest, data: &[u8], tag: &[u8]) -> Result<bool, Error> {
    super::ask!(secrets::hmac_verify(secret, digest, data, tag))
}
