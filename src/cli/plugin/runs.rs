//! `mortise plugin runs`, `run` and `replay-run`: what a plugin did, call by call.

use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use mortise::plugins::service::{HIDDEN, RunAnswer, RunMode};
use mortise::time::Timestamp;
use serde_json::{Map, Value, json};

use super::at::{At, list as items, moment, text, word};
use super::paint::{Tone, paint, plain};
use super::report::measured;
use crate::cli::{Outcome, output};

/// The most runs of one page.
const PAGE_MAX: u32 = 100;

/// The modes of runs that leave a record: a replay leaves none.
const MODES: [RunMode; 3] = [RunMode::Live, RunMode::Shadow, RunMode::DryRun];

/// Which runs.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mortise plugin runs acme.estimate-gate --server https://tracker.example.com --token-file acme.key
  mortise plugin runs acme.estimate-gate --answer denied --answer failed --first 20 --server … --token-file …
  mortise plugin runs acme.estimate-gate --mode shadow --server … --token-file …

Under `Again`: it can be done again (`mortise plugin replay-run`). Of runs that are alike others, one a minute of each task can.")]
pub(in crate::cli) struct RunsFlags {
    /// The plugin: `pin_…`, or what its author calls it
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// Only those that came to this; may be repeated
    #[arg(long = "answer", value_name = "ANSWER", value_parser = came_to())]
    answers: Vec<RunAnswer>,
    /// Only those in this mode: what they said counted, was recorded alone, or was only tried out
    #[arg(long, value_name = "MODE", value_parser = in_mode())]
    mode: Option<RunMode>,
    /// Only those about this issue, by key or global id
    #[arg(long, value_name = "ISSUE")]
    issue: Option<String>,
    /// Only those begun at this time or later, such as 2026-01-31T09:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Timestamp>,
    /// How many, the newest first; 100 at most
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    first: u32,
    #[command(flatten)]
    at: At,
}

/// What a run can come to: the words of the API, as options are written.
fn came_to() -> impl TypedValueParser<Value = RunAnswer> {
    let words = RunAnswer::ALL.iter().map(|answer| option_word(answer.as_str()));
    PossibleValuesParser::new(words)
        .try_map(|word| RunAnswer::from_word(&api_word(&word)).ok_or("there is no such answer"))
}

/// The same of the mode of a run.
fn in_mode() -> impl TypedValueParser<Value = RunMode> {
    let words = MODES.iter().map(|mode| option_word(mode.as_str()));
    PossibleValuesParser::new(words)
        .try_map(|word| RunMode::from_word(&api_word(&word)).ok_or("there is no such mode"))
}

fn option_word(word: &str) -> String {
    word.to_ascii_lowercase().replace('_', "-")
}

fn api_word(word: &str) -> String {
    word.to_ascii_uppercase().replace('-', "_")
}

/// Which run.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mortise plugin run acme.estimate-gate run_… --server https://tracker.example.com --token-file acme.key
  mortise plugin run acme.estimate-gate run_… --recording run.json --server … --token-file …
  mortise plugin replay estimate-gate.wasm --run run.json")]
pub(in crate::cli) struct RunFlags {
    /// The plugin: `pin_…`, or what its author calls it
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// The run: `run_…`
    #[arg(value_name = "RUN")]
    run: String,
    /// Write what it was told into this file, to be replayed elsewhere. It holds what the plugin saw of issues
    #[arg(long, value_name = "FILE")]
    recording: Option<PathBuf>,
    #[command(flatten)]
    at: At,
}

/// Which run.
#[derive(Debug, Args)]
#[command(after_help = "\
Nothing of it happens. Exit code 1 when it comes to something else than then.

Examples:
  mortise plugin replay-run run_… --server https://tracker.example.com --token-file acme.key")]
pub(in crate::cli) struct ReplayRunFlags {
    /// The run: `run_…`
    #[arg(value_name = "RUN")]
    run: String,
    #[command(flatten)]
    at: At,
}

/// What is asked of a run.
const FIELDS: &str = "id task about mode at attempt issueId staged traceId replayable pluginVersion detail logsDropped
    outcome { answer words kind } shares { budget used limit percent } logs { level message fields { name value } }";

