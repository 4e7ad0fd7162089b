//! What installs, changes, upgrades and removes plugins.

use super::costs::CALL_UNITS;
use super::done::DonePayload;
use super::plugin::PluginNode;
use super::plugin_code::digest;
use super::plugin_input::{PluginInstallInput, PluginUpdateInput, PluginUpgradeInput, Source, settings};
use super::plugin_payload::{PluginPayload, code_removed};
use super::scalar;
use crate::context::{Asked, plugins};
use crate::error::Result;
use async_graphql::{Context, ID, Object};
use mortise_engine::Error;
use mortise_plugins::service::{Done, Upgrade};
use zeroize::Zeroizing;

/// Mutations of plugins.
#[derive(Default)]
pub(crate) struct PluginMutation;

#[Object]
impl PluginMutation {
    /// Installs a plugin. For admins.
    async fn plugin_install(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how.")] input: PluginInstallInput,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events` and no `warnings`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<PluginPayload> {
        let (asked, plugins) = (Asked::of(ctx)?, plugins(ctx)?);
        let (source, new) = input.read(asked.snapshot.reader())?;
        asked.snapshot.charge(CALL_UNITS)?;
        let cx = asked.operation(idempotency_key, dry_run);
        let done = match source {
            Source::Code => Box::pin(plugins.install(cx, new)).await,
            Source::Catalogue(of) => {
                Box::pin(plugins.install_curated(cx, &of.plugin, of.version.as_deref(), new)).await
            }
        };
        PluginPayload::answer(&asked, done)
    }

