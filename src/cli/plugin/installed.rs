//! `mortise plugin list` and `show`: what a company has installed.

use anyhow::ensure;
use clap::Args;
use serde_json::{Value, json};

use super::at::{At, list as items, text, word};
use super::paint::{Tone, paint, plain};
use crate::cli::{Outcome, output};

/// How to list.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mortise plugin list --server https://tracker.example.com --token-file acme.key
  mortise plugin list --code --server … --token-file …")]
pub(in crate::cli) struct ListFlags {
    /// List the code that the company has instead, installed or not
    #[arg(long)]
    code: bool,
    #[command(flatten)]
    at: At,
}

/// What to show.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mortise plugin show acme.estimate-gate --server https://tracker.example.com --token-file acme.key")]
pub(in crate::cli) struct ShowFlags {
    /// The plugin: `pin_…`, or what its author calls it
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    #[command(flatten)]
    at: At,
}

const HEALTH: &str = "{ failuresInARow runs failures lastFailure lastFailureAt failingSince notAsked }";
/// What is asked of permissions.
pub(super) const PERMISSIONS: &str = "{ issuesRead issuesWrite kv random secrets http }";

pub(super) async fn list(flags: &ListFlags) -> anyhow::Result<Outcome> {
    let company = flags.at.company().await?;
    if flags.code {
        let document = "{ pluginCodes { digest plugin pluginVersion origin bytes uploadedAt } }";
        let codes = company.ask(document, json!({})).await?;
        if flags.at.json {
            output::json(&codes)?;
            return Ok(Outcome::Done);
        }
        let row = |code: &Value| {
            let (plugin, version) = (text(code, "plugin"), text(code, "pluginVersion"));
            let (origin, bytes) = (word(code, "origin"), text(code, "bytes"));
            vec![plugin, version, origin, bytes, text(code, "uploadedAt"), text(code, "digest")]
        };
        let rows: Vec<_> = codes.as_array().into_iter().flatten().map(row).collect();
        output::table(&["Plugin", "Version", "From", "Bytes", "Uploaded", "Digest"], &rows)?;
        return Ok(Outcome::Done);
    }
    let document = format!(
        "{{ plugins {{ id plugin name pluginVersion origin status mode onFailure order stoppedReason
            notRunReason actingStoppedReason health {HEALTH} actingHealth {HEALTH} }} }}"
    );
    let plugins = company.ask(&document, json!({})).await?;
    if flags.at.json {
        output::json(&plugins)?;
        return Ok(Outcome::Done);
    }
    let row = |plugin: &Value| {
        let (name, version) = (text(plugin, "plugin"), text(plugin, "pluginVersion"));
        let (status, mode) = (standing(plugin), word(plugin, "mode"));
        let fails = word(plugin, "onFailure");
        vec![text(plugin, "id"), name, version, status, mode, fails, text(plugin, "order"), failures(plugin)]
    };
    let rows: Vec<_> = plugins.as_array().into_iter().flatten().map(row).collect();
    output::table(&["Id", "Plugin", "Version", "Status", "Mode", "On failure", "Order", "Failures"], &rows)?;
    Ok(Outcome::Done)
}

/// How it stands: in a word or two, or with why it is not run though it is enabled.
fn standing(plugin: &Value) -> String {
    let not_run = text(plugin, "notRunReason");
    if not_run.is_empty() { status(plugin) } else { format!("{}, but {not_run}", word(plugin, "status")) }
}

/// Whether it is enabled, and whether it acts by itself.
pub(super) fn status(plugin: &Value) -> String {
    let acts = text(plugin, "actingStoppedReason").is_empty();
    format!("{}{}", word(plugin, "status"), if acts { "" } else { ", does not act" })
}

/// Failures of the last runs, asked and acting together.
fn failures(plugin: &Value) -> String {
    let sum = |field: &str| -> u64 {
        let health = ["health", "actingHealth"].into_iter().filter_map(|health| plugin.get(health));
        health.filter_map(|health| health.get(field).and_then(Value::as_u64)).sum()
    };
    format!("{} of {}", sum("failures"), sum("runs"))
}

pub(super) async fn show(flags: &ShowFlags) -> anyhow::Result<Outcome> {
    let company = flags.at.company().await?;
    let id = company.plugin(&flags.plugin).await?;
    let document = format!(
        "query($id: ID!) {{ plugin(id: $id) {{ id plugin name description pluginVersion origin digest status stoppedReason
            notRunReason actingStoppedReason mode onFailure order teams {{ key }} granted {PERMISSIONS} requested {PERMISSIONS} settings secrets
            secretHosts {{ secret hosts }} hooks {{ amend validate nextStates events inbound lifecycle }}
            schedules {{ name cron timeZone nextAt }} earlierVersions {{ pluginVersion digest }} inboundPath member {{ id }}
            health {HEALTH} actingHealth {HEALTH} createdAt updatedAt version }} }}"
    );
    let plugin = company.ask(&document, json!({ "id": id })).await?;
    ensure!(!plugin.is_null(), "there is no plugin {id}: `mortise plugin list` shows those there are");
    if flags.at.json {
        output::json(&plugin)?;
    } else {
        told(&plugin)?;
    }
    Ok(Outcome::Done)
}

