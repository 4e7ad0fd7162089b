//! `mortise plugin install`, `configure` and `upgrade`: what a plugin may, how it is set, which code it runs.

use std::path::Path;

use anyhow::{bail, ensure};
use clap::{Args, value_parser};
use serde_json::{Map, Value, json};

use super::at::{At, Company, is_about, list, say, text, word};
use super::installed::{PERMISSIONS, permissions, status};
use super::local;
use super::paint::{Tone, paint, plain};
use super::which::{digest, is_digest, parted};
use crate::cli::{Outcome, output};

/// The longest file of settings, in bytes: an installation has 64 KiB at most.
const SETTINGS_BYTES_MAX: u64 = 64 << 10;

/// What a change of a plugin answers, with so much more of the plugin.
pub(super) fn fields(more: &str) -> String {
    format!(
        "plugin {{ id plugin pluginVersion status notRunReason actingStoppedReason mode onFailure order version {more} }}
        permissionChanges {{ permission added widens }} warnings userErrors {{ message field }}"
    )
}

/// The last place among those that are asked: the API takes no larger number.
const ORDER_MAX: i64 = i32::MAX as i64;

/// What both take that say how a plugin is.
#[derive(Debug, Args)]
pub(super) struct How {
    /// Settings: a JSON object, or @FILE
    #[arg(long, value_name = "JSON")]
    settings: Option<String>,
    /// The team whose issues it takes part in, by key or global id; may be repeated
    #[arg(long = "team", value_name = "TEAM")]
    teams: Vec<String>,
    /// Its place among those that are asked, smaller first
    #[arg(long, value_name = "NUMBER", value_parser = value_parser!(u32).range(0..=ORDER_MAX))]
    order: Option<u32>,
    /// How it is shown
    #[arg(long)]
    name: Option<String>,
    /// Decide and answer, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    at: At,
}

/// How a plugin is installed, wherever it comes from.
#[derive(Debug, Args)]
pub(super) struct Fresh {
    /// Ask and record it, and have it change nothing
    #[arg(long)]
    shadow: bool,
    /// Let changes pass when it fails; else they are refused
    #[arg(long)]
    open: bool,
    /// Let it take part at once
    #[arg(long)]
    enable: bool,
    #[command(flatten)]
    how: How,
}

/// What to install.
#[derive(Debug, Args)]
#[command(after_help = "\
It takes no part before it is enabled: say --enable, or `mortise plugin enable` later.

Examples:
  mortise plugin install acme.estimate-gate --grant-all --shadow --enable --server https://tracker.example.com --token-file acme.key
  mortise plugin install acme.estimate-gate@1.2.0 --grant-all --settings @gate.json --open --server … --token-file …")]
pub(in crate::cli) struct InstallFlags {
    /// What its author calls it, with @VERSION or the newest that was uploaded; or the digest of code
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// Grant all that it asks for
    #[arg(long)]
    grant_all: bool,
    #[command(flatten)]
    fresh: Fresh,
}

/// What to change.
#[derive(Debug, Args)]
#[command(after_help = "\
What is not said stays.

Examples:
  mortise plugin configure acme.estimate-gate --mode enforce --server https://tracker.example.com --token-file acme.key
  mortise plugin configure acme.estimate-gate --team ENG --team OPS --order 10 --server … --token-file …
  mortise plugin configure acme.estimate-gate --settings '{\"required\":[\"estimate\"]}' --server … --token-file …")]
pub(in crate::cli) struct ConfigureFlags {
    /// The plugin: `pin_…`, or what its author calls it
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// Whether what it says counts
    #[arg(long, value_parser = ["enforce", "shadow"])]
    mode: Option<String>,
    /// Have it change nothing: as --mode shadow
    #[arg(long, conflicts_with = "mode")]
    shadow: bool,
    /// What becomes of a change when it fails
    #[arg(long, value_parser = ["closed", "open"])]
    on_failure: Option<String>,
    /// Let changes pass when it fails: as --on-failure open
    #[arg(long, conflicts_with = "on_failure")]
    open: bool,
    /// Have it take part in all teams again
    #[arg(long, conflicts_with = "teams")]
    all_teams: bool,
    #[command(flatten)]
    how: How,
}

/// What to run from now on.
#[derive(Debug, Args)]
#[command(after_help = "\
A version that asks for more than was granted is refused until --grant-all is said.

Examples:
  mortise plugin upgrade acme.estimate-gate --server https://tracker.example.com --token-file acme.key
  mortise plugin upgrade acme.estimate-gate --to 1.3.0 --grant-all --server … --token-file …
  mortise plugin upgrade mortise.required-fields --catalogue --server … --token-file …")]
