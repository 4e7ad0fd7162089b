//! Whether a manifest says all that its component does: its imports tell what it wants, its exports where it takes part.
//!
//! A toolchain leaves out what a plugin does not use, so the imports of a component are the honest list. They are compared by
//! name; whether a host can link them is found when it does.

use super::{Contract, Manifest};

/// The package of the contract.
pub const PACKAGE: &str = "mortise:plugin";

/// Interfaces that need no permission.
pub const ALWAYS_GRANTED: [&str; 4] = ["types", "log", "settings", "clock"];

/// Everything that is missing, in words.
pub(super) fn missing(manifest: &Manifest, imports: &[String], exports: &[String]) -> Vec<String> {
    let mut missing: Vec<String> =
        imports.iter().filter_map(|import| missing_for_import(manifest, import)).collect();
    let exported: Vec<&str> = exports.iter().filter_map(|export| Some(ours(export)?.0)).collect();
    missing.extend(exports.iter().filter_map(|export| foreign_version(export)));
    for (interface, asked, how) in hooks(manifest) {
        match (asked, exported.contains(&interface)) {
            (true, false) => missing.push(format!(
                "the manifest asks for {how}, but the component does not export `{interface}`: implement it, or take it away"
            )),
            (false, true) => missing.push(format!(
                "the component exports `{interface}`, but the manifest does not ask for it: add {how}"
            )),
            _ => {}
        }
    }
    missing
}

/// Each interface that a plugin may export, whether the manifest asks for it, and how it would.
fn hooks(manifest: &Manifest) -> [(&'static str, bool, &'static str); 5] {
    let hooks = &manifest.hooks;
    let workflow = hooks.next_states || !hooks.amend.is_empty() || !hooks.validate.is_empty();
    [
        ("workflow", workflow, "`amend`, `validate` or `next-states` in `[hooks]`"),
        ("automation", !hooks.events.is_empty(), "`events` in `[hooks]`"),
        ("scheduled", !manifest.schedules.is_empty(), "`[[schedules]]`"),
        ("inbound", hooks.inbound, "`inbound = true` in `[hooks]`"),
        ("lifecycle", hooks.lifecycle, "`lifecycle = true` in `[hooks]`"),
    ]
}

fn missing_for_import(manifest: &Manifest, import: &str) -> Option<String> {
    let shown: String = import.chars().filter(|c| !c.is_control()).take(120).collect();
    let Some((interface, _)) = ours(import) else {
        let remedy = if import.starts_with("wasi:") { "build it without WASI" } else { "take it away" };
        return Some(format!("the component imports `{shown}`, which no host of Mortise has: {remedy}"));
    };
    if let Some(foreign) = foreign_version(import) {
        return Some(foreign);
    }
    let asked = &manifest.permissions;
    let (granted, line) = match interface {
        interface if ALWAYS_GRANTED.contains(&interface) => return None,
        "issues" => (asked.issues_read, "issues-read = true"),
        "commands" => (asked.issues_write, "issues-write = true"),
        "kv" => (asked.kv, "kv = true"),
        "random" => (asked.random, "random = true"),
        "secrets" => (!asked.secrets.is_empty(), "secrets = [\"…\"]"),
        "http" => (asked.reach_out(), "http = [\"…\"]"),
        _ => return Some(format!("the component imports `{shown}`, which is no part of the contract")),
    };
    (!granted).then(|| {
        format!("the component uses `{interface}`, but the manifest does not ask for it: add `{line}` to `[permissions]`")
    })
}

/// The interface and the version that a name of our package has.
fn ours(name: &str) -> Option<(&str, Option<&str>)> {
    let interface = name.strip_prefix(PACKAGE)?.strip_prefix('/')?;
    Some(match interface.split_once('@') {
        Some((interface, version)) => (interface, Some(version)),
        None => (interface, None),
    })
}

/// What is said of a name of our package in a version that this host does not keep.
fn foreign_version(name: &str) -> Option<String> {
    let (interface, version) = ours(name)?;
    let version: super::Version = version?.parse().ok()?;
    let newest = Contract::NEWEST;
    (version.major != newest.major || version.minor > newest.minor).then(|| {
        format!("the component speaks `{interface}` of contract {version}, and this host keeps {newest}: build with its SDK")
    })
}
