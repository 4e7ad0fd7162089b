//! Passwords: what is acceptable, and argon2id off the async runtime with bounded waiting.
//!
//! It does not know whose password it is, nor how often somebody tried: throttling belongs to the caller.

mod hasher;
mod policy;

pub use hasher::{PASSWORD_WAIT_MAX, PASSWORDS_WAITING_MAX, PasswordError, PasswordHasher, Verdict};
pub use policy::{PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN, WeakPassword};

use minicbor::{Decode, Encode};
use std::fmt;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use zeroize::Zeroizing;

/// A password as somebody typed it: wiped when dropped, without `Display`, redacted in `Debug`.
///
/// Kept in Unicode NFC, so that the same characters typed on another keyboard are the same password.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes over `typed`. Any text is a password here; [`check_policy`](Self::check_policy) is for choosing one.
    #[must_use]
    pub fn new(typed: String) -> Self {
        let typed = Zeroizing::new(typed);
        if typed.len() > policy::PASSWORD_BYTES_MAX || is_nfc(&typed) {
            return Self(typed);
        }
        // NFC makes a text at most three times longer; with the room for it, growing leaves no copies behind.
        let mut normal = Zeroizing::new(String::with_capacity(typed.len() * 3));
        normal.extend(typed.nfc());
        Self(normal)
    }

    /// Whether this may become somebody's password: 8 to 256 characters, and none of the commonest ones.
    ///
    /// There are no rules on which characters it holds: they make passwords harder to remember, not to guess.
    ///
    /// # Errors
    /// [`WeakPassword`] says what to change.
    pub fn check_policy(&self) -> Result<(), WeakPassword> {
        policy::check(&self.0)
    }

    /// Whether it is longer than any password that passed the policy can be.
    fn is_oversize(&self) -> bool {
        self.0.len() > policy::PASSWORD_BYTES_MAX
    }

    fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(redacted)")
    }
}

/// A password as it is stored: an argon2id hash in PHC string form, redacted in `Debug`.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct PasswordHash(#[n(0)] String);

impl PasswordHash {
    /// Takes a PHC string from elsewhere, an import say; a broken one shows at the first verification.
    #[must_use]
    pub fn from_phc(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string, for storage.
    #[must_use]
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_characters_in_another_form_are_the_same_password() {
        let (composed, decomposed) = ("caf\u{e9} au lait", "cafe\u{301} au lait");
        assert_eq!(Password::new(composed.into()).as_bytes(), Password::new(decomposed.into()).as_bytes());
    }

    #[test]
    fn normalising_never_outgrows_its_room() {
        for text in ["\u{1d160}".repeat(300), "\u{fb2c}".repeat(300), "\u{390}".repeat(300)] {
            let room = text.len() * 3;
            assert!(Password::new(text).as_bytes().len() <= room);
        }
    }

    #[test]
    fn neither_a_password_nor_its_hash_is_printed() {
        let printed =
            format!("{:?} {:?}", Password::new("canary".into()), PasswordHash::from_phc("canary".into()));
        assert!(!printed.contains("canary"), "{printed}");
    }

    #[test]
    fn a_hash_is_stored_as_one_text() {
        let hash = PasswordHash::from_phc("$argon2id$".into());
        let bytes = minicbor::to_vec(&hash).unwrap();
        assert_eq!(minicbor::decode::<String>(&bytes).unwrap(), "$argon2id$");
        assert_eq!(minicbor::decode::<PasswordHash>(&bytes).unwrap(), hash);
    }
}
