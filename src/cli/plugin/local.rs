//! What the commands for authors share: reading a component, and a host in a folder of its own.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};
use mortise::plugins::host::{Host, HostConfig, UploadLimits};
use mortise::plugins::own_worker;

/// The largest file that is looked at, in bytes: what a company can be allowed at most.
const FILE_BYTES_MAX: u64 = 20 << 20;

/// Reads a component.
pub(super) fn component(path: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", path.display());
    let length = fs::metadata(path).with_context(cannot)?.len();
    ensure!(
        length <= FILE_BYTES_MAX,
        "{} has {length} bytes: no plugin may have more than 20 MiB",
        path.display()
    );
    fs::read(path).with_context(cannot)
}

/// Reads a small text file; `what` is what it should be, such as `signature`.
///
/// # Errors
/// It cannot be read, or has more than `bytes_max` bytes.
pub(super) async fn text(path: &Path, bytes_max: u64, what: &'static str) -> anyhow::Result<String> {
    let path = path.to_owned();
    let read = move || {
        let cannot = || format!("cannot read the {what} in {}", path.display());
        let bytes = fs::metadata(&path).with_context(cannot)?.len();
        ensure!(bytes <= bytes_max, "{} has {bytes} bytes: no {what} has so many", path.display());
        fs::read_to_string(&path).with_context(cannot)
    };
    tokio::task::spawn_blocking(read).await?
}

/// The limits that hold for a file of this length: those of what a company uploads, and beyond them the largest there are.
pub(super) fn limits(length: usize) -> (UploadLimits, &'static str) {
    if length <= UploadLimits::own().bytes {
        (UploadLimits::own(), "an upload of a company")
    } else {
        (UploadLimits::large(), "a large upload, which a company is allowed on request")
    }
}

/// A host whose artifacts go with the folder.
pub(super) fn host(folder: &Path) -> anyhow::Result<Host> {
    let mut key = [0; 32];
    getrandom::fill(&mut key)?;
    Ok(Host::new(HostConfig::new(folder.join("code"), key, own_worker()?))?)
}

/// A folder for this run of the program; removed when it is dropped.
pub(super) struct Scratch(std::path::PathBuf);

impl Scratch {
    pub(super) fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("mortise-plugin-{}", std::process::id()));
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
