//! What people do with the plugins of their company: upload, install, change, upgrade, remove.
//!
//! Rules about who may and what fits together are the engine's; here is added what needs to know code: that it is a plugin and
//! compiles, that settings fit its manifest, what it asks for, and that it is told what becomes of it.

use super::code::code_of;
use super::{Done, InstallationChange, NewInstallation, Plugins, Upgrade, Uploaded};
use crate::host::wit::Step;
use crate::manifest::{PermissionChange, difference};
use mortise_engine::command::plugin::{
    ChangeInstallation, DisableInstallation, EnableInstallation, InstallPlugin, RemoveInstallation,
    RollBackInstallation, UpgradeInstallation,
};
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::id::InstallationId;
use mortise_engine::model::{
    Digest, Installation, InstallationStatus, PluginCode, PluginOrigin, PluginPermissions,
};
use mortise_engine::query::Reader;
use mortise_engine::{Committed, Error, Result};
use std::sync::Arc;

impl Plugins {
    /// Takes a component of the company's own: looks at it, compiles it, keeps it. It does nothing until it is installed.
    ///
    /// # Errors
    ///
    /// `ENTITLEMENT_EXCEEDED` in a tier without plugins of its own, `FORBIDDEN` for who does not manage plugins,
    /// `INVALID_INPUT` for what is no plugin or does not compile, `CONFLICT` when the version is there with other code,
    /// `UNAVAILABLE` when the host is busy.
    pub async fn upload(&self, cx: OpContext, wasm: Vec<u8>) -> Result<Uploaded> {
        let reader = self.manager(&cx.principal).await?;
        let engine = self.engine()?;
        self.expect_own(&reader)?;
        let wasm: Arc<[u8]> = wasm.into();
        let limits = self.upload_limits(&reader)?;
        let inspection = self.looked_at(wasm.clone(), limits).await?;
        let code = inspection.code(PluginOrigin::Own);
        self.expect_memory(&reader, &code)?;
        // What the engine would refuse is not compiled.
        let rehearsal = OpContext { dry_run: true, idempotency_key: None, ..cx.clone() };
        engine.upload_plugin(rehearsal, code.clone(), wasm.clone()).await?;
        self.compile(&cx.principal.tenant().to_string(), inspection.digest, &wasm).await?;
        let known = reader.plugin_code(inspection.digest).is_some_and(|code| code.removed_at.is_none());
        let rehearsed = cx.dry_run;
        engine.upload_plugin(cx, code.clone(), wasm).await?;
        let reader = reader.refreshed();
        let kept = reader.plugin_code(inspection.digest).filter(|_| !rehearsed);
        let upgrades = reader.directory().installation_of(&inspection.plugin);
        let upgrades = upgrades.filter(|i| i.digest != inspection.digest).map(|installation| installation.id);
        Ok(Uploaded { code: kept.unwrap_or_else(|| Arc::new(code)), inspection, known, upgrades })
    }

    /// Lets code go that no installation needs.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`, `REJECTED` while an installation runs it or can be rolled back to it.
    pub async fn remove_code(&self, cx: OpContext, digest: Digest) -> Result<Done<()>> {
        let done = self.engine()?.remove_plugin_code(cx, digest).await?;
        Ok(Done::by(&done, ()))
    }

