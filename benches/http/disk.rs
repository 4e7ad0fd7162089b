//! What a folder takes on the disk.
//!
//! Every benchmark of this package that makes data folders uses it; it knows nothing of what lies in them.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use anyhow::Context as _;

/// The unit of `st_blocks`, in bytes.
const BLOCK_BYTES: u64 = 512;

/// Bytes allocated on the disk to all files below a folder, as `du` counts them. A file that goes meanwhile counts for
/// nothing.
pub(crate) fn bytes_of(folder: &Path) -> anyhow::Result<u64> {
    let mut total = 0;
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let Ok(metadata) = entry.metadata() else { continue };
        total += metadata.blocks() * BLOCK_BYTES;
        if metadata.is_dir() {
            total += bytes_of(&entry.path())?;
        }
    }
    Ok(total)
}
