//! `mortise plugin backtest`: what a plugin would have done to what has happened.

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use mortise::time::Timestamp;
use serde_json::{Value, json};

use super::at::{At, Company, list, moment, text, word};
use crate::cli::{Outcome, output, progress};

/// How often it is asked how far the backtest is.
const EVERY: Duration = Duration::from_millis(500);

/// The most that a backtest is waited for.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Findings of one part.
const PART: u32 = 100;

/// What is looked at.
#[derive(Debug, Args)]
#[command(after_help = "\
Nothing is written. A company has one at a time; what it found is kept for an hour. Ctrl-C cancels it, and tells what it found
so far.

Examples:
  mortise plugin backtest acme.estimate-gate --server https://tracker.example.com --token-file acme.key
  mortise plugin backtest acme.estimate-gate --query 'team:ENG' --since 2026-01-01T00:00:00Z --server … --token-file …
  mortise plugin backtest --digest 5f0c… --server … --token-file …
  mortise plugin backtest --cancel bkt_… --server … --token-file …")]
pub(in crate::cli) struct BacktestFlags {
    /// The plugin: `pin_…`, or what its author calls it
    #[arg(value_name = "PLUGIN", required_unless_present_any = ["digest", "cancel"])]
    plugin: Option<String>,
    /// Code that the company has instead, installed or not
    #[arg(long, value_name = "DIGEST", conflicts_with = "plugin")]
    digest: Option<String>,
    /// Cancel this backtest, and tell what it found so far
    #[arg(long, value_name = "BACKTEST", conflicts_with_all = ["plugin", "digest", "query", "since"])]
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
    let failed = text(&backtest, "status") == "FAILED";
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
        let count = |field: &str| text(&backtest, field);
        output::remark(format_args!(
            "{}: {} issues, asked {} times; {} denied, {} amended, {} failed {}",
            word(&backtest, "status"),
            count("done"),
            count("asked"),
            count("denied"),
            count("amended"),
            count("failed"),
            count("why")
        ));
    }
    Ok(if failed { Outcome::Differs } else { Outcome::Done })
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
    let begun = company.change(document, json!({ "input": input })).await.map_err(|error| {
        let told = error.to_string();
        if told.contains("is running") {
            error.context("see `mortise plugin backtest --cancel`")
        } else {
            error
        }
    })?;
    Ok(begun.get("backtest").map(|backtest| text(backtest, "id")).unwrap_or_default())
}

/// One that is to go on no more.
async fn canceled(company: &Company, id: &str) -> anyhow::Result<Value> {
    let document = format!(
        "mutation($id: String!) {{ pluginBacktestCancel(backtest: $id) {{
            backtest {{ {FIELDS} }} userErrors {{ message field }} }} }}"
    );
    let payload = company.change(&document, json!({ "id": id })).await?;
    Ok(payload.get("backtest").cloned().unwrap_or_default())
}

/// The backtest at its end; Ctrl-C brings it about.
async fn ended(company: &Company, id: &str) -> anyhow::Result<Value> {
    let document = format!("query($id: String!) {{ pluginBacktest(backtest: $id) {{ {FIELDS} }} }}");
    let count = |backtest: &Value, field: &str| text(backtest, field).parse::<u64>().unwrap_or_default();
    let bar = progress::issues_asked_about(0);
    let mut turns = tokio::time::interval(EVERY);
    let until = tokio::time::Instant::now() + PATIENCE;
    while tokio::time::Instant::now() < until {
        tokio::select! {
            _ = turns.tick() => {}
            Ok(()) = tokio::signal::ctrl_c() => {
                bar.finish_and_clear();
                return canceled(company, id).await;
            }
        }
        let backtest = company.ask(&document, json!({ "id": id })).await?;
        bar.set_length(count(&backtest, "total"));
        bar.set_position(count(&backtest, "done"));
        if text(&backtest, "status") != "RUNNING" {
            bar.finish_and_clear();
            return Ok(backtest);
        }
    }
    bail!(
        "the backtest {id} takes more than an hour: it goes on at the server; `mortise plugin backtest --cancel {id}` ends it and \
         tells what it found"
    )
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
