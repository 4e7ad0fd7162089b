//! `mortise plugin backtest`: what a plugin would have done to what has happened.

use std::time::Duration;

use anyhow::{anyhow, bail};
use clap::Args;
use mortise::plugins::backtest::BacktestId;
use mortise::time::Timestamp;
use serde_json::{Value, json};

use super::at::{At, Company, list, moment, text, word};
use crate::cli::{Outcome, output, progress};

/// How often it is asked how far the backtest is.
const EVERY: Duration = Duration::from_millis(500);

/// The most that a backtest is waited for.
const PATIENCE: Duration = Duration::from_secs(3600);

/// The most that one which was cancelled is waited for: it ends between two questions.
const CANCEL_PATIENCE: Duration = Duration::from_secs(30);

/// Findings of one part.
const PART: u32 = 100;

/// What is looked at.
#[derive(Debug, Args)]
#[group(id = "which", required = true, multiple = false, args = ["plugin", "digest", "cancel"])]
#[command(after_help = "\
Nothing is written. A company has one at a time; what it found is kept for an hour, for who began it and for super admins. Ctrl-C
cancels it, and tells what it found so far; the exit code is 1 then, as when it fails. Ctrl-C once more does not wait for that: it
may still run then.

Examples:
  mortise plugin backtest acme.estimate-gate --server https://tracker.example.com --token-file acme.key
  mortise plugin backtest acme.estimate-gate --query 'team:ENG' --since 2026-01-01T00:00:00Z --server … --token-file …
  mortise plugin backtest --digest 5f0c… --server … --token-file …
  mortise plugin backtest --cancel bkt_… --server … --token-file …")]
pub(in crate::cli) struct BacktestFlags {
    /// The plugin: `pin_…`, or what its author calls it
    #[arg(value_name = "PLUGIN")]
    plugin: Option<String>,
    /// Code that the company has instead, installed or not
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
    /// Cancel this backtest, and tell what it found so far
    #[arg(long, value_name = "BACKTEST", value_parser = whole_id, conflicts_with_all = ["query", "since"])]
    cancel: Option<String>,
    /// Over which issues, in the query language; all unless said
    #[arg(long, value_name = "QUERY", default_value = "")]
    query: String,
    /// Only what happened at this time or later, such as 2026-01-31T09:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Timestamp>,
    /// How many findings are told at most; 10,000 are kept
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000)]
    findings: usize,
    #[command(flatten)]
    at: At,
}

const FIELDS: &str = "id status why total done asked denied amended failed listed beganAt endedAt";

pub(super) async fn run(flags: &BacktestFlags) -> anyhow::Result<Outcome> {
    let company = flags.at.company().await?;
    let (id, mut backtest) = match &flags.cancel {
        Some(id) => (id.clone(), canceled(&company, id).await?),
        None => {
            let id = begun(&company, flags).await?;
            let backtest = ended(&company, &id).await?;
            (id, backtest)
        }
    };
    let findings = findings(&company, &id, flags.findings).await?;
    let outcome = outcome(&backtest, flags.cancel.is_some());
    if flags.at.json {
        if let Some(backtest) = backtest.as_object_mut() {
            backtest.insert("findings".to_owned(), findings.into());
        }
        output::json(&backtest)?;
    } else {
        let row = |finding: &Value| {
            let (at, event) = (text(finding, "at"), text(finding, "event"));
            vec![text(finding, "key"), at, event, word(finding, "effect"), text(finding, "message")]
        };
        let rows: Vec<_> = findings.iter().map(row).collect();
        output::table(&["Issue", "When", "What", "Would be", "In words"], &rows)?;
        output::remark(how_far(&backtest));
        if is_untold(&backtest, &findings) && flags.findings > 0 {
            output::remark("what it found is told to who began it, and to super admins");
        }
    }
    Ok(outcome)
}

/// Whether it is good news: one that did not look at everything is none, unless it was to end.
fn outcome(backtest: &Value, is_to_end: bool) -> Outcome {
    match text(backtest, "status").as_str() {
        "FAILED" => Outcome::Differs,
        "CANCELED" if !is_to_end => Outcome::Differs,
        _ => Outcome::Done,
    }
}

/// Whether it found something, and this party is not told what.
fn is_untold(backtest: &Value, findings: &[Value]) -> bool {
    findings.is_empty() && !matches!(text(backtest, "listed").as_str(), "" | "0")
}

