//! What can be wrong with an archive, and where: every refusal names the item, the field and the position.
//!
//! It does not know how a fault was found.

use std::fmt;
use std::io;

/// A place in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    /// Bytes before it.
    pub(crate) byte: u64,
    /// Line, from 1.
    pub(crate) line: u64,
    /// Column in bytes, from 1.
    pub(crate) column: u64,
}

impl Position {
    /// The first byte of the file.
    pub(crate) const START: Self = Self { byte: 0, line: 1, column: 1 };

    /// Moves past one byte.
    pub(crate) fn advance(&mut self, byte: u8) {
        self.byte += 1;
        if byte == b'\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
    }

    /// Where one stands after `bytes`, having started here.
    pub(crate) fn after(mut self, bytes: &[u8]) -> Self {
        bytes.iter().for_each(|&byte| self.advance(byte));
        self
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}, byte {}", self.line, self.column, self.byte)
    }
}

/// Which element of which list, and its issue number where that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The list's key at the top of the file: `issues`.
    pub(crate) list: String,
    /// The element's index, from 0.
    pub(crate) index: u64,
    /// The element's `number`, as written.
    pub(crate) number: Option<u64>,
    /// Where the element begins.
    pub(crate) position: Position,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.list, self.index)?;
        self.number.map_or(Ok(()), |number| write!(f, " (number {number})"))
    }
}

/// The sort of fault, for a program that must tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The file could not be opened or read.
    Read,
    /// The file ends before the archive does.
    Truncated,
    /// An item passes [`MAX_ITEM_BYTES`](super::frame::MAX_ITEM_BYTES), or a list of names its bound.
    TooLarge,
    /// Nested deeper than [`MAX_DEPTH`](super::frame::MAX_DEPTH).
    TooDeep,
    /// Not UTF-8.
    NotText,
    /// Not JSON.
    Syntax,
    /// JSON, but not an archive of this format.
    NotAnArchive,
    /// A field has a value it cannot have.
    Value,
    /// A number, or a key at the top, occurs twice.
    Duplicate,
    /// The file is not the one that was opened any more.
    Changed,
}

/// Why an archive was refused.
#[derive(Debug)]
pub(crate) struct ArchiveError {
    /// The sort of fault.
    pub(crate) kind: ErrorKind,
    /// The item it is in, if it is in one.
    pub(crate) place: Option<Box<Place>>,
    /// The field inside the item, such as `comments[3].createdAt`; empty for the item itself.
    pub(crate) path: String,
    /// What is wrong.
    pub(crate) message: String,
    /// Where; the end of the faulty value when it is a value.
    pub(crate) position: Position,
    source: Option<io::Error>,
}

impl ArchiveError {
    /// A fault that lies in no item.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>, position: Position) -> Self {
        Self { kind, place: None, path: String::new(), message: message.into(), position, source: None }
    }

    /// A failure of the operating system to read the file.
    pub(crate) fn read(source: io::Error, position: Position) -> Self {
        let message = format!("cannot read the archive: {source}");
        Self { source: Some(source), ..Self::new(ErrorKind::Read, message, position) }
    }

    /// The same fault, said to lie at `path`.
    pub(crate) fn at_path(self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    /// The same fault, said to lie in `place` at `path`.
    pub(crate) fn within(self, place: Place, path: String) -> Self {
        Self { place: Some(Box::new(place)), path, ..self }
    }
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{} ({})", self.message, self.position)
    }
}

impl std::error::Error for ArchiveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}
