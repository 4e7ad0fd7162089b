//! `mortise plugin dead-letters` and `redeliver`: what a plugin has given up, and having it done again.

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::{Value, json};

use super::at::{At, Company, list as items, say, text, word};
use super::paint::plain;
use crate::cli::{Outcome, output};

/// Letters of one page.
const PAGE: u32 = 100;

/// Letters that are done again at once, where they are not too large together.
const AT_ONCE: usize = 40;

/// What the refusal of a change says that one step has no room for.
const TOO_LARGE: &str = "too large for one step";

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
Each is tried from the first attempt on, once the plugin acts. The time of a schedule has passed: it can only be let go.

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
    /// All of them; without --drop all but the times of schedules
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
        let (which, left) = chosen(&letters(&company, &id).await?, flags.drop);
        if left > 0 {
            output::remark(format_args!(
                "{left} stay, which are times of schedules: those have passed, and can only be let go (--drop)"
            ));
        }
        which
    } else {
        flags.letters.clone()
    };
    let field = if flags.drop { "pluginDeadLetterDrop" } else { "pluginRedeliver" };
    let document = format!(
        "mutation($id: ID!, $letters: [String!]!) {{ {field}(id: $id, letters: $letters) {{
            success count userErrors {{ message field }} }} }}"
    );
    let change = async |part: &[String]| {
        let payload = company.change(&document, json!({ "id": id, "letters": part })).await?;
        Ok(payload.get("count").and_then(Value::as_u64).unwrap_or_default())
    };
    let (count, ended) = in_parts(&which, change).await;
    let done = if flags.drop { "let go" } else { "to be done again" };
    let told = format!("{count} of {} {done}", which.len());
    ended.with_context(|| format!("{told}, and it goes no further"))?;
    say(&flags.at, &json!({ "count": count }), |_| told)?;
    if count > 0 && !flags.drop {
        say_waits(&company, &id, &flags.plugin).await;
    }
    Ok(Outcome::Done)
}

/// Says that nothing is done for now, where that is so. What was asked for has happened: that this could not be looked up changes
/// nothing.
async fn say_waits(company: &Company, id: &str, which: &str) {
    let document = "query($id: ID!) { plugin(id: $id) { status actingStoppedReason notRunReason } }";
    let plugin = company.ask(document, json!({ "id": id })).await.unwrap_or_default();
    if let Some(why) = waits(&plugin, which) {
        output::remark(plain(&why));
    }
}

/// Why a plugin does nothing of this yet, and what to do about it; none of one that acts.
fn waits(plugin: &Value, which: &str) -> Option<String> {
    let [status, not_run, stopped] =
        ["status", "notRunReason", "actingStoppedReason"].map(|field| text(plugin, field));
    let enable = format!("`mortise plugin enable {which}`");
    if status == "DISABLED" {
        Some(format!("they are done once it is enabled: {enable}"))
    } else if !not_run.is_empty() {
        Some(format!("they wait, for the plugin is not run: {not_run}"))
    } else if !stopped.is_empty() {
        Some(format!(
            "they wait, for the plugin does not act until it is enabled again ({enable}): {stopped}"
        ))
    } else {
        None
    }
}

/// Of all letters those that it can be done with, and how many others there are: a server refuses all that it is sent with the time
/// of a schedule, unless they are to be let go.
fn chosen(letters: &[Value], lets_go: bool) -> (Vec<String>, usize) {
    let can = |letter: &&Value| lets_go || text(letter, "kind") != "SCHEDULE";
    let which: Vec<String> = letters.iter().filter(can).map(|letter| text(letter, "id")).collect();
    let left = letters.len().saturating_sub(which.len());
    (which, left)
}