    /// Installs code that the company has.
    ///
    /// # Errors
    ///
    /// As [`Plugins::upload`]; `INVALID_INPUT` for settings that the manifest's schema refuses (field `settings.<path>`) and
    /// for grants beyond what it asks for; `REJECTED` for less; `CONFLICT` when the plugin is installed already.
    pub async fn install(&self, cx: OpContext, new: NewInstallation) -> Result<Done<Arc<Installation>>> {
        let reader = self.manager(&cx.principal).await?;
        let (code, brings) = self.code_for(&reader, &cx, new.digest)?;
        self.0.known.of(&code)?.check(&new.settings)?;
        self.expect_memory(&reader, &code)?;
        self.expect_runs(code.origin, new.digest)?;
        self.make_ready(&cx, &code, brings.is_some()).await?;
        // One that wants to be told is installed first, and then enabled.
        let told_later = new.enabled && code.hooks.lifecycle && !cx.dry_run;
        let install = InstallPlugin {
            id: None,
            digest: new.digest,
            name: new.name,
            granted: new.granted,
            settings: new.settings.to_string(),
            teams: new.teams,
            order: new.order,
            mode: new.mode,
            on_failure: new.on_failure,
            enable: new.enabled,
            enable_later: told_later,
            brings,
        };
        let done = self.engine()?.install_plugin(cx.clone(), install).await?;
        let installed = Done::by(&done, Self::installed(&reader, &done)?);
        // What was installed by this request before may have been removed since.
        if !told_later || installed.what.status == InstallationStatus::Removed {
            return Ok(installed);
        }
        // The name of the request is that of the installation. Sent again, it does not enable what was disabled meanwhile.
        let key = cx.idempotency_key.as_ref().map(|_| format!("as {} is installed", installed.id));
        let enabled = self.enable(OpContext { idempotency_key: key, ..cx }, installed.id).await?;
        Ok(enabled.after(&installed.events))
    }

    /// Changes an installation.
    ///
    /// # Errors
    ///
    /// As [`Plugins::install`]; `NOT_FOUND` for an installation that is not there, `CONFLICT` for another version.
    pub async fn change(
        &self,
        cx: OpContext,
        id: InstallationId,
        change: InstallationChange,
    ) -> Result<Done<Arc<Installation>>> {
        let reader = self.manager(&cx.principal).await?;
        let before = existing(&reader, id)?;
        let code = code_of(&reader, before.digest)?;
        if let Some(settings) = &change.settings {
            self.0.known.of(&code)?.check(settings)?;
        }
        let command = ChangeInstallation {
            id,
            if_version: change.if_version,
            name: change.name,
            granted: change.granted,
            settings: change.settings.as_ref().map(serde_json::Value::to_string),
            teams: change.teams,
            order: change.order,
            mode: change.mode,
            on_failure: change.on_failure,
        };
        let done = self.engine()?.execute(cx.clone(), command).await?;
        let after = existing(&reader.refreshed(), id)?;
        let warning = if after.is_enabled() && after.settings != before.settings {
            self.tell_only(&cx, &after, Some(code), Step::SettingsChanged).await
        } else {
            None
        };
        Ok(Done::by(&done, after).warned(warning))
    }

    /// Lets it take part, once its code is ready; also by itself, where that alone was stopped.
    ///
    /// # Errors
    ///
    /// As [`Plugins::change`]; `ENTITLEMENT_EXCEEDED` for plugins that the company may not have any more.
    pub async fn enable(&self, cx: OpContext, id: InstallationId) -> Result<Done<Arc<Installation>>> {
        let reader = self.manager(&cx.principal).await?;
        let before = existing(&reader, id)?;
        self.expect_runs(before.origin, before.digest)?;
        self.load(cx.principal.tenant(), before.digest).await?;
        let done = self.engine()?.enable_installation(cx.clone(), EnableInstallation { id }).await?;
        let after = existing(&reader.refreshed(), id)?;
        if !before.is_acting() && after.is_acting() {
            self.0.runs.begun(cx.principal.tenant(), id);
            // What it staged before it was disabled waits.
            self.0.runner.ring_to_send(cx.principal.tenant());
        }
        let warning = if !before.is_enabled() && after.is_enabled() {
            self.tell_only(&cx, &after, reader.plugin_code(after.digest), Step::Enabled).await
        } else {
            None
        };
        Ok(Done::by(&done, after).warned(warning))
    }

    /// Lets it take part no more.
    ///
    /// # Errors
    ///
    /// As [`Plugins::change`].
    pub async fn disable(
        &self,
        cx: OpContext,
        id: InstallationId,
        reason: Option<String>,
    ) -> Result<Done<Arc<Installation>>> {
        let reader = self.manager(&cx.principal).await?;
        let before = existing(&reader, id)?;
        let done = self.engine()?.execute(cx.clone(), DisableInstallation { id, reason }).await?;
        let after = existing(&reader.refreshed(), id)?;
        let warning = if before.is_enabled() && !after.is_enabled() {
            self.tell_only(&cx, &after, reader.plugin_code(after.digest), Step::Disabled).await
        } else {
            None
        };
        Ok(Done::by(&done, after).warned(warning))
    }