    /// Changes an installed plugin: its settings, teams, place, mode, grants. For admins.
    async fn plugin_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plugin: global id, `pin_…`.")] id: ID,
        #[graphql(desc = "What to change.")] input: PluginUpdateInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events` and no `warnings`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<PluginPayload> {
        let asked = Asked::of(ctx)?;
        let (id, change) = (scalar::id("id", &id)?, input.read(if_version)?);
        asked.snapshot.charge(CALL_UNITS)?;
        let change = plugins(ctx)?.change(asked.operation(idempotency_key, dry_run), id, change);
        PluginPayload::answer(&asked, Box::pin(change).await)
    }

    /// Lets a plugin take part, once its code is ready. For admins.
    async fn plugin_enable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plugin: global id, `pin_…`.")] id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events` and no `warnings`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<PluginPayload> {
        let asked = Asked::of(ctx)?;
        let id = scalar::id("id", &id)?;
        asked.snapshot.charge(CALL_UNITS)?;
        let enable = plugins(ctx)?.enable(asked.operation(idempotency_key, dry_run), id);
        PluginPayload::answer(&asked, Box::pin(enable).await)
    }

    /// Lets a plugin take part no more. For admins.
    async fn plugin_disable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plugin: global id, `pin_…`.")] id: ID,
        #[graphql(desc = "Why, for others who look at it.")] reason: Option<String>,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events` and no `warnings`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<PluginPayload> {
        let asked = Asked::of(ctx)?;
        let id = scalar::id("id", &id)?;
        let disable = plugins(ctx)?.disable(asked.operation(idempotency_key, dry_run), id, reason);
        PluginPayload::answer(&asked, Box::pin(disable).await)
    }

    /// Has a plugin run other code from now on. Calls under way end with the code that they began with. For admins.
    async fn plugin_upgrade(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plugin: global id, `pin_…`.")] id: ID,
        #[graphql(desc = "The code.")] input: PluginUpgradeInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events` and no `warnings`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<PluginPayload> {
        let (asked, plugins) = (Asked::of(ctx)?, plugins(ctx)?);
        let id = scalar::id("id", &id)?;
        let settings = input.settings.as_deref().map(settings).transpose()?;
        let named = input.digest.as_deref().map(|text| digest("input.digest", text)).transpose()?;
        if named.is_some() && input.catalogue_version.is_some() {
            return Err(Error::invalid("input", "name either `digest` or `catalogueVersion`").into());
        }
        asked.snapshot.charge(CALL_UNITS)?;
        let cx = asked.operation(idempotency_key, dry_run);
        let upgrade = async {
            let code = match named {
                Some(what) => {
                    let (events, warnings) = (Vec::new(), Vec::new());
                    Done { what, events, warnings, seq: asked.snapshot.reader().seq() }
                }
                None => {
                    let there = || Error::not_found(format!("installation {id}"));
                    let plugin = PluginNode::find(&asked, id).ok_or_else(there)?.0.plugin.clone();
                    plugins.take_curated(cx.clone(), &plugin, input.catalogue_version.as_deref()).await?
                }
            };
            let upgrade = Upgrade { grant: input.grant_all, settings, if_version, ..Upgrade::to(code.what) };
            Ok(plugins.upgrade(cx, id, upgrade).await?.after(&code.events))
        };
        PluginPayload::upgraded(&asked, Box::pin(upgrade).await)
    }

    /// Has a plugin run code that it ran before. For admins.
    async fn plugin_roll_back(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plugin: global id, `pin_…`.")] id: ID,
        #[graphql(desc = "Which of its `earlierVersions`; the last unless said.", name = "digest")]
        to: Option<String>,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events` and no `warnings`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<PluginPayload> {
        let asked = Asked::of(ctx)?;
        let id = scalar::id("id", &id)?;
        let to = to.as_deref().map(|text| digest("digest", text)).transpose()?;
        asked.snapshot.charge(CALL_UNITS)?;
        let back = plugins(ctx)?.roll_back(asked.operation(idempotency_key, dry_run), id, to);
        PluginPayload::answer(&asked, Box::pin(back).await)
    }

    /// Takes a plugin away, with all that it kept. What it did stays. For admins.
    async fn plugin_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plugin: global id, `pin_…`.")] id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events` and no `warnings`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<PluginPayload> {
        let asked = Asked::of(ctx)?;
        let id = scalar::id("id", &id)?;
        let remove = plugins(ctx)?.remove(asked.operation(idempotency_key, dry_run), id);
        PluginPayload::answer(&asked, Box::pin(remove).await)
    }

    /// Sets a secret of a plugin, which it uses by its name. It is shown to nobody, and sent to no host but those that it is
    /// bound to. For admins.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a change")]
    async fn plugin_secret_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plugin: global id, `pin_…`.")] id: ID,
        #[graphql(desc = "Its name, one of those that the plugin asks for.")] name: String,
        #[graphql(desc = "Its value.")] value: String,
        #[graphql(
            desc = "The hosts that it may be sent to, of those that are granted. Unless said: those of before, and for a new one all."
        )]
        hosts: Option<Vec<String>>,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events` and no `warnings`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<PluginPayload> {
        let asked = Asked::of(ctx)?;
        let (id, value) = (scalar::id("id", &id)?, Zeroizing::new(value));
        let cx = asked.operation(idempotency_key, dry_run);
        let set = plugins(ctx)?.set_bound_secret(cx, id, &name, value, hosts);
        PluginPayload::answer(&asked, Box::pin(set).await)
    }

    /// Takes a secret of a plugin away. For admins.
    async fn plugin_secret_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plugin: global id, `pin_…`.")] id: ID,
        #[graphql(desc = "Its name.")] name: String,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events` and no `warnings`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<PluginPayload> {
        let asked = Asked::of(ctx)?;
        let id = scalar::id("id", &id)?;
        let remove = plugins(ctx)?.remove_secret(asked.operation(idempotency_key, dry_run), id, &name);
        PluginPayload::answer(&asked, Box::pin(remove).await)
    }

    /// Gives a plugin another address for requests from outside; the ones before lead nowhere any more. For admins.
    async fn plugin_inbound_path_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plugin: global id, `pin_…`.")] id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events` and no `warnings`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<PluginPayload> {
        let asked = Asked::of(ctx)?;
        let id = scalar::id("id", &id)?;
        let cx = asked.operation(idempotency_key, dry_run);
        let changed = plugins(ctx)?.change_inbound_address(cx, id).await;
        let there = || Error::not_found(format!("installation {id}"));
        let found = changed.and_then(|changed| {
            let PluginNode(installation) = PluginNode::find(&asked, id).ok_or_else(there)?;
            Ok(changed.of(|_| installation))
        });
        PluginPayload::answer(&asked, found)
    }

    /// Lets code go that no installed plugin needs. For admins.
    async fn plugin_code_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code: the hash of its bytes.", name = "digest")] code: String,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<DonePayload> {
        let asked = Asked::of(ctx)?;
        let code = digest("digest", &code)?;
        let done = plugins(ctx)?.remove_code(asked.operation(idempotency_key, dry_run), code).await;
        code_removed(&asked, done)
    }
}
