//! The data folder of one run: made, filled once, measured, and removed unless it is to be kept.
//!
//! It does not know what it is filled with.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Serialize, de::DeserializeOwned};

use crate::disk;
use crate::options::How;

/// The most that a folder may take on the disk, in bytes: a benchmark must not fill the machine it shares.
pub(crate) const FOLDER_BYTES_MAX: u64 = 6 * 1024 * 1024 * 1024;

/// See the module.
pub(crate) struct Filled<T> {
    /// Where the data is.
    pub(crate) data: PathBuf,
    /// What filling it said.
    pub(crate) seeded: T,
    /// What it took on the disk then.
    pub(crate) bytes: u64,
    /// Removes it.
    _scratch: Option<tempfile::TempDir>,
}

impl<T: Serialize + DeserializeOwned> Filled<T> {
    /// Makes a folder of this name and fills it, or takes the one that was kept.
    pub(crate) fn new(
        how: &How,
        name: &str,
        fill: impl FnOnce(&Path) -> anyhow::Result<T>,
    ) -> anyhow::Result<Self> {
        let folder = how.folder();
        if !how.keep {
            let scratch = tempfile::Builder::new().prefix("mortise-scale-").tempdir_in(&folder)?;
            let data = scratch.path().join("data");
            let seeded = fill(&data)?;
            return Ok(Self { bytes: disk::bytes_of(&data)?, data, seeded, _scratch: Some(scratch) });
        }
        let data = folder.join("mortise-scale").join(name);
        let note = data.with_extension("json");
        let seeded = match std::fs::read(&note) {
            Ok(text) => serde_json::from_slice(&text)
                .with_context(|| format!("{} is of another version: remove it", note.display()))?,
            Err(_) => refill(&data, &note, fill)?,
        };
        Ok(Self { bytes: disk::bytes_of(&data)?, data, seeded, _scratch: None })
    }
}

/// Fills a folder anew; the note that it is whole comes last.
fn refill<T: Serialize>(
    data: &Path,
    note: &Path,
    fill: impl FnOnce(&Path) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    if data.exists() {
        std::fs::remove_dir_all(data).with_context(|| format!("cannot empty {}", data.display()))?;
    }
    std::fs::create_dir_all(data).with_context(|| format!("cannot make {}", data.display()))?;
    let seeded = fill(data)?;
    std::fs::write(note, serde_json::to_vec(&seeded)?)
        .with_context(|| format!("cannot write {}", note.display()))?;
    Ok(seeded)
}
