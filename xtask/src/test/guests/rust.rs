//! Guests in Rust: plain cargo, for the target that has no system.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{Components, Guest, target};
use crate::repository;
use crate::step::cargo;
use crate::test::wasm_target;

/// Builds every workspace that guests are in, once.
pub(super) fn build(guests: &[Guest]) -> anyhow::Result<Components> {
    let target = target()?;
    let built = target.join(wasm_target::NAME).join("release");
    let mut components = Components::new();
    for workspace in workspaces(guests)? {
        // In its folder: cargo looks for the linker's configuration from where it is started.
        cargo(["build", "--release", "--target", wasm_target::NAME])
            .args(["--target-dir".as_ref(), target.as_os_str()])
            .env("CARGO_ENCODED_RUSTFLAGS", flags())
            .within(&workspace)
            .run()?;
        for guest in in_workspace(guests, &workspace) {
            let file = built.join(format!("{}.wasm", library(guest)?.replace('-', "_")));
            if let Some((other, _)) = components.iter().find(|(_, at)| **at == file) {
                anyhow::bail!("the crates of {other} and {} have one name", guest.name);
            }
            components.insert(guest.name.clone(), file);
        }
    }
    Ok(components)
}

/// What the `.cargo/config.toml` of each asks for, which the flags below are instead of.
const STACK: &str = "-Clink-arg=-zstack-size=262144";

/// Flags that keep this machine's folders out of the components: panics name the file they come from.
fn flags() -> String {
    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let flag = |folder: PathBuf, name: &str| format!("--remap-path-prefix={}=/{name}", folder.display());
    let cargo_home = cargo_home.map(|folder| flag(folder, "cargo"));
    let flags = [Some(STACK.to_owned()), Some(flag(repository::root(), "mortise")), cargo_home];
    // Cargo separates encoded flags by this character, so that a path may hold a space.
    flags.into_iter().flatten().collect::<Vec<_>>().join("\u{1f}")
}

/// Formatting, lints and tests of every workspace, on this machine.
pub(super) fn check(guests: &[Guest]) -> anyhow::Result<()> {
    let target = target()?;
    for workspace in workspaces(guests)? {
        let cargo = |words: &[&str]| cargo(words).within(&workspace);
        cargo(&["fmt", "--check"]).run()?;
        let folder = ["--target-dir".as_ref(), target.as_os_str()];
        cargo(&["clippy", "--workspace", "--all-targets"])
            .args(folder)
            .args(["--", "-D", "warnings"])
            .run()?;
        cargo(&["test", "--workspace", "--quiet"]).args(folder).run()?;
    }
    Ok(())
}

fn workspaces(guests: &[Guest]) -> anyhow::Result<BTreeSet<PathBuf>> {
    in_rust(guests).map(|guest| workspace(&guest.folder)).collect()
}

fn in_workspace<'a>(guests: &'a [Guest], workspace: &'a Path) -> impl Iterator<Item = &'a Guest> {
    in_rust(guests).filter(move |guest| guest.folder.starts_with(workspace))
}

fn in_rust(guests: &[Guest]) -> impl Iterator<Item = &Guest> {
    guests.iter().filter(|guest| guest.has("Cargo.toml"))
}

/// The nearest folder, from the guest's upwards, whose `Cargo.toml` is a workspace's.
fn workspace(folder: &Path) -> anyhow::Result<PathBuf> {
    let is_workspace = |folder: &&Path| {
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        manifest.lines().any(|line| line.trim() == "[workspace]")
    };
    let found = folder.ancestors().find(is_workspace).map(Path::to_owned);
    found.with_context(|| format!("{} is in no workspace", folder.display()))
}

/// What cargo calls the guest's library.
fn library(guest: &Guest) -> anyhow::Result<String> {
    let file = guest.folder.join("Cargo.toml");
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let name = text.lines().find_map(|line| line.strip_prefix("name = \"")?.split('"').next());
    Ok(name.with_context(|| format!("{} names no package", file.display()))?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::guests::guests;

    #[test]
    fn every_workspace_of_guests_asks_for_the_same_stack() {
        let configs = workspaces(&guests().unwrap()).unwrap().into_iter();
        let configs = configs.map(|workspace| workspace.join(".cargo/config.toml"));
        let template = repository::root().join("src/cli/plugin/templates/rust/cargo-config.toml.in");
        let configs: Vec<PathBuf> = configs.chain([template]).collect();
        assert!(configs.len() > 3, "{configs:?}");
        for config in configs {
            let text = std::fs::read_to_string(&config).unwrap();
            assert!(text.contains(&format!("rustflags = [\"{STACK}\"]")), "{}", config.display());
        }
    }
}
