//! Code of plugins that a company has: what was uploaded, or taken from the catalogue.

use super::member::MemberNode;
use super::plugin_permissions::{PluginHooks, PluginPermissions, PluginSchedule};
use super::plugin_word::PluginOrigin;
use super::scalar::DateTime;
use crate::context::{Asked, plugins, text_units};
use crate::error::Result;
use crate::lean::Row;
use async_graphql::{Context, Object};
use mortise_engine::Error;
use mortise_engine::model::{self, Digest};
use mortise_plugins::service::Described;
use std::sync::Arc;

/// See the module.
pub(crate) struct PluginCodeNode(Arc<model::PluginCode>);

impl PluginCodeNode {
    /// Code that the company has, its bytes included.
    pub(crate) fn find(asked: &Asked<'_>, digest: Digest) -> Option<Self> {
        let found = asked.snapshot.reader().plugin_code(digest);
        found.filter(|code| code.removed_at.is_none()).map(Self)
    }

    fn described(&self, ctx: &Context<'_>) -> Result<Described> {
        Ok(plugins(ctx)?.described(&self.0)?)
    }
}

/// The digest that an argument names.
///
/// # Errors
///
/// `INVALID_INPUT` for a text that is none.
pub(crate) fn digest(field: &str, text: &str) -> mortise_engine::Result<Digest> {
    text.parse().map_err(|error: Error| error.with_field(field))
}

/// One version of a plugin that the company has the code of.
#[Object(name = "PluginCode")]
impl PluginCodeNode {
    /// The hash of its bytes, 64 hexadecimal digits: what it is known by.
    async fn digest(&self) -> String {
        self.0.digest.to_string()
    }

    /// The plugin, as its author calls it, such as `acme.required-fields`.
    async fn plugin(&self) -> &str {
        &self.0.plugin
    }

    /// How it is shown.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it says of itself.
    async fn description(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.described(ctx)?.description)
    }

    /// Its version, such as `1.2.0`.
    async fn plugin_version(&self) -> &str {
        &self.0.version
    }

    /// Where it comes from.
    async fn origin(&self) -> PluginOrigin {
        self.0.origin.into()
    }

    /// Its bytes.
    async fn bytes(&self) -> u64 {
        self.0.bytes
    }

    /// Its manifest, as TOML.
    async fn manifest(&self, ctx: &Context<'_>) -> Result<&str> {
        Asked::of(ctx)?.snapshot.charge(text_units(self.0.manifest.len()))?;
        Ok(&self.0.manifest)
    }

    /// What it takes part in.
    async fn hooks(&self) -> PluginHooks {
        (&*self.0.hooks).into()
    }

    /// Its schedules.
    async fn schedules(&self, ctx: &Context<'_>) -> Result<Vec<PluginSchedule>> {
        let described = self.described(ctx)?;
        Ok(described.schedules.iter().map(|schedule| PluginSchedule::new(schedule, None)).collect())
    }

    /// What it asks for.
    async fn requested(&self) -> PluginPermissions {
        (&*self.0.permissions).into()
    }

    /// What it asks for and takes part in, each thing in words for whoever grants it.
    async fn asks_for(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(self.described(ctx)?.asks_for)
    }

    /// What can be set: a JSON schema, as text.
    async fn settings_schema(&self, ctx: &Context<'_>) -> Result<String> {
        let schema = self.described(ctx)?.settings_schema.to_string();
        Asked::of(ctx)?.snapshot.charge(text_units(schema.len()))?;
        Ok(schema)
    }

    /// Who uploaded it; null when the program that embeds the engine did, or they are gone.
    async fn uploader(&self, ctx: &Context<'_>) -> Result<Option<Row<MemberNode>>> {
        let asked = Asked::of(ctx)?;
        Ok(self.0.uploader.and_then(|id| MemberNode::find(asked.snapshot, id)))
    }

    /// When.
    async fn uploaded_at(&self) -> DateTime {
        DateTime(self.0.uploaded_at)
    }
}

/// Queries about code.
#[derive(Default)]
pub(crate) struct PluginCodeQuery;

#[Object]
impl PluginCodeQuery {
    /// The code of plugins that the company has, by plugin, the oldest first. For admins.
    async fn plugin_codes(&self, ctx: &Context<'_>) -> Result<Vec<PluginCodeNode>> {
        let asked = Asked::of(ctx)?;
        asked.expect_plugins_managed()?;
        let codes = asked.snapshot.reader().plugin_codes();
        let codes: Vec<_> = codes.into_iter().filter(|code| code.removed_at.is_none()).collect();
        asked.snapshot.charge(codes.len())?;
        Ok(codes.into_iter().map(PluginCodeNode).collect())
    }

    /// One version of a plugin that the company has the code of; null when there is none. For admins.
    async fn plugin_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code: the hash of its bytes.", name = "digest")] code: String,
    ) -> Result<Option<PluginCodeNode>> {
        let asked = Asked::of(ctx)?;
        asked.expect_plugins_managed()?;
        Ok(PluginCodeNode::find(&asked, digest("digest", &code)?))
    }
}