/// How it ended and how far it came, in a line.
fn how_far(backtest: &Value) -> String {
    let [done, total, asked, denied, amended, failed, why] =
        ["done", "total", "asked", "denied", "amended", "failed", "why"].map(|field| text(backtest, field));
    let because = if why.is_empty() { String::new() } else { format!(": {why}") };
    format!(
        "{}: {done} of {total} issues, asked {asked} times; {denied} denied, {amended} amended, {failed} \
         failed{because}",
        word(backtest, "status")
    )
}

/// The id of one that has begun.
async fn begun(company: &Company, flags: &BacktestFlags) -> anyhow::Result<String> {
    let plugin = match &flags.plugin {
        Some(which) => Some(company.plugin(which).await?),
        None => None,
    };
    let since = flags.since.map(|since| since.to_string());
    let input = json!({ "pluginId": plugin, "digest": flags.digest, "query": flags.query, "since": since });
    let document = "mutation($input: PluginBacktestInput!) { pluginBacktestStart(input: $input) {
        backtest { id } userErrors { message field } } }";
    let begun = company.change(document, json!({ "input": input })).await.map_err(hinted)?;
    Ok(begun.get("backtest").map(|backtest| text(backtest, "id")).unwrap_or_default())
}

/// A refusal, and behind it how the one that is in the way is ended, where that is why.
fn hinted(error: anyhow::Error) -> anyhow::Error {
    let told = error.to_string();
    if !told.contains("is running") {
        return error;
    }
    let id = told.split_whitespace().find(|word| word.starts_with("bkt_")).unwrap_or("bkt_…");
    anyhow!("{told}; `mortise plugin backtest --cancel {id}` ends it")
}

/// The id of a backtest, all of it.
///
/// # Errors
/// It is none, or a part of one.
fn whole_id(text: &str) -> Result<String, String> {
    match text.parse::<BacktestId>() {
        Ok(id) => Ok(id.to_string()),
        Err(_) => Err("it is not a whole id, such as `bkt_019b7c0de1f27a3b8c4d5e6f70819203`, as \
             `mortise plugin backtest` tells it"
            .to_owned()),
    }
}

/// How it stands.
async fn stands(company: &Company, id: &str) -> anyhow::Result<Value> {
    let document = format!("query($id: String!) {{ pluginBacktest(backtest: $id) {{ {FIELDS} }} }}");
    company.ask(&document, json!({ "id": id })).await
}

fn is_running(backtest: &Value) -> bool {
    text(backtest, "status") == "RUNNING"
}

/// One that is to go on no more, at its end. Whoever presses Ctrl-C meanwhile waits for that no more.
async fn canceled(company: &Company, id: &str) -> anyhow::Result<Value> {
    tokio::select! {
        // Listened for before anything is asked: once it was listened for, Ctrl-C ends no process by itself any more.
        biased;
        () = interrupted() => bail!(
            "not waited for: the backtest {id} may still run; `mortise plugin backtest --cancel {id}` ends it and tells what it \
             found"
        ),
        backtest = ending(company, id) => backtest,
    }
}

/// Cancels it, and waits for its end: what it is told while it still runs is not yet how far it came.
async fn ending(company: &Company, id: &str) -> anyhow::Result<Value> {
    let document = "mutation($id: String!) { pluginBacktestCancel(backtest: $id) {
        backtest { id } userErrors { message field } } }";
    company.change(document, json!({ "id": id })).await?;
    let mut turns = tokio::time::interval(EVERY);
    let until = tokio::time::Instant::now() + CANCEL_PATIENCE;
    while tokio::time::Instant::now() < until {
        let backtest = stands(company, id).await?;
        if !is_running(&backtest) {
            return Ok(backtest);
        }
        turns.tick().await;
    }
    bail!(
        "the backtest {id} is to end, and has not within {} s: `mortise plugin backtest --cancel {id}` tells later what it \
         found",
        CANCEL_PATIENCE.as_secs()
    )
}

