//! Values that must not be printed, and the hashes they are kept as.
//!
//! It does not know what a secret opens.

use aws_lc_rs::digest;
use minicbor::{Decode, Encode};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The operating system gave no random bytes; nothing was issued.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot draw random bytes from the operating system: {0}; check that getrandom or /dev/urandom is allowed"
)]
pub struct RandomnessUnavailable(getrandom::Error);

/// `N` secret bytes: wiped when dropped, never printed.
pub struct SecretBytes<const N: usize>(Zeroizing<[u8; N]>);

impl<const N: usize> SecretBytes<N> {
    /// Draws fresh bytes from the operating system.
    ///
    /// # Errors
    /// [`RandomnessUnavailable`] when the operating system refuses.
    pub fn generate() -> Result<Self, RandomnessUnavailable> {
        let mut bytes = Zeroizing::new([0; N]);
        getrandom::fill(bytes.as_mut_slice()).map_err(RandomnessUnavailable)?;
        Ok(Self(bytes))
    }

    /// Takes bytes made elsewhere; a test's way to repeat itself.
    #[must_use]
    pub fn from_bytes(bytes: [u8; N]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> fmt::Debug for SecretBytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(redacted)")
    }
}

/// A secret as text, to be handed over once: wiped when dropped, without `Display`, redacted in `Debug`.
#[derive(Clone)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    pub(super) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    pub(crate) fn from_zeroizing(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// The secret under which somebody else knows us: a client's secret at an identity provider.
    #[must_use]
    pub fn of_client(text: String) -> Self {
        Self::new(text)
    }

    /// A token that somebody shows.
    #[must_use]
    pub fn of_token(text: String) -> Self {
        Self::new(text)
    }

    /// The text itself, for the one answer that carries it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(redacted)")
    }
}

/// SHA-256 of a secret with at least 80 bits of randomness (so no salt and no slow hash are needed).
///
/// Equality takes the same time wherever the two differ.
#[derive(Clone, Copy, Encode, Decode)]
#[cbor(transparent)]
pub struct SecretHash(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]);

impl SecretHash {
    /// Hashes `secret`.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        let mut hash = [0; 32];
        // SHA-256 is 32 bytes long, so zip copies it whole.
        for (to, from) in hash.iter_mut().zip(digest::digest(&digest::SHA256, secret).as_ref()) {
            *to = *from;
        }
        Self(hash)
    }
}

impl SecretHash {
    /// Its first half, as a name of what it is the hash of.
    pub(crate) fn first_half(&self) -> [u8; 16] {
        std::array::from_fn(|at| self.0.get(at).copied().unwrap_or_default())
    }
}

impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretHash {}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    #[test]
    fn the_hash_is_sha_256() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(HEXLOWER.encode(&SecretHash::of(b"abc").0), expected);
    }

    #[test]
    fn a_hash_equals_only_itself() {
        assert_eq!(SecretHash::of(b"a"), SecretHash::of(b"a"));
        assert_ne!(SecretHash::of(b"a"), SecretHash::of(b"b"));
    }

    #[test]
    fn two_draws_differ() {
        let (a, b) = (SecretBytes::<32>::generate().unwrap(), SecretBytes::<32>::generate().unwrap());
        assert_ne!(a.as_bytes(), b.as_bytes());
    }

    #[test]
    fn nothing_secret_is_printed() {
        let printed = format!(
            "{:?} {:?} {:?}",
            SecretText::new("canary-7f3a".into()),
            SecretBytes::from_bytes(*b"canary-7f3a"),
            SecretHash([7; 32]),
        );
        assert_eq!(printed, "SecretText(redacted) SecretBytes(redacted) SecretHash(redacted)");
    }
}
