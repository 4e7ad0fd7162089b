//! What the commands for authors share: reading a component, and a host in a folder of its own.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, ensure};
use mortise::plugins::host::{Host, HostConfig, UploadLimits};
use mortise::plugins::own_worker;

/// The largest component that is read, in bytes: what a company can be allowed at most.
const COMPONENT_BYTES_MAX: u64 = 20 << 20;

/// Reads a component.
///
/// # Errors
/// As [`whole`].
pub(super) fn component(path: &Path) -> anyhow::Result<Vec<u8>> {
    whole(path, COMPONENT_BYTES_MAX, "plugin")
}

/// Reads a small text file; `what` is what it should be, such as `signature`.
///
/// # Errors
/// It cannot be read, or has more than `bytes_max` bytes.
pub(super) async fn text(path: &Path, bytes_max: u64, what: &'static str) -> anyhow::Result<String> {
    let path = path.to_owned();
    let read = move || whole_text(&path, bytes_max, what);
    tokio::task::spawn_blocking(read).await?
}

/// The same, on this thread.
///
/// # Errors
/// As [`text`].
pub(super) fn whole_text(path: &Path, bytes_max: u64, what: &str) -> anyhow::Result<String> {
    let bytes = whole(path, bytes_max, what)?;
    String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("{} is no {what}: it is no UTF-8", path.display()))
}

/// All of a file, which is to be a `what`. What tells no length, such as a device, is read no further than a file may go.
///
/// # Errors
/// It cannot be read, or has more than `bytes_max` bytes.
fn whole(path: &Path, bytes_max: u64, what: &str) -> anyhow::Result<Vec<u8>> {
    let shown = path.display();
    let cannot = || format!("cannot read the {what} in {shown}");
    let file = File::open(path).with_context(cannot)?;
    let mut bytes = Vec::new();
    file.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes).with_context(cannot)?;
    ensure!(bytes.len() as u64 <= bytes_max, "{shown} has more than {}, and no {what} may", size(bytes_max));
    Ok(bytes)
}

/// A bound in the unit that it was set in.
fn size(bytes: u64) -> String {
    match bytes {
        bytes if bytes >= 1 << 20 && bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        bytes if bytes >= 1 << 10 && bytes.is_multiple_of(1 << 10) => format!("{} KiB", bytes >> 10),
        bytes => format!("{bytes} bytes"),
    }
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
    Ok(Host::new(HostConfig::new(folder.join("code"), key, own_worker()?).one_at_a_time())?)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_far_as_it_may_go_and_no_further() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "four").unwrap();
        assert_eq!(whole_text(&path, 4, "secret").unwrap(), "four");
        let refused = whole_text(&path, 3, "secret").unwrap_err().to_string();
        assert!(refused.contains("more than 3 bytes, and no secret may"), "{refused}");
        fs::write(&path, [0xff]).unwrap();
        assert!(whole_text(&path, 4, "secret").unwrap_err().to_string().contains("no UTF-8"));
        assert!(component(&folder.path().join("none")).unwrap_err().to_string().contains("cannot read"));
    }

    #[cfg(unix)]
    #[test]
    fn a_device_without_an_end_is_no_component() {
        let refused = component(Path::new("/dev/zero")).unwrap_err().to_string();
        assert!(refused.contains("more than 20 MiB"), "{refused}");
    }

    #[test]
    fn a_bound_is_told_in_the_unit_that_it_was_set_in() {
        assert_eq!([20 << 20, 64 << 10, 300].map(size), ["20 MiB", "64 KiB", "300 bytes"]);
    }
}
