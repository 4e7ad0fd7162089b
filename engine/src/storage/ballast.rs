//! A file of zeros that is given up when the disk is full.
//!
//! sled can neither open nor reliably read without free room. The ballast keeps that room; a later open with enough
//! space lays it down again. It does not know who needs the room.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::durable_file;

/// The ballast file's name inside a store's folder.
const BALLAST_FILE: &str = "ballast";

/// The file written to see whether there is room, inside a store's folder.
const PROBE_FILE: &str = "ballast.probe";

/// The part of the ballast that must be free without it: otherwise it goes overboard before opening.
const PROBE_PART: u64 = 8;

/// Bytes written at once.
const STEP_BYTES: usize = 64 * 1_024;

/// Reserved room in a folder.
#[derive(Debug)]
pub(crate) struct Ballast {
    path: PathBuf,
    probe: PathBuf,
    bytes: u64,
}

impl Ballast {
    /// The ballast of a folder; zero bytes means none is kept.
    pub(crate) fn in_folder(folder: &Path, bytes: u64) -> Self {
        Self { path: folder.join(BALLAST_FILE), probe: folder.join(PROBE_FILE), bytes }
    }

    /// Gives the ballast up when the disk has next to no room without it.
    pub(crate) fn make_room(&self) {
        let probed = write_zeros(&self.probe, self.bytes / PROBE_PART);
        // The probe is only ever in the way.
        let _ = durable_file::remove_if_present(&self.probe);
        if probed.is_err_and(|error| error.kind() == io::ErrorKind::StorageFull) {
            self.drop_overboard();
        }
    }

    /// Lays the ballast down when it is missing. Failing to is a warning: the store works without.
    pub(crate) fn lay(&self) {
        let present = self.path.metadata().is_ok_and(|file| file.len() >= self.bytes);
        if self.bytes == 0 || present {
            return;
        }
        let laid = write_zeros(&self.path, self.bytes)
            .and_then(|file| file.sync_all())
            .and_then(|()| durable_file::sync_parent(&self.path));
        if let Err(error) = laid {
            // Half a ballast would only take the last free room.
            let _ = durable_file::remove_if_present(&self.path);
            tracing::warn!(path = %self.path.display(), %error, "no room for ballast; free some space on this disk");
        }
    }

    /// Gives the room back. True when there was any.
    pub(crate) fn drop_overboard(&self) -> bool {
        let dropped = std::fs::remove_file(&self.path).is_ok();
        if dropped {
            tracing::warn!(path = %self.path.display(), "the disk is full: gave up the ballast to open the store");
        }
        dropped
    }
}

fn write_zeros(path: &Path, bytes: u64) -> io::Result<File> {
    let mut file = durable_file::private_file().create(true).truncate(true).open(path)?;
    let zeros = [0; STEP_BYTES];
    let mut left = usize::try_from(bytes).unwrap_or(usize::MAX);
    while let Some(step) = zeros.get(..left.min(STEP_BYTES)).filter(|step| !step.is_empty()) {
        file.write_all(step)?;
        left -= step.len();
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ballast_is_laid_once_dropped_once_and_laid_again() {
        let folder = tempfile::tempdir().unwrap();
        let ballast = Ballast::in_folder(folder.path(), 100_000);
        ballast.lay();
        ballast.lay();
        assert_eq!(folder.path().join(BALLAST_FILE).metadata().unwrap().len(), 100_000);
        assert!(ballast.drop_overboard());
        assert!(!ballast.drop_overboard());
        ballast.lay();
        ballast.make_room();
        assert!(!folder.path().join(PROBE_FILE).exists());
        assert!(ballast.drop_overboard(), "there was room, so the ballast stays");
    }
}
