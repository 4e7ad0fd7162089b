//! Test data that lies outside the repository: one place for all tests, whichever package they are of.

use std::path::{Path, PathBuf};

/// Where it lies, from the repository's folder, unless `MORTISE_TEST_DATA` says otherwise.
const TEST_DATA: &str = "../shared/data";

/// The folder of all of it.
pub(crate) fn folder() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.ancestors().find(|folder| folder.join("Cargo.lock").exists()).unwrap_or(package);
    std::env::var_os("MORTISE_TEST_DATA").map_or_else(|| root.join(TEST_DATA), PathBuf::from)
}

/// The folder of archives of real projects.
pub(crate) fn archives() -> PathBuf {
    folder().join("github-archive")
}

/// An archive of a real project, if it is at hand.
pub(crate) fn archive(name: &str) -> Option<PathBuf> {
    let path = archives().join(name);
    if !path.exists() {
        eprintln!("skipped: no data at {}", path.display());
        return None;
    }
    Some(path)
}
