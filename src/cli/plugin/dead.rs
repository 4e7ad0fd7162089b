//! `mortise plugin dead-letters` and `redeliver`: what a plugin has given up, and having it done again.

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::{Value, json};

use super::at::{At, Company, list as items, say, text, word};
use crate::cli::{Outcome, output};

/// Letters of one page.
const PAGE: u32 = 100;

/// Letters that are done again at once.
const AT_ONCE: usize = 40;

/// The most that are listed: as many as are kept.
const LISTED_MAX: usize = 1_000;

/// Whose.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mortise plugin dead-letters acme.notifier --server https://tracker.example.com --token-file acme.key")]
pub(in crate::cli) struct DeadLettersFlags {
    /// The plugin: `pin_…`, or what its author calls it
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    #[command(flatten)]
    at: At,
}

/// Which.
#[derive(Debug, Args)]
#[group(id = "which", required = true, multiple = false, args = ["letters", "all"])]
#[command(after_help = "\
Each is tried from the first attempt on.

Examples:
  mortise plugin redeliver acme.notifier --all --server https://tracker.example.com --token-file acme.key
  mortise plugin redeliver acme.notifier LETTER LETTER --server … --token-file …")]
pub(in crate::cli) struct RedeliverFlags {
    /// The plugin: `pin_…`, or what its author calls it
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// Which, as `dead-letters` names them
    #[arg(value_name = "LETTER")]
    letters: Vec<String>,
    /// All of them
    #[arg(long)]
    all: bool,
    /// Let them go instead
    #[arg(long)]
    drop: bool,
    #[command(flatten)]
    at: At,
}

pub(super) async fn list(flags: &DeadLettersFlags) -> anyhow::Result<Outcome> {
    let company = flags.at.company().await?;
    let id = company.plugin(&flags.plugin).await?;
    let letters = letters(&company, &id).await?;
    if flags.at.json {
        output::json(&letters)?;
        return Ok(Outcome::Done);
    }
    let keys = company.keys(letters.iter().map(|letter| text(letter, "issueId"))).await?;
    let row = |letter: &Value| {
        let (kind, about) = (word(letter, "kind"), text(letter, "about"));
        let (issue, attempts) = (text(letter, "issueId"), text(letter, "attempts"));
        let issue = keys.get(&issue).cloned().unwrap_or(issue);
        vec![text(letter, "id"), kind, about, issue, attempts, text(letter, "at"), text(letter, "why")]
    };
    let rows: Vec<_> = letters.iter().map(row).collect();
    output::table(&["Letter", "Kind", "About", "Issue", "Attempts", "Given up", "Why"], &rows)?;
    Ok(Outcome::Done)
}

pub(super) async fn redeliver(flags: &RedeliverFlags) -> anyhow::Result<Outcome> {
    let company = flags.at.company().await?;
    let id = company.plugin(&flags.plugin).await?;
    let which = if flags.all {
        letters(&company, &id).await?.iter().map(|letter| text(letter, "id")).collect()
    } else {
        flags.letters.clone()
    };
    let field = if flags.drop { "pluginDeadLetterDrop" } else { "pluginRedeliver" };
    let document = format!(
        "mutation($id: ID!, $letters: [String!]!) {{ {field}(id: $id, letters: $letters) {{
            success count userErrors {{ message field }} }} }}"
    );
    let mut count = 0;
    for part in which.chunks(AT_ONCE) {
        let payload = company.change(&document, json!({ "id": id, "letters": part })).await?;
        count += payload.get("count").and_then(Value::as_u64).unwrap_or_default();
    }
    let done = if flags.drop { "let go" } else { "to be done again" };
    say(&flags.at, &json!({ "count": count }), |_| format!("{count} of {} {done}", which.len()))?;
    Ok(Outcome::Done)
}

async fn letters(company: &Company, id: &str) -> anyhow::Result<Vec<Value>> {
    let document = "query($id: ID!, $first: Int, $after: String) { plugin(id: $id) {
        deadLetters(first: $first, after: $after) { totalCount dropped
            nodes { id kind event issueId about attempts why at run } pageInfo { hasNextPage endCursor } } } }";
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let plugin = company.ask(document, json!({ "id": id, "first": PAGE, "after": after })).await?;
        ensure!(!plugin.is_null(), "there is no plugin {id}: `mortise plugin list` shows those there are");
        let page = plugin.get("deadLetters").context("the server answers nothing")?;
        all.extend(items(page, "nodes").cloned());
        let goes_on = page.pointer("/pageInfo/hasNextPage") == Some(&Value::Bool(true));
        after = page.pointer("/pageInfo/endCursor").cloned().unwrap_or_default();
        if !goes_on || after.is_null() || all.len() >= LISTED_MAX {
            return Ok(all);
        }
    }
}
