//! Large values in parts: a value above 48 KiB becomes a manifest under its own key and sealed parts beside it.
//!
//! Every value ends in one layout byte inside the seal. Parts carry their manifest's random stamp, so parts of two
//! versions never mix. It does not read or write.

use bytes::Bytes;

use crate::id::TenantId;
use crate::storage::StorageError;
use crate::storage::commit::{BATCH_BYTES_MAX, within};
use crate::storage::key::{Key, describe, full_key};
use crate::storage::seal::{DataKey, fill_random};

/// Largest value kept in one piece, and size of a part, in bytes.
pub(super) const PART_BYTES: usize = 48 * 1_024;

/// Most parts of a value: a larger one would not fit a batch.
const PARTS_MAX: usize = BATCH_BYTES_MAX / PART_BYTES;

const STAMP_BYTES: usize = 8;

/// The layout byte of a value in one piece.
const WHOLE: u8 = 0;

/// The layout byte of a manifest.
const PARTS: u8 = 1;

/// A sealed value with the sealed parts that belong to it.
pub(super) struct Sealed {
    pub(super) head: Bytes,
    pub(super) parts: Vec<(Vec<u8>, Bytes)>,
}

/// What a sealed value turned out to be.
pub(super) enum Opened {
    Whole(Vec<u8>),
    Parts(Manifest),
}

/// Where a large value's parts are, and which.
pub(super) struct Manifest {
    stamp: [u8; STAMP_BYTES],
    parts: u32,
    bytes: u32,
}

/// Seals a value for its key, in parts when it is large.
pub(super) fn seal(
    data_key: &DataKey,
    tenant: TenantId,
    key: &[u8],
    mut plain: Vec<u8>,
) -> Result<Sealed, StorageError> {
    if plain.len() <= PART_BYTES {
        plain.push(WHOLE);
        let head = data_key.seal(&full_key(tenant, key), &plain)?.into();
        return Ok(Sealed { head, parts: Vec::new() });
    }
    within("a value (bytes)", plain.len(), PARTS_MAX * PART_BYTES)?;
    let mut stamp = [0; STAMP_BYTES];
    fill_random(&mut stamp)?;
    let mut parts = Vec::new();
    for (index, piece) in (0..).zip(plain.chunks(PART_BYTES)) {
        let part_key: Vec<u8> = Key::chunk(key, index).into();
        let sealed = data_key.seal(&full_key(tenant, &part_key), &[&stamp, piece].concat())?;
        parts.push((part_key, sealed.into()));
    }
    let size = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let manifest = Manifest { stamp, parts: size(parts.len()), bytes: size(plain.len()) };
    let head = data_key.seal(&full_key(tenant, key), &manifest.encode())?.into();
    Ok(Sealed { head, parts })
}

/// Opens what stands under a key.
pub(super) fn open(
    data_key: &DataKey,
    tenant: TenantId,
    key: &[u8],
    sealed: &[u8],
) -> Result<Opened, StorageError> {
    let corrupt = || StorageError::corrupt(describe(key));
    let mut plain = data_key.open(&full_key(tenant, key), sealed).ok_or_else(corrupt)?;
    match plain.pop() {
        Some(WHOLE) => Ok(Opened::Whole(plain)),
        Some(PARTS) => Manifest::decode(&plain).map(Opened::Parts).ok_or_else(corrupt),
        _ => Err(corrupt()),
    }
}

impl Manifest {
    /// The keys of all parts, in order.
    pub(super) fn part_keys(&self, key: &[u8]) -> Vec<Vec<u8>> {
        (0..self.parts).map(|index| Key::chunk(key, index).into()).collect()
    }

    /// The whole value; none when the parts are not the manifest's, as in a read that met an overwrite.
    pub(super) fn join(
        &self,
        data_key: &DataKey,
        tenant: TenantId,
        key: &[u8],
        parts: &[Option<Bytes>],
    ) -> Result<Option<Vec<u8>>, StorageError> {
        let mut whole = Vec::with_capacity(self.bytes as usize);
        for (index, sealed) in (0..).zip(parts) {
            let Some(sealed) = sealed else { return Ok(None) };
            let part_key = Key::chunk(key, index);
            let part = data_key
                .open(&full_key(tenant, &part_key), sealed)
                .ok_or_else(|| StorageError::corrupt(describe(&part_key)))?;
            match part.split_first_chunk::<STAMP_BYTES>() {
                Some((stamp, piece)) if *stamp == self.stamp => whole.extend_from_slice(piece),
                _ => return Ok(None),
            }
        }
        Ok((whole.len() == self.bytes as usize).then_some(whole))
    }

    fn encode(&self) -> Vec<u8> {
        [self.stamp.as_slice(), &self.parts.to_be_bytes(), &self.bytes.to_be_bytes(), &[PARTS]].concat()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (stamp, rest) = bytes.split_first_chunk()?;
        let (parts, rest) = rest.split_first_chunk()?;
        let manifest = Self {
            stamp: *stamp,
            parts: u32::from_be_bytes(*parts),
            bytes: u32::from_be_bytes(rest.try_into().ok()?),
        };
        (manifest.parts as usize <= PARTS_MAX).then_some(manifest)
    }
}
