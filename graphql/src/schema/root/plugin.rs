//! The catalogue of plugins, for those who run the platform: seen, and versions withdrawn. Versions are published at
//! `POST /root/plugins`.

use super::{Asked, answered};
use crate::context::plugins;
use crate::error::Result;
use crate::schema::payload::UserError;
use crate::schema::plugin_catalogue::PluginCatalogueEntry;
use async_graphql::{Context, Object, SimpleObject};

/// The answer to a version's being withdrawn.
#[derive(SimpleObject)]
pub(super) struct PluginWithdrawPayload {
    /// Whether it was done, or already was so. False exactly when there are `userErrors`.
    success: bool,
    /// The version as it became; null when it was refused.
    entry: Option<PluginCatalogueEntry>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

/// Queries about the catalogue.
#[derive(Default)]
pub(super) struct PluginQuery;

#[Object]
impl PluginQuery {
    /// The whole catalogue, by plugin, the newest version first.
    async fn plugin_catalogue(&self, ctx: &Context<'_>) -> Result<Vec<PluginCatalogueEntry>> {
        let asked = Asked::of(ctx)?;
        let entries = plugins(ctx)?.catalogue_of_platform(asked.operator).await?;
        Ok(entries.iter().map(Into::into).collect())
    }
}

/// Mutations of the catalogue.
#[derive(Default)]
pub(super) struct PluginMutation;

#[Object]
impl PluginMutation {
    /// Offers a version no more, until it is published again with `?again=true`. Needs `WRITE`.
    async fn plugin_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plugin, as its author calls it.")] plugin: String,
        #[graphql(desc = "Its version.")] version: String,
        #[graphql(desc = "Why, for the companies that have it.")] reason: String,
        #[graphql(
            desc = "Whether it is not run any more either, wherever it is installed: changes that it is asked about are then \
                    treated as when it fails. A version that was stopped stays so when it is withdrawn once more without.",
            default = false
        )]
        stops: bool,
    ) -> Result<PluginWithdrawPayload> {
        let asked = Asked::of(ctx)?;
        let done = plugins(ctx)?.withdraw(asked.operator, &plugin, &version, &reason, stops).await;
        let (entry, user_errors) = answered(done)?;
        let entry = entry.as_ref().map(PluginCatalogueEntry::from);
        Ok(PluginWithdrawPayload { success: user_errors.is_empty(), entry, user_errors })
    }
}