fn told(plugin: &Value) -> anyhow::Result<()> {
    let runs = text(plugin, "notRunReason").is_empty();
    let is_enabled = text(plugin, "status") == "ENABLED";
    let tone = if is_enabled && runs { Tone::Good } else { Tone::Warn };
    let status = if runs { word(plugin, "status") } else { "enabled, and not run".to_owned() };
    let (name, version) = (text(plugin, "plugin"), text(plugin, "pluginVersion"));
    output::line(format_args!("{} {}  {}", plain(&name), plain(&version), paint(tone, &status)))?;
    let teams: Vec<String> = items(plugin, "teams").map(|team| text(team, "key")).collect();
    let secrets: Vec<String> =
        items(plugin, "secrets").filter_map(Value::as_str).map(|name| secret(plugin, name)).collect();
    let schedules: Vec<String> = items(plugin, "schedules").map(schedule).collect();
    let earlier: Vec<String> =
        items(plugin, "earlierVersions").map(|code| text(code, "pluginVersion")).collect();
    let all = |list: Vec<String>, none: &str| if list.is_empty() { none.to_owned() } else { list.join(", ") };
    let lines = [
        ("id", text(plugin, "id")),
        ("says", text(plugin, "description")),
        ("from", word(plugin, "origin")),
        ("mode", format!("{}, when it fails: {}", word(plugin, "mode"), word(plugin, "onFailure"))),
        ("teams", all(teams, "all that its member sees")),
        ("order", text(plugin, "order")),
        ("takes part", takes_part(plugin.get("hooks").unwrap_or(&Value::Null))),
        ("granted", permissions(plugin.get("granted").unwrap_or(&Value::Null))),
        ("settings", text(plugin, "settings")),
        ("secrets", all(secrets, "none set")),
        ("schedules", all(schedules, "none")),
        ("address", text(plugin, "inboundPath")),
        ("before", all(earlier, "no other version")),
        ("code", text(plugin, "digest")),
        ("stopped", text(plugin, "stoppedReason")),
        ("not run", text(plugin, "notRunReason")),
        ("not acting", text(plugin, "actingStoppedReason")),
        ("asked", health(plugin.get("health"))),
        ("acting", health(plugin.get("actingHealth"))),
    ];
    for (label, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        output::line(format_args!("    {label:<10} {}", plain(value)))?;
    }
    Ok(())
}

/// What a plugin is asked about and does, in words.
fn takes_part(hooks: &Value) -> String {
    let list = |field: &str| -> Vec<String> {
        items(hooks, field).filter_map(Value::as_str).map(str::to_lowercase).collect()
    };
    let is = |field: &str| hooks.get(field) == Some(&Value::Bool(true));
    let lists = [("amend", "may change at"), ("validate", "may refuse at"), ("events", "acts on")];
    let mut words: Vec<String> = lists
        .into_iter()
        .map(|(field, word)| (word, list(field)))
        .filter(|(_, list)| !list.is_empty())
        .map(|(word, list)| format!("{word} {}", list.join(", ")))
        .collect();
    let flags = [("nextStates", "narrows choices of states"), ("inbound", "answers requests from outside")];
    words.extend(flags.iter().filter(|(field, _)| is(field)).map(|(_, word)| (*word).to_owned()));
    words.join("; ")
}

/// A schedule with its times, and when it is due next where that is known.
pub(super) fn schedule(schedule: &Value) -> String {
    let (zone, next) = (text(schedule, "timeZone"), text(schedule, "nextAt"));
    let zone = if zone.is_empty() { zone } else { format!(" {zone}") };
    let next = if next.is_empty() { next } else { format!(", next {next}") };
    format!("{} ({}{zone}{next})", text(schedule, "name"), text(schedule, "cron"))
}

/// Permissions in the words of a manifest.
pub(super) fn permissions(granted: &Value) -> String {
    let flags =
        [("issuesRead", "issues-read"), ("issuesWrite", "issues-write"), ("kv", "kv"), ("random", "random")];
    let is = |field: &str| granted.get(field) == Some(&Value::Bool(true));
    let mut words: Vec<String> =
        flags.iter().filter(|(field, _)| is(field)).map(|(_, word)| (*word).to_owned()).collect();
    for (field, word) in [("secrets", "secret"), ("http", "http")] {
        words.extend(items(granted, field).filter_map(Value::as_str).map(|one| format!("{word} {one}")));
    }
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// A secret, with the hosts that it is bound to; or that it waits for another version.
fn secret(plugin: &Value, name: &str) -> String {
    let granted = plugin.get("granted").unwrap_or(&Value::Null);
    if !items(granted, "secrets").any(|one| one.as_str() == Some(name)) {
        return format!("{name} (kept, and not asked for by this version)");
    }
    match items(plugin, "secretHosts").find(|bound| text(bound, "secret") == name) {
        None => name.to_owned(),
        Some(bound) => {
            let hosts: Vec<&str> = items(bound, "hosts").filter_map(Value::as_str).collect();
            let to = if hosts.is_empty() { "no host".to_owned() } else { hosts.join(", ") };
            format!("{name} (to {to})")
        }
    }
}

fn health(health: Option<&Value>) -> String {
    let Some(health) = health.filter(|health| !health.is_null()) else { return String::new() };
    let mut told = format!("{} of {} runs failed", text(health, "failures"), text(health, "runs"));
    for (field, before) in
        [("lastFailure", "; the last: "), ("failingSince", "; failing too often since "), ("notAsked", "; ")]
    {
        let said = text(health, field);
        if !said.is_empty() {
            told = [told, before.to_owned(), said].concat();
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_that_was_stopped_from_acting_is_said_to_be_so() {
        let acts = json!({ "status": "ENABLED", "notRunReason": null, "actingStoppedReason": null });
        assert_eq!((status(&acts), standing(&acts)), ("enabled".to_owned(), "enabled".to_owned()));
        let stopped = json!({ "status": "ENABLED", "actingStoppedReason": "it failed too often" });
        assert_eq!(status(&stopped), "enabled, does not act");
        let not_run = json!({ "status": "ENABLED", "notRunReason": "it was withdrawn" });
        assert_eq!(standing(&not_run), "enabled, but it was withdrawn");
    }
}
