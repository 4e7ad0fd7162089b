//! Notes to ourselves that somebody else carries: sealed, so that the carrier can neither read nor change them.
//!
//! A browser carries one between the two halves of signing in by a provider. It does not know what a note says.

use crate::identity::{RandomnessUnavailable, SecretBytes};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use data_encoding::BASE64URL_NOPAD;
use std::fmt;

/// The longest note that is opened, in characters.
const NOTE_CHARS_MAX: usize = 4096;

/// The key that notes are sealed with. A company has one of its own.
pub struct NoteKey(Option<LessSafeKey>);

impl fmt::Debug for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NoteKey(..)")
    }
}

impl NoteKey {
    /// The key made of this secret.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        // A key of another length would be refused; this one has the right one.
        Self(UnboundKey::new(&AES_256_GCM, secret).ok().map(LessSafeKey::new))
    }

    /// Seals a note for one purpose, which must be named again to open it.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn seal(&self, purpose: &str, note: &[u8]) -> Result<String, RandomnessUnavailable> {
        let nonce = *SecretBytes::<NONCE_LEN>::generate()?.as_bytes();
        let mut sealed = note.to_vec();
        let done = self.0.as_ref().map(|key| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            key.seal_in_place_append_tag(nonce, Aad::from(purpose.as_bytes()), &mut sealed)
        });
        if !matches!(done, Some(Ok(()))) {
            // Nothing readable leaves this function; what is left does not open.
            sealed.clear();
        }
        Ok(BASE64URL_NOPAD.encode(&[nonce.as_slice(), &sealed].concat()))
    }

    /// Opens a note that was sealed for this purpose; none when it is not one.
    #[must_use]
    pub fn open(&self, purpose: &str, sealed: &str) -> Option<Vec<u8>> {
        if sealed.len() > NOTE_CHARS_MAX {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut note = sealed.to_vec();
        let plain = self.0.as_ref()?.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut note).ok()?;
        Some(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_opens_with_its_key_and_for_its_purpose_alone() {
        let (ours, theirs) = (NoteKey::new(&[1; 32]), NoteKey::new(&[2; 32]));
        let sealed = ours.seal("sign-in", b"hello").unwrap();
        assert_eq!(ours.open("sign-in", &sealed).unwrap(), b"hello");
        assert_eq!(ours.open("sign-out", &sealed), None);
        assert_eq!(theirs.open("sign-in", &sealed), None);
        assert_ne!(sealed, ours.seal("sign-in", b"hello").unwrap(), "no two look alike");
    }

    #[test]
    fn a_changed_note_does_not_open() {
        let key = NoteKey::new(&[1; 32]);
        let sealed = key.seal("sign-in", b"hello").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(key.open("sign-in", std::str::from_utf8(&changed).unwrap()), None, "{at}");
        }
        for text in ["", "AAAA", &"A".repeat(NOTE_CHARS_MAX + 4)] {
            assert_eq!(key.open("sign-in", text), None);
        }
    }
}
