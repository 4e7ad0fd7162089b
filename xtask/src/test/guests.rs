//! Builds every guest of the repository into a component with its manifest inside, for the tests and for whoever uploads one.
//!
//! A guest is a folder with a `plugin.toml`; what else lies in it says what it is written in. Guests share a target folder
//! below the main one, so that neither waits for the other. What a guest does is not known here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{wasm_target, workspace_folder};
use crate::repository;
use crate::step::cargo;

mod javascript;
mod pack;
mod python;
mod rust;
mod unchanged;

/// The file that makes a folder a guest.
const MANIFEST: &str = "plugin.toml";

/// One guest.
struct Guest {
    /// The last part of the manifest's id: what its file is called.
    name: String,
    folder: PathBuf,
    manifest: String,
}

/// Makes sure of the target and builds the components; their sizes are printed.
///
/// # Errors
/// When a toolchain is missing, a guest does not build, or two have one name.
pub(super) fn build() -> anyhow::Result<()> {
    wasm_target::ensure()?;
    sdk_lints()?;
    let guests = guests()?;
    let mut components = rust::build(&guests)?;
    components.extend(javascript::build(&guests)?);
    components.extend(python::build(&guests)?);
    let folder = workspace_folder("plugins")?;
    let mut lines = Vec::new();
    for guest in &guests {
        let component = components.get(&guest.name).with_context(|| {
            format!("nothing says how to build {}", guest.folder.display()) // no file of a known toolchain
        })?;
        let file = folder.join(format!("{}.wasm", guest.name));
        let bytes = pack::into(component, &guest.manifest, &file)?;
        lines.push(format!("  {:<24} {:>7} KiB", guest.name, bytes.div_ceil(1024)));
    }
    eprintln!("{}\n  in {}", lines.join("\n"), folder.display());
    Ok(())
}

/// The tests that guests have of their own, on this machine against the SDK's fake host, and their lints.
///
/// # Errors
/// When one is not formatted, a lint fires or a test fails.
pub(super) fn check() -> anyhow::Result<()> {
    let guests = guests()?;
    rust::check(&guests)?;
    javascript::check(&guests)?;
    python::check(&guests)
}

/// The SDK as guests have it; the rest of the workspace is never built for this target.
fn sdk_lints() -> anyhow::Result<()> {
    cargo(["clippy", "--package", "mortise-sdk", "--target", wasm_target::NAME])
        .args(["--target-dir".as_ref(), target()?.as_os_str()])
        .args(["--", "-D", "warnings"])
        .run()
}

/// Where guests are built, whatever they are written in.
fn target() -> anyhow::Result<PathBuf> {
    workspace_folder("guests")
}

/// Component files by the names of their guests.
type Components = BTreeMap<String, PathBuf>;

/// Every guest, sorted by its folder.
fn guests() -> anyhow::Result<Vec<Guest>> {
    let manifests = repository::files_ending_in(&[MANIFEST])?;
    let guests: Vec<Guest> = manifests
        .iter()
        .filter(|file| file.file_name().is_some_and(|name| name == MANIFEST))
        .map(|file| Guest::read(file))
        .collect::<anyhow::Result<_>>()?;
    let mut seen = BTreeMap::new();
    for guest in &guests {
        if let Some(other) = seen.insert(&guest.name, &guest.folder) {
            anyhow::bail!("two guests have one name: {} and {}", other.display(), guest.folder.display());
        }
    }
    Ok(guests)
}

impl Guest {
    fn read(file: &Path) -> anyhow::Result<Self> {
        let manifest =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = name(&manifest).with_context(|| format!("{} has no id", file.display()))?.to_owned();
        let folder = file.parent().context("a manifest lies in no folder")?.to_owned();
        Ok(Self { name, folder, manifest })
    }

    fn has(&self, file: &str) -> bool {
        self.folder.join(file).exists()
    }
}

/// The last part of the id. The host reads manifests properly; for a file's name the line is enough.
fn name(manifest: &str) -> Option<&str> {
    let id = manifest.lines().find_map(|line| line.strip_prefix("id = \"")?.split('"').next())?;
    id.rsplit('.').next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_is_called_by_the_last_part_of_its_id() {
        assert_eq!(
            name("# first\nid = \"acme.required-fields\" # why\nname = \"x\""),
            Some("required-fields")
        );
        assert_eq!(name("name = \"x\""), None);
    }

    #[test]
    fn every_guest_of_the_repository_is_found_under_a_name_of_its_own() {
        let names: Vec<String> = guests().unwrap().into_iter().map(|guest| guest.name).collect();
        for name in ["puppet", "estimate-gate-rust", "estimate-gate-js", "estimate-gate-python"] {
            assert!(names.iter().any(|found| found == name), "{name} is not among {names:?}");
        }
    }
}