pub(super) async fn list(flags: &RunsFlags) -> anyhow::Result<Outcome> {
    ensure!((1..=PAGE_MAX).contains(&flags.first), "--first is from 1 to {PAGE_MAX}");
    let company = flags.at.company().await?;
    let id = company.plugin(&flags.plugin).await?;
    let mut filter = filter(flags);
    if let Some(issue) = &flags.issue {
        filter.insert("issueId".to_owned(), company.issue(issue).await?.into());
    }
    let document = format!(
        "query($id: ID!, $filter: PluginRunFilter, $first: Int) {{ plugin(id: $id) {{
            runs(filter: $filter, first: $first) {{ nodes {{ {FIELDS} }} dropped
                totals {{ hour runs denied amended failed notRun cpuUs cpuUsMax }} }} }} }}"
    );
    let plugin = company.ask(&document, json!({ "id": id, "filter": filter, "first": flags.first })).await?;
    let runs = plugin
        .get("runs")
        .cloned()
        .with_context(|| format!("there is no plugin {id}: `mortise plugin list` shows those there are"))?;
    if flags.at.json {
        output::json(&runs)?;
        return Ok(Outcome::Done);
    }
    let row = |run: &Value| {
        let outcome = run.get("outcome").unwrap_or(&Value::Null);
        let cpu = share(run, "cpu_us").map_or_else(String::new, |percent| format!("{percent} %"));
        let again = if run.get("replayable") == Some(&Value::Bool(true)) { "yes" } else { "" };
        vec![
            text(run, "id"),
            text(run, "at"),
            purpose(run),
            word(run, "mode"),
            word(outcome, "answer"),
            text(outcome, "words"),
            cpu,
            again.to_owned(),
        ]
    };
    let rows: Vec<_> = items(&runs, "nodes").map(row).collect();
    output::table(&["Run", "Began", "For", "Mode", "Answer", "In words", "CPU", "Again"], &rows)?;
    Ok(Outcome::Done)
}

/// The filter of the API, but for the issue, whose id is asked for.
fn filter(flags: &RunsFlags) -> Map<String, Value> {
    let mut filter = Map::new();
    if !flags.answers.is_empty() {
        let words: Vec<&str> = flags.answers.iter().map(|answer| answer.as_str()).collect();
        filter.insert("answers".to_owned(), json!(words));
    }
    if let Some(mode) = flags.mode {
        filter.insert("mode".to_owned(), mode.as_str().into());
    }
    if let Some(since) = flags.since {
        filter.insert("since".to_owned(), since.to_string().into());
    }
    filter
}

/// What a run was for: its task and what that was about, which may begin with the word for the task.
fn purpose(run: &Value) -> String {
    let (task, about) = (word(run, "task"), text(run, "about"));
    if about.split_whitespace().next() == Some(task.as_str()) { about } else { format!("{task} {about}") }
}

/// The percent of a budget that a run used.
fn share(run: &Value, budget: &str) -> Option<String> {
    items(run, "shares").find(|share| text(share, "budget") == budget).map(|share| text(share, "percent"))
}

pub(super) async fn show(flags: &RunFlags) -> anyhow::Result<Outcome> {
    let company = flags.at.company().await?;
    let id = company.plugin(&flags.plugin).await?;
    let wanted = if flags.recording.is_some() { " recording" } else { "" };
    let document =
        format!("query($id: ID!, $run: String!) {{ pluginRun(id: $id, run: $run) {{ {FIELDS}{wanted} }} }}");
    let mut run = company.ask(&document, json!({ "id": id, "run": flags.run })).await?;
    if let Some(path) = &flags.recording {
        let (to, recording) = (path.clone(), taken(&mut run)?);
        let written = tokio::task::spawn_blocking(move || std::fs::write(to, recording)).await?;
        written.with_context(|| format!("cannot write {}", path.display()))?;
        output::remark(format_args!("wrote {}: it holds what the plugin saw of issues", path.display()));
    }
    if flags.at.json {
        output::json(&run)?;
        return Ok(Outcome::Done);
    }
    let about = format!("{} {}", text(&run, "at"), purpose(&run));
    told(&about, &run)?;
    for (label, field) in
        [("issue", "issueId"), ("attempt", "attempt"), ("request", "traceId"), ("detail", "detail")]
    {
        let said = text(&run, field);
        if !said.is_empty() {
            output::line(format_args!("    {label:<8}{}", plain(&said)))?;
        }
    }
    Ok(Outcome::Done)
}

/// Takes what it was told out of a run.
///
/// # Errors
/// It is not kept, or whoever asks may not see it.
fn taken(run: &mut Value) -> anyhow::Result<String> {
    match run.as_object_mut().and_then(|run| run.remove("recording")) {
        Some(Value::String(recording)) => Ok(recording),
        _ if is_hidden(run) => bail!(
            "this run is about what you may not see: what it was told is for those who see all of that, and for super admins"
        ),
        _ => bail!(
            "what this run was told is not kept, or not any more: of runs that are alike others only one a minute can be done again \
             (`Again` in `mortise plugin runs`)"
        ),
    }
}

/// Whether whoever asks may not see what the run was about.
fn is_hidden(run: &Value) -> bool {
    let outcome = run.get("outcome").unwrap_or(&Value::Null);
    text(outcome, "words") == HIDDEN && text(run, "about").is_empty()
}

