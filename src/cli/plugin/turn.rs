//! `mortise plugin enable`, `disable`, `rollback` and `remove`.

use clap::Args;
use serde_json::{Value, json};

use super::at::At;
use super::install::{fields, told};
use crate::cli::Outcome;

/// Which plugin.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// The plugin: `pin_…`, or what its author calls it
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    #[command(flatten)]
    at: At,
}

/// What to enable.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mortise plugin enable acme.estimate-gate --server https://tracker.example.com --token-file acme.key")]
pub(in crate::cli) struct EnableFlags {
    #[command(flatten)]
    which: Which,
}

/// What to disable.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mortise plugin disable acme.estimate-gate --reason 'denies too much' --server https://tracker.example.com --token-file acme.key")]
pub(in crate::cli) struct DisableFlags {
    /// Why: it is shown with the plugin
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    which: Which,
}

/// Where to roll back to.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mortise plugin rollback acme.estimate-gate --server https://tracker.example.com --token-file acme.key")]
pub(in crate::cli) struct RollBackFlags {
    /// The digest of one of the ten versions before; the last unless said
    #[arg(long, value_name = "DIGEST")]
    to: Option<String>,
    #[command(flatten)]
    which: Which,
}

/// What to remove.
#[derive(Debug, Args)]
#[command(after_help = "\
What it did stays in the history; its store, secrets and runs go.

Examples:
  mortise plugin remove acme.estimate-gate --yes --server https://tracker.example.com --token-file acme.key")]
pub(in crate::cli) struct RemoveFlags {
    /// Remove it: without this it is only said what would become of it
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    which: Which,
}

pub(super) async fn enable(flags: &EnableFlags) -> anyhow::Result<Outcome> {
    change(&flags.which, "pluginEnable", "", "", json!({})).await
}

pub(super) async fn disable(flags: &DisableFlags) -> anyhow::Result<Outcome> {
    let values = json!({ "reason": flags.reason });
    change(&flags.which, "pluginDisable", ", $reason: String", ", reason: $reason", values).await
}

pub(super) async fn roll_back(flags: &RollBackFlags) -> anyhow::Result<Outcome> {
    let values = json!({ "digest": flags.to });
    change(&flags.which, "pluginRollBack", ", $digest: String", ", digest: $digest", values).await
}

pub(super) async fn remove(flags: &RemoveFlags) -> anyhow::Result<Outcome> {
    let values = json!({ "dryRun": !flags.yes });
    let done =
        change(&flags.which, "pluginRemove", ", $dryRun: Boolean!", ", dryRun: $dryRun", values).await?;
    if !flags.yes {
        crate::cli::output::remark("nothing was removed: say --yes");
    }
    Ok(done)
}

async fn change(
    which: &Which,
    field: &str,
    declared: &str,
    passed: &str,
    mut variables: Value,
) -> anyhow::Result<Outcome> {
    let company = which.at.company().await?;
    let id = company.plugin(&which.plugin).await?;
    if let Some(variables) = variables.as_object_mut() {
        variables.insert("id".to_owned(), id.into());
    }
    let fields = fields("");
    let document = format!("mutation($id: ID!{declared}) {{ {field}(id: $id{passed}) {{ {fields} }} }}");
    told(&which.at, &company.change(&document, variables).await?)
}
