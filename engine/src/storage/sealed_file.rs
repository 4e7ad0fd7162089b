//! A large sealed file that is written and read front to back, for what is derived and may be thrown away.
//!
//! ```text
//! magic (8) │ salt of the file (32) │ parts of 1 MiB, each sealed with its tag │ the last part, shorter
//! ```
//!
//! The file has a key of its own, made of the one it is given and its salt; a part's nonce is its number, and whether it
//! is the last. So a part that is changed, moved, left out, repeated or taken from another file does not open, and a file
//! that was cut or added to ends in a part that does not open. It is ChaCha20-Poly1305 as in [`seal`](super::seal), from
//! the library that is quickest at it: a large file is a second of work for the other. The file takes its name when it is
//! whole and durable. This module does not know what is inside. All calls block.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::seal::{KEY_BYTES, fill_random};
use super::{StorageError, durable_file};

/// What the file begins with; the last byte is the version of this layout.
const MAGIC: [u8; 8] = *b"mortise\x01";

/// Bytes of a part, before it is sealed.
const PART_BYTES: usize = 1_024 * 1_024;

/// Bytes that a part is longer when it is sealed.
const TAG_BYTES: usize = 16;

const SALT_BYTES: usize = 32;

/// Parts that are got ready before they are asked for.
const PARTS_AHEAD: usize = 4;

/// What was written is made durable in steps of so many parts: a large file at once would keep the disk from the store's
/// own syncs.
const PARTS_PER_SYNC: u32 = 8;

/// How a file is called while it is written.
const UNFINISHED: &str = "tmp";

/// The seals of a file's parts, one after the other.
struct Seals {
    key: LessSafeKey,
    part: u32,
}

impl Seals {
    fn new(key: &[u8; KEY_BYTES], salt: &[u8; SALT_BYTES]) -> io::Result<Self> {
        let own = blake3::keyed_hash(key, salt);
        let key = UnboundKey::new(&CHACHA20_POLY1305, own.as_bytes()).map_err(|_| broken())?;
        Ok(Self { key: LessSafeKey::new(key), part: 0 })
    }

    /// Seals the next part where it lies.
    fn seal(&mut self, part: &mut Vec<u8>, last: bool) -> io::Result<()> {
        let nonce = self.next(last)?;
        self.key.seal_in_place_append_tag(nonce, Aad::empty(), part).map_err(|_| broken())
    }

    /// Opens the next part where it lies.
    fn open(&mut self, part: &mut Vec<u8>, last: bool) -> io::Result<()> {
        let nonce = self.next(last)?;
        let length = self.key.open_in_place(nonce, Aad::empty(), part).map_err(|_| broken())?.len();
        part.truncate(length);
        Ok(())
    }

    /// The nonce of the next part.
    fn next(&mut self, last: bool) -> io::Result<Nonce> {
        let mut nonce = [0; NONCE_LEN];
        let bytes = self.part.to_be_bytes().into_iter().chain([u8::from(last)]);
        nonce.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        self.part =
            self.part.checked_add(1).ok_or_else(|| io::Error::other("the file has too many parts"))?;
        Ok(Nonce::assume_unique_for_key(nonce))
    }
}

/// A sealed file that is being written. Dropped before it is finished, it leaves nothing behind.
pub(crate) struct SealedWriter {
    path: PathBuf,
    temporary: PathBuf,
    /// None once it is finished.
    file: Option<File>,
    seals: Seals,
    part: Vec<u8>,
    bytes: u64,
}

impl SealedWriter {
    /// Begins a file that will have this name. Several may be written at once: the one that is finished last stays.
    ///
    /// # Errors
    /// `Io` when it cannot be made.
    pub(crate) fn create(path: &Path, key: [u8; KEY_BYTES]) -> Result<Self, StorageError> {
        let mut salt = [0; SALT_BYTES];
        fill_random(&mut salt)?;
        let [first, second, third, fourth, ..] = salt;
        let own = data_encoding::HEXLOWER.encode(&[first, second, third, fourth]);
        let temporary = path.with_extension(format!("{own}.{UNFINISHED}"));
        let begin = || -> io::Result<(File, Seals)> {
            let mut file = durable_file::private_file().create_new(true).open(&temporary)?;
            file.write_all(&MAGIC)?;
            file.write_all(&salt)?;
            Ok((file, Seals::new(&key, &salt)?))
        };
        let (file, seals) = begin().map_err(|source| failed("write", path, source))?;
        let bytes = (MAGIC.len() + SALT_BYTES) as u64;
        let part = Vec::with_capacity(PART_BYTES + TAG_BYTES);
        Ok(Self { path: path.to_owned(), temporary, file: Some(file), seals, part, bytes })
    }

