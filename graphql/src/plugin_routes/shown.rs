//! Components that came in, as JSON. It decides nothing.

use mortise_engine::model::{PluginHooks, PluginPermissions};
use mortise_plugins::manifest::Schedule;
use mortise_plugins::service::{CatalogueEntry, Inspection, Uploaded};
use serde_json::{Value, json};

/// What a component is.
pub(super) fn inspection(of: &Inspection) -> Value {
    let schedule =
        |of: &Schedule| json!({ "name": of.name, "cron": of.cron.to_string(), "timeZone": of.zone });
    let schedules: Vec<_> = of.schedules.iter().map(schedule).collect();
    let exports: Vec<_> = of.exports.iter().map(|export| export.name()).collect();
    json!({
        "digest": of.digest.to_string(),
        "bytes": of.size,
        "plugin": of.plugin,
        "name": of.name,
        "pluginVersion": of.version,
        "description": of.description,
        "contract": of.contract,
        "imports": of.imports,
        "exports": exports,
        "hooks": hooks(&of.hooks),
        "requested": permissions(&of.permissions),
        "asksFor": of.asks_for,
        "memoryMib": of.memory_mib,
        "schedules": schedules,
        "settingsSchema": of.settings_schema,
        "manifest": of.manifest,
        "warnings": of.warnings,
    })
}

/// A component that a company has taken.
pub(super) fn uploaded(of: &Uploaded) -> Value {
    json!({
        "digest": of.code.digest.to_string(),
        "known": of.known,
        "upgrades": of.upgrades.map(|id| id.to_string()),
        "inspection": inspection(&of.inspection),
    })
}

/// A version of the catalogue.
pub(super) fn published(of: &CatalogueEntry) -> Value {
    json!({
        "plugin": of.plugin,
        "name": of.name,
        "pluginVersion": of.version,
        "digest": of.digest.to_string(),
        "bytes": of.size,
        "requested": permissions(&of.permissions),
        "asksFor": of.asks_for,
        "publishedAt": of.published_at.to_string(),
        "signedBy": of.signed_by,
    })
}

fn hooks(of: &PluginHooks) -> Value {
    let words = |points: &[mortise_engine::model::HookPoint]| -> Vec<&str> {
        points.iter().map(|point| point.as_str()).collect()
    };
    json!({
        "amend": words(&of.amend),
        "validate": words(&of.validate),
        "nextStates": of.next_states,
        "events": of.events,
        "inbound": of.inbound,
        "lifecycle": of.lifecycle,
    })
}

fn permissions(of: &PluginPermissions) -> Value {
    json!({
        "issuesRead": of.issues_read,
        "issuesWrite": of.issues_write,
        "kv": of.kv,
        "random": of.random,
        "secrets": of.secrets,
        "http": of.http,
    })
}
