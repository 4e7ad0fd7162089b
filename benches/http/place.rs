//! Where a benchmark keeps its figures, and which state of the sources they are of.
//!
//! Every benchmark of this package uses it; it knows the figures of none.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

/// `bench/NAME` in cargo's target folder.
pub(crate) fn of_figures(name: &str) -> anyhow::Result<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().context("cargo has no target folder")?;
    Ok(target.join("bench").join(name))
}

/// Writes figures there as JSON, and answers where that is.
pub(crate) fn write(name: &str, figures: &impl serde::Serialize) -> anyhow::Result<PathBuf> {
    let path = of_figures(name)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let text = serde_json::to_string_pretty(figures)? + "\n";
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// The commit that is measured, with `+` behind it when files have been changed since.
pub(crate) fn commit() -> anyhow::Result<String> {
    let git = |arguments: &[&str]| -> anyhow::Result<String> {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .context("cannot ask git what is measured")?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let changed = if git(&["status", "--porcelain"])?.is_empty() { "" } else { "+" };
    Ok(git(&["rev-parse", "--short=12", "HEAD"])? + changed)
}
