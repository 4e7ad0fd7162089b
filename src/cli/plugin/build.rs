//! `mortise plugin build`: the component of a plugin's folder, with its manifest packed into it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use mortise::plugins::host::Digest;
use mortise::plugins::manifest::{Manifest, pack};
use serde_json::json;

use super::local;
use crate::cli::{Outcome, output};

const TARGET: &str = "wasm32-unknown-unknown";

/// What to build.
#[derive(Debug, Args)]
#[command(after_help = "\
Rust needs the target wasm32-unknown-unknown (rustup target add wasm32-unknown-unknown), JavaScript and Python what the
README of the plugin says. Another toolchain: build the component yourself, and give it with --component.

Examples:
  mortise plugin build
  mortise plugin build estimate-gate --output gate.wasm
  mortise plugin build --component component.wasm")]
pub(in crate::cli) struct BuildFlags {
    /// The plugin's folder, which holds plugin.toml
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// A component that is built already: only its manifest is packed
    #[arg(long, value_name = "FILE")]
    component: Option<PathBuf>,
    /// Where to write it; else NAME.wasm in the folder
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(flags: &BuildFlags) -> anyhow::Result<Outcome> {
    let folder = &flags.folder;
    let path = folder.join("plugin.toml");
    let text = fs::read_to_string(&path).with_context(|| {
        format!("cannot read {}: is {} the folder of a plugin?", path.display(), folder.display())
    })?;
    let manifest =
        Manifest::parse(text.as_bytes()).with_context(|| format!("{} is no manifest", path.display()))?;
    let built = match &flags.component {
        Some(component) => component.clone(),
        None => component(folder)?,
    };
    let bytes = local::component(&built)?;
    let packed = pack(&bytes, &text).with_context(|| format!("cannot pack {}", built.display()))?;
    let name = manifest.id.rsplit('.').next().unwrap_or("plugin").to_owned();
    let to = flags.output.clone().unwrap_or_else(|| folder.join(format!("{name}.wasm")));
    fs::write(&to, &packed).with_context(|| format!("cannot write {}", to.display()))?;
    if flags.json {
        output::json(&json!({
            "file": to.display().to_string(),
            "plugin": manifest.id,
            "version": manifest.version.to_string(),
            "digest": Digest::of(&packed).to_string(),
            "bytes": packed.len(),
        }))?;
    } else {
        let (file, id, version) = (to.display(), &manifest.id, &manifest.version);
        output::line(format_args!("{file}: {id} {version}, {} bytes", packed.len()))?;
    }
    Ok(Outcome::Done)
}

/// Builds the component as the folder's language does; answers where it lies.
fn component(folder: &Path) -> anyhow::Result<PathBuf> {
    if folder.join("Cargo.toml").exists() {
        return rust(folder);
    }
    if folder.join("package.json").exists() {
        tool(
            folder,
            "npm",
            &["run", "--silent", "component", "--", "--output", "component.wasm"],
            "npm install",
        )?;
        return Ok(folder.join("component.wasm"));
    }
    if folder.join("app.py").exists() {
        let arguments = [
            "--wit-path",
            "wit",
            "--world",
            "plugin",
            "componentize",
            "--stub-wasi",
            "app",
            "-o",
            "component.wasm",
        ];
        let install = "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt";
        tool(folder, &python_tool(folder), &arguments, install)?;
        return Ok(folder.join("component.wasm"));
    }
    bail!(
        "{} holds neither Cargo.toml, package.json nor app.py: give the component with --component",
        folder.display()
    )
}

fn rust(folder: &Path) -> anyhow::Result<PathBuf> {
    let arguments = ["build", "--release", "--target", TARGET, "--message-format", "json-render-diagnostics"];
    let missing = format!("rustup target add {TARGET}");
    let output = Command::new("cargo")
        .args(arguments)
        .current_dir(folder)
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cannot run cargo: install Rust from https://rustup.rs")?;
    ensure!(output.status.success(), "cargo could not build it; if the target is missing: {missing}");
    let said = String::from_utf8_lossy(&output.stdout);
    let artifacts = said.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let files =
        artifacts.filter(|line| line.get("reason").is_some_and(|reason| reason == "compiler-artifact"));
    let wasm = files
        .flat_map(|line| {
            line.get("filenames").and_then(|names| names.as_array().cloned()).unwrap_or_default()
        })
        .filter_map(|name| name.as_str().map(PathBuf::from))
        .rfind(|name| name.extension().is_some_and(|extension| extension == "wasm"));
    wasm.context("cargo made no component: `crate-type = [\"cdylib\"]` belongs into Cargo.toml")
}

/// The tool of the folder's own environment, or the one on the path where it has none.
fn python_tool(folder: &Path) -> String {
    let own = ["bin/componentize-py", "Scripts/componentize-py.exe"]
        .map(|place| folder.join(".venv").join(place))
        .into_iter()
        .find_map(|file| fs::canonicalize(file).ok());
    own.map_or_else(|| "componentize-py".to_owned(), |file| file.to_string_lossy().into_owned())
}

fn tool(folder: &Path, program: &str, arguments: &[&str], install: &str) -> anyhow::Result<()> {
    let status = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .status()
        .with_context(|| format!("cannot run {program}: first `{install}` in {}", folder.display()))?;
    ensure!(
        status.success(),
        "{program} could not build it; if it is not set up: `{install}` in {}",
        folder.display()
    );
    Ok(())
}
