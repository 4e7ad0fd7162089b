//! `mortise plugin inspect` and `forget`: code that a company has, installed or not.

use anyhow::ensure;
use clap::Args;
use serde_json::{Value, json};

use super::at::{At, Company, list, say, text, word};
use super::paint::plain;
use super::which::{digest, parted};
use crate::cli::{Outcome, output};

/// What to look at.
#[derive(Debug, Args)]
#[command(after_help = "\
Before it is uploaded: `mortise plugin check FILE`, or `mortise plugin upload FILE --dry-run`.

Examples:
  mortise plugin inspect acme.estimate-gate --server https://tracker.example.com --token-file acme.key
  mortise plugin inspect acme.estimate-gate@1.3.0 --json --server … --token-file …")]
pub(in crate::cli) struct InspectFlags {
    /// What its author calls it, with @VERSION or the newest that was uploaded; or the digest of code
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    #[command(flatten)]
    at: At,
}

/// What to let go.
#[derive(Debug, Args)]
#[command(after_help = "\
Refused while an installed plugin runs it, or can be rolled back to it.

Examples:
  mortise plugin forget acme.estimate-gate@1.2.0 --yes --server https://tracker.example.com --token-file acme.key")]
pub(in crate::cli) struct ForgetFlags {
    /// What its author calls it, with @VERSION or the newest that was uploaded; or the digest of code
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// Let it go: without this it is only said whether it could
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    at: At,
}

pub(super) async fn inspect(flags: &InspectFlags) -> anyhow::Result<Outcome> {
    let company = flags.at.company().await?;
    let digest = named(&company, &flags.plugin).await?;
    let document = "query($digest: String!) { pluginCode(digest: $digest) {
        digest plugin name pluginVersion description origin bytes uploadedAt manifest settingsSchema asksFor
        hooks { amend validate nextStates events inbound lifecycle } schedules { name cron timeZone }
        requested { issuesRead issuesWrite kv random secrets http } } }";
    let mut code = company.ask(document, json!({ "digest": digest })).await?;
    ensure!(
        !code.is_null(),
        "the company has no code {digest}: `mortise plugin list --code` shows what it has"
    );
    let upgrade = upgrade(&company, &code).await?;
    if flags.at.json {
        if let Some(code) = code.as_object_mut() {
            code.insert("upgrade".to_owned(), upgrade);
        }
        output::json(&code)?;
    } else {
        told(&code, &upgrade)?;
    }
    Ok(Outcome::Done)
}

pub(super) async fn forget(flags: &ForgetFlags) -> anyhow::Result<Outcome> {
    let company = flags.at.company().await?;
    let digest = named(&company, &flags.plugin).await?;
    let document = "mutation($digest: String!, $dryRun: Boolean!) {
        pluginCodeRemove(digest: $digest, dryRun: $dryRun) { success syncCursor events userErrors { message field } } }";
    let payload = company.change(document, json!({ "digest": digest, "dryRun": !flags.yes })).await?;
    let done = if flags.yes { "is let go" } else { "can be let go" };
    say(&flags.at, &payload, |_| format!("{digest} {done}"))?;
    if !flags.yes {
        output::remark("nothing was let go: say --yes");
    }
    Ok(Outcome::Done)
}

/// The digest of `PLUGIN`, `PLUGIN@VERSION`, or a digest.
async fn named(company: &Company, which: &str) -> anyhow::Result<String> {
    let (plugin, version) = parted(which);
    digest(company, plugin, version).await
}

/// The installed plugin that this code would be another version of, with what it asks for differently; null where there is
/// none.
async fn upgrade(company: &Company, code: &Value) -> anyhow::Result<Value> {
    let all = company.ask("{ plugins { id plugin pluginVersion digest } }", json!({})).await?;
    let other = |one: &&Value| {
        text(one, "plugin") == text(code, "plugin") && text(one, "digest") != text(code, "digest")
    };
    let Some(runs) = all.as_array().into_iter().flatten().find(other) else { return Ok(Value::Null) };
    let document = "query($id: ID!, $digest: String!) { pluginUpgradePreview(id: $id, digest: $digest) {
        permission added widens } }";
    let changes =
        company.ask(document, json!({ "id": text(runs, "id"), "digest": text(code, "digest") })).await?;
    Ok(
        json!({ "id": text(runs, "id"), "pluginVersion": text(runs, "pluginVersion"), "permissionChanges": changes }),
    )
}

fn told(code: &Value, upgrade: &Value) -> anyhow::Result<()> {
    let (name, version) = (text(code, "plugin"), text(code, "pluginVersion"));
    output::line(plain(&format!(
        "{name} {version}, {}, {} bytes",
        word(code, "origin"),
        text(code, "bytes")
    )))?;
    for (label, field) in [("says", "description"), ("digest", "digest"), ("uploaded", "uploadedAt")] {
        output::line(format_args!("    {label:<10} {}", plain(&text(code, field))))?;
    }
    for wish in list(code, "asksFor").filter_map(Value::as_str) {
        output::line(format_args!("    asks to {}", plain(wish)))?;
    }
    for schedule in list(code, "schedules") {
        output::line(format_args!("    schedule   {}", plain(&super::installed::schedule(schedule))))?;
    }
    output::line(format_args!("    settings   {}", plain(&text(code, "settingsSchema"))))?;
    if upgrade.is_null() {
        return Ok(());
    }
    let from = text(upgrade, "pluginVersion");
    output::line(format_args!("    beside version {}, which is installed:", plain(&from)))?;
    let mut changes = list(upgrade, "permissionChanges").peekable();
    if changes.peek().is_none() {
        output::line("    it asks for the same")?;
    }
    for change in changes {
        let sign = if change.get("added") == Some(&Value::Bool(true)) { "+" } else { "-" };
        output::line(format_args!("    {sign} {}", plain(&text(change, "permission"))))?;
    }
    Ok(())
}
