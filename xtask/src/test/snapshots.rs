//! The checked-in expectations: none may wait for a decision, and each must be used by some test.
//!
//! It does not read them; comparing is insta's part, while the tests run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::workspace_folder;
use crate::repository;

/// The variable under which insta is told where to note each snapshot it reads.
pub(super) const REFERENCES: &str = "INSTA_SNAPSHOT_REFERENCES_FILE";

/// Forgets what earlier tests used, and answers the file in which the next ones note it.
///
/// # Errors
/// When the file cannot be removed.
pub(super) fn forget_references() -> anyhow::Result<PathBuf> {
    let file = workspace_folder("xtask")?.join("snapshots-used.txt");
    if file.exists() {
        std::fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
    }
    Ok(file)
}

/// Looks for pending and for unused snapshots. Unused ones are known only after the stage `tests`.
///
/// # Errors
/// When there is one; the message lists them.
pub(super) fn check() -> anyhow::Result<()> {
    let pending = repository::files_ending_in(&[".snap.new", ".pending-snap"])?;
    anyhow::ensure!(
        pending.is_empty(),
        "pending snapshots: {}; `cargo xtask bless` accepts what the code does now, else remove them",
        listed(&pending)
    );
    let stored = repository::files_ending_in(&[".snap"])?;
    let noted = workspace_folder("xtask")?.join("snapshots-used.txt");
    if stored.is_empty() || !noted.exists() {
        println!(
            "{} snapshots; the stage `tests` has noted none as used, so that is not judged",
            stored.len()
        );
        return Ok(());
    }
    let notes =
        std::fs::read_to_string(&noted).with_context(|| format!("cannot read {}", noted.display()))?;
    let unused = unused(&stored, &notes);
    anyhow::ensure!(
        unused.is_empty(),
        "no test of the last stage `tests` used these snapshots: {}; remove them, or run that stage again if they are new",
        listed(&unused)
    );
    println!("{} snapshots, each used by a test", stored.len());
    Ok(())
}

fn unused(stored: &[PathBuf], notes: &str) -> Vec<PathBuf> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let used: BTreeSet<PathBuf> = notes.lines().map(|line| real(Path::new(line))).collect();
    stored.iter().filter(|path| !used.contains(&real(path))).cloned().collect()
}

fn listed(paths: &[PathBuf]) -> String {
    let root = repository::root();
    let names = paths.iter().map(|path| path.strip_prefix(&root).unwrap_or(path).display().to_string());
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_no_test_noted_is_unused() {
        let stored = [PathBuf::from("/r/a.snap"), PathBuf::from("/r/b.snap")];
        assert_eq!(unused(&stored, "/r/a.snap\n/r/a.snap\n"), [PathBuf::from("/r/b.snap")]);
    }
}