pub(super) async fn replay(flags: &ReplayRunFlags) -> anyhow::Result<Outcome> {
    let company = flags.at.company().await?;
    let document =
        "mutation($run: String!) { pluginReplay(run: $run) { same difference outcome { answer words kind }
        shares { budget used limit percent } logs { level message fields { name value } } } }";
    let replay = company.ask(document, json!({ "run": flags.run })).await?;
    let same = replay.get("same") == Some(&Value::Bool(true));
    if flags.at.json {
        output::json(&replay)?;
    } else {
        told(&flags.run, &replay)?;
        let difference = text(&replay, "difference");
        let said = if same { "the same as then" } else { &difference };
        output::line(format_args!("    {}", paint(if same { Tone::Good } else { Tone::Bad }, &plain(said))))?;
    }
    Ok(if same { Outcome::Done } else { Outcome::Differs })
}

/// What a call came to, logged and used.
///
/// # Errors
/// As [`output::line`].
pub(super) fn told(about: &str, run: &Value) -> anyhow::Result<()> {
    let outcome = run.get("outcome").unwrap_or(&Value::Null);
    let answer = text(outcome, "answer");
    let tone = match answer.as_str() {
        "FAILED" | "GAVE_UP" | "REFUSED" | "NOT_RUN" => Tone::Bad,
        "DENIED" | "RETRY" => Tone::Warn,
        _ => Tone::Good,
    };
    output::line(format_args!("{}  {}", plain(about), paint(tone, &word(outcome, "answer"))))?;
    let words = text(outcome, "words");
    if !words.is_empty() {
        output::line(format_args!("    {}", plain(&words)))?;
    }
    for log in items(run, "logs") {
        let field = |field: &Value| format!(" {}={}", text(field, "name"), text(field, "value"));
        let fields: String = items(log, "fields").map(field).collect();
        let line = format!("{:<5} {}{fields}", word(log, "level"), text(log, "message"));
        output::line(format_args!("    log     {}", plain(&line)))?;
    }
    let used = items(run, "shares").filter(|share| text(share, "used") != "0").map(|share| {
        let number = |field: &str| text(share, field).parse().unwrap_or_default();
        measured(&text(share, "budget"), number("used"), number("limit"), number("percent"))
    });
    let used: Vec<String> = used.collect();
    Ok(output::line(format_args!("    {}", paint(Tone::Dim, &used.join(" · "))))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Command, FromArgMatches as _};

    fn parsed(words: &[&str]) -> Result<RunsFlags, clap::Error> {
        let at = ["--server", "http://127.0.0.1:1", "--token-file", "acme.key"];
        let words = [&["runs", "acme.gate"], words, &at[..]].concat();
        let matches = RunsFlags::augment_args(Command::new("runs")).try_get_matches_from(words)?;
        RunsFlags::from_arg_matches(&matches)
    }

    #[test]
    fn runs_are_looked_for_by_mode_and_by_answer() {
        let filter = |words: &[&str]| Value::from(filter(&parsed(words).unwrap()));
        assert_eq!(filter(&[]), json!({}));
        for (word, mode) in [("live", "LIVE"), ("shadow", "SHADOW"), ("dry-run", "DRY_RUN")] {
            assert_eq!(filter(&["--mode", word]), json!({ "mode": mode }));
        }
        let found = filter(&["--answer", "gave-up", "--mode", "live", "--since", "2026-01-31T09:00:00Z"]);
        let expected = json!({ "answers": ["GAVE_UP"], "mode": "LIVE", "since": "2026-01-31T09:00:00.000Z" });
        assert_eq!(found, expected);
        let refused = parsed(&["--mode", "replay"]).unwrap_err().to_string();
        assert!(refused.contains("live, shadow, dry-run"), "{refused}");
    }

    #[test]
    fn why_there_is_no_recording_is_told_as_it_is() {
        let mut kept = json!({ "about": "ENG-1", "recording": "{}" });
        assert_eq!(taken(&mut kept).unwrap(), "{}");
        assert_eq!(kept, json!({ "about": "ENG-1" }));
        let why = |about: &str, words: &str| {
            let mut run = json!({ "about": about, "outcome": { "words": words }, "recording": null });
            taken(&mut run).unwrap_err().to_string()
        };
        assert!(why("", HIDDEN).contains("super admins"), "{}", why("", HIDDEN));
        assert!(why("ENG-1", "too vague").contains("not kept"), "{}", why("ENG-1", "too vague"));
        // A plugin may say the same of itself.
        assert!(why("ENG-1", HIDDEN).contains("not kept"), "{}", why("ENG-1", HIDDEN));
    }

    #[test]
    fn the_word_for_a_task_is_said_once() {
        let purpose = |task: &str, about: &str| purpose(&json!({ "task": task, "about": about }));
        assert_eq!(purpose("SCHEDULE", "schedule minutely"), "schedule minutely");
        assert_eq!(purpose("EVENT", "event 31"), "event 31");
        assert_eq!(purpose("VALIDATE", "ENG-1: issue.transitioned"), "validate ENG-1: issue.transitioned");
    }
}
