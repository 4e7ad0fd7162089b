//! Storage keys: bytes whose order is the order of the values they were built from.
//!
//! A key inside a tenant is `space byte | rest`; the store puts the tenant's sixteen bytes in front. Numbers are
//! fixed-width and big-endian, text is escaped and comes last. It does not know which records exist: the
//! tag byte is the caller's.

use std::ops::Deref;

use crate::id::TenantId;

/// Longest key a store takes, without the tenant, in bytes.
pub const KEY_BYTES_MAX: usize = 1_024;

/// The part of a tenant's keys a key belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// Rows.
    Data,
    /// The writer epoch, one key.
    Epoch,
    /// The event log, one key per sequence number.
    Log,
    /// Parts of values too large for one key.
    Chunk,
}

impl Space {
    /// The byte a key of this space starts with.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Data => b'D',
            Self::Epoch => b'E',
            Self::Log => b'L',
            Self::Chunk => b'P',
        }
    }

    /// The space a key inside a tenant belongs to.
    pub const fn of(key: &[u8]) -> Option<Self> {
        match key {
            [b'D', ..] => Some(Self::Data),
            [b'E', ..] => Some(Self::Epoch),
            [b'L', ..] => Some(Self::Log),
            [b'P', ..] => Some(Self::Chunk),
            _ => None,
        }
    }
}

/// A finished key inside a tenant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Vec<u8>);

impl Deref for Key {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Key> for Vec<u8> {
    fn from(key: Key) -> Self {
        key.0
    }
}

impl Key {
    /// Starts the key of a row whose kind is `tag`.
    ///
    /// ```
    /// use mortise_engine::storage::Key;
    /// let low = Key::record(b'i').u32(7).text_last("a");
    /// let high = Key::record(b'i').u32(7).text_last("ab");
    /// assert!(low < high);
    /// ```
    pub fn record(tag: u8) -> KeyBuilder {
        KeyBuilder(vec![Space::Data.byte(), tag])
    }

    /// A key as a scan gave it.
    pub(crate) fn from_stored(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// The key of the log record with this sequence number.
    pub fn log(seq: u64) -> Self {
        let mut bytes = Vec::with_capacity(9);
        bytes.push(Space::Log.byte());
        bytes.extend_from_slice(&seq.to_be_bytes());
        Self(bytes)
    }

    /// The key of the writer epoch.
    pub fn epoch() -> Self {
        Self(vec![Space::Epoch.byte()])
    }

    /// The key of one part of the large value stored under `owner`.
    pub(crate) fn chunk(owner: &[u8], index: u32) -> Self {
        let mut bytes = Self::chunks_of(owner).0;
        bytes.extend_from_slice(&index.to_be_bytes());
        Self(bytes)
    }

    /// The prefix of all parts of the large value stored under `owner`, and of nothing else.
    ///
    /// The owner's length stands in front of it, so the parts of `ab` never lie among those of `abc`.
    pub(crate) fn chunks_of(owner: &[u8]) -> Self {
        let length = u16::try_from(owner.len()).unwrap_or(u16::MAX);
        let mut bytes = Vec::with_capacity(owner.len() + 7);
        bytes.push(Space::Chunk.byte());
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(owner);
        Self(bytes)
    }
}

/// Appends fixed-width parts to a key, in order of significance.
#[derive(Debug, Clone)]
pub struct KeyBuilder(Vec<u8>);

impl KeyBuilder {
    /// Appends sixteen raw bytes, such as an id.
    #[must_use]
    pub fn id(mut self, id: &[u8; 16]) -> Self {
        self.0.extend_from_slice(id);
        self
    }

    /// Appends one byte.
    #[must_use]
    pub fn u8(mut self, value: u8) -> Self {
        self.0.push(value);
        self
    }

    /// Appends an unsigned number, smaller first.
    #[must_use]
    pub fn u32(mut self, value: u32) -> Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// Appends an unsigned number, smaller first.
    #[must_use]
    pub fn u64(mut self, value: u64) -> Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// Appends a signed number, smaller first.
    #[must_use]
    pub fn i64(self, value: i64) -> Self {
        self.u64(value.cast_unsigned() ^ (1 << 63))
    }

    /// Appends text and ends the key: text has no fixed width, so nothing may follow it.
    ///
    /// A zero byte inside becomes `00 FF` and the end is `00 00`, so one text is never a prefix of another.
    pub fn text_last(mut self, text: &str) -> Key {
        for byte in text.bytes() {
            self.0.push(byte);
            if byte == 0 {
                self.0.push(0xFF);
            }
        }
        self.0.extend_from_slice(&[0, 0]);
        Key(self.0)
    }

    /// Ends the key, or the prefix of several keys.
    pub fn build(self) -> Key {
        Key(self.0)
    }
}

/// The tenant's sixteen bytes followed by the key inside it.
pub(crate) fn full_key(tenant: TenantId, key: &[u8]) -> Vec<u8> {
    let mut full = Vec::with_capacity(16 + key.len());
    full.extend_from_slice(tenant.as_bytes());
    full.extend_from_slice(key);
    full
}

/// The smallest key above every key that starts with `prefix`; none when there is no such key.
///
/// Adds one with carry, so a prefix that ends in `FF` is not overrun.
pub fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|&byte| byte != 0xFF)?;
    let mut end = prefix.get(..=last)?.to_vec();
    if let Some(byte) = end.last_mut() {
        *byte += 1;
    }
    Some(end)
}

/// What a key holds, in words that reveal no content.
pub(crate) fn describe(key: &[u8]) -> String {
    match (Space::of(key), key.get(1)) {
        (Some(Space::Data), Some(tag)) => format!("a row of kind 0x{tag:02x}"),
        (Some(Space::Log), _) => "a log record".to_owned(),
        (Some(Space::Epoch), _) => "the writer epoch".to_owned(),
        (Some(Space::Chunk), _) => "a part of a large value".to_owned(),
        (Some(Space::Data) | None, _) => "a value".to_owned(),
    }
}

#[cfg(test)]
mod tests;
