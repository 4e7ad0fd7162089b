//! Fake secrets: a test puts their values in.

use super::hmac;
use crate::host::secrets::Digest;
use crate::prelude::Error;

pub(crate) fn names() -> Vec<String> {
    super::state::with(|host| host.secrets.keys().cloned().collect())
}

pub(crate) fn hmac(secret: &str, digest: Digest, data: &[u8]) -> Result<Vec<u8>, Error> {
    let key = super::state::with(|host| host.secrets.get(secret).cloned()).ok_or(Error::NotFound)?;
    Ok(hmac::of(digest, &key, data))
}

pub(crate) fn hmac_verify(secret: &str, digest: Digest, data: &[u8], tag: &[u8]) -> Result<bool, Error> {
    Ok(hmac(secret, digest, data)? == tag)
}
