//! The catalogue: plugins that whoever runs the platform offers.

use super::plugin_permissions::{PluginHooks, PluginPermissions};
use super::scalar::DateTime;
use crate::context::{Asked, plugins, text_units};
use crate::error::Result;
use async_graphql::{Context, Object, SimpleObject};
use mortise_plugins::service::CatalogueEntry;

/// Why a version is offered no more.
#[derive(SimpleObject)]
pub(crate) struct PluginWithdrawal {
    /// Why.
    reason: String,
    /// Whether it is not run any more either, where it is installed.
    stops: bool,
    /// When.
    at: DateTime,
}

/// One version of a plugin in the catalogue.
#[derive(SimpleObject)]
pub(crate) struct PluginCatalogueEntry {
    /// The plugin, as its author calls it, such as `mortise.required-fields`.
    plugin: String,
    /// How it is shown.
    name: String,
    /// Its version, such as `1.2.0`.
    plugin_version: String,
    /// What it says of itself.
    description: String,
    /// The code: the hash of its bytes.
    digest: String,
    /// Its bytes.
    bytes: u64,
    /// What it takes part in.
    hooks: PluginHooks,
    /// What it asks for.
    requested: PluginPermissions,
    /// What it asks for and takes part in, each thing in words for whoever grants it.
    asks_for: Vec<String>,
    /// What can be set: a JSON schema, as text.
    settings_schema: String,
    /// Its manifest, as TOML.
    manifest: String,
    /// When it was published.
    published_at: DateTime,
    /// Who signed it: the fingerprint of the key; empty for a version that is withdrawn when the server has its key no more.
    signed_by: String,
    /// Why it is offered no more; null while it is.
    withdrawn: Option<PluginWithdrawal>,
}

impl From<&CatalogueEntry> for PluginCatalogueEntry {
    fn from(entry: &CatalogueEntry) -> Self {
        let withdrawn = entry.withdrawn.as_ref().map(|withdrawal| PluginWithdrawal {
            reason: withdrawal.reason.clone(),
            stops: withdrawal.stops,
            at: DateTime(withdrawal.at),
        });
        Self {
            plugin: entry.plugin.clone(),
            name: entry.name.clone(),
            plugin_version: entry.version.clone(),
            description: entry.description.clone(),
            digest: entry.digest.to_string(),
            bytes: entry.size,
            hooks: (&entry.hooks).into(),
            requested: (&entry.permissions).into(),
            asks_for: entry.asks_for.clone(),
            settings_schema: entry.settings_schema.to_string(),
            manifest: entry.manifest.clone(),
            published_at: DateTime(entry.published_at),
            signed_by: entry.signed_by.clone(),
            withdrawn,
        }
    }
}

/// Queries about the catalogue.
#[derive(Default)]
pub(crate) struct PluginCatalogueQuery;

#[Object]
impl PluginCatalogueQuery {
    /// What the catalogue offers, by plugin, the newest version first; versions that were withdrawn stand with the reason. For
    /// admins.
    async fn plugin_catalogue(&self, ctx: &Context<'_>) -> Result<Vec<PluginCatalogueEntry>> {
        let asked = Asked::of(ctx)?;
        let entries = plugins(ctx)?.catalogue(&asked.snapshot.viewer().principal).await?;
        let entries: Vec<PluginCatalogueEntry> = entries.iter().map(Into::into).collect();
        let shows = |field: &str| ctx.look_ahead().field(field).exists();
        let (manifests, schemas) = (shows("manifest"), shows("settingsSchema"));
        let bytes = |entry: &PluginCatalogueEntry| {
            let manifest = if manifests { entry.manifest.len() } else { 0 };
            let schema = if schemas { entry.settings_schema.len() } else { 0 };
            manifest.saturating_add(schema)
        };
        asked.snapshot.charge(entries.iter().map(|entry| 1 + text_units(bytes(entry))).sum())?;
        Ok(entries)
    }
}
