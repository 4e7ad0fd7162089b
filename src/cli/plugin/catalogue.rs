//! `mortise plugin catalogue`: what those who run the platform offer; for them, publishing and withdrawing.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::at::{At, list as items, text};
use super::install::{Fresh, told};
use super::local;
use super::paint::{Tone, paint, plain};
use super::upload::send;
use super::which::parted;
use crate::cli::remote::ServerFlags;
use crate::cli::{Outcome, output};

/// The longest file of a signature, in bytes: one has about a hundred.
const SIGNATURE_BYTES_MAX: u64 = 4096;

/// What can be done with the catalogue.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CatalogueCommand {
    /// List what is offered, by a key of a company or of the platform
    List(ListFlags),
    /// Install from it: all that the plugin asks for is granted
    Install(InstallFlags),
    /// Offer a signed version (platform key)
    Publish(PublishFlags),
    /// Offer a version no more (platform key)
    Withdraw(WithdrawFlags),
}

/// How to list.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mortise plugin catalogue list --server https://tracker.example.com --token-file acme.key
  mortise plugin catalogue list --server https://tracker.example.com --token-file root.key")]
pub(in crate::cli) struct ListFlags {
    #[command(flatten)]
    at: At,
}

/// What to install.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mortise plugin catalogue install mortise.required-fields --dry-run --server https://tracker.example.com --token-file acme.key
  mortise plugin catalogue install mortise.required-fields --settings @rules.json --team ENG --enable --server … --token-file …
  mortise plugin catalogue install mortise.required-fields@1.2.0 --shadow --server … --token-file …")]
pub(in crate::cli) struct InstallFlags {
    /// What its author calls it, with @VERSION or the newest
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    #[command(flatten)]
    fresh: Fresh,
}

/// What to offer.
#[derive(Debug, Args)]
#[command(after_help = "\
The server offers what is signed by a key of its `--plugin-keys`. A version that was withdrawn is refused unless --again is said.

Examples:
  mortise plugin sign required-fields.wasm --key catalogue.pem > required-fields.sig
  mortise plugin catalogue publish required-fields.wasm --signature required-fields.sig \\
      --server https://tracker.example.com --token-file root.key")]
pub(in crate::cli) struct PublishFlags {
    /// The component, with its manifest packed
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What `mortise plugin sign` wrote
    #[arg(long, value_name = "FILE")]
    signature: PathBuf,
    /// Offer it also where it was withdrawn: where it was stopped, it runs again
    #[arg(long)]
    again: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: ServerFlags,
}

/// What to offer no more.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mortise plugin catalogue withdraw mortise.required-fields 1.2.0 --reason 'denies what it should not' \\
      --server https://tracker.example.com --token-file root.key")]
pub(in crate::cli) struct WithdrawFlags {
    /// What its author calls it
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// Its version
    #[arg(value_name = "VERSION")]
    version: String,
    /// Why: the companies that have it read it
    #[arg(long)]
    reason: String,
    /// Have it not run any more either, wherever it is installed
    #[arg(long)]
    stops: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: ServerFlags,
}

pub(super) async fn run(command: CatalogueCommand) -> anyhow::Result<Outcome> {
    match command {
        CatalogueCommand::List(flags) => list(&flags).await,
        CatalogueCommand::Install(flags) => install(&flags).await,
        CatalogueCommand::Publish(flags) => publish(&flags).await,
        CatalogueCommand::Withdraw(flags) => withdraw(&flags).await,
    }
}

async fn list(flags: &ListFlags) -> anyhow::Result<Outcome> {
    let document =
        "{ pluginCatalogue { plugin name pluginVersion description digest bytes asksFor publishedAt signedBy
        withdrawn { reason stops at } } }";
    let entries = flags.at.whose_key().await?.ask(document, json!({})).await?;
    if flags.at.json {
        output::json(&entries)?;
        return Ok(Outcome::Done);
    }
    for entry in entries.as_array().into_iter().flatten() {
        offered(entry)?;
    }
    Ok(Outcome::Done)
}

