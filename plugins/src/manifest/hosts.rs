//! Hosts that no author can know: a manifest names a setting that holds an address, and whoever installs the plugin enters it.
//!
//! What was entered counts, never a default: so nobody but an admin of the company says where requests go.

use crate::destination::HostPattern;
use serde_json::Value;

/// Before the name of a setting, where a manifest and a grant have hosts.
const SETTING: &str = "$settings.";

/// Addresses in one setting.
const ADDRESSES_MAX: usize = 50;

/// The setting that is named in place of a host, if one is.
pub(super) fn setting(text: &str) -> Option<&str> {
    text.strip_prefix(SETTING)
}

/// A setting, as it is named in place of a host.
pub(crate) fn named(setting: &str) -> String {
    format!("{SETTING}{setting}")
}

/// Why this setting cannot hold addresses; none, if it can: a text, or a list of texts.
pub(super) fn problem(setting: &str, schema: Option<&Value>) -> Option<&'static str> {
    let schema = schema.and_then(|schema| schema.get("properties")?.get(setting));
    let Some(schema) = schema else { return Some("names a setting that there is not") };
    let is_text = |schema: Option<&Value>| {
        schema.and_then(|schema| schema.get("type")).and_then(Value::as_str) == Some("string")
    };
    let is_list = schema.get("type").and_then(Value::as_str) == Some("array") && is_text(schema.get("items"));
    (!is_text(Some(schema)) && !is_list)
        .then_some("names a setting that is neither a text nor a list of texts")
}

/// The hosts that grants mean, with these settings as they were entered: those that are named, and those of the addresses in
/// settings that are named. What is no address that requests go to means none.
#[must_use]
pub fn hosts_of(granted: &[String], settings: &Value) -> Vec<HostPattern> {
    let mut hosts = Vec::new();
    for grant in granted {
        match setting(grant) {
            None => hosts.extend(grant.parse::<HostPattern>()),
            Some(setting) => match settings.get(setting) {
                Some(Value::String(address)) => hosts.extend(host(address)),
                Some(Value::Array(addresses)) => {
                    let addresses = addresses.iter().filter_map(Value::as_str).take(ADDRESSES_MAX);
                    hosts.extend(addresses.filter_map(host));
                }
                _ => {}
            },
        }
    }
    hosts
}

/// The host of an address, and no host below it.
fn host(address: &str) -> Option<HostPattern> {
    let (host, address) = crate::outgoing::host_of(address).ok()?;
    address.scheme()?;
    host.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_setting_means_the_hosts_of_what_was_entered() {
        let hosts = |granted: &[&str], settings: Value| -> Vec<String> {
            let granted: Vec<String> = granted.iter().map(|grant| (*grant).to_owned()).collect();
            hosts_of(&granted, &settings).iter().map(ToString::to_string).collect()
        };
        let entered =
            json!({ "url": "https://hooks.example.com/a?b", "more": ["https://a.example.org", 1, "b"] });
        assert_eq!(hosts(&["$settings.url"], entered.clone()), ["hooks.example.com"]);
        let both = hosts(&["*.example.net", "$settings.more", "$settings.none"], entered);
        assert_eq!(both, ["*.example.net", "a.example.org"]);
        for address in
            ["https://*.example.com/", "https://10.0.0.1/", "https://u@example.com/", "example.com", ""]
        {
            assert_eq!(
                hosts(&["$settings.url"], json!({ "url": address })),
                Vec::<String>::new(),
                "{address}"
            );
        }
    }

    #[test]
    fn a_setting_of_addresses_is_a_text_or_a_list_of_texts() {
        let schema = json!({ "type": "object", "properties": {
            "url": { "type": "string" }, "urls": { "type": "array", "items": { "type": "string" } },
            "number": { "type": "integer" },
        } });
        let found = ["url", "urls", "number", "none"].map(|name| problem(name, Some(&schema)).is_some());
        assert_eq!(found, [false, false, true, true]);
        assert!(problem("url", None).is_some());
    }
}
