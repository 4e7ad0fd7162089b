//! Plugins of a company as the engine keeps them: code uploaded and read, installations begun and ended, and the tenants in
//! which plugins act by themselves.
//!
//! A tenant's record says that plugins may act before the first of them does, so that whoever opens the engine next finds those
//! tenants without loading all. It knows no WebAssembly: what plugins do is the affair of their host.

mod code;
mod room;

pub use room::PluginRoom;

use super::{Engine, not_here, to_the_end};
use crate::access::{Action, Policy};
use crate::command::plugin::{
    EnableInstallation, InstallPlugin, RemoveInstallation, RollBackInstallation, SetSecret, Starting, Starts,
    UpgradeInstallation, secret_entry,
};
use crate::context::{OpContext, Principal};
use crate::entitlement::Entitlements;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::{InstallationId, TenantId};
use crate::model::{EntitlementKey, Installation, PluginOrigin, Seq};
use crate::rows::{self, PluginEntry};
use crate::storage::{Batch, CommitOutcome};
use crate::tenant::{Committed, LiveTenant, PluginBell, forget_plugin_entries};
use std::sync::Arc;

/// Which plugins a company may have, by its tier and what was agreed with it. Those that it may not have any more stay, and
/// are not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PluginsAllowed {
    /// Those of the catalogue.
    pub curated: bool,
    /// Those that it uploads.
    pub own: bool,
}

impl PluginsAllowed {
    /// Whether plugins from there are asked.
    #[must_use]
    pub const fn allows(self, origin: PluginOrigin) -> bool {
        match origin {
            PluginOrigin::Own => self.own,
            PluginOrigin::Curated => self.curated,
        }
    }
}

impl Engine {
    /// Which plugins a company may have now; none of a company that is not there.
    #[must_use]
    pub fn plugins_allowed(&self, tenant: TenantId) -> PluginsAllowed {
        let Some(record) = self.0.platform.tenant(tenant) else { return PluginsAllowed::default() };
        let entitled = Entitlements::of(&record, self.tiers(), self.clock().now());
        let has = |origin: PluginOrigin| entitled.includes(EntitlementKey::Plugins, origin.entitlement());
        PluginsAllowed { curated: has(PluginOrigin::Curated), own: has(PluginOrigin::Own) }
    }

    /// The plugins of this party's company, in the order in which they are asked, removed ones included.
    ///
    /// # Errors
    ///
    /// As [`Engine::reader`]; `FORBIDDEN` for who does not manage plugins.
    pub async fn installations(&self, principal: &Principal) -> Result<Vec<Arc<Installation>>> {
        let live = self.live(principal.tenant()).await?;
        let directory = live.directory();
        let policy = Policy::of(principal, &live.record(), &directory)?;
        policy.authorize(Action::ManagePlugins, (), None)?;
        Ok(directory.installations().cloned().collect())
    }

    /// Installs a plugin. What it acts on begins here.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for who does not manage plugins, `ENTITLEMENT_EXCEEDED` for plugins that the company may not have,
    /// `NOT_FOUND` for code that is not there, `CONFLICT` when the plugin is installed already, `REJECTED` when less is granted
    /// than it asks for, `INVALID_INPUT` for what does not fit.
    pub async fn install_plugin(&self, cx: OpContext, install: InstallPlugin) -> Result<Committed> {
        self.start(cx, install).await
    }

    /// Lets an installation take part. What it acts on begins here.
    ///
    /// # Errors
    ///
    /// As [`Engine::install_plugin`].
    pub async fn enable_installation(&self, cx: OpContext, enable: EnableInstallation) -> Result<Committed> {
        self.start(cx, enable).await
    }

    /// Lets an installation run other code of the same plugin.
    ///
    /// # Errors
    ///
    /// As [`Engine::install_plugin`]; `CONFLICT` for another version.
    pub async fn upgrade_installation(
        &self,
        cx: OpContext,
        upgrade: UpgradeInstallation,
    ) -> Result<Committed> {
        self.start(cx, upgrade).await
    }

    /// Lets an installation run code again that it ran before.
    ///
    /// # Errors
    ///
    /// As [`Engine::install_plugin`]; `REJECTED` for code that it did not run.
    pub async fn roll_back_installation(
        &self,
        cx: OpContext,
        back: RollBackInstallation,
    ) -> Result<Committed> {
        self.start(cx, back).await
    }

    /// Removes an installation, the member that it acts as, and what was kept for it. What it did stays.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for who does not manage plugins, `NOT_FOUND`.
    pub async fn remove_installation(&self, cx: OpContext, remove: RemoveInstallation) -> Result<Committed> {
        let engine = self.clone();
        let work = async move {
            let (tenant, id) = (cx.principal.tenant(), remove.id);
            let live = engine.live(tenant).await?;
            let _turn = live.plugins_turn().await;
            let done = live.execute(&cx, &remove).await?;
            if !cx.dry_run
                && let Err(error) = forget(&live, id).await
            {
                tracing::warn!(tenant.id = %tenant, ?error, "what a plugin kept is still there; it is swept later");
            }
            Ok(done)
        };
        to_the_end(Box::pin(work)).await
    }

    /// Removes what is kept for an installation that is removed, in bounded batches. [`Engine::remove_installation`] does, and
    /// what it left is swept within the hour: this is for who has written some since.
    ///
    /// # Errors
    ///
    /// `REJECTED` for an installation that is not removed, `UNAVAILABLE` when it could not be done.
    pub async fn forget_installation(&self, tenant: TenantId, installation: InstallationId) -> Result<()> {
        let live = self.live(tenant).await?;
        let work = async move {
            let _turn = live.plugins_turn().await;
            let there = live.directory().installation(installation).cloned();
            if there.is_some_and(|i| i.status != crate::model::InstallationStatus::Removed) {
                return Err(Error::rejected("the plugin is installed: remove it first"));
            }
            forget(&live, installation).await
        };
        to_the_end(Box::pin(work)).await
    }

