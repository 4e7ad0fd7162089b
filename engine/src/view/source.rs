//! A saved view's bytes, read front to back. It does not know what they mean.

use super::field::Plain;
use std::io::{self, Read};

/// Bytes that are asked for at once at most: far more than any part of a saved view has.
const AT_ONCE_MAX: usize = 256 * 1024 * 1024;

/// See the module.
pub(super) struct Source<'a> {
    from: &'a mut dyn Read,
    read: Vec<u8>,
}

impl<'a> Source<'a> {
    pub(super) fn new(from: &'a mut dyn Read) -> Self {
        Self { from, read: Vec::new() }
    }

    /// The next so many bytes.
    pub(super) fn bytes(&mut self, count: usize) -> io::Result<&[u8]> {
        if count > AT_ONCE_MAX {
            return Err(malformed());
        }
        if self.read.len() < count {
            self.read.resize(count, 0);
        }
        let bytes = self.read.get_mut(..count).ok_or_else(malformed)?;
        self.from.read_exact(bytes)?;
        Ok(bytes)
    }

    /// The next value.
    pub(super) fn value<T: Plain>(&mut self) -> io::Result<T> {
        T::take(self.bytes(T::BYTES)?).ok_or_else(malformed)
    }

    /// A length or count that was saved as four bytes.
    pub(super) fn count(&mut self) -> io::Result<usize> {
        Ok(self.value::<u32>()? as usize)
    }

    /// The reader itself, for what reads on its own.
    pub(super) fn reader(&mut self) -> &mut dyn Read {
        self.from
    }
}

/// The bytes are not a saved view.
pub(super) fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "these bytes are no saved view")
}
