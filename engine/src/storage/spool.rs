//! Something large that is taken in, and read more than once before it is understood.
//!
//! It lies in the data folder under a name of chance, sealed with a key that is written nowhere: whatever a disk or a backup
//! still holds of it opens for nobody. It goes with whoever holds it, and what a killed process left goes when the folder is
//! opened next. It shares its disk with the stores, and leaves them some of it. It does not know what is in it. All calls
//! block.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::seal::{KEY_BYTES, SecretBytes, fill_random};
use super::{PartStream, SealedReader, SealedWriter, StorageError};

/// Bytes of chance in a name.
const NAME_BYTES: usize = 16;

/// Bytes of the disk that are left to the stores: they write to the same.
const LEFT_FREE_BYTES: u64 = 256 * 1024 * 1024;

/// After so many bytes the disk is looked at again: others write to it, too.
const BYTES_PER_LOOK: u64 = 16 * 1024 * 1024;

/// What is being taken in. Dropped before it is finished, it leaves nothing behind.
pub struct SpoolWriter {
    path: PathBuf,
    key: SecretBytes,
    file: SealedWriter,
    bytes: u64,
    /// From here on the disk is looked at again.
    next_look: u64,
}

impl SpoolWriter {
    /// Begins one in this folder, of so many bytes as far as is known.
    ///
    /// # Errors
    /// `Io` when it cannot be made, or the disk would be too full with it.
    pub(crate) fn create(folder: &Path, bytes: u64) -> Result<Self, StorageError> {
        expect_free(folder, bytes, LEFT_FREE_BYTES)
            .map_err(|source| StorageError::io(format!("write to {}", folder.display()), source))?;
        let (mut name, mut key) = ([0; NAME_BYTES], SecretBytes::new([0; KEY_BYTES]));
        fill_random(&mut name)?;
        fill_random(&mut *key)?;
        let path = folder.join(data_encoding::HEXLOWER.encode(&name));
        let file = SealedWriter::create(&path, *key)?;
        Ok(Self { path, key, file, bytes: 0, next_look: BYTES_PER_LOOK })
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// `Io` when it cannot be written: the disk may be full.
    pub fn finish(self) -> Result<Spooled, StorageError> {
        // Held from here on, so that a failure leaves nothing either.
        let spooled = Spooled { path: self.path, key: self.key, bytes: self.bytes };
        self.file.finish()?;
        Ok(spooled)
    }
}

impl Write for SpoolWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes = self.bytes.saturating_add(written as u64);
        if self.bytes >= self.next_look {
            self.next_look = self.bytes.saturating_add(BYTES_PER_LOOK);
            expect_free(&self.path, 0, LEFT_FREE_BYTES)?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl std::fmt::Debug for SpoolWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpoolWriter").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// What was taken in. It is removed when this is dropped.
pub struct Spooled {
    path: PathBuf,
    key: SecretBytes,
    bytes: u64,
}

impl Spooled {
    /// How many bytes were written.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads it from its beginning.
    ///
    /// # Errors
    /// It cannot be opened, or is not as it was written.
    pub fn read(&self) -> io::Result<impl Read + Send + use<>> {
        let file = SealedReader::open(&self.path, *self.key).map_err(io::Error::other)?;
        let mut file = file.ok_or(io::ErrorKind::NotFound)?;
        Ok(PartStream::new(move || file.next_part()))
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        // What stays is removed when the folder is opened next, and opens for nobody.
        drop(fs::remove_file(&self.path));
    }
}

impl std::fmt::Debug for Spooled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spooled").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// Refuses to write so many bytes to the disk of this folder, or of the folder of this file, when less than `left` would be
/// free. Where it is not told how much is free, the writing itself will.
fn expect_free(at: &Path, bytes: u64, left: u64) -> io::Result<()> {
    let folder = if at.is_dir() { at } else { at.parent().unwrap_or(at) };
    let Ok(free) = fs4::available_space(folder) else { return Ok(()) };
    if free >= bytes.saturating_add(left) {
        return Ok(());
    }
    let why = format!("{free} bytes of the disk are free, {bytes} are to be written, and {left} stay free");
    Err(io::Error::new(io::ErrorKind::StorageFull, why))
}

/// Removes what a killed process left. What is not ours stays, and what cannot be removed: neither is a reason to stop.
pub(super) fn remove_left_over(folder: &Path) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            tracing::warn!(folder = %folder.display(), %error, "cannot look for what was left over");
            return;
        }
    };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if !is_ours(&path) {
            tracing::warn!(path = %path.display(), "this is no file of ours; it stays");
        } else if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(path = %path.display(), %error, "cannot remove what was left over");
        }
    }
}

/// Whether we gave a file its name: digits of chance, and while it is written more behind a point.
fn is_ours(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let (chance, _) = name.split_once('.').unwrap_or((name, ""));
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    path.is_file() && chance.len() == 2 * NAME_BYTES && chance.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn what_was_taken_in_is_read_as_often_as_needed_and_then_gone() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = SpoolWriter::create(folder.path(), 0).unwrap();
        let text = "mortise ".repeat(400_000);
        spool.write_all(text.as_bytes()).unwrap();
        let spooled = spool.finish().unwrap();
        assert_eq!(spooled.bytes(), text.len() as u64);
        for _ in 0..2 {
            let mut read = String::new();
            spooled.read().unwrap().read_to_string(&mut read).unwrap();
            assert!(read == text);
        }
        let stored = fs::read(fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path()).unwrap();
        assert!(!stored.windows(16).any(|bytes| bytes == b"mortise mortise ".as_slice()), "it lies sealed");
        drop(spooled);
        assert_eq!(names(folder.path()), 0);
    }

    #[test]
    fn what_is_not_finished_or_was_left_by_a_kill_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let create = || SpoolWriter::create(folder.path(), 0).unwrap();
        let mut spool = create();
        spool.write_all(b"half").unwrap();
        drop(spool);
        assert_eq!(names(folder.path()), 0);
        std::mem::forget(create().finish().unwrap());
        std::mem::forget(create());
        assert_eq!(names(folder.path()), 2);
        remove_left_over(folder.path());
        assert_eq!(names(folder.path()), 0);
    }

    #[test]
    fn what_is_not_ours_stays_and_is_no_reason_to_stop() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("lost+found")).unwrap();
        fs::create_dir(folder.path().join("0".repeat(2 * NAME_BYTES))).unwrap();
        fs::write(folder.path().join("notes.txt"), "somebody's").unwrap();
        fs::write(folder.path().join("0123456789abcdef0123456789abcdef.00ff.tmp"), "ours").unwrap();
        remove_left_over(folder.path());
        assert_eq!(names(folder.path()), 3);
        remove_left_over(&folder.path().join("nowhere"));
    }

    #[test]
    fn what_would_leave_the_stores_too_little_of_the_disk_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = SpoolWriter::create(folder.path(), u64::MAX).unwrap_err();
        assert!(matches!(refused, StorageError::Io { .. }), "{refused}");
        assert_eq!(names(folder.path()), 0);
        let full = expect_free(&folder.path().join("a"), 0, u64::MAX).unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
    }
}
