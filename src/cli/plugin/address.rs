//! `mortise plugin address`: where a plugin takes requests from outside.

use anyhow::ensure;
use clap::Args;
use serde_json::{Value, json};

use super::at::{At, Company, say, text};
use crate::cli::Outcome;

/// Whose.
#[derive(Debug, Args)]
#[command(after_help = "\
The address is a secret: who knows it may call the plugin. It is written otherwise each time, and all of them lead there.

Examples:
  mortise plugin address acme.commit-linker --server https://tracker.example.com --token-file acme.key
  mortise plugin address acme.commit-linker --change --server … --token-file …")]
pub(in crate::cli) struct AddressFlags {
    /// The plugin: `pin_…`, or what its author calls it
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// Give it another one first: those before lead nowhere any more
    #[arg(long)]
    change: bool,
    #[command(flatten)]
    at: At,
}

pub(super) async fn run(flags: &AddressFlags) -> anyhow::Result<Outcome> {
    let company = flags.at.company().await?;
    let id = company.plugin(&flags.plugin).await?;
    let path = if flags.change { changed(&company, &id).await? } else { shown(&company, &id).await? };
    ensure!(!path.is_empty(), "`{}` takes no requests from outside: it exports no `inbound`", flags.plugin);
    let address = flags.at.address_of(&path);
    say(&flags.at, &json!({ "address": address }), |_| address.clone())?;
    Ok(Outcome::Done)
}

async fn shown(company: &Company, id: &str) -> anyhow::Result<String> {
    let document = "query($id: ID!) { plugin(id: $id) { inboundPath } }";
    let plugin = company.ask(document, json!({ "id": id })).await?;
    ensure!(!plugin.is_null(), "there is no plugin {id}: `mortise plugin list` shows those there are");
    Ok(text(&plugin, "inboundPath"))
}

async fn changed(company: &Company, id: &str) -> anyhow::Result<String> {
    let document = "mutation($id: ID!) { pluginInboundPathChange(id: $id) {
        plugin { inboundPath } userErrors { message field } } }";
    let payload = company.change(document, json!({ "id": id })).await?;
    Ok(text(payload.get("plugin").unwrap_or(&Value::Null), "inboundPath"))
}