    /// What an upgrade to this code would ask for beyond what is asked for now, and what no more.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`, `REJECTED` for code of another plugin.
    pub async fn upgrade_preview(
        &self,
        principal: &Principal,
        id: InstallationId,
        digest: Digest,
    ) -> Result<Vec<PermissionChange>> {
        let reader = self.manager(principal).await?;
        let installation = existing(&reader, id)?;
        let code = code_of(&reader, digest)?;
        self.differences(&reader, &installation, &code)
    }

    fn differences(
        &self,
        reader: &Reader,
        installation: &Installation,
        code: &PluginCode,
    ) -> Result<Vec<PermissionChange>> {
        if code.plugin != installation.plugin {
            let message = format!(
                "this is code of {}, and `{}` is {}",
                code.plugin, installation.name, installation.plugin
            );
            return Err(Error::rejected(message).with_field("digest"));
        }
        let runs = code_of(reader, installation.digest)?;
        let before = self.0.known.of(&runs)?;
        let after = self.0.known.of(code)?;
        Ok(difference(&before.manifest, &after.manifest))
    }

    /// Runs other code from now on. One that wants to be told of the upgrade is told first: when it fails, the earlier version
    /// stays.
    ///
    /// # Errors
    ///
    /// As [`Plugins::install`]; `REJECTED` when it asks for more than it may have (field `grant`), or fails as it is told.
    pub async fn upgrade(
        &self,
        cx: OpContext,
        id: InstallationId,
        upgrade: Upgrade,
    ) -> Result<Done<(Arc<Installation>, Vec<PermissionChange>)>> {
        let reader = self.manager(&cx.principal).await?;
        let before = existing(&reader, id)?;
        let (code, brings) = self.code_for(&reader, &cx, upgrade.digest)?;
        let changes = self.differences(&reader, &before, &code)?;
        let more: Vec<_> =
            changes.iter().filter(|c| c.widens()).map(|c| c.permission().to_string()).collect();
        if !more.is_empty() && !upgrade.grant {
            let message = format!("version {} asks for more: {}; grant it", code.version, more.join(", "));
            return Err(Error::rejected(message).with_field("grant"));
        }
        let settings = upgrade.settings.clone().unwrap_or_else(|| stored_settings(&before));
        self.0.known.of(&code)?.check(&settings)?;
        self.expect_memory(&reader, &code)?;
        self.expect_runs(code.origin, code.digest)?;
        self.make_ready(&cx, &code, brings.is_some()).await?;
        let command = UpgradeInstallation {
            if_version: upgrade.if_version,
            settings: upgrade.settings.as_ref().map(serde_json::Value::to_string),
            brings,
            ..UpgradeInstallation::to(id, code.digest, PluginPermissions::clone(&code.permissions))
        };
        let engine = self.engine()?;
        let (tenant, rehearsed) = (cx.principal.tenant(), cx.dry_run);
        let (done, warning) =
            if code.hooks.lifecycle && before.is_enabled() && !cx.dry_run && code.digest != before.digest {
                // What would be refused, the plugin is not told of.
                let rehearsal = OpContext { dry_run: true, idempotency_key: None, ..cx.clone() };
                engine.upgrade_installation(rehearsal, command.clone()).await?;
                let mut soon = Installation::clone(&before);
                (soon.granted, soon.digest) = (code.permissions.clone(), code.digest);
                (soon.code_version, soon.hooks) = (code.version.clone(), code.hooks.clone());
                soon.settings = command.settings.as_deref().map(Arc::from).unwrap_or(soon.settings);
                let soon = Arc::new(soon);
                Box::pin(self.upgrade_told(cx, command, (&soon, &code), &before.code_version)).await?
            } else {
                (engine.upgrade_installation(cx, command).await?, None)
            };
        if !rehearsed {
            self.0.runs.begun(tenant, id);
            // What the earlier code wanted sent is looked at by what is granted now.
            self.0.runner.ring_to_send(tenant);
        }
        Ok(Done::by(&done, (existing(&reader.refreshed(), id)?, changes)).warned(warning))
    }