/// The backtest at its end; Ctrl-C brings it about.
async fn ended(company: &Company, id: &str) -> anyhow::Result<Value> {
    let count = |backtest: &Value, field: &str| text(backtest, field).parse::<u64>().unwrap_or_default();
    let bar = progress::issues_asked_about(0);
    let mut turns = tokio::time::interval(EVERY);
    // Listened for from here on without a gap: it may come while the server is asked.
    let mut interrupted = std::pin::pin!(interrupted());
    let until = tokio::time::Instant::now() + PATIENCE;
    while tokio::time::Instant::now() < until {
        let next = async {
            turns.tick().await;
            stands(company, id).await
        };
        let backtest = tokio::select! {
            biased;
            () = &mut interrupted => {
                bar.finish_and_clear();
                return canceled(company, id).await;
            }
            backtest = next => backtest?,
        };
        bar.set_length(count(&backtest, "total"));
        bar.set_position(count(&backtest, "done"));
        if !is_running(&backtest) {
            bar.finish_and_clear();
            return Ok(backtest);
        }
    }
    bail!(
        "the backtest {id} takes more than an hour: it goes on at the server; `mortise plugin backtest --cancel {id}` ends it and \
         tells what it found"
    )
}

/// Ctrl-C, where it can be heard.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// What it found, part by part, as many as are wanted.
async fn findings(company: &Company, id: &str, wanted: usize) -> anyhow::Result<Vec<Value>> {
    let document = "query($id: String!, $first: Int, $after: String) { pluginBacktest(backtest: $id) {
        findings(first: $first, after: $after) { next nodes {
            issueId key at event effect message fields { name value } } } } }";
    let (mut all, mut after) = (Vec::new(), Value::Null);
    while all.len() < wanted {
        let variables = json!({ "id": id, "first": PART, "after": after });
        let mut part = company.ask(document, variables).await?;
        let part = part.get_mut("findings").map(Value::take).unwrap_or_default();
        all.extend(list(&part, "nodes").cloned());
        after = part.get("next").cloned().unwrap_or_default();
        if after.is_null() {
            break;
        }
    }
    all.truncate(wanted);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backtest(status: &str, why: Value) -> Value {
        json!({
            "status": status, "why": why, "done": 410, "total": 12_000,
            "asked": 900, "denied": 3, "amended": 0, "failed": 1,
        })
    }

    #[test]
    fn one_that_was_cancelled_says_how_far_it_came() {
        let told = how_far(&backtest("CANCELED", Value::Null));
        let expected = "canceled: 410 of 12000 issues, asked 900 times; 3 denied, 0 amended, 1 failed";
        assert_eq!(told, expected);
        let told = how_far(&backtest("FAILED", "the plugin fails at everything".into()));
        assert!(told.ends_with("1 failed: the plugin fails at everything"), "{told}");
    }

    #[test]
    fn why_another_cannot_begin_comes_before_how_the_first_is_ended() {
        let told = |why: &str| hinted(anyhow!("{why}")).to_string();
        let running = "the backtest bkt_1 of this company is running: wait for it, or cancel it";
        assert_eq!(told(running), format!("{running}; `mortise plugin backtest --cancel bkt_1` ends it"));
        assert_eq!(told("there is no such code"), "there is no such code");
    }

    #[test]
    fn a_part_of_an_id_is_refused_with_what_a_whole_one_looks_like() {
        let whole = "bkt_019b7c0de1f27a3b8c4d5e6f70819203";
        assert_eq!(whole_id(whole).as_deref(), Ok(whole));
        for part in ["bkt_x", "bkt_019b7c0de1f2", "019b7c0de1f27a3b8c4d5e6f70819203"] {
            let refused = whole_id(part).unwrap_err();
            assert!(refused.contains("not a whole id") && refused.contains(whole), "{part}: {refused}");
        }
    }

    #[test]
    fn who_is_not_told_what_was_found_is_told_so() {
        let listed = |listed: u64| json!({ "listed": listed });
        assert!(is_untold(&listed(3), &[]));
        assert!(!is_untold(&listed(0), &[]));
        assert!(!is_untold(&listed(3), &[json!({ "key": "ENG-1" })]));
    }

    #[test]
    fn one_that_did_not_look_at_everything_is_no_good_news_unless_it_was_to_end() {
        let outcome = |status: &str, is_to_end: bool| outcome(&backtest(status, Value::Null), is_to_end);
        assert_eq!((outcome("DONE", false), outcome("DONE", true)), (Outcome::Done, Outcome::Done));
        assert_eq!(
            (outcome("CANCELED", false), outcome("CANCELED", true)),
            (Outcome::Differs, Outcome::Done)
        );
        assert_eq!(outcome("FAILED", true), Outcome::Differs);
    }
}