    /// Sets a secret of an installation. It is sealed in the company's store and named, not told, in its log.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for who does not manage plugins, `NOT_FOUND`, `INVALID_INPUT` for a name that the plugin does not ask for
    /// and a value of no or too many bytes; `CONFLICT` when the same idempotency key was used for another value.
    pub async fn set_plugin_secret(&self, cx: OpContext, set: SetSecret) -> Result<Committed> {
        let (tenant, id) = (cx.principal.tenant(), set.id);
        let (entry, value) = (secret_entry(&set.name), set.value.clone());
        let done = self.execute(cx, set).await?;
        if done.replayed {
            let kept =
                self.live(tenant).await?.store().get::<PluginEntry>(&rows::plugin_entry(id, &entry)).await?;
            if kept.is_some_and(|kept| kept.value != value) {
                let message =
                    "this idempotency key was used for another secret: use a new key for a new change";
                return Err(Error::conflict(message).with_field("idempotencyKey"));
            }
        }
        Ok(done)
    }

    /// What the host of plugins keeps for an installation.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for an installation that is not there or was removed, `UNAUTHENTICATED` for a tenant that is not there,
    /// `UNAVAILABLE` when it cannot be loaded.
    pub async fn plugin_room(&self, tenant: TenantId, installation: InstallationId) -> Result<PluginRoom> {
        let live = self.live(tenant).await?;
        let there = live.directory().installation(installation).cloned();
        match there.filter(|i| i.status != crate::model::InstallationStatus::Removed) {
            Some(_) => Ok(PluginRoom::new(live.store().clone(), installation)),
            None => Err(Error::not_found(format!("installation {installation}"))),
        }
    }

    /// The place in a company's log up to which readers see everything, and all is durable.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` for a tenant that is not there, `UNAVAILABLE` when it cannot be loaded.
    pub async fn head(&self, tenant: TenantId) -> Result<Seq> {
        Ok(self.live(tenant).await?.applied())
    }

    /// The tenants in which plugins may act by themselves: on events, on a schedule, on requests from outside. Some may have
    /// none that does; see [`Engine::plugins_rest`]. No tenant is loaded for it.
    #[must_use]
    pub fn tenants_with_plugins(&self) -> Vec<TenantId> {
        let acting =
            self.0.platform.records_where(|tenant| tenant.is_there() && tenant.plugins_act == Some(true));
        acting.iter().map(|tenant| tenant.id).collect()
    }

    /// Tells which of these tenants have news.
    #[must_use]
    pub fn plugin_bell(&self) -> PluginBell {
        PluginBell::new(self.0.shared.bell.clone())
    }

    /// Takes a tenant out of [`Engine::tenants_with_plugins`], unless a plugin of it acts. For who has looked, and has nothing
    /// left to do for it. Whether one acts.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` for a tenant that is not there, `UNAVAILABLE` when it could not be saved.
    pub async fn plugins_rest(&self, tenant: TenantId) -> Result<bool> {
        let engine = self.clone();
        let work = async move {
            let live = engine.live(tenant).await?;
            let _turn = live.plugins_turn().await;
            let acts = live.directory().has_acting_plugin();
            if !acts && live.record().plugins_act.is_some() {
                engine.amend(tenant, |record| record.plugins_act = None).await?;
                engine.0.shared.bell.mark(tenant, false);
            }
            Ok(acts)
        };
        to_the_end(Box::pin(work)).await
    }

    /// Runs a command after which a plugin may act: the record says so before.
    async fn start<C: Starts>(&self, cx: OpContext, command: C) -> Result<Committed> {
        self.may(&cx, Action::ManagePlugins, None).await?;
        let engine = self.clone();
        let work = async move {
            let tenant = cx.principal.tenant();
            let live = engine.live(tenant).await?;
            let _turn = live.plugins_turn().await;
            if !cx.dry_run && command.acts(&live.directory()) {
                engine.say_that_plugins_act(tenant).await?;
            }
            let head = live.applied();
            live.execute(&cx, &Starting { command, head }).await
        };
        to_the_end(Box::pin(work)).await
    }

    async fn say_that_plugins_act(&self, tenant: TenantId) -> Result<()> {
        let record = self.0.platform.tenant(tenant).ok_or_else(not_here)?;
        if record.plugins_act != Some(true) {
            self.amend(tenant, |record| record.plugins_act = Some(true)).await?;
        }
        self.0.shared.bell.mark(tenant, true);
        Ok(())
    }
}

impl Committed {
    /// The first installation of a plugin that the answer speaks of.
    #[must_use]
    pub fn installation(&self) -> Option<InstallationId> {
        self.subjects.iter().find_map(|s| if let Subject::Installation(id) = s { Some(*id) } else { None })
    }
}

/// Removes what is kept for an installation, and its place in the log.
async fn forget(live: &LiveTenant, installation: InstallationId) -> Result<()> {
    let store = live.store();
    forget_plugin_entries(store, installation).await?;
    let mut batch = Batch::new();
    batch.delete(rows::follower(&Installation::follower_of(installation)));
    match store.commit(batch).await {
        CommitOutcome::Committed { .. } => Ok(()),
        outcome => Err(Error::unavailable("the place of a plugin could not be removed")
            .with_source(format!("{outcome:?}"))),
    }
}
