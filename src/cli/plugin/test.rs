//! `mortise plugin test`: a plugin on the real host, in a company that stands in a file.
//!
//! Budgets, interruption and records are those of a server; the clock stands still, and nothing goes outside.

mod answers;
mod fields;
mod sample;
mod script;
mod sense;
mod story;
mod world;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use mortise::plugins::host::{Answer, Budget, Digest, Export, Host, Run, Task};
use mortise::plugins::manifest::Manifest;
use serde_json::json;

use self::answers::Desk;
use self::story::Scene;
use self::world::World;
use super::install;
use super::local::{self, Scratch};
use super::report::Report;
use crate::cli::{Outcome, output};

/// The manifest of a plugin that is told of its life alone; tests write behind it what they are about.
#[cfg(test)]
const MANIFEST: &str = r#"
id = "acme.notifier"
name = "Notifier"
version = "1.0.0"
contract = "1.0"
description = "It notifies."
[hooks]
lifecycle = true
"#;

/// What to run, and on what.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --events, each thing that the plugin exports is called once with an issue that is made up. Settings are the defaults of the
plugin unless --settings or the file says others; those that it cannot do without have to be given.

The events file (TOML; JSON with the same names) holds a company and what happens in it, in order. All of it may be left out:

  now = \"2026-01-31T09:00:00.000Z\"      # the clock, which stands still
  settings = { required = [\"estimate\"] }
  secrets = { slack-token = \"not-a-real-one\" }
  kv = { counter = \"3\" }
  [[team]]
  key = \"ENG\"
  states = [{ key = \"todo\", category = \"unstarted\" }, { key = \"done\", category = \"completed\" }]
  [[member]]
  handle = \"ada\"                         # role, teams, active
  [[issue]]
  key = \"ENG-1\"                          # title, description, state, kind, priority, estimate, assignees, labels, due-date, …
  [[query]]
  filter = \"is:open*\"                    # what `issues.query` and `issues.count` are answered; `*`: all that begin so
  issues = [\"ENG-1\"]
  [[http]]
  url = \"https://hooks.slack.com/\"       # by the beginning of the address; method, status, headers, body
  [[event]]
  on = \"validate\"                        # validate, amend, next-states, event, schedule, request, lifecycle
  what = \"transition\"                    # create, update, transition, comment; created, updated, commented, deleted; a step
  issue = \"ENG-1\"
  to = \"done\"                            # changes = { estimate = 3 }, comment = \"…\", schedule = \"daily\", path = \"/\", body = \"…\"
  expect = \"deny\"                        # allow, deny, edits, next-states, done, retry, permanent, 200 for a request, cpu …

What a handler stages happens before the next event, if it ends well. Exit code 1 when a call fails, or is not as expected.

Examples:
  mortise plugin test estimate-gate.wasm
  mortise plugin test estimate-gate.wasm --settings '{\"required\":[\"estimate\"]}'
  mortise plugin test estimate-gate.wasm --events events.toml --json")]
pub(in crate::cli) struct TestFlags {
    /// The component, with its manifest packed
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What happens, and where
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Its settings: a JSON object, or @FILE; instead of those of the events file
    #[arg(long, value_name = "JSON")]
    settings: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(flags: &TestFlags) -> anyhow::Result<Outcome> {
    let wasm = local::component(&flags.file)?;
    let manifest = Manifest::of_component(&wasm)?;
    let mut script = match &flags.events {
        Some(path) => script::read(path)?,
        None => sample::script(&manifest),
    };
    if let Some(settings) = &flags.settings {
        let given = install::given(settings).await?;
        script.settings = Some(serde_json::from_str(&given).context("--settings is no JSON")?);
    }
    let mut world = World::of(&script, &manifest)?;
    let scratch = Scratch::new()?;
    let host = local::host(scratch.path())?;
    let code = host.load(Digest::of(&wasm), async || Ok(wasm)).await?;
    let (mut told, mut good) = (Vec::new(), true);
    for (at, event) in script.events.iter().enumerate() {
        let scene = story::scene(event, at, &world, &manifest)?;
        let mut budget = budget(scene.task.export(), &manifest);
        if let Some(mib) = manifest.memory_mib {
            budget.memory_bytes = budget.memory_bytes.min((mib as usize) << 20);
        }
        let (run, staged) = play(&host, &code, &scene, &budget, &manifest, &mut world).await;
        let expected = event.expect.as_deref();
        let report = Report { about: &scene.about, run: &run, budget: &budget, staged: &staged, expected };
        good &= report.is_good();
        if flags.json { told.push(report.json()) } else { report.say()? }
    }
    if flags.json {
        let plugin = format!("{} {}", manifest.id, manifest.version);
        output::json(&json!({ "plugin": plugin, "good": good, "events": told }))?;
    }
    Ok(if good { Outcome::Done } else { Outcome::Differs })
}

/// One call. What it staged is in the world afterwards if it came to a good end.
async fn play(
    host: &Host,
    code: &mortise::plugins::host::Code,
    scene: &Scene,
    budget: &Budget,
    manifest: &Manifest,
    world: &mut World,
) -> (Run, Vec<String>) {
    let mut granted = manifest.permissions.clone();
    let settings = serde_json::from_str(&world.settings).unwrap_or_default();
    granted.http.extend(manifest.hosts_entered(&settings));
    let mut desk = Desk::new(world.clone(), granted, &scene.task);
    let run = host.run(code, scene.task.clone(), scene.call.clone(), budget, &mut desk).await;
    let (after, staged) = desk.close();
    if matches!(run.outcome, Ok(Answer::Done | Answer::Response(_))) {
        *world = after;
    }
    (run, staged)
}

/// What such a call may use, as a server gives it.
fn budget(export: Export, manifest: &Manifest) -> Budget {
    match export {
        Export::Workflow => Budget::workflow(),
        _ if !manifest.permissions.reach_out() => Budget::automation(),
        _ => Budget::integration(),
    }
}

/// Whether this is asked inside somebody's own request, where nothing can be changed.
fn is_pure(task: &Task) -> bool {
    task.export() == Export::Workflow
}