    /// Writes what is left, makes all durable, and gives the file its name. Answers the file's bytes.
    ///
    /// # Errors
    /// `Io` when it cannot be written: the disk may be full.
    pub(crate) fn finish(mut self) -> Result<u64, StorageError> {
        let written = self.seal(true).and_then(|()| {
            let Some(file) = self.file.take() else { return Ok(()) };
            file.sync_all()?;
            drop(file);
            fs::rename(&self.temporary, &self.path)?;
            durable_file::sync_parent(&self.path)
        });
        match written {
            Ok(()) => Ok(self.bytes),
            Err(source) => {
                self.remove();
                Err(failed("write", &self.path, source))
            }
        }
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Err(io::ErrorKind::BrokenPipe.into()) };
        self.seals.seal(&mut self.part, last)?;
        file.write_all(&self.part)?;
        if self.seals.part.is_multiple_of(PARTS_PER_SYNC) {
            file.sync_data()?;
        }
        self.bytes = self.bytes.saturating_add(self.part.len() as u64);
        self.part.clear();
        Ok(())
    }

    fn remove(&self) {
        // What stays is removed when the folder is opened next.
        drop(fs::remove_file(&self.temporary));
    }
}

impl Write for SealedWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.part.len() == PART_BYTES {
            self.seal(false)?;
        }
        let taken = bytes.len().min(PART_BYTES - self.part.len());
        self.part.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for SealedWriter {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            self.remove();
        }
    }
}

/// A sealed file that is being read, part by part.
pub(crate) struct SealedReader {
    file: File,
    seals: Seals,
    /// Bytes of the file behind those that were read.
    left: u64,
    /// Whether the last part was opened.
    ended: bool,
}

impl SealedReader {
    /// Opens a file; none when there is none.
    ///
    /// # Errors
    /// `Io` when it cannot be read, or is no sealed file of this version.
    pub(crate) fn open(path: &Path, key: [u8; KEY_BYTES]) -> Result<Option<Self>, StorageError> {
        let begin = || -> io::Result<Self> {
            let mut file = File::open(path)?;
            let left = file.metadata()?.len().saturating_sub((MAGIC.len() + SALT_BYTES) as u64);
            let (mut magic, mut salt) = ([0; MAGIC.len()], [0; SALT_BYTES]);
            file.read_exact(&mut magic)?;
            file.read_exact(&mut salt)?;
            if magic != MAGIC {
                return Err(broken());
            }
            Ok(Self { file, seals: Seals::new(&key, &salt)?, left, ended: false })
        };
        match begin() {
            Ok(reader) => Ok(Some(reader)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed("read", path, source)),
        }
    }

    /// The next part; none behind the last. Nothing that was read means anything before the last part was.
    ///
    /// # Errors
    /// The file is not as it was written, or cannot be read.
    pub(crate) fn next_part(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.ended {
            return Ok(None);
        }
        let bytes = self.left.min((PART_BYTES + TAG_BYTES) as u64);
        self.left -= bytes;
        let mut part = vec![0; usize::try_from(bytes).unwrap_or_default()];
        self.file.read_exact(&mut part)?;
        self.ended = self.left == 0;
        self.seals.open(&mut part, self.ended)?;
        Ok(Some(part))
    }
}

/// Parts as one stream of bytes.
pub(crate) struct PartStream<N> {
    next: N,
    part: Vec<u8>,
    given: usize,
}

impl<N: FnMut() -> io::Result<Option<Vec<u8>>>> PartStream<N> {
    /// The stream of the parts that `next` gives.
    pub(crate) fn new(next: N) -> Self {
        Self { next, part: Vec::new(), given: 0 }
    }

    /// Lets `work` read what is left, while a thread of its own gets the next parts ready.
    pub(crate) fn read_ahead<T>(self, work: impl FnOnce(&mut dyn Read) -> io::Result<T>) -> io::Result<T>
    where
        N: Send,
    {
        let Self { mut next, part, given } = self;
        std::thread::scope(|scope| {
            let (ready, parts) = std::sync::mpsc::sync_channel(PARTS_AHEAD);
            let reader = std::thread::Builder::new().name("mortise-read".to_owned());
            reader.spawn_scoped(scope, move || {
                loop {
                    let part = next();
                    let more = matches!(part, Ok(Some(_)));
                    if ready.send(part).is_err() || !more {
                        return;
                    }
                }
            })?;
            let next = move || parts.recv().unwrap_or_else(|_| Err(broken()));
            work(&mut PartStream { next, part, given })
        })
    }
}

impl<N: FnMut() -> io::Result<Option<Vec<u8>>>> Read for PartStream<N> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.given == self.part.len() {
            let Some(part) = (self.next)()? else { return Ok(0) };
            (self.part, self.given) = (part, 0);
        }
        let read = self.part.get(self.given..).unwrap_or_default().read(to)?;
        self.given += read;
        Ok(read)
    }
}

/// Removes what interrupted writers left in a folder.
pub(crate) fn remove_unfinished(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == UNFINISHED) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the sealed file is not as it was written")
}

fn failed(doing: &str, path: &Path, source: io::Error) -> StorageError {
    StorageError::io(format!("{doing} {}", path.display()), source)
}

#[cfg(test)]
mod tests;
