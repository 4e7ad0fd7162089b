//! `mortise plugin rehearse`: what a handler would do, without any effect.

use clap::Args;
use serde_json::{Value, json};

use super::at::{At, list, text};
use super::paint::{Tone, paint, plain};
use super::runs::told;
use crate::cli::{Outcome, output};

/// What it is to act on.
#[derive(Debug, Args)]
#[group(id = "what", required = true, multiple = false, args = ["issue", "run", "schedule"])]
#[command(after_help = "\
Nothing is written, and nothing goes outside.

Examples:
  mortise plugin rehearse acme.notifier --issue ENG-12 --server https://tracker.example.com --token-file acme.key
  mortise plugin rehearse acme.sweeper --schedule daily --server … --token-file …")]
pub(in crate::cli) struct RehearseFlags {
    /// The plugin: `pin_…`, or what its author calls it
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// The newest event about this issue, by key or global id
    #[arg(long, value_name = "ISSUE")]
    issue: Option<String>,
    /// Of this name, such as issue.transitioned; else the newest of those that it acts on
    #[arg(long, value_name = "NAME", requires = "issue")]
    event: Option<String>,
    /// What an earlier run was called for, with what there is now to read
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    /// A time of this schedule
    #[arg(long, value_name = "NAME")]
    schedule: Option<String>,
    #[command(flatten)]
    at: At,
}

pub(super) async fn run(flags: &RehearseFlags) -> anyhow::Result<Outcome> {
    let company = flags.at.company().await?;
    let id = company.plugin(&flags.plugin).await?;
    let document =
        "mutation($id: ID!, $input: PluginRehearseInput!) { pluginRehearse(id: $id, input: $input) {
        outcome { answer words kind } refused requests memory { key set }
        changes { event issueId key fields { field before after } }
        shares { budget used limit percent } logs { level message fields { name value } } } }";
    let input = json!({
        "issueId": flags.issue, "event": flags.event, "run": flags.run, "schedule": flags.schedule,
    });
    let rehearsal = company.ask(document, json!({ "id": id, "input": input })).await?;
    let refused = text(&rehearsal, "refused");
    if flags.at.json {
        output::json(&rehearsal)?;
    } else {
        told(&flags.plugin, &rehearsal)?;
        differences(&rehearsal)?;
        if !refused.is_empty() {
            let said = format!("all of it would be refused: {}", plain(&refused));
            output::line(format_args!("    {}", paint(Tone::Bad, &said)))?;
        }
    }
    Ok(if refused.is_empty() { Outcome::Done } else { Outcome::Differs })
}

/// What would change, as a difference.
fn differences(rehearsal: &Value) -> anyhow::Result<()> {
    for change in list(rehearsal, "changes") {
        let what = format!("{} {}", text(change, "event"), text(change, "key"));
        output::line(format_args!("    {}", plain(&what)))?;
        for field in list(change, "fields") {
            let name = text(field, "field");
            for (sign, side, tone) in [("-", "before", Tone::Bad), ("+", "after", Tone::Good)] {
                let value = text(field, side);
                if !value.is_empty() {
                    let line = plain(&format!("{sign} {name}: {value}"));
                    output::line(format_args!("      {}", paint(tone, &line)))?;
                }
            }
        }
    }
    for memory in list(rehearsal, "memory") {
        let is_set = memory.get("set") == Some(&Value::Bool(true));
        let what = if is_set { "would be set" } else { "would be deleted" };
        output::line(format_args!("    its memory: {} {what}", plain(&text(memory, "key"))))?;
    }
    for request in list(rehearsal, "requests").filter_map(Value::as_str) {
        output::line(format_args!("    would send {}", plain(request)))?;
    }
    Ok(())
}
