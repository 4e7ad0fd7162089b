//! Sealing values with their tenant's data key.
//!
//! XChaCha20-Poly1305 with the full storage key as associated data: one mechanism is checksum (a flipped bit does not
//! open), isolation (a value moved to another key or tenant does not open) and erasure (without the key nothing opens).
//! It does not know where keys are kept.

use std::fmt;
use std::io;
use std::sync::Arc;

use chacha20poly1305::{AeadInOut, KeyInit, Tag, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::StorageError;

const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

/// Bytes a sealed value is longer than the value.
pub(crate) const SEAL_BYTES: usize = NONCE_BYTES + TAG_BYTES;

/// Length of every key, in bytes.
pub(crate) const KEY_BYTES: usize = 32;

/// Secret key bytes, wiped when dropped.
pub(crate) type SecretBytes = Zeroizing<[u8; KEY_BYTES]>;

/// The key a tenant's values are sealed with. Clones share the one copy in memory.
#[derive(Clone)]
pub struct DataKey(Arc<SecretBytes>);

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(..)")
    }
}

impl DataKey {
    /// A fresh random key.
    ///
    /// # Errors
    /// `Io` when the operating system gives no randomness.
    pub fn generate() -> Result<Self, StorageError> {
        Ok(Self::from_secret(random_secret()?))
    }

    pub(crate) fn from_secret(secret: SecretBytes) -> Self {
        Self(Arc::new(secret))
    }

    #[cfg(test)]
    pub(crate) fn secret(&self) -> &SecretBytes {
        &self.0
    }

    /// A key for another purpose of the same tenant, named by a sentence that is used for nothing else.
    pub(crate) fn derive(&self, purpose: &str) -> [u8; KEY_BYTES] {
        blake3::derive_key(purpose, self.0.as_slice())
    }

    /// `nonce | ciphertext | tag` of a value that will stand under `full_key`.
    pub(crate) fn seal(&self, full_key: &[u8], plain: &[u8]) -> Result<Vec<u8>, StorageError> {
        seal(&self.0, full_key, plain)
    }

    /// The value that was sealed for `full_key`; none when it was not, or not with this key.
    pub(crate) fn open(&self, full_key: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        open(&self.0, full_key, sealed)
    }
}

/// Fresh random key bytes.
pub(crate) fn random_secret() -> Result<SecretBytes, StorageError> {
    let mut secret = SecretBytes::default();
    fill_random(secret.as_mut_slice())?;
    Ok(secret)
}

/// Fills a buffer from the operating system's generator.
pub(crate) fn fill_random(buffer: &mut [u8]) -> Result<(), StorageError> {
    getrandom::fill(buffer)
        .map_err(|source| StorageError::io("get randomness from the system", io::Error::other(source)))
}

/// `nonce | ciphertext | tag`, with `aad` authenticated beside it.
///
/// The nonce is random: 24 bytes make a collision out of reach for any number of values.
pub(crate) fn seal(key: &SecretBytes, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, StorageError> {
    let mut nonce = XNonce::default();
    fill_random(&mut nonce)?;
    let mut sealed = Vec::with_capacity(plain.len() + SEAL_BYTES);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    let (_, body) = sealed.split_at_mut(NONCE_BYTES);
    let tag =
        cipher(key).encrypt_inout_detached(&nonce, aad, body.into()).map_err(|_| StorageError::TooLarge {
            what: "a value to seal (bytes)",
            size: plain.len(),
            limit: u32::MAX as usize,
        })?;
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

/// What was sealed with this key and `aad`; none when anything differs.
pub(crate) fn open(key: &SecretBytes, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let (body, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
    let mut plain = body.to_vec();
    cipher(key)
        .decrypt_inout_detached(&XNonce::from(*nonce), aad, plain.as_mut_slice().into(), &Tag::from(*tag))
        .ok()?;
    Some(plain)
}

/// Made per use, so that no long-lived copy of the key stays behind in the cipher.
fn cipher(key: &SecretBytes) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&**key).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_at_its_own_key_and_unchanged() {
        let key = DataKey::generate().unwrap();
        let sealed = key.seal(b"here", b"words").unwrap();
        assert_eq!(sealed.len(), 5 + SEAL_BYTES);
        assert_eq!(key.open(b"here", &sealed).unwrap(), b"words");
        assert_eq!(key.open(b"there", &sealed), None);
        assert_eq!(DataKey::generate().unwrap().open(b"here", &sealed), None);
        for place in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[place] ^= 1;
            assert_eq!(key.open(b"here", &flipped), None, "byte {place}");
        }
        for length in 0..sealed.len() {
            assert_eq!(key.open(b"here", &sealed[..length]), None, "length {length}");
        }
    }

    #[test]
    fn the_same_value_never_seals_to_the_same_bytes() {
        let key = DataKey::generate().unwrap();
        assert_ne!(key.seal(b"k", b"v").unwrap(), key.seal(b"k", b"v").unwrap());
    }

    #[test]
    fn a_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", DataKey::generate().unwrap()), "DataKey(..)");
    }
}
