//! The form of a compiled component in a file: a keyed hash, and the content. Pure: it opens no files.

use super::digest::Digest;
use wasmtime::{Engine, Precompiled};

/// What every artifact begins with.
const MAGIC: &[u8; 16] = b"mortise-artifact";
const MAC: usize = 32;

/// Makes and checks artifacts for one key and one kind of engine.
pub(super) struct Seal {
    key: [u8; 32],
    compatibility: blake3::Hash,
}

/// Content that this host wrote.
pub(super) struct Genuine<'a>(&'a [u8]);

impl Genuine<'_> {
    /// The compiled code.
    pub(super) fn content(&self) -> &[u8] {
        self.0
    }
}

impl Seal {
    /// With the host's key, for artifacts of engines like this one.
    pub(super) fn new(key: [u8; 32], compatibility: blake3::Hash) -> Self {
        // A key of its own, should the caller's be used elsewhere.
        Self { key: blake3::derive_key("mortise 2026 compiled plugin artifacts", &key), compatibility }
    }

    /// The name of the file.
    pub(super) fn file(&self, digest: Digest) -> String {
        let kind = self.compatibility.to_hex();
        format!("{digest}-{}{SUFFIX}", kind.get(..16).unwrap_or_default())
    }

    /// The file's bytes before the content; none when the content is no compiled component.
    pub(super) fn head(&self, digest: Digest, content: &[u8]) -> Option<Vec<u8>> {
        if !matches!(Engine::detect_precompiled(content), Some(Precompiled::Component)) {
            return None;
        }
        let mut head = MAGIC.to_vec();
        head.extend_from_slice(self.mac(digest, content).as_bytes());
        Some(head)
    }

    /// The content of a file, if this host wrote it for this component and this engine.
    pub(super) fn open<'a>(&self, digest: Digest, file: &'a [u8]) -> Option<Genuine<'a>> {
        let (mac, content) = file.strip_prefix(MAGIC)?.split_first_chunk::<MAC>()?;
        // Compared in constant time.
        (self.mac(digest, content) == blake3::Hash::from_bytes(*mac)).then_some(Genuine(content))
    }

    fn mac(&self, digest: Digest, content: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&digest.0);
        hasher.update(self.compatibility.as_bytes());
        hasher.update(content);
        hasher.finalize()
    }
}

/// How names of artifacts end.
pub(super) const SUFFIX: &str = ".cwasm";
