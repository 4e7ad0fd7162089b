//! What is said of plugins as they are installed, changed and upgraded.

use super::plugin_code::digest;
use super::plugin_permissions::PluginPermissionsInput;
use super::plugin_word::{PluginMode, PluginOnFailure};
use super::scalar;
use async_graphql::{ID, InputObject, MaybeUndefined};
use mortise_engine::Error;
use mortise_engine::model::{Digest, PluginPermissions};
use mortise_engine::query::Reader;
use mortise_plugins::service::{InstallationChange, NewInstallation};

/// A version in the catalogue.
#[derive(InputObject)]
pub(crate) struct PluginCatalogueInput {
    /// The plugin, as its author calls it.
    pub(crate) plugin: String,
    /// Its version; the newest unless said.
    pub(crate) version: Option<String>,
}

/// A plugin to be installed: code that the company has, or a version of the catalogue.
#[derive(InputObject)]
pub(crate) struct PluginInstallInput {
    /// Code that the company has: the hash of its bytes. This or `catalogue`.
    digest: Option<String>,
    /// A version in the catalogue. All that it asks for is granted.
    catalogue: Option<PluginCatalogueInput>,
    /// How it is shown; as its code says unless it is said.
    name: Option<String>,
    /// Whether all that its code asks for is granted.
    #[graphql(default = false)]
    grant_all: bool,
    /// What is granted, one by one; all that its code asks for and nothing else.
    granted: Option<PluginPermissionsInput>,
    /// Its settings: a JSON object, as text.
    #[graphql(default_with = "String::from(\"{}\")")]
    settings: String,
    /// The teams whose issues it takes part in; null for all.
    team_ids: Option<Vec<ID>>,
    /// Its place among those that are asked, smaller first; behind all others unless said.
    order: Option<i32>,
    /// Whether what it says counts.
    #[graphql(default_with = "PluginMode::Enforce")]
    mode: PluginMode,
    /// What becomes of a change when it fails.
    #[graphql(default_with = "PluginOnFailure::Closed")]
    on_failure: PluginOnFailure,
    /// Whether it takes part at once.
    #[graphql(default = false)]
    enable: bool,
}

/// Where the code of an installation comes from.
pub(crate) enum Source {
    /// The company has it.
    Code,
    /// The catalogue has it.
    Catalogue(PluginCatalogueInput),
}

impl PluginInstallInput {
    /// As the service takes it.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for what cannot be read; the field is named.
    pub(crate) fn read(self, reader: &Reader) -> mortise_engine::Result<(Source, NewInstallation)> {
        let (code, source) = match (self.digest, self.catalogue) {
            (Some(text), None) => (digest("input.digest", &text)?, Source::Code),
            // It is replaced by that of the version.
            (None, Some(version)) => (Digest::of(&[]), Source::Catalogue(version)),
            _ => return Err(Error::invalid("input", "name either `digest` or `catalogue`")),
        };
        let granted = match (self.grant_all, self.granted) {
            (true, _) => reader.plugin_code(code).map(|code| PluginPermissions::clone(&code.permissions)),
            (false, granted) => granted.map(PluginPermissions::from),
        };
        let new = NewInstallation {
            name: self.name,
            granted: granted.unwrap_or_default(),
            settings: settings(&self.settings)?,
            teams: self.team_ids.map(|ids| scalar::ids("input.teamIds", &ids)).transpose()?,
            order: order(self.order)?,
            mode: self.mode.into(),
            on_failure: self.on_failure.into(),
            enabled: self.enable,
            ..NewInstallation::plain(code)
        };
        Ok((source, new))
    }
}

/// What to change about an installed plugin. What is not said stays.
#[derive(InputObject)]
pub(crate) struct PluginUpdateInput {
    /// How it is shown.
    name: Option<String>,
    /// Its settings, all of them: a JSON object, as text.
    settings: Option<String>,
    /// The teams whose issues it takes part in; null for all.
    team_ids: MaybeUndefined<Vec<ID>>,
    /// Its place among those that are asked, smaller first.
    order: Option<i32>,
    /// Whether what it says counts.
    mode: Option<PluginMode>,
    /// What becomes of a change when it fails.
    on_failure: Option<PluginOnFailure>,
    /// What is granted.
    granted: Option<PluginPermissionsInput>,
}

impl PluginUpdateInput {
    /// As the service takes it.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for what cannot be read; the field is named.
    pub(crate) fn read(self, if_version: Option<u64>) -> mortise_engine::Result<InstallationChange> {
        let teams = match self.team_ids {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(ids) => Some(Some(scalar::ids("input.teamIds", &ids)?)),
        };
        Ok(InstallationChange {
            name: self.name,
            settings: self.settings.as_deref().map(settings).transpose()?,
            teams,
            order: order(self.order)?,
            mode: self.mode.map(Into::into),
            on_failure: self.on_failure.map(Into::into),
            granted: self.granted.map(PluginPermissions::from),
            if_version,
        })
    }
}

/// Other code for an installed plugin: code that the company has, or a version of the catalogue; the newest of the catalogue
/// unless one is named.
#[derive(InputObject)]
pub(crate) struct PluginUpgradeInput {
    /// Code that the company has: the hash of its bytes.
    pub(crate) digest: Option<String>,
    /// A version in the catalogue.
    pub(crate) catalogue_version: Option<String>,
    /// Whether all that it asks for is granted; else a version that asks for more than was granted is refused.
    #[graphql(default = false)]
    pub(crate) grant_all: bool,
    /// Settings that fit it, where those that there are do not: a JSON object, as text.
    pub(crate) settings: Option<String>,
}

/// Bytes of settings that are read.
const SETTINGS_BYTES_MAX: usize = 64 * 1024;

/// Settings that are written as text.
///
/// # Errors
///
/// `INVALID_INPUT` for what is no JSON.
pub(crate) fn settings(text: &str) -> mortise_engine::Result<serde_json::Value> {
    scalar::bounded("settings", text, SETTINGS_BYTES_MAX)?;
    serde_json::from_str(text)
        .map_err(|error| Error::invalid("settings", format!("`settings` is no JSON: {error}")))
}

/// A place among those that are asked.
///
/// # Errors
///
/// `INVALID_INPUT` for one before the first.
fn order(order: Option<i32>) -> mortise_engine::Result<Option<u32>> {
    let wrong = |_| Error::invalid("input.order", format!("`input.order` is from 0 to {}", i32::MAX));
    order.map(|order| u32::try_from(order).map_err(wrong)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_before_the_first_is_refused_with_the_field_and_what_there_is() {
        assert_eq!((order(None).unwrap(), order(Some(0)).unwrap()), (None, Some(0)));
        let refused = order(Some(-1)).unwrap_err();
        assert_eq!(refused.field(), Some("input.order"));
        assert!(refused.message().contains("from 0 to 2147483647"), "{refused}");
    }
}
