//! `mortise plugin replay`: a run that a server has recorded, done again on this machine.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use mortise::plugins::host::{Budget, Digest, Recording, Replay, Stopped, Task, wit};
use mortise::plugins::manifest::Manifest;
use serde::Deserialize;

use super::local::{self, Scratch};
use super::report::Report;
use crate::cli::{Outcome, output};

/// The longest recording that is read. Those of servers have 64 KiB as CBOR; those of `plugin test` may be longer, and JSON writes
/// bytes as numbers.
const RUN_BYTES_MAX: u64 = 64 << 20;

/// What to do again, with which code.
#[derive(Debug, Args)]
#[command(after_help = "\
The plugin is told what it was told then, in that order, and nothing else. Where it asks something else, the replay ends and says
so: that is how a changed plugin is held against what has happened. Exit code 1 then, and when the run fails.

The file is what `mortise plugin run` exports, or the field `recording` of a run in the API.

Examples:
  mortise plugin run pin_… run_… --recording run.json --server https://tracker.example.com --token-file acme.key
  mortise plugin replay estimate-gate.wasm --run run.json")]
pub(in crate::cli) struct ReplayFlags {
    /// The component, with its manifest packed
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The recorded run
    #[arg(long, value_name = "FILE")]
    run: PathBuf,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// A run as the API gives it.
#[derive(Debug, Deserialize)]
struct Recorded {
    task: Task,
    call: wit::Call,
    recording: Recording,
    /// The code that ran.
    digest: Option<String>,
}

pub(super) async fn run(flags: &ReplayFlags) -> anyhow::Result<Outcome> {
    let wasm = local::component(&flags.file)?;
    let Recorded { task, call, recording, digest: ran } = recorded(flags)?;
    let scratch = Scratch::new()?;
    let host = local::host(scratch.path())?;
    // What is no component is told so here: the compiler would quote it.
    let (limits, _) = local::limits(wasm.len());
    host.inspect(&wasm, &limits).with_context(|| format!("cannot run {}", flags.file.display()))?;
    if let Some(ran) = ran.filter(|ran| *ran != Digest::of(&wasm).to_string()) {
        output::remark(other_code(&wasm, &ran, &call.plugin_version));
    }
    let code = host.load(Digest::of(&wasm), async || Ok(wasm)).await?;
    let budget = budget(&task);
    let about = format!("{} of {}", task.export(), call.now);
    let mut replay = Replay::new(recording);
    let run = host.run(&code, task, call, &budget, &mut replay).await;
    let report = Report { about: &about, run: &run, budget: &budget, staged: &[], expected: None };
    let left = replay.left();
    let differs = match replay.mismatch() {
        _ if matches!(run.outcome, Err(Stopped::NotExported(_))) => {
            Some("nothing was replayed: the component does not have what was called then".to_owned())
        }
        Some(mismatch) => Some(mismatch.to_string()),
        None if left > 0 => Some(format!("it asked {left} questions less than in the recorded run")),
        None => None,
    };
    if flags.json {
        let mut told = report.json();
        if let Some(told) = told.as_object_mut() {
            told.insert("difference".to_owned(), differs.clone().into());
        }
        output::json(&told)?;
    } else {
        report.say()?;
        let said = differs.as_deref().unwrap_or("it asked the same, in the same order");
        output::line(format_args!("    {said}"))?;
    }
    Ok(if differs.is_none() && report.is_good() { Outcome::Done } else { Outcome::Differs })
}

/// That the component is not the code that ran.
fn other_code(wasm: &[u8], ran: &str, version: &str) -> String {
    let this = Manifest::of_component(wasm).map_or_else(
        |_| "a component without a manifest".to_owned(),
        |it| format!("{} {}", it.id, it.version),
    );
    format!("the recording is of other code than this, {this}: of a version {version} with the digest {ran}")
}

fn recorded(flags: &ReplayFlags) -> anyhow::Result<Recorded> {
    let shown = flags.run.display();
    let text = local::whole_text(&flags.run, RUN_BYTES_MAX, "recorded run")?;
    serde_json::from_str(&text).with_context(|| format!("{shown} is no recorded run"))
}

/// The most that the call can have had.
fn budget(task: &Task) -> Budget {
    match task {
        Task::Amend { .. } | Task::Validate { .. } | Task::NextStates { .. } => Budget::workflow(),
        Task::Event(_) | Task::Tick(_) | Task::Request(_) | Task::Lifecycle(_) => Budget::integration(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mortise::plugins::host::wit::{Actor, ActorKind, Call, RunMode, Tick};
    use serde_json::json;

    #[test]
    fn a_run_is_read_as_the_api_writes_it() {
        let tick = Tick { schedule: "daily".into(), due_at: "2026-01-31T09:00:00.000Z".into(), missed: 0 };
        let actor = Actor {
            kind: ActorKind::System,
            id: String::new(),
            display_name: String::new(),
            teams: Vec::new(),
            role: String::new(),
        };
        let call = Call {
            company: "c".into(),
            installation: "i".into(),
            plugin_version: "1.0.0".into(),
            invocation: "v".into(),
            attempt: 1,
            mode: RunMode::Live,
            actor,
            depth: 0,
            now: "2026-01-31T09:00:00.000Z".into(),
            time_zone: "UTC".into(),
        };
        let written =
            json!({ "task": Task::Tick(tick.clone()), "call": call, "recording": Recording::default() });
        let read: Recorded = serde_json::from_str(&written.to_string()).unwrap();
        assert_eq!((read.task, read.call, read.digest), (Task::Tick(tick), call, None));
        assert!(read.recording.exchanges().is_empty());
    }
}
