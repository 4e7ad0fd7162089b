//! Cursors: a position, sealed for one tenant and one list.
//!
//! A cursor is encrypted, because the values it holds may be a title, and bound to the list it came from, so that it
//! cannot be carried to another tenant, filter or order. It is made anew for each node of a page: a keyed stream from
//! BLAKE3 costs a fraction of a microsecond. The seal is deterministic (the MAC is the nonce), so the same place in the
//! same list always has the same cursor.

use crate::error::{Error, Result};
use data_encoding::BASE64URL_NOPAD;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes of the seal in front of a cursor's content.
const SEAL_BYTES: usize = 16;

/// The longest cursor that is looked at, in characters: room for a folded title of the longest characters there are.
const CURSOR_CHARS_MAX: usize = 64 * 1024;

/// The key that a tenant's cursors are sealed with. Clones share the one copy in memory.
#[derive(Clone)]
pub struct CursorKey(Arc<Keys>);

struct Keys {
    seal: Zeroizing<[u8; 32]>,
    stream: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CursorKey(..)")
    }
}

impl CursorKey {
    /// The key made of this secret.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        let secret = Zeroizing::new(secret);
        Self(Arc::new(Keys {
            seal: Zeroizing::new(blake3::derive_key("mortise cursor seal 1", secret.as_slice())),
            stream: Zeroizing::new(blake3::derive_key("mortise cursor stream 1", secret.as_slice())),
        }))
    }

    /// The cursor of a position in the list with this hash: a [`Position`](super::Position), or a
    /// [`GroupPlace`](super::GroupPlace). The hashes of lists of one must not be those of lists of the other.
    #[must_use]
    pub fn seal(&self, list: [u8; 16], position: &impl minicbor::Encode<()>) -> String {
        let mut content = minicbor::to_vec(position).unwrap_or_default();
        let seal = self.seal_of(list, &content);
        self.stream(seal, &mut content);
        let mut bytes = seal.to_vec();
        bytes.append(&mut content);
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// The position in a cursor of the list with this hash.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` when it is not a cursor of this list.
    pub fn open<P: for<'b> minicbor::Decode<'b, ()>>(&self, list: [u8; 16], cursor: &str) -> Result<P> {
        self.opened(list, cursor).ok_or_else(|| {
            Error::invalid("after", "this cursor is not from this list: start again from the first page")
        })
    }

    fn opened<P: for<'b> minicbor::Decode<'b, ()>>(&self, list: [u8; 16], cursor: &str) -> Option<P> {
        let bytes = Some(cursor).filter(|c| c.len() <= CURSOR_CHARS_MAX).map(str::as_bytes)?;
        let bytes = BASE64URL_NOPAD.decode(bytes).ok()?;
        let (seal, content) = bytes.split_first_chunk::<SEAL_BYTES>()?;
        let mut content = content.to_vec();
        self.stream(*seal, &mut content);
        let genuine = self.seal_of(list, &content).ct_eq(seal);
        bool::from(genuine).then(|| minicbor::decode(&content).ok())?
    }

    fn seal_of(&self, list: [u8; 16], content: &[u8]) -> [u8; SEAL_BYTES] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0.seal);
        hasher.update(&list).update(content);
        let mut seal = [0; SEAL_BYTES];
        hasher.finalize_xof().fill(&mut seal);
        seal
    }

    fn stream(&self, seal: [u8; SEAL_BYTES], content: &mut [u8]) {
        let mut pad = vec![0; content.len()];
        blake3::Hasher::new_keyed(&self.0.stream).update(&seal).finalize_xof().fill(&mut pad);
        content.iter_mut().zip(pad).for_each(|(byte, pad)| *byte ^= pad);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::IssueId;
    use crate::view::order::{Position, Value};

    #[test]
    fn a_cursor_opens_for_its_own_list_and_tenant_only() {
        let position = Position { values: vec![Value::Text("secret title".into())], id: IssueId::generate() };
        let (ours, theirs) = (CursorKey::new([1; 32]), CursorKey::new([2; 32]));
        let cursor = ours.seal([7; 16], &position);
        assert_eq!(ours.open([7; 16], &cursor).ok(), Some(position));
        assert!(ours.open::<Position>([8; 16], &cursor).is_err());
        assert!(theirs.open::<Position>([7; 16], &cursor).is_err());
    }

    #[test]
    fn every_flipped_character_is_refused() {
        let key = CursorKey::new([1; 32]);
        let position = Position { values: vec![Value::Number(5)], id: IssueId::generate() };
        let cursor = key.seal([7; 16], &position);
        for at in 0..cursor.len() {
            let mut broken = cursor.clone().into_bytes();
            broken[at] = if broken[at] == b'A' { b'B' } else { b'A' };
            let broken = String::from_utf8(broken).unwrap();
            // The last character may differ in bits that carry nothing; those are refused as not canonical.
            assert!(broken == cursor || key.open::<Position>([7; 16], &broken).is_err(), "{at}");
        }
    }
}
