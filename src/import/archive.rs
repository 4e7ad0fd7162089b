//! An archive that can be read several times: an open file, which is noticed to have changed in between, or what a server
//! has taken in.
//!
//! It does not know what is in it.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;
use std::time::SystemTime;

use mortise::storage::Spooled;
use tokio::runtime::Handle;

use super::error::{ArchiveError, ErrorKind, Position};
use super::reader::{Placed, Totals, for_each_item};
use super::validate::{Survey, survey};

/// Bytes read from the file at once.
const BUFFER_BYTES: usize = 64 * 1024;

/// An archive that can be read from its beginning as often as needed.
pub(crate) struct Archive(Held);

/// Where it lies.
enum Held {
    /// In a file of somebody else's.
    File(File, Stamp),
    /// In a place of our own.
    Spooled(Kept),
}

/// What was taken in. Removing it from the disk takes a while: where nobody did so, a thread that may block does.
struct Kept(Option<Spooled>);

impl Drop for Kept {
    fn drop(&mut self) {
        if let (Some(spooled), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            drop(runtime.spawn_blocking(move || drop(spooled)));
        }
    }
}

/// Is told how many bytes of a pass have been read, every [`BUFFER_BYTES`], and says whether it goes on.
type Watch<'a> = &'a dyn Fn(u64) -> bool;

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
        let stamp = (about.len(), about.modified().ok());
        Ok(Self(Held::File(file, stamp)))
    }

    /// What was taken in; it goes with the archive.
    pub(crate) fn spooled(spooled: Spooled) -> Self {
        Self(Held::Spooled(Kept(Some(spooled))))
    }

    /// Removes what was taken in. Blocks.
    pub(crate) fn remove(mut self) {
        if let Held::Spooled(kept) = &mut self.0 {
            drop(kept.0.take());
        }
    }

    /// Removes what was taken in, and waits until that is done.
    pub(crate) async fn let_go(self) {
        // One that cannot be removed is removed when the folder is opened next.
        let _ = tokio::task::spawn_blocking(move || self.remove()).await;
    }

    /// Its size, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.0 {
            Held::File(_, (bytes, _)) => *bytes,
            Held::Spooled(kept) => kept.0.as_ref().map_or(0, Spooled::bytes),
        }
    }

    /// The first pass of an archive that is removed where that finds a fault.
    ///
    /// # Errors
    /// As [`survey`](Self::survey).
    pub(crate) fn surveyed(mut self, watch: impl Fn(u64) -> bool) -> Result<(Self, Survey), ArchiveError> {
        match self.survey(&watch) {
            Ok(survey) => Ok((self, survey)),
            Err(fault) => {
                self.remove();
                Err(fault)
            }
        }
    }

    /// The first pass: reads everything and says what is in it.
    ///
    /// # Errors
    /// The first fault, or that it was not to go on.
    pub(crate) fn survey(&mut self, watch: Watch<'_>) -> Result<Survey, ArchiveError> {
        let survey = survey(self.rewound(watch)?)?;
        self.unchanged()?;
        Ok(survey)
    }

    /// Calls `visitor` with every item, in the order of the file. Call it again for what must come in another
    /// order: labels may stand after the issues that have them.
    ///
    /// # Errors
    /// The first fault of the archive or of the visitor, or that it was not to go on; items before it have been visited.
    pub(crate) fn for_each<E: From<ArchiveError>>(
        &mut self,
        watch: Watch<'_>,
        visitor: impl FnMut(Placed<'_>) -> Result<(), E>,
    ) -> Result<Totals, E> {
        let totals = for_each_item(self.rewound(watch)?, visitor)?;
        self.unchanged()?;
        Ok(totals)
    }

    fn rewound<'a>(&'a mut self, watch: Watch<'a>) -> Result<BufReader<Watched<'a>>, ArchiveError> {
        self.unchanged()?;
        let from: io::Result<Box<dyn Read + '_>> = match &mut self.0 {
            Held::File(file, _) => file.rewind().map(|()| Box::new(file) as _),
            Held::Spooled(kept) => {
                let spooled = kept.0.as_ref().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound));
                spooled.and_then(Spooled::read).map(|read| Box::new(read) as _)
            }
        };
        let from = from.map_err(|source| ArchiveError::read(source, Position::START))?;
        let watched = Watched { from, watch, seen: 0 };
        Ok(BufReader::with_capacity(BUFFER_BYTES, watched))
    }

    /// A file that is being written to cannot be trusted to hold what the first pass found.
    fn unchanged(&self) -> Result<(), ArchiveError> {
        let Held::File(file, stamp) = &self.0 else { return Ok(()) };
        let about = file.metadata().map_err(|source| ArchiveError::read(source, Position::START))?;
        if (about.len(), about.modified().ok()) == *stamp {
            return Ok(());
        }
        let message = "the file has changed since it was opened; start again when it is complete";
        Err(ArchiveError::new(ErrorKind::Changed, message, Position::START))
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}

/// The archive during one pass.
struct Watched<'a> {
    from: Box<dyn Read + 'a>,
    watch: Watch<'a>,
    seen: u64,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.seen = self.seen.saturating_add(count as u64);
        if (self.watch)(self.seen) {
            return Ok(count);
        }
        Err(io::Error::other("nobody waits for it any more"))
    }
}
