//! Where things lie: the root of the repository and cargo's target folder.
//!
//! It knows nothing of what is in those folders.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

/// The folder that holds the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    // Asked at run time first: one target folder may serve several checkouts, and this binary may be another's.
    let ours = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    ours.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Cargo's target folder, wherever the environment or a configuration file has put it.
///
/// # Errors
/// When cargo cannot read the workspace; its own message says why.
pub(crate) fn target() -> anyhow::Result<PathBuf> {
    let metadata = metadata()?;
    let folder = metadata.get("target_directory").and_then(serde_json::Value::as_str);
    folder.map(PathBuf::from).context("`cargo metadata` names no target folder")
}

/// The names of the workspace's benchmarks, sorted.
///
/// # Errors
/// When cargo cannot read the workspace; its own message says why.
pub(crate) fn benchmarks() -> anyhow::Result<Vec<String>> {
    let metadata = metadata()?;
    let list = |value: &serde_json::Value, key: &str| {
        value.get(key).and_then(serde_json::Value::as_array).cloned().unwrap_or_default()
    };
    let targets = list(&metadata, "packages").into_iter().flat_map(|package| list(&package, "targets"));
    let benches = targets.filter(|target| list(target, "kind").iter().any(|kind| kind == "bench"));
    let mut names: Vec<String> =
        benches.filter_map(|bench| bench.get("name")?.as_str().map(str::to_owned)).collect();
    names.sort();
    Ok(names)
}

/// What cargo says of the workspace, without its dependencies.
fn metadata() -> anyhow::Result<serde_json::Value> {
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .context("cannot start `cargo metadata`")?;
    anyhow::ensure!(
        output.status.success(),
        "cargo cannot read the workspace: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    serde_json::from_slice(&output.stdout).context("cannot read what `cargo metadata` says")
}

/// Every file below the root whose name ends in one of `endings`, sorted; build output and hidden folders left out.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn files_ending_in(endings: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = files_below(&root())?;
    found.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        endings.iter().any(|ending| name.ends_with(ending))
    });
    Ok(found)
}

/// Every file below a folder, sorted; build output and hidden folders left out. Linked folders are followed.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?
        {
            let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
            let (path, name) = (entry.path(), entry.file_name());
            if path.is_dir() {
                if !is_left_out(&name) {
                    folders.push(path);
                }
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_left_out(folder: &OsStr) -> bool {
    ["target", "node_modules", "__pycache__"].iter().any(|name| folder == *name)
        || folder.to_string_lossy().starts_with('.')
}
