//! `mortise plugin secret`: what a plugin uses by name and never reads.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use zeroize::Zeroizing;

use super::at::{At, say};
use super::local;
use crate::cli::Outcome;
use crate::cli::password::typed_alone;

/// The longest secret, in bytes.
const BYTES_MAX: u64 = 4096;

/// What can be done with secrets.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SecretCommand {
    /// Set one
    Set(SetFlags),
    /// Take one away
    Remove(RemoveFlags),
}

/// Which, and its value. No argument holds a value: every user of the machine could read it.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --value-file the value is the first line of standard input. It has 4096 bytes at most.

Examples:
  mortise plugin secret set acme.notifier slack-token --value-file slack.token --host slack.com --server https://tracker.example.com --token-file acme.key
  pass slack-token | mortise plugin secret set acme.notifier slack-token --server … --token-file …")]
pub(in crate::cli) struct SetFlags {
    /// The plugin: `pin_…`, or what its author calls it
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// The name, one of those that the plugin asks for
    #[arg(value_name = "NAME")]
    name: String,
    /// File that holds the value; a line end at its end is left out
    #[arg(long, value_name = "FILE")]
    value_file: Option<PathBuf>,
    /// A host that it may be sent to, of those that are granted; may be given several times. Unless said: those of before, and
    /// for a new secret all that are granted
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// It is sent to no host: the plugin signs with it, or checks signatures
    #[arg(long, conflicts_with = "hosts")]
    no_host: bool,
    #[command(flatten)]
    at: At,
}

/// Which.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mortise plugin secret remove acme.notifier slack-token --server https://tracker.example.com --token-file acme.key")]
pub(in crate::cli) struct RemoveFlags {
    /// The plugin: `pin_…`, or what its author calls it
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// The name
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    at: At,
}

const FIELDS: &str = "plugin { id plugin secrets secretHosts { secret hosts } } userErrors { message field }";

pub(super) async fn run(command: SecretCommand) -> anyhow::Result<Outcome> {
    match command {
        SecretCommand::Set(flags) => set(&flags).await,
        SecretCommand::Remove(flags) => remove(&flags).await,
    }
}

async fn set(flags: &SetFlags) -> anyhow::Result<Outcome> {
    let value = match &flags.value_file {
        Some(path) => Zeroizing::new(local::text(path, BYTES_MAX, "secret").await?),
        None => Zeroizing::new(typed_alone("secret").await?),
    };
    let company = flags.at.company().await?;
    let id = company.plugin(&flags.plugin).await?;
    let document = format!(
        "mutation($id: ID!, $name: String!, $value: String!, $hosts: [String!]) {{
            pluginSecretSet(id: $id, name: $name, value: $value, hosts: $hosts) {{ {FIELDS} }} }}"
    );
    let value = value.trim_end_matches(['\r', '\n']);
    let hosts = (flags.no_host || !flags.hosts.is_empty()).then_some(&flags.hosts);
    let variables = json!({ "id": id, "name": flags.name, "value": value, "hosts": hosts });
    let payload = company.change(&document, variables).await?;
    say(&flags.at, &payload, |_| format!("{} is set", flags.name))?;
    Ok(Outcome::Done)
}

async fn remove(flags: &RemoveFlags) -> anyhow::Result<Outcome> {
    let company = flags.at.company().await?;
    let id = company.plugin(&flags.plugin).await?;
    let document = format!(
        "mutation($id: ID!, $name: String!) {{ pluginSecretRemove(id: $id, name: $name) {{ {FIELDS} }} }}"
    );
    let payload = company.change(&document, json!({ "id": id, "name": flags.name })).await?;
    say(&flags.at, &payload, |_| format!("{} is set no more", flags.name))?;
    Ok(Outcome::Done)
}
