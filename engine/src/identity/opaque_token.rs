//! The text of opaque tokens: fixed-width base62 fields behind a prefix, closed by a checksum.
//!
//! The prefix lets secret scanners find a leaked token, the CRC-32 lets them (and us) tell a token from a typing error
//! without any look-up. The checksum is no protection: it does not know whether a token was ever issued.

use crate::id::TenantId;
use crate::identity::holder::Namespace;
use uuid::Uuid;
use zeroize::Zeroizing;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Base62 digits of 16 bytes: the smallest n with 62^n ≥ 2^128.
const DIGITS_OF_16_BYTES: usize = 22;
/// Base62 digits of 32 bytes.
const DIGITS_OF_32_BYTES: usize = 43;
/// Base62 digits of the CRC-32.
const DIGITS_OF_CHECKSUM: usize = 6;

/// Why a text is no token of the wanted kind. Says nothing of the text itself, which may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedToken {
    /// It begins with none of the prefixes of its kind.
    #[error("cannot read the token: it does not begin with `{expected}`")]
    Prefix {
        /// The prefixes that would do.
        expected: &'static str,
    },
    /// Too short to be one, or its fields do not have the widths of its kind.
    #[error("cannot read the token: it is cut off, or no token of this kind; copy it again")]
    Shape,
    /// Its checksum does not fit: mistyped or damaged.
    #[error("cannot read the token: its checksum does not fit, so a character was changed; copy it again")]
    Checksum,
}

/// Writes a token field by field.
pub(super) struct TokenWriter(Zeroizing<String>);

impl TokenWriter {
    pub(super) fn new(prefix: &str) -> Self {
        // Room for the longest token, so that growing leaves no copies of a secret behind.
        let mut text = Zeroizing::new(String::with_capacity(192));
        text.push_str(prefix);
        Self(text)
    }

    pub(super) fn namespace(self, namespace: Namespace) -> Self {
        match namespace {
            Namespace::Tenant(tenant) => self.bytes(tenant.as_bytes()),
            Namespace::Platform => self,
        }
    }

    pub(super) fn bytes<const N: usize>(mut self, bytes: &[u8; N]) -> Self {
        encode(bytes, digits_of::<N>(), &mut self.0);
        self
    }

    pub(super) fn separator(mut self) -> Self {
        self.0.push('_');
        self
    }

    /// The last characters written so far; not for secret fields.
    pub(super) fn last_characters(&self, count: usize) -> &str {
        let at = self.0.len().saturating_sub(count);
        self.0.get(at..).unwrap_or_default()
    }

    /// Closes the token with its checksum.
    pub(super) fn finish(mut self) -> Zeroizing<String> {
        let checksum = crc32(self.0.as_bytes()).to_be_bytes();
        encode(&checksum, DIGITS_OF_CHECKSUM, &mut self.0);
        self.0
    }
}

/// Reads a token field by field, after its checksum.
pub(super) struct TokenReader<'a>(&'a str);

impl<'a> TokenReader<'a> {
    /// Checks the checksum of `text`, which lies behind the prefix in `body`.
    pub(super) fn new(text: &'a str, body: &'a str) -> Result<Self, MalformedToken> {
        let split = |text: &'a str| {
            text.len().checked_sub(DIGITS_OF_CHECKSUM).and_then(|at| text.split_at_checked(at))
        };
        let (covered, checksum) = split(text).ok_or(MalformedToken::Shape)?;
        let (fields, _) = split(body).ok_or(MalformedToken::Shape)?;
        let expected = crc32(covered.as_bytes()).to_be_bytes();
        match decode::<4>(checksum) {
            Some(checksum) if *checksum == expected => Ok(Self(fields)),
            _ => Err(MalformedToken::Checksum),
        }
    }

    pub(super) fn tenant(&mut self) -> Result<Namespace, MalformedToken> {
        self.uuid().map(TenantId::from_uuid).map(Namespace::Tenant)
    }

    pub(super) fn uuid(&mut self) -> Result<Uuid, MalformedToken> {
        self.bytes::<16>().map(|bytes| Uuid::from_bytes(*bytes))
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> Result<Zeroizing<[u8; N]>, MalformedToken> {
        let (field, rest) = self.0.split_at_checked(digits_of::<N>()).ok_or(MalformedToken::Shape)?;
        self.0 = rest;
        decode(field).ok_or(MalformedToken::Shape)
    }

    pub(super) fn separator(&mut self) -> Result<(), MalformedToken> {
        self.0 = self.0.strip_prefix('_').ok_or(MalformedToken::Shape)?;
        Ok(())
    }

    /// Refuses a text with more in it than was read.
    pub(super) fn finish(self) -> Result<(), MalformedToken> {
        if self.0.is_empty() { Ok(()) } else { Err(MalformedToken::Shape) }
    }
}

