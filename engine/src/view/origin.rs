//! Where issues were imported from, as values of one size: the system, and the id there.

use super::field::Plain;
use super::scan::Wanted;
use crate::filter::Compare;

/// Bytes that are kept: those of the longest name an import takes (64 characters of four bytes).
const BYTES_MAX: usize = 256;

/// The name of a system, such as `github`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Origin {
    bytes: [u8; BYTES_MAX],
    len: u16,
}

impl Origin {
    /// A longer name than an import takes is cut.
    pub(super) fn of(name: &str) -> Self {
        let len = name.floor_char_boundary(BYTES_MAX);
        let mut bytes = [0; BYTES_MAX];
        bytes.iter_mut().zip(name.bytes().take(len)).for_each(|(to, from)| *to = from);
        Self { bytes, len: u16::try_from(len).unwrap_or_default() }
    }

    pub(super) fn name(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        str::from_utf8(bytes).unwrap_or_default()
    }
}

impl Plain for Origin {
    const BYTES: usize = u16::BYTES + BYTES_MAX;

    fn put(self, to: &mut Vec<u8>) {
        self.len.put(to);
        to.extend_from_slice(&self.bytes);
    }

    fn take(bytes: &[u8]) -> Option<Self> {
        let (len, bytes) = bytes.split_at_checked(u16::BYTES)?;
        Some(Self { len: Plain::take(len)?, bytes: bytes.try_into().ok()? })
    }
}

/// An id at a source, as a number that is hashed from it: eight bytes however long it is. Of a billion ids hardly two
/// have the same number.
pub(super) fn hashed(id: &str) -> i64 {
    let first = blake3::hash(id.as_bytes()).as_bytes().first_chunk().copied().unwrap_or_default();
    // The highest bit stays free: no id is missing.
    (u64::from_le_bytes(first) >> 1).cast_signed()
}

/// The test of hashed ids that a test of ids is.
pub(super) fn wanted(compare: &Compare<String>) -> Wanted {
    match compare {
        Compare::Lt(_) | Compare::Lte(_) | Compare::Gt(_) | Compare::Gte(_) | Compare::Between(..) => {
            Wanted::Listed(Vec::new())
        }
        same => Wanted::of(&same.map(|id| hashed(id)), |number| number),
    }
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.name().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_back_and_one_that_is_too_long_is_cut_between_characters() {
        assert_eq!(Origin::of("github").name(), "github");
        assert_eq!(Origin::of("").name(), "");
        assert_eq!(Origin::of(&"日".repeat(90)).name(), "日".repeat(85));
    }
}