pub(in crate::cli) struct UpgradeFlags {
    /// The plugin: `pin_…`, or what its author calls it
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// The version, or the digest of code; the newest unless said
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// Take it from the catalogue
    #[arg(long)]
    catalogue: bool,
    /// Grant all that it asks for
    #[arg(long)]
    grant_all: bool,
    /// Settings that fit it: a JSON object, or @FILE
    #[arg(long, value_name = "JSON")]
    settings: Option<String>,
    /// Decide and answer, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    at: At,
}

pub(super) async fn install(flags: &InstallFlags) -> anyhow::Result<Outcome> {
    let company = flags.fresh.at().company().await?;
    let (plugin, version) = parted(&flags.plugin);
    let digest = digest(&company, plugin, version).await?;
    let mut input = Map::new();
    input.insert("digest".to_owned(), digest.clone().into());
    input.insert("grantAll".to_owned(), flags.grant_all.into());
    let installed = flags.fresh.install(&company, input).await;
    let payload = installed.map_err(|error| hinted(error, "granted", || ungranted(&digest)))?;
    told(flags.fresh.at(), &payload)
}

impl Fresh {
    /// The company.
    pub(super) const fn at(&self) -> &At {
        &self.how.at
    }

    /// Whether it is only said what would be.
    pub(super) const fn is_rehearsed(&self) -> bool {
        self.how.dry_run
    }

    /// Installs what the input names: code that the company has, or a version of the catalogue. What is only rehearsed has no
    /// id in the answer: it would lead nowhere.
    ///
    /// # Errors
    /// As [`Company::change`]; or a team or a file that is named is not there.
    pub(super) async fn install(
        &self,
        company: &Company,
        mut input: Map<String, Value>,
    ) -> anyhow::Result<Value> {
        input.extend(self.how.input(company).await?);
        input.insert("enable".to_owned(), self.enable.into());
        input.insert("mode".to_owned(), if self.shadow { "SHADOW" } else { "ENFORCE" }.into());
        input.insert("onFailure".to_owned(), if self.open { "OPEN" } else { "CLOSED" }.into());
        let fields = fields(&format!("granted {PERMISSIONS}"));
        let document = format!(
            "mutation($input: PluginInstallInput!, $dryRun: Boolean!) {{
                pluginInstall(input: $input, dryRun: $dryRun) {{ {fields} }} }}"
        );
        let variables = json!({ "input": input, "dryRun": self.how.dry_run });
        let mut payload = company.change(&document, variables).await?;
        let plugin = payload.get_mut("plugin").and_then(Value::as_object_mut);
        if let Some(plugin) = plugin.filter(|_| self.how.dry_run) {
            plugin.remove("id");
        }
        Ok(payload)
    }
}

/// What to do about an installation that was refused for what it was granted: nothing, or all of it.
fn ungranted(digest: &str) -> String {
    format!(
        "it was not installed: `mortise plugin inspect {digest}` says what it asks for, and --grant-all grants all \
         of it"
    )
}

/// A refusal, after what to do about it where it is for this argument. Of any other the hint would lead astray.
fn hinted(error: anyhow::Error, field: &str, hint: impl FnOnce() -> String) -> anyhow::Error {
    if is_about(&error, field) { error.context(hint()) } else { error }
}

pub(super) async fn configure(flags: &ConfigureFlags) -> anyhow::Result<Outcome> {
    let company = flags.how.at.company().await?;
    let id = company.plugin(&flags.plugin).await?;
    let mut input = flags.how.input(&company).await?;
    let mode = flags.mode.as_deref().or(flags.shadow.then_some("shadow"));
    let on_failure = flags.on_failure.as_deref().or(flags.open.then_some("open"));
    for (field, value) in [("mode", mode), ("onFailure", on_failure)] {
        if let Some(value) = value {
            input.insert(field.to_owned(), value.to_uppercase().into());
        }
    }
    if flags.all_teams {
        input.insert("teamIds".to_owned(), Value::Null);
    }
    if input.is_empty() {
        bail!("nothing is to be changed: see `mortise plugin configure --help`");
    }
    let fields = fields("");
    let document = format!(
        "mutation($id: ID!, $input: PluginUpdateInput!, $dryRun: Boolean!) {{
            pluginUpdate(id: $id, input: $input, dryRun: $dryRun) {{ {fields} }} }}"
    );
    let variables = json!({ "id": id, "input": input, "dryRun": flags.how.dry_run });
    let done = told(&flags.how.at, &company.change(&document, variables).await?)?;
    remark_if(flags.how.dry_run);
    Ok(done)
}

