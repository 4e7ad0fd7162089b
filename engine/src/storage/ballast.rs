//! A file of zeros that is given up when the disk is full.
//!
//! sled cannot open without free room, not even to read. The ballast keeps that room; a later open with enough space
//! lays it down again. It does not know who needs the room.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::durable_file;

/// The ballast file's name inside a store's folder.
const BALLAST_FILE: &str = "ballast";

/// Bytes written at once.
const STEP_BYTES: usize = 64 * 1_024;

/// Reserved room in a folder.
#[derive(Debug)]
pub(crate) struct Ballast {
    path: PathBuf,
    bytes: u64,
}

impl Ballast {
    /// The ballast of a folder; zero bytes means none is kept.
    pub(crate) fn in_folder(folder: &Path, bytes: u64) -> Self {
        Self { path: folder.join(BALLAST_FILE), bytes }
    }

    /// Lays the ballast down when it is missing. Failing to is a warning: the store works without.
    pub(crate) fn lay(&self) {
        let present = self.path.metadata().is_ok_and(|file| file.len() >= self.bytes);
        if self.bytes == 0 || present {
            return;
        }
        if let Err(error) = self.write() {
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

    fn write(&self) -> std::io::Result<()> {
        let mut file = durable_file::private_file().create(true).truncate(true).open(&self.path)?;
        let zeros = [0; STEP_BYTES];
        let mut left = usize::try_from(self.bytes).unwrap_or(usize::MAX);
        while let Some(step) = zeros.get(..left.min(STEP_BYTES)).filter(|step| !step.is_empty()) {
            file.write_all(step)?;
            left -= step.len();
        }
        file.sync_all()?;
        durable_file::sync_parent(&self.path)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
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
        assert!(ballast.drop_overboard());
    }
}
