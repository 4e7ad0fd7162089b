//! `mortise plugin enable`, `disable`, `rollback` and `remove`.

use clap::Args;
use serde_json::{Value, json};

use super::at::{At, Company, list};
use super::install::{fields, told};
use super::paint::plain;
use crate::cli::{Outcome, output};

/// Of events and requests that wait, so many are told by the API at most.
const WAITING_MAX: usize = 100;

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
    /// Remove it: without this it is only said what would go with it
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
    let at = &flags.which.at;
    let company = at.company().await?;
    let id = company.plugin(&flags.which.plugin).await?;
    let goes = if flags.yes { Value::Null } else { goes(&company, &id).await? };
    let values = json!({ "id": id, "dryRun": !flags.yes });
    let mut payload =
        changed(&company, "pluginRemove", (", $dryRun: Boolean!", ", dryRun: $dryRun"), values).await?;
    if flags.yes {
        return told(at, &payload);
    }
    if let Some(payload) = payload.as_object_mut() {
        payload.insert("goes".to_owned(), goes.clone());
    }
    let done = told(at, &payload)?;
    if !at.json {
        output::line(format_args!("    would go with it: {}", plain(&in_words(&goes))))?;
    }
    output::remark("nothing was removed: say --yes");
    Ok(done)
}

/// What a removal takes away, as far as the API can count it.
async fn goes(company: &Company, id: &str) -> anyhow::Result<Value> {
    let document = "query($id: ID!) { plugin(id: $id) {
        secrets backlog { events { event } requests { event } } deadLetters(first: 1) { totalCount } } }";
    company.ask(document, json!({ "id": id })).await
}

/// The same, for people.
fn in_words(goes: &Value) -> String {
    let secrets: Vec<&str> = list(goes, "secrets").filter_map(Value::as_str).collect();
    let waiting = |kind: &str| match goes.get("backlog").map_or(0, |backlog| list(backlog, kind).count()) {
        WAITING_MAX.. => format!("{WAITING_MAX} or more"),
        count => count.to_string(),
    };
    let letters = goes.pointer("/deadLetters/totalCount").and_then(Value::as_u64).unwrap_or_default();
    let counted = [
        ("secrets", secrets.join(", ")),
        ("events that wait", waiting("events")),
        ("requests that wait", waiting("requests")),
        ("dead letters", letters.to_string()),
    ];
    let counted = counted.iter().filter(|(_, there)| !there.is_empty() && there != "0");
    let always = ["its memory", "the records of its runs"].map(str::to_owned);
    let words = always.into_iter().chain(counted.map(|(what, there)| format!("{what}: {there}")));
    words.collect::<Vec<_>>().join("; ")
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
    told(&which.at, &changed(&company, field, (declared, passed), variables).await?)
}

/// What a mutation of a plugin answers, whose arguments beside the id are declared and passed so.
async fn changed(
    company: &Company,
    field: &str,
    (declared, passed): (&str, &str),
    variables: Value,
) -> anyhow::Result<Value> {
    let fields = fields("");
    let document = format!("mutation($id: ID!{declared}) {{ {field}(id: $id{passed}) {{ {fields} }} }}");
    company.change(&document, variables).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removal_says_what_goes_and_leaves_out_what_there_is_not() {
        let nothing = json!({
            "secrets": [],
            "backlog": { "events": [], "requests": [] },
            "deadLetters": { "totalCount": 0 },
        });
        assert_eq!(in_words(&nothing), "its memory; the records of its runs");
        let events = vec![json!({ "event": "7" }); WAITING_MAX];
        let much = json!({
            "secrets": ["token", "other"],
            "backlog": { "events": events, "requests": [{ "event": "8" }] },
            "deadLetters": { "totalCount": 12 },
        });
        let expected = "its memory; the records of its runs; secrets: token, other; events that wait: 100 or more; \
            requests that wait: 1; dead letters: 12";
        assert_eq!(in_words(&much), expected);
    }
}
