//! `mortise plugin upload`: a component into a company; and sending one to any path.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use hyper::{Request, StatusCode, header};
use serde_json::Value;

use super::at::{At, list, text};
use super::local;
use super::paint::{Tone, paint, plain};
use crate::cli::remote::Keyed;
use crate::cli::{Outcome, output};

/// What to upload.
#[derive(Debug, Args)]
#[command(after_help = "\
It is not installed yet. An upload of what the company has already changes nothing.

Examples:
  mortise plugin upload estimate-gate.wasm --server https://tracker.example.com --token-file acme.key
  mortise plugin upload estimate-gate.wasm --dry-run --server … --token-file …")]
pub(in crate::cli) struct UploadFlags {
    /// The component, with its manifest packed
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Look at it and compile it, and keep nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    at: At,
}

pub(super) async fn run(flags: &UploadFlags) -> anyhow::Result<Outcome> {
    let wasm = local::component(&flags.file)?;
    let path = if flags.dry_run { "/plugins?dryRun=true" } else { "/plugins" };
    let answer = send(&flags.at.keyed(path).await?, wasm, None).await?;
    if flags.at.json {
        output::json(&answer)?;
        return Ok(Outcome::Done);
    }
    let inspection = answer.get("inspection").cloned().unwrap_or_default();
    let known = answer.get("known") == Some(&Value::Bool(true));
    let what = match (flags.dry_run, known) {
        (true, true) => "is there already",
        (true, false) => "would be taken",
        (false, true) => "was there already",
        (false, false) => "uploaded",
    };
    let (plugin, version) = (text(&inspection, "plugin"), text(&inspection, "pluginVersion"));
    output::line(format_args!("{} {} {}", plain(&plugin), plain(&version), paint(Tone::Good, what)))?;
    output::line(format_args!("    {}", text(&inspection, "digest")))?;
    for wish in list(&inspection, "asksFor").filter_map(Value::as_str) {
        output::line(format_args!("    asks to {}", plain(wish)))?;
    }
    for warning in list(&inspection, "warnings").filter_map(Value::as_str) {
        output::line(format_args!("    {}", paint(Tone::Warn, &plain(warning))))?;
    }
    if let Some(installed) = answer.get("upgrades").and_then(Value::as_str) {
        output::remark(format_args!(
            "{installed} runs another version: `mortise plugin upgrade {installed}`"
        ));
    }
    Ok(Outcome::Done)
}

/// Sends a component to a path, with a signature for the catalogue; what the server answers.
///
/// # Errors
/// The server cannot be reached, or refuses.
pub(super) async fn send(to: &Keyed, wasm: Vec<u8>, signature: Option<&str>) -> anyhow::Result<Value> {
    let mut request = to
        .request(Request::post(&to.url))
        .header(header::CONTENT_TYPE, "application/wasm")
        .header(header::ACCEPT, "application/json");
    if let Some(signature) = signature {
        request = request.header("mortise-signature", signature);
    }
    let answer = to.outbound.send(request.body(wasm)?).await?;
    let (status, url) = (answer.status(), &to.url);
    if status == StatusCode::UNAUTHORIZED {
        bail!("{}", to.not_accepted());
    }
    let body: Value = match serde_json::from_slice(answer.body()) {
        Ok(body) => body,
        Err(_) if status == StatusCode::NOT_FOUND => bail!(
            "{url} is not served: the server runs without plugins (`mortise serve --no-plugins`){}",
            if to.of_platform { " or without those who run the platform (`--no-root-api`)" } else { "" }
        ),
        Err(error) => {
            return Err(error).with_context(|| format!("{url} answers {status}, and no JSON"));
        }
    };
    match body.pointer("/errors/0/message").and_then(Value::as_str) {
        Some(message) => bail!("{message}"),
        None if !status.is_success() => bail!("{url} answers {status}"),
        None => Ok(body),
    }
}
