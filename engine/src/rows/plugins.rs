//! Where the rows of plugins lie: their code, the bytes of it in parts, and what their host keeps for installations.

use super::tag;
use crate::id::InstallationId;
use crate::model::Digest;
use crate::storage::Key;

/// Something that a plugin's host keeps for an installation: what it is, it alone knows.
#[derive(Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct PluginEntry {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) value: Vec<u8>,
}

/// A part of the bytes of a plugin's code.
#[derive(Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct PluginPart {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) bytes: Vec<u8>,
}

/// The code of a plugin, without its bytes.
pub(crate) fn plugin_code(digest: Digest) -> Key {
    Key::record(tag::PLUGIN_CODE).id(&half(digest, 0)).id(&half(digest, 16)).build()
}

/// What is kept for an installation under this name.
pub(crate) fn plugin_entry(installation: InstallationId, name: &[u8]) -> Key {
    let mut key = Key::record(tag::PLUGIN_ENTRY).id(installation.as_bytes());
    for byte in name {
        key = key.u8(*byte);
    }
    key.build()
}

/// All that is kept for an installation.
pub(crate) fn plugin_entries(installation: InstallationId) -> Key {
    Key::record(tag::PLUGIN_ENTRY).id(installation.as_bytes()).build()
}

/// The installation that the entry under this key is kept for.
pub(crate) fn plugin_installation(key: &[u8]) -> Option<InstallationId> {
    uuid::Uuid::from_slice(key.get(2..18)?).ok().map(InstallationId::from_uuid)
}

/// The code whose bytes the part under this key holds.
pub(crate) fn plugin_digest(key: &[u8]) -> Option<Digest> {
    key.get(2..34)?.try_into().ok().map(Digest)
}

/// All parts of the bytes of a plugin's code.
pub(crate) fn plugin_parts(digest: Digest) -> Key {
    Key::record(tag::PLUGIN_PART).id(&half(digest, 0)).id(&half(digest, 16)).build()
}

/// A part of the bytes of a plugin's code.
pub(crate) fn plugin_part(digest: Digest, part: u32) -> Key {
    Key::record(tag::PLUGIN_PART).id(&half(digest, 0)).id(&half(digest, 16)).u64(part.into()).build()
}

fn half(digest: Digest, from: usize) -> [u8; 16] {
    let mut half = [0; 16];
    half.iter_mut().zip(digest.0.iter().skip(from)).for_each(|(to, byte)| *to = *byte);
    half
}
