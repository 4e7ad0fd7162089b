//! `mortise plugin backlog`: what waits for a plugin.

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::{Value, json};

use super::at::{At, list, text};
use crate::cli::{Outcome, output};

/// Whose.
#[derive(Debug, Args)]
#[command(after_help = "\
Events that it failed at and those behind them, and requests that are to be sent, at most 100 of each. What it has given up is
in `dead-letters`.

Examples:
  mortise plugin backlog acme.notifier --server https://tracker.example.com --token-file acme.key")]
pub(in crate::cli) struct BacklogFlags {
    /// The plugin: `pin_…`, or what its author calls it
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    #[command(flatten)]
    at: At,
}

pub(super) async fn run(flags: &BacklogFlags) -> anyhow::Result<Outcome> {
    let company = flags.at.company().await?;
    let id = company.plugin(&flags.plugin).await?;
    let document = "query($id: ID!) { plugin(id: $id) { backlog { place head
        events { event issueId about attempts notBefore why }
        requests { event issueId about attempts notBefore why } } } }";
    let plugin = company.ask(document, json!({ "id": id })).await?;
    ensure!(!plugin.is_null(), "there is no plugin {id}: `mortise plugin list` shows those there are");
    let backlog = plugin.get("backlog").context("the server answers nothing")?;
    if flags.at.json {
        output::json(backlog)?;
        return Ok(Outcome::Done);
    }
    let keys = company.keys(list(backlog, "events").map(|work| text(work, "issueId"))).await?;
    let row = |kind: &str, work: &Value| {
        let (issue, attempts) = (text(work, "issueId"), text(work, "attempts"));
        let issue = keys.get(&issue).cloned().unwrap_or(issue);
        let (about, not_before) = (text(work, "about"), text(work, "notBefore"));
        vec![kind.to_owned(), about, issue, attempts, not_before, text(work, "why")]
    };
    let events = list(backlog, "events").map(|work| row("event", work));
    let requests = list(backlog, "requests").map(|work| row("request", work));
    let rows: Vec<_> = events.chain(requests).collect();
    output::table(&["Kind", "About", "Issue", "Attempts", "Not before", "Why"], &rows)?;
    let (place, head) = (text(backlog, "place"), text(backlog, "head"));
    output::remark(format_args!("it has read the log up to {place} of {head}"));
    Ok(Outcome::Done)
}