/// A version: what it does, what it asks for, and whether it is to be had.
fn offered(entry: &Value) -> anyhow::Result<()> {
    let (plugin, version) = (text(entry, "plugin"), text(entry, "pluginVersion"));
    output::line(plain(&format!("{plugin} {version}  {}", text(entry, "description"))))?;
    wishes(entry)?;
    let (at, by) = (text(entry, "publishedAt"), text(entry, "signedBy"));
    output::line(plain(&format!("    published {at}, signed by {by}")))?;
    if let Some(withdrawn) = entry.get("withdrawn").filter(|withdrawn| !withdrawn.is_null()) {
        let stops = withdrawn.get("stops") == Some(&Value::Bool(true));
        let runs = if stops { " and is not run" } else { "" };
        let said = plain(&format!("withdrawn{runs}: {}", text(withdrawn, "reason")));
        output::line(format_args!("    {}", paint(Tone::Warn, &said)))?;
    }
    Ok(())
}

/// What a version asks for, in words.
fn wishes(entry: &Value) -> anyhow::Result<()> {
    for wish in items(entry, "asksFor").filter_map(Value::as_str) {
        output::line(format_args!("    asks to {}", plain(wish)))?;
    }
    Ok(())
}

async fn install(flags: &InstallFlags) -> anyhow::Result<Outcome> {
    let (fresh, (plugin, version)) = (&flags.fresh, parted(&flags.plugin));
    let company = fresh.at().company().await?;
    let mut input = Map::new();
    input.insert("catalogue".to_owned(), json!({ "plugin": plugin, "version": version }));
    let payload = fresh.install(&company, input).await?;
    let done = told(fresh.at(), &payload)?;
    if fresh.is_rehearsed() && !fresh.at().json {
        let all = company.ask("{ pluginCatalogue { plugin pluginVersion asksFor } }", json!({})).await?;
        let installed = payload.get("plugin").map(|plugin| text(plugin, "pluginVersion"));
        let this = |entry: &&Value| {
            text(entry, "plugin") == plugin && Some(text(entry, "pluginVersion")) == installed
        };
        all.as_array().into_iter().flatten().find(this).map_or(Ok(()), wishes)?;
    }
    Ok(done)
}

async fn publish(flags: &PublishFlags) -> anyhow::Result<Outcome> {
    let wasm = local::component(&flags.file)?;
    let signature = local::text(&flags.signature, SIGNATURE_BYTES_MAX, "signature").await?;
    let path = if flags.again { "/root/plugins?again=true" } else { "/root/plugins" };
    let entry = send(&flags.at.keyed(path).await?, wasm, Some(signature.trim())).await?;
    if flags.json {
        output::json(&entry)?;
    } else {
        let (plugin, version) = (text(&entry, "plugin"), text(&entry, "pluginVersion"));
        output::line(format_args!("{plugin} {version} is offered, signed by {}", text(&entry, "signedBy")))?;
    }
    Ok(Outcome::Done)
}

async fn withdraw(flags: &WithdrawFlags) -> anyhow::Result<Outcome> {
    let document = "mutation($plugin: String!, $version: String!, $reason: String!, $stops: Boolean!) {
        pluginWithdraw(plugin: $plugin, version: $version, reason: $reason, stops: $stops) {
            entry { plugin pluginVersion withdrawn { reason stops at } } userErrors { message } } }";
    let variables = json!({
        "plugin": flags.plugin, "version": flags.version, "reason": flags.reason, "stops": flags.stops,
    });
    let entry = flags.at.remote().await?.change_of("entry", document, variables).await?;
    if flags.json {
        output::json(&entry)?;
    } else {
        let stops = entry.pointer("/withdrawn/stops") == Some(&Value::Bool(true));
        let runs = if stops { ", and runs no more" } else { "" };
        output::line(format_args!("{} {} is offered no more{runs}", flags.plugin, flags.version))?;
    }
    Ok(Outcome::Done)
}