    /// Runs code that ran before; that which ran last unless one is named. Where its schema refuses the settings of now, an
    /// upgrade to it says others with it.
    ///
    /// # Errors
    ///
    /// `REJECTED` when none ran before; `INVALID_INPUT` for settings that do not fit it; as [`Plugins::upgrade`].
    pub async fn roll_back(
        &self,
        cx: OpContext,
        id: InstallationId,
        digest: Option<Digest>,
    ) -> Result<Done<Arc<Installation>>> {
        let reader = self.manager(&cx.principal).await?;
        let before = existing(&reader, id)?;
        if let Some(target) = digest.or_else(|| before.earlier.last().copied()) {
            let code = code_of(&reader, target)?;
            self.0.known.of(&code)?.check(&stored_settings(&before)).map_err(|error| unfit(&code, error))?;
            self.expect_runs(code.origin, target)?;
            self.load(cx.principal.tenant(), target).await?;
        }
        let (tenant, rehearsed) = (cx.principal.tenant(), cx.dry_run);
        let done = self.engine()?.roll_back_installation(cx, RollBackInstallation { id, digest }).await?;
        if !rehearsed {
            self.0.runs.begun(tenant, id);
            self.0.runner.ring_to_send(tenant);
        }
        Ok(Done::by(&done, existing(&reader.refreshed(), id)?))
    }

    /// Takes it away, with all that it kept.
    ///
    /// # Errors
    ///
    /// As [`Plugins::change`].
    pub async fn remove(&self, cx: OpContext, id: InstallationId) -> Result<Done<Arc<Installation>>> {
        let reader = self.manager(&cx.principal).await?;
        let done = self.engine()?.remove_installation(cx, RemoveInstallation { id }).await?;
        let removed = reader.refreshed().installation(id);
        let removed = removed.ok_or_else(|| Error::not_found(format!("installation {id}")))?;
        Ok(Done::by(&done, removed))
    }

    /// What this party sees, if it manages plugins.
    pub(crate) async fn manager(&self, principal: &Principal) -> Result<Reader> {
        let reader = self.engine()?.reader(principal).await?;
        reader.policy().authorize(mortise_engine::access::Action::ManagePlugins, (), None)?;
        Ok(reader)
    }

    /// The installation that a command has made; in a rehearsal there is none, and so it says what would be.
    fn installed(reader: &Reader, done: &Committed) -> Result<Arc<Installation>> {
        let id = done
            .installation()
            .ok_or_else(|| Error::internal("an installation was made, and is not named"))?;
        // It is there where the request was sent before under its key, also where this is a rehearsal, or it was removed since.
        match reader.refreshed().installation(id) {
            Some(there) => Ok(there),
            None => rehearsed(done, id),
        }
    }
}

/// The installation that a rehearsed command would have made.
fn rehearsed(done: &Committed, id: InstallationId) -> Result<Arc<Installation>> {
    use mortise_engine::event::EventBody;
    let made = done.events.iter().find_map(|event| match &event.body {
        Some(EventBody::InstallationSaved { after, .. }) if after.id == id => {
            Some(Installation::clone(after))
        }
        _ => None,
    });
    made.map(Arc::new).ok_or_else(|| Error::not_found(format!("installation {id}")))
}

/// The settings that there are.
fn stored_settings(installation: &Installation) -> serde_json::Value {
    serde_json::from_str(&installation.settings).unwrap_or_else(|_| crate::settings::none())
}

/// That earlier code does not take the settings of now, and the way there is to it all the same.
fn unfit(code: &PluginCode, error: Error) -> Error {
    let message = format!(
        "version {} does not take the settings of now: {}. Upgrade to its digest {} with settings that fit it (`--settings`)",
        code.version,
        error.message(),
        code.digest
    );
    let field = error.field().unwrap_or("settings").to_owned();
    Error::invalid(field, message).with_source(error)
}

/// An installation that is not removed.
pub(super) fn existing(reader: &Reader, id: InstallationId) -> Result<Arc<Installation>> {
    let found = reader.installation(id).filter(|found| found.status != InstallationStatus::Removed);
    found.ok_or_else(|| Error::not_found(format!("installation {id}")))
}
