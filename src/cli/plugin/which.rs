//! Which code is meant: by the name of a plugin, with a version or without, or by a digest.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::at::{Company, text};

/// A plugin, and the version behind an @.
pub(super) fn parted(which: &str) -> (&str, Option<&str>) {
    which.split_once('@').map_or((which, None), |(plugin, version)| (plugin, Some(version)))
}

/// Whether a text is a digest, and so no name of a plugin.
pub(super) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The digest of code that the company has: of this version, or of the one that came last.
///
/// # Errors
/// As [`Company::ask`]; or the company has no such code.
pub(super) async fn digest(company: &Company, plugin: &str, version: Option<&str>) -> anyhow::Result<String> {
    if is_digest(plugin) {
        return Ok(plugin.to_lowercase());
    }
    let codes = company.ask("{ pluginCodes { digest plugin pluginVersion uploadedAt } }", json!({})).await?;
    let fits = |code: &&Value| {
        text(code, "plugin") == plugin && version.is_none_or(|version| text(code, "pluginVersion") == version)
    };
    let found =
        codes.as_array().into_iter().flatten().filter(fits).max_by_key(|code| text(code, "uploadedAt"));
    let found = found.map(|code| text(code, "digest"));
    let wanted = version.map_or_else(|| plugin.to_owned(), |version| format!("{plugin}@{version}"));
    found.with_context(|| {
        format!(
            "the company has no code of `{wanted}`: `mortise plugin list --code` shows what it has, `mortise plugin catalogue \
             install` takes it from the catalogue"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_told_from_a_name() {
        assert!(is_digest(&"0a".repeat(32)));
        assert!(!is_digest("acme.estimate-gate"));
        assert!(!is_digest(&"0g".repeat(32)));
    }
}
