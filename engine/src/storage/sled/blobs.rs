//! sled's `blobs` folder, which sled writes and never syncs.
//!
//! It does not know what a blob holds.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;

use crate::storage::durable_file;

/// A folder's time stamp may stay the same for changes this close together.
const STAMP_GRAIN: Duration = Duration::from_millis(50);

/// Syncs the files that appeared since the last look.
pub(super) struct Blobs {
    folder: PathBuf,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    names: BTreeSet<OsString>,
    /// The folder's time stamp at the last look, when it was old enough to show every later change.
    stamp: Option<SystemTime>,
}

impl Blobs {
    pub(super) fn in_folder(sled_folder: &Path) -> Self {
        Self { folder: sled_folder.join("blobs"), seen: Mutex::default() }
    }

    /// Syncs new blobs and their names; true when there were any. Costs one `stat` while nothing changes.
    pub(super) fn sync_new(&self) -> io::Result<bool> {
        let mut seen = self.seen.lock();
        let stamp = std::fs::metadata(&self.folder)?.modified()?;
        if seen.stamp == Some(stamp) {
            return Ok(false);
        }
        let mut names = BTreeSet::new();
        let mut found = false;
        for entry in std::fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            if !seen.names.contains(&name) {
                found |= self.sync(&name)?;
            }
            names.insert(name);
        }
        if found {
            durable_file::sync_folder(&self.folder)?;
        }
        let settled = stamp.elapsed().is_ok_and(|age| age > STAMP_GRAIN);
        *seen = Seen { names, stamp: settled.then_some(stamp) };
        Ok(found)
    }

    /// False when sled has removed it meanwhile.
    fn sync(&self, name: &OsString) -> io::Result<bool> {
        match File::open(self.folder.join(name)) {
            Ok(file) => file.sync_data().map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}
