//! An archive as an open file that can be read several times, and that is noticed to have changed in between.
//!
//! It does not know what is in it.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;
use std::time::SystemTime;

use super::error::{ArchiveError, ErrorKind, Position};
use super::reader::{Placed, Totals, for_each_item};
use super::validate::{Survey, survey};

/// Bytes read from the file at once.
const BUFFER_BYTES: usize = 64 * 1024;

/// An archive that can be read from its beginning as often as needed.
pub(crate) struct Archive {
    file: File,
    stamp: Stamp,
    watch: Option<Watch>,
}

/// Is told how many bytes of a pass have been read.
type Watch = Box<dyn Fn(u64) + Send>;

/// What tells one state of a file from another.
type Stamp = (u64, Option<SystemTime>);

impl Archive {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// It cannot be opened, or is no regular file: a pipe cannot be read twice.
    pub(crate) fn open(path: &Path) -> Result<Self, ArchiveError> {
        let refuse = |source: io::Error| {
            let source = io::Error::new(source.kind(), format!("{}: {source}", path.display()));
            ArchiveError::read(source, Position::START)
        };
        let file = File::open(path).map_err(refuse)?;
        let about = file.metadata().map_err(refuse)?;
        if !about.is_file() {
            let source =
                io::Error::new(io::ErrorKind::InvalidInput, "not a regular file; save it as one first");
            return Err(refuse(source));
        }
        Ok(Self { stamp: (about.len(), about.modified().ok()), file, watch: None })
    }

    /// Its size, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.stamp.0
    }

    /// Tells `watch` how many bytes of a pass have been read, every [`BUFFER_BYTES`].
    pub(crate) fn watched(self, watch: impl Fn(u64) + Send + 'static) -> Self {
        Self { watch: Some(Box::new(watch)), ..self }
    }

    /// Tells nobody any more.
    pub(crate) fn unwatched(self) -> Self {
        Self { watch: None, ..self }
    }

    /// The first pass: reads everything and says what is in it.
    ///
    /// # Errors
    /// The first fault.
    pub(crate) fn survey(&mut self) -> Result<Survey, ArchiveError> {
        let survey = survey(self.rewound()?)?;
        self.unchanged()?;
        Ok(survey)
    }

    /// Calls `visitor` with every item, in the order of the file. Call it again for what must come in another
    /// order: labels may stand after the issues that have them.
    ///
    /// # Errors
    /// The first fault of the archive or of the visitor; items before it have been visited.
    pub(crate) fn for_each<E: From<ArchiveError>>(
        &mut self,
        visitor: impl FnMut(Placed<'_>) -> Result<(), E>,
    ) -> Result<Totals, E> {
        let totals = for_each_item(self.rewound()?, visitor)?;
        self.unchanged()?;
        Ok(totals)
    }

    fn rewound(&mut self) -> Result<BufReader<Watched<'_>>, ArchiveError> {
        self.unchanged()?;
        self.file.rewind().map_err(|source| ArchiveError::read(source, Position::START))?;
        let watched = Watched { file: &self.file, watch: self.watch.as_deref(), seen: 0 };
        Ok(BufReader::with_capacity(BUFFER_BYTES, watched))
    }

    /// A file that is being written to cannot be trusted to hold what the first pass found.
    fn unchanged(&self) -> Result<(), ArchiveError> {
        let about = self.file.metadata().map_err(|source| ArchiveError::read(source, Position::START))?;
        if (about.len(), about.modified().ok()) == self.stamp {
            return Ok(());
        }
        let message = "the file has changed since it was opened; start again when it is complete";
        Err(ArchiveError::new(ErrorKind::Changed, message, Position::START))
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("file", &self.file).finish_non_exhaustive()
    }
}

/// The file during one pass.
struct Watched<'a> {
    file: &'a File,
    watch: Option<&'a (dyn Fn(u64) + Send)>,
    seen: u64,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.seen = self.seen.saturating_add(count as u64);
        if let Some(watch) = self.watch {
            watch(self.seen);
        }
        Ok(count)
    }
}
