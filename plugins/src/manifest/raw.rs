//! From the text of a manifest to one that is checked, telling all that is wrong at once.

use super::{
    Contract, FieldProblem, Hooks, Manifest, ManifestError, Permissions, Point, SCHEDULES_MAX, Schedule,
    Version, events, hosts,
};
use crate::destination::HostPattern;
use crate::schedule::{self, Cron};
use crate::settings::Schema;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Display;

const ID_BYTES_MAX: usize = 100;
const NAME_CHARS_MAX: usize = 80;
const DESCRIPTION_CHARS_MAX: usize = 500;
const WORD_BYTES_MAX: usize = 60;
const HOSTS_MAX: usize = 50;
const SECRETS_MAX: usize = 20;
const EVENTS_MAX: usize = 100;
const MEMORY_MIB_MAX: u32 = 512;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawManifest {
    id: String,
    name: String,
    version: String,
    contract: String,
    description: String,
    #[serde(default)]
    hooks: RawHooks,
    #[serde(default)]
    permissions: RawPermissions,
    #[serde(default)]
    schedules: Vec<RawSchedule>,
    settings: Option<toml::Table>,
    #[serde(default)]
    limits: RawLimits,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct RawHooks {
    amend: Vec<Point>,
    validate: Vec<Point>,
    next_states: bool,
    events: Vec<String>,
    inbound: bool,
    lifecycle: bool,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct RawPermissions {
    issues_read: bool,
    issues_write: bool,
    kv: bool,
    random: bool,
    secrets: Vec<String>,
    http: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSchedule {
    name: String,
    cron: String,
    zone: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct RawLimits {
    memory_mib: Option<u32>,
}

/// What was found wrong so far.
#[derive(Default)]
struct Problems(Vec<FieldProblem>);

impl Problems {
    fn add(&mut self, field: impl Into<String>, message: impl Display) {
        self.0.push(FieldProblem { field: field.into(), message: message.to_string() });
    }

    fn expect(&mut self, holds: bool, field: impl Into<String>, message: &str) {
        if !holds {
            self.add(field, message);
        }
    }

    fn taken<T, E: Display>(&mut self, field: impl Into<String>, read: Result<T, E>) -> Option<T> {
        read.map_err(|error| self.add(field, error)).ok()
    }
}

pub(super) fn read(text: &str) -> Result<Manifest, ManifestError> {
    let raw: RawManifest = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let message = error.message().replace('\n', " ").chars().take(400).collect();
        ManifestError::Syntax { line: before.matches('\n').count() + 1, message }
    })?;
    let mut problems = Problems::default();
    let found = &mut problems;
    found.expect(is_id(&raw.id), "id", {
        "write lower-case words with dots between them, your own first: `acme.required-fields`, at most 100 bytes"
    });
    found.expect(is_line(&raw.name, NAME_CHARS_MAX), "name", "write one line of 1 to 80 characters");
    found.expect(is_line(&raw.description, DESCRIPTION_CHARS_MAX), "description", {
        "write one line of 1 to 500 characters"
    });
    let version: Option<Version> = found.taken("version", raw.version.parse());
    let contract: Option<Contract> = found.taken("contract", raw.contract.parse());
    let hooks = hooks(raw.hooks, found);
    let permissions = permissions(raw.permissions, found);
    let schedules = schedules(raw.schedules, found);
    let settings = raw.settings.and_then(|table| settings(table, found));
    for setting in &permissions.http_settings {
        if let Some(problem) = hosts::problem(setting, settings.as_ref()) {
            found.add("permissions.http", format!("`{}` {problem}", hosts::named(setting)));
        }
    }
    let memory = raw.limits.memory_mib;
    found.expect(memory.is_none_or(|mib| (1..=MEMORY_MIB_MAX).contains(&mib)), "limits.memory-mib", {
        "write 1 to 512"
    });
    found.expect(hooks != Hooks::default() || !schedules.is_empty(), "hooks", {
        "it takes part in nothing: name a hook, an event or a schedule"
    });
    match (version, contract) {
        (Some(version), Some(contract)) if problems.0.is_empty() => Ok(Manifest {
            id: raw.id,
            name: raw.name,
            version,
            contract,
            description: raw.description,
            hooks,
            permissions,
            schedules,
            settings,
            memory_mib: memory,
        }),
        _ => Err(ManifestError::Fields(problems.0)),
    }
}

fn hooks(raw: RawHooks, problems: &mut Problems) -> Hooks {
    let RawHooks { amend, validate, next_states, events, inbound, lifecycle } = raw;
    problems.expect(!repeats(&amend), "hooks.amend", "names something twice");
    problems.expect(!repeats(&validate), "hooks.validate", "names something twice");
    problems.expect(events.len() <= EVENTS_MAX, "hooks.events", "name at most 100");
    problems.expect(!repeats(&events), "hooks.events", "names something twice");
    for (place, event) in events.iter().enumerate().take(EVENTS_MAX) {
        if !events::is_known(event) {
            problems.add(format!("hooks.events[{place}]"), events::unknown(event));
        }
    }
    Hooks { amend, validate, next_states, events, inbound, lifecycle }
}

fn permissions(raw: RawPermissions, problems: &mut Problems) -> Permissions {
    problems.expect(raw.secrets.len() <= SECRETS_MAX, "permissions.secrets", "name at most 20");
    problems.expect(!repeats(&raw.secrets), "permissions.secrets", "names something twice");
    for (place, secret) in raw.secrets.iter().enumerate().take(SECRETS_MAX) {
        problems.expect(is_word(secret), format!("permissions.secrets[{place}]"), WORD);
    }
    problems.expect(raw.http.len() <= HOSTS_MAX, "permissions.http", "name at most 50 hosts");
    let named = |host: &String| hosts::setting(host).map(str::to_owned);
    let http_settings: Vec<String> = raw.http.iter().take(HOSTS_MAX).filter_map(named).collect();
    problems.expect(!repeats(&http_settings), "permissions.http", "names a setting twice");
    let hosts = raw.http.iter().enumerate().take(HOSTS_MAX).filter(|(_, host)| named(host).is_none());
    let http: Vec<HostPattern> = hosts
        .filter_map(|(place, host)| problems.taken(format!("permissions.http[{place}]"), host.parse()))
        .collect();
    problems.expect(!repeats(&http), "permissions.http", "names a host twice");
    let RawPermissions { issues_read, issues_write, kv, random, secrets, .. } = raw;
    Permissions { issues_read, issues_write, kv, random, secrets, http, http_settings }
}

fn schedules(raw: Vec<RawSchedule>, problems: &mut Problems) -> Vec<Schedule> {
    problems.expect(raw.len() <= SCHEDULES_MAX, "schedules", "name at most 10");
    let names: Vec<&String> = raw.iter().map(|schedule| &schedule.name).collect();
    problems.expect(!repeats(&names), "schedules", "two have one name");
    let mut read = Vec::new();
    for (place, RawSchedule { name, cron, zone }) in raw.into_iter().enumerate().take(SCHEDULES_MAX) {
        problems.expect(is_word(&name), format!("schedules[{place}].name"), WORD);
        let known = zone.as_deref().is_none_or(|zone| schedule::zone(zone).is_some());
        problems.expect(known, format!("schedules[{place}].zone"), {
            "is no time zone: write a name such as `Europe/Vienna`, or leave it out for the company's own"
        });
        let cron = problems.taken(format!("schedules[{place}].cron"), Cron::parse(&cron));
        read.extend(cron.map(|cron| Schedule { name, cron, zone }));
    }
    read
}

fn settings(table: toml::Table, problems: &mut Problems) -> Option<Value> {
    let value = problems.taken("settings", json(toml::Value::Table(table)))?;
    match Schema::new(&value) {
        Ok(_) => Some(value),
        Err(error) => {
            problems.add(error.path, error.why);
            None
        }
    }
}

/// TOML as JSON. The text's own bound on nesting bounds this one.
fn json(value: toml::Value) -> Result<Value, &'static str> {
    Ok(match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => {
            let number = serde_json::Number::from_f64(number);
            Value::Number(number.ok_or("JSON has no infinite number, and none that is no number")?)
        }
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(_) => return Err("JSON has no times: write them as texts"),
        toml::Value::Array(values) => Value::Array(values.into_iter().map(json).collect::<Result<_, _>>()?),
        toml::Value::Table(table) => {
            let pairs = table.into_iter().map(|(name, value)| Ok((name, json(value)?)));
            Value::Object(pairs.collect::<Result<_, &'static str>>()?)
        }
    })
}

const WORD: &str = "write a word of `a` to `z`, `0` to `9` and `-`, at most 60";

fn is_word(text: &str) -> bool {
    let edges = text.starts_with('-') || text.ends_with('-');
    let letters = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    !text.is_empty() && text.len() <= WORD_BYTES_MAX && letters && !edges
}

fn is_id(text: &str) -> bool {
    text.len() <= ID_BYTES_MAX && text.contains('.') && text.split('.').all(is_word)
}

fn is_line(text: &str, chars_max: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= chars_max && !text.chars().any(char::is_control)
}

fn repeats<T: Ord>(values: &[T]) -> bool {
    values.iter().collect::<BTreeSet<_>>().len() < values.len()
}