pub(super) async fn upgrade(flags: &UpgradeFlags) -> anyhow::Result<Outcome> {
    let company = flags.at.company().await?;
    let id = company.plugin(&flags.plugin).await?;
    let mut input = Map::new();
    if flags.catalogue {
        input.insert("catalogueVersion".to_owned(), flags.to.clone().into());
    } else {
        let named =
            company.ask("query($id: ID!) { plugin(id: $id) { plugin } }", json!({ "id": id })).await?;
        ensure!(!named.is_null(), "there is no plugin {id}: `mortise plugin list` shows those there are");
        let named = text(&named, "plugin");
        let is_digest = flags.to.as_deref().is_some_and(is_digest);
        let plugin = if is_digest { flags.to.clone().unwrap_or_default() } else { named };
        let version = flags.to.as_deref().filter(|_| !is_digest);
        input.insert("digest".to_owned(), digest(&company, &plugin, version).await?.into());
    }
    input.insert("grantAll".to_owned(), flags.grant_all.into());
    if let Some(settings) = &flags.settings {
        input.insert("settings".to_owned(), given(settings).await?.into());
    }
    let fields = fields("");
    let document = format!(
        "mutation($id: ID!, $input: PluginUpgradeInput!, $dryRun: Boolean!) {{
            pluginUpgrade(id: $id, input: $input, dryRun: $dryRun) {{ {fields} }} }}"
    );
    let variables = json!({ "id": id, "input": input, "dryRun": flags.dry_run });
    let upgraded = company.change(&document, variables).await;
    let payload = upgraded.map_err(|error| {
        hinted(error, "grant", || "it was not upgraded: --grant-all grants all that it asks for".to_owned())
    })?;
    let done = told(&flags.at, &payload)?;
    remark_if(flags.dry_run);
    Ok(done)
}

/// Says of a rehearsed change that the plugin is shown as it is.
fn remark_if(rehearsed: bool) {
    if rehearsed {
        output::remark("this can be done, and was not: the plugin is shown as it is");
    }
}

impl How {
    /// As an input of the API: what was said.
    async fn input(&self, company: &Company) -> anyhow::Result<Map<String, Value>> {
        let mut input = Map::new();
        if let Some(settings) = &self.settings {
            input.insert("settings".to_owned(), given(settings).await?.into());
        }
        if !self.teams.is_empty() {
            let mut teams = Vec::with_capacity(self.teams.len());
            for team in &self.teams {
                teams.push(company.team(team).await?);
            }
            input.insert("teamIds".to_owned(), teams.into());
        }
        if let Some(order) = self.order {
            input.insert("order".to_owned(), order.into());
        }
        if let Some(name) = &self.name {
            input.insert("name".to_owned(), name.clone().into());
        }
        Ok(input)
    }
}

/// Settings as they were given, or those of the file behind an @.
///
/// # Errors
/// As [`local::text`].
pub(super) async fn given(text: &str) -> anyhow::Result<String> {
    let Some(path) = text.strip_prefix('@') else { return Ok(text.to_owned()) };
    local::text(Path::new(path), SETTINGS_BYTES_MAX, "settings").await
}

/// What became of the plugin, or would become of one without an id; what was granted to it, and what anew.
pub(super) fn told(at: &At, payload: &Value) -> anyhow::Result<Outcome> {
    let plugin = payload.get("plugin").unwrap_or(&Value::Null);
    let id = text(plugin, "id");
    let (stands, may) = match id.is_empty() {
        true => ("would be installed".to_owned(), "would be granted"),
        false => (format!("({id})"), "granted"),
    };
    say(at, payload, |_| {
        format!(
            "{} {} {stands}: {}, {}, when it fails: {}",
            text(plugin, "plugin"),
            text(plugin, "pluginVersion"),
            status(plugin),
            word(plugin, "mode"),
            word(plugin, "onFailure"),
        )
    })?;
    if !at.json {
        if let Some(granted) = plugin.get("granted") {
            output::line(format_args!("    {may}: {}", plain(&permissions(granted))))?;
        }
        for change in list(payload, "permissionChanges") {
            let sign = if change.get("added") == Some(&Value::Bool(true)) { "+" } else { "-" };
            output::line(format_args!("    {sign} {}", plain(&text(change, "permission"))))?;
        }
        for warning in list(payload, "warnings").filter_map(Value::as_str) {
            output::line(format_args!("    {}", paint(Tone::Warn, &plain(warning))))?;
        }
        for (field, but) in [("notRunReason", "but"), ("actingStoppedReason", "but it does not act:")] {
            let why = text(plugin, field);
            if !why.is_empty() {
                output::line(format_args!("    {}", paint(Tone::Warn, &plain(&format!("{but} {why}")))))?;
            }
        }
    }
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_it_is_granted_is_said_of_a_refusal_for_that_alone() {
        let hint = || ungranted("5f0c");
        let elsewhere = hinted(anyhow::anyhow!("acme.gate is installed already"), "granted", hint);
        assert_eq!(elsewhere.to_string(), "acme.gate is installed already");
    }
}