/// Changes letters part by part, in smaller ones where a part is too large for one step: requests have bodies. How many were changed,
/// also where it was refused on the way.
async fn in_parts(
    letters: &[String],
    mut change: impl AsyncFnMut(&[String]) -> anyhow::Result<u64>,
) -> (u64, anyhow::Result<()>) {
    let (mut rest, mut at_once, mut count) = (letters, AT_ONCE, 0);
    while !rest.is_empty() {
        let (part, behind) = rest.split_at(at_once.min(rest.len()));
        match change(part).await {
            Ok(changed) => {
                count += changed;
                rest = behind;
            }
            Err(error) if part.len() > 1 && error.to_string().contains(TOO_LARGE) => {
                at_once = part.len() / 2;
            }
            Err(error) => return (count, Err(error)),
        }
    }
    (count, Ok(()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    fn named(letters: std::ops::Range<usize>) -> Vec<String> {
        letters.map(|letter| letter.to_string()).collect()
    }

    #[test]
    fn what_waits_for_a_plugin_that_does_nothing_is_said_to_do_so() {
        let waits = |status: &str, not_run: Value, stopped: Value| {
            let plugin = json!({ "status": status, "notRunReason": not_run, "actingStoppedReason": stopped });
            waits(&plugin, "acme.notifier")
        };
        assert_eq!(waits("ENABLED", Value::Null, Value::Null), None);
        let disabled = waits("DISABLED", Value::Null, "it fails".into());
        let expected = "they are done once it is enabled: `mortise plugin enable acme.notifier`";
        assert_eq!(disabled.as_deref(), Some(expected));
        let not_run = waits("ENABLED", "it was withdrawn".into(), Value::Null).unwrap();
        assert!(not_run.ends_with("is not run: it was withdrawn"), "{not_run}");
        let stopped = waits("ENABLED", Value::Null, "it fails".into()).unwrap();
        assert!(
            stopped.contains("plugin enable acme.notifier") && stopped.ends_with(": it fails"),
            "{stopped}"
        );
        assert_eq!(super::waits(&Value::Null, "acme.notifier"), None, "it could not be looked up");
    }

    #[test]
    fn times_of_schedules_are_left_unless_all_is_let_go() {
        let letters = [
            json!({ "id": "a", "kind": "EVENT" }),
            json!({ "id": "b", "kind": "SCHEDULE" }),
            json!({ "id": "c", "kind": "REQUEST" }),
        ];
        assert_eq!(chosen(&letters, false), (vec!["a".to_owned(), "c".to_owned()], 1));
        assert_eq!(chosen(&letters, true), (vec!["a".to_owned(), "b".to_owned(), "c".to_owned()], 0));
    }

    #[tokio::test]
    async fn what_is_too_large_together_goes_in_smaller_parts() {
        let (letters, mut sizes, mut gone) = (named(0..90), Vec::new(), Vec::new());
        let change = async |part: &[String]| {
            sizes.push(part.len());
            if part.len() > 25 {
                bail!("the change is too large for one step; send it in smaller parts");
            }
            gone.extend_from_slice(part);
            Ok(part.len() as u64)
        };
        let (count, ended) = in_parts(&letters, change).await;
        ended.unwrap();
        assert_eq!((count, gone), (90, letters));
        assert_eq!(sizes, [40, 20, 20, 20, 20, 10]);
    }

    #[tokio::test]
    async fn what_was_done_before_a_refusal_is_counted_and_one_that_is_too_large_alone_ends_it() {
        let mut calls = 0;
        let change = async |part: &[String]| {
            calls += 1;
            if calls > 2 { bail!("the store is not available") } else { Ok(part.len() as u64) }
        };
        let (count, ended) = in_parts(&named(0..90), change).await;
        assert_eq!((count, ended.unwrap_err().to_string().as_str()), (80, "the store is not available"));
        let (count, ended) = in_parts(&named(0..3), async |_: &[String]| bail!("it is {TOO_LARGE}")).await;
        assert_eq!((count, ended.is_err()), (0, true));
    }

    #[test]
    fn the_words_of_the_refusal_are_those_of_the_engine() {
        let too_large =
            mortise_engine::storage::StorageError::TooLarge { what: "a batch", size: 2, limit: 1 };
        assert!(mortise_engine::Error::from(too_large).message().contains(TOO_LARGE));
    }
}
