//! `mortise plugin check`: what an upload would be told, without a server.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use mortise::plugins::host::Export;
use mortise::plugins::manifest::Manifest;
use mortise::plugins::service::{unsaid, warnings};
use serde_json::json;

use super::local::{self, Scratch};
use crate::cli::{Outcome, output};

/// What to check.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 1 when something is wrong with it; a warning is nothing wrong.

Examples:
  mortise plugin check estimate-gate.wasm
  mortise plugin check estimate-gate.wasm --json")]
pub(in crate::cli) struct CheckFlags {
    /// The component, with its manifest packed
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(flags: &CheckFlags) -> anyhow::Result<Outcome> {
    let wasm = local::component(&flags.file)?;
    let (limits, which) = local::limits(wasm.len());
    let scratch = Scratch::new()?;
    let host = local::host(scratch.path())?;
    let mut wrong: Vec<String> = Vec::new();
    let inspected = match host.inspect(&wasm, &limits) {
        Ok(inspected) => inspected,
        Err(refused) => return refusal(flags, &refused.to_string()),
    };
    let manifest = match Manifest::of_component(&wasm) {
        Ok(manifest) => Some(manifest),
        Err(error) => {
            wrong.push(error.to_string());
            None
        }
    };
    let exports: Vec<String> =
        inspected.exports.iter().map(|export| Export::name(*export).to_owned()).collect();
    if let Some(manifest) = &manifest {
        wrong.extend(unsaid(manifest, &inspected.imports, &inspected.exports, &inspected.contract));
        wrong.extend(manifest.schema().err().map(|error| error.to_string()));
    }
    let warned = manifest.as_ref().map(|it| warnings(it, &inspected.imports, inspected.size));
    let warned = warned.unwrap_or_default();
    let began = Instant::now();
    let bytes = wasm.clone();
    let compiled = host.load(inspected.digest, async || Ok(bytes)).await;
    let took = began.elapsed();
    wrong.extend(compiled.as_ref().err().map(ToString::to_string));
    if flags.json {
        output::json(&json!({
            "digest": inspected.digest.to_string(),
            "bytes": inspected.size,
            "plugin": manifest.as_ref().map(|manifest| manifest.id.clone()),
            "version": manifest.as_ref().map(|manifest| manifest.version.to_string()),
            "contract": inspected.contract,
            "imports": inspected.imports,
            "exports": exports,
            "compileMs": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "wrong": wrong,
            "warnings": warned,
        }))?;
    } else {
        let named =
            manifest.as_ref().map_or_else(|| "no manifest".to_owned(), |m| format!("{} {}", m.id, m.version));
        output::line(format_args!(
            "{named}, {} bytes of at most {} for {which}",
            inspected.size, limits.bytes
        ))?;
        output::line(format_args!("  exports  {}", exports.join(", ")))?;
        output::line(format_args!("  imports  {}", inspected.imports.join(", ")))?;
        if compiled.is_ok() {
            output::line(format_args!("  compiled in {} ms", took.as_millis()))?;
        }
        wrong.iter().try_for_each(|what| output::line(format_args!("  WRONG: {what}")))?;
        warned.iter().try_for_each(|what| output::line(format_args!("  warning: {what}")))?;
    }
    Ok(if wrong.is_empty() { Outcome::Done } else { Outcome::Differs })
}

fn refusal(flags: &CheckFlags, why: &str) -> anyhow::Result<Outcome> {
    if flags.json {
        output::json(&json!({ "wrong": [why] }))?;
    } else {
        output::line(format_args!("{}: WRONG: {why}", flags.file.display()))?;
    }
    Ok(Outcome::Differs)
}
