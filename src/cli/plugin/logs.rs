//! `mortise plugin logs`: what a plugin logged of late, line by line.

use anyhow::{Context as _, ensure};
use clap::{Args, ValueEnum};
use mortise::time::Timestamp;
use serde_json::{Map, Value, json};

use super::at::{At, list, moment, text, word};
use super::paint::plain;
use crate::cli::{Outcome, output};

/// The most runs that are looked at, of those that logged something.
const RUNS_MAX: u32 = 100;

/// Whose, and which.
#[derive(Debug, Args)]
#[command(after_help = "\
The oldest first, of the newest runs that are kept and logged something.

Examples:
  mortise plugin logs acme.notifier --server https://tracker.example.com --token-file acme.key
  mortise plugin logs acme.notifier --level warn --since 2026-01-31T09:00:00Z --json --server … --token-file …")]
pub(in crate::cli) struct LogsFlags {
    /// The plugin: `pin_…`, or what its author calls it
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// Only what is as grave as this, or graver
    #[arg(long, value_enum, default_value_t = Level::Trace)]
    level: Level,
    /// Only of runs begun at this time or later, such as 2026-01-31T09:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Timestamp>,
    /// Of how many runs that logged something, the newest; 100 at most
    #[arg(long, value_name = "NUMBER", default_value_t = RUNS_MAX)]
    first: u32,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

impl Level {
    /// A line's own; one of no known level is told whatever is asked for.
    fn of(line: &Value) -> Self {
        Self::from_str(&word(line, "level"), true).unwrap_or(Self::Error)
    }
}

pub(super) async fn run(flags: &LogsFlags) -> anyhow::Result<Outcome> {
    ensure!((1..=RUNS_MAX).contains(&flags.first), "--first is from 1 to {RUNS_MAX}");
    let company = flags.at.company().await?;
    let id = company.plugin(&flags.plugin).await?;
    let mut filter = Map::from_iter([("logged".to_owned(), true.into())]);
    if let Some(since) = flags.since {
        filter.insert("since".to_owned(), since.to_string().into());
    }
    let document = "query($id: ID!, $filter: PluginRunFilter, $first: Int) { plugin(id: $id) {
        runs(filter: $filter, first: $first) { nodes { id at task about
            logs { level message fields { name value } } } } } }";
    let plugin = company.ask(document, json!({ "id": id, "filter": filter, "first": flags.first })).await?;
    let runs = plugin.get("runs");
    let runs = runs
        .with_context(|| format!("there is no plugin {id}: `mortise plugin list` shows those there are"))?;
    let lines = lines(runs, flags.level);
    if flags.at.json {
        output::json(&lines)?;
        return Ok(Outcome::Done);
    }
    for line in &lines {
        let said = |field: &str| text(line, field);
        let fields =
            list(line, "fields").map(|field| format!(" {}={}", text(field, "name"), text(field, "value")));
        let fields: String = fields.collect();
        let (at, run, level, message) = (said("at"), said("run"), word(line, "level"), said("message"));
        output::line(plain(&format!("{at} {run} {level:<5} {message}{fields}")))?;
    }
    Ok(Outcome::Done)
}

/// The lines of these runs, the oldest first, each with its run.
fn lines(runs: &Value, level: Level) -> Vec<Value> {
    let mut runs: Vec<&Value> = list(runs, "nodes").collect();
    runs.reverse();
    let of_run = |run: &Value| {
        let told = |line: &Value| {
            json!({
                "at": run.get("at"), "run": run.get("id"), "task": run.get("task"), "about": run.get("about"),
                "level": line.get("level"), "message": line.get("message"), "fields": line.get("fields"),
            })
        };
        list(run, "logs").filter(|line| Level::of(line) >= level).map(told).collect::<Vec<_>>()
    };
    runs.into_iter().flat_map(of_run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_oldest_first_from_a_level_on() {
        let line = |level: &str, message: &str| json!({ "level": level, "message": message, "fields": [] });
        let run = |id: &str, logs: Vec<Value>| json!({ "id": id, "logs": logs });
        let newest = run("run_2", vec![line("INFO", "c"), line("ERROR", "d")]);
        let runs = json!({ "nodes": [newest, run("run_1", vec![line("WARN", "a"), line("TRACE", "b")])] });
        let told = |level| {
            let lines = lines(&runs, level);
            lines.iter().map(|line| text(line, "message")).collect::<String>()
        };
        assert_eq!((told(Level::Trace), told(Level::Warn)), ("abcd".into(), "ad".into()));
        assert_eq!(lines(&runs, Level::Error)[0]["run"], "run_2");
    }
}
