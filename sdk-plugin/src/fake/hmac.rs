//! HMAC (RFC 2104), as the real host computes it.

use crate::host::secrets::Digest;
use hmac::{Hmac, KeyInit as _, Mac as _};

pub(super) fn of(digest: Digest, key: &[u8], data: &[u8]) -> Vec<u8> {
    match digest {
        Digest::Sha256 => Hmac::<sha2::Sha256>::new_from_slice(key)
            .map(|mac| mac.chain_update(data).finalize().into_bytes().to_vec())
            .unwrap_or_default(),
        Digest::Sha512 => Hmac::<sha2::Sha512>::new_from_slice(key)
            .map(|mac| mac.chain_update(data).finalize().into_bytes().to_vec())
            .unwrap_or_default(),
    }
}
