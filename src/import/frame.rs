//! Cuts a stream of JSON into values without understanding them: it knows strings, escapes and brackets, counts
//! lines, and holds one value at a time.
//!
//! It does not know whether a value is well formed; whoever parses the cut piece finds that out, and can place
//! the fault because the piece's own position is known.

use std::io::{BufRead, ErrorKind as IoKind};

use super::error::{ArchiveError, ErrorKind, Position};

/// The largest item read, in bytes of JSON: far above what the source allows for a whole thread of comments, and
/// what the importer's memory is bounded by.
pub(crate) const MAX_ITEM_BYTES: usize = 8 * 1024 * 1024;

/// How deep brackets may nest inside one item. The format itself needs five levels.
pub(crate) const MAX_DEPTH: usize = 64;

/// A position in a stream of JSON and the last value cut from it.
#[derive(Debug)]
pub(crate) struct Framer<R> {
    input: R,
    at: Position,
    value: Vec<u8>,
    value_at: Position,
}

impl<R: BufRead> Framer<R> {
    /// Starts at the beginning of `input`.
    pub(crate) fn new(input: R) -> Self {
        Self { input, at: Position::START, value: Vec::new(), value_at: Position::START }
    }

    /// Where the next byte is.
    pub(crate) fn position(&self) -> Position {
        self.at
    }

    /// The last value cut, complete or (after a fault) as far as it went.
    pub(crate) fn value(&self) -> &[u8] {
        &self.value
    }

    /// Where the last value cut begins.
    pub(crate) fn value_position(&self) -> Position {
        self.value_at
    }

    /// The next byte, not taken; `None` at the end of the file.
    pub(crate) fn peek(&mut self) -> Result<Option<u8>, ArchiveError> {
        loop {
            match self.input.fill_buf() {
                Ok(bytes) => return Ok(bytes.first().copied()),
                Err(error) if error.kind() == IoKind::Interrupted => {}
                Err(error) => return Err(ArchiveError::read(error, self.at)),
            }
        }
    }

    /// Takes the byte that [`peek`](Self::peek) showed.
    pub(crate) fn take(&mut self, byte: u8) {
        self.input.consume(1);
        self.at.advance(byte);
    }

    /// The next byte that is not white space, not taken.
    pub(crate) fn peek_token(&mut self) -> Result<Option<u8>, ArchiveError> {
        while let Some(byte) = self.peek()? {
            if !byte.is_ascii_whitespace() {
                return Ok(Some(byte));
            }
            self.take(byte);
        }
        Ok(None)
    }

    /// Cuts the next value into [`value`](Self::value).
    ///
    /// # Errors
    /// The file ends inside it, or it is too large or too deep.
    pub(crate) fn cut(&mut self) -> Result<(), ArchiveError> {
        self.value.clear();
        let first = self.peek_token()?;
        self.value_at = self.at;
        match first {
            None => Err(self.truncated()),
            Some(b'{' | b'[') => self.cut_nested(),
            Some(b'"') => self.cut_string(),
            Some(_) => self.cut_scalar(),
        }
    }

    /// The fault of a file that ends here.
    pub(crate) fn truncated(&self) -> ArchiveError {
        ArchiveError::new(ErrorKind::Truncated, "the file ends here, before the archive does", self.at)
    }

    fn cut_nested(&mut self) -> Result<(), ArchiveError> {
        let mut depth = 0_usize;
        loop {
            match self.peek()?.ok_or_else(|| self.truncated())? {
                b'"' => self.cut_string()?,
                byte => {
                    self.keep(byte)?;
                    match byte {
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                }
            }
            if depth == 0 {
                return Ok(());
            }
            if depth > MAX_DEPTH {
                let message = format!("nested deeper than {MAX_DEPTH} levels");
                return Err(ArchiveError::new(ErrorKind::TooDeep, message, self.at));
            }
        }
    }

    fn cut_string(&mut self) -> Result<(), ArchiveError> {
        self.keep(b'"')?;
        let mut escaped = false;
        loop {
            let byte = self.peek()?.ok_or_else(|| self.truncated())?;
            self.keep(byte)?;
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => return Ok(()),
                _ => {}
            }
        }
    }

    fn cut_scalar(&mut self) -> Result<(), ArchiveError> {
        while let Some(byte) = self.peek()? {
            if byte.is_ascii_whitespace() || b",:]}[{\"".contains(&byte) {
                break;
            }
            self.keep(byte)?;
        }
        Ok(())
    }

    fn keep(&mut self, byte: u8) -> Result<(), ArchiveError> {
        if self.value.len() >= MAX_ITEM_BYTES {
            let message = format!("larger than the {} MiB one item may have", MAX_ITEM_BYTES >> 20);
            return Err(ArchiveError::new(ErrorKind::TooLarge, message, self.at));
        }
        self.value.push(byte);
        self.take(byte);
        Ok(())
    }
}