const fn digits_of<const N: usize>() -> usize {
    const { assert!(N == 16 || N == 32, "tokens have fields of 16 and 32 bytes") };
    if N == 16 { DIGITS_OF_16_BYTES } else { DIGITS_OF_32_BYTES }
}

/// Appends `bytes` as a big-endian number of exactly `digits` base62 digits.
fn encode<const N: usize>(bytes: &[u8; N], digits: usize, to: &mut String) {
    let mut number = Zeroizing::new(*bytes);
    let mut reversed = Zeroizing::new([b'0'; DIGITS_OF_32_BYTES]);
    for digit in reversed.iter_mut().take(digits) {
        let mut remainder = 0u32;
        for byte in number.iter_mut() {
            let value = remainder << 8 | u32::from(*byte);
            // A quotient of (remainder < 62) * 256 + 255 by 62 fits one byte.
            *byte = (value / 62) as u8;
            remainder = value % 62;
        }
        *digit = DIGITS.get(remainder as usize).copied().unwrap_or(b'0');
    }
    to.extend(reversed.iter().take(digits).rev().map(|digit| char::from(*digit)));
}

/// The number written by [`encode`]; `None` for a foreign character or a number too large for `N` bytes.
fn decode<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    let mut number = Zeroizing::new([0u8; N]);
    for character in text.bytes() {
        let mut carry = match character {
            b'0'..=b'9' => u32::from(character - b'0'),
            b'A'..=b'Z' => u32::from(character - b'A') + 10,
            b'a'..=b'z' => u32::from(character - b'a') + 36,
            _ => return None,
        };
        for byte in number.iter_mut().rev() {
            let value = u32::from(*byte) * 62 + carry;
            *byte = (value & 0xff) as u8;
            carry = value >> 8;
        }
        if carry != 0 {
            return None;
        }
    }
    Some(number)
}

/// CRC-32 (IEEE 802.3). A token is about a hundred bytes, so no table.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let mask = (crc & 1).wrapping_neg();
            crc = crc >> 1 ^ (0xedb8_8320 & mask);
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text_of(bytes: &[u8; 32]) -> String {
        let mut text = String::new();
        encode(bytes, DIGITS_OF_32_BYTES, &mut text);
        text
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(bytes: [u8; 32]) {
            let text = text_of(&bytes);
            prop_assert_eq!(text.len(), DIGITS_OF_32_BYTES);
            prop_assert_eq!(*decode::<32>(&text).unwrap(), bytes);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text: String) {
            let _ = TokenReader::new(&text, &text).and_then(|mut reader| reader.bytes::<32>());
        }
    }

    #[test]
    fn the_extremes_fit_their_width() {
        assert_eq!(text_of(&[0; 32]), "0".repeat(43));
        assert_eq!(*decode::<32>(&text_of(&[0xff; 32])).unwrap(), [0xff; 32]);
    }

    #[test]
    fn a_number_too_large_is_refused_and_not_wrapped() {
        assert_eq!(decode::<32>(&"z".repeat(43)), None);
    }

    #[test]
    fn the_checksum_is_crc_32() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn every_single_changed_character_is_noticed() {
        let text = TokenWriter::new("x_").bytes(&[0x5a; 32]).finish();
        for at in 0..text.len() {
            let (before, after) = (text.get(..at).unwrap(), text.get(at + 1..).unwrap());
            let other = if text.get(at..=at) == Some("q") { 'r' } else { 'q' };
            let changed = format!("{before}{other}{after}");
            assert!(TokenReader::new(&changed, &changed).is_err(), "{at}");
        }
    }
}
