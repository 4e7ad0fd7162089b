//! The catalogue: plugins that whoever runs the platform offers to companies, each version signed.
//!
//! A version is two files: the component, and a page that says what it is, who signed for it and whether it was withdrawn. Both
//! are written as a whole or not at all. What is not signed by a configured key is not offered, whatever lies in the folder; what
//! was withdrawn stays so, whoever signed it.

mod shelf;

use super::{Done, Inspection, NewInstallation, Plugins};
use crate::signing::Signature;
use mortise_engine::context::{OpContext, Operator, Principal};
use mortise_engine::entitlement::Entitlements;
use mortise_engine::model::{
    Digest, EntitlementKey, Installation, KeyScope, PluginCode, PluginHooks, PluginOrigin, PluginPermissions,
};
use mortise_engine::query::Reader;
use mortise_engine::time::Timestamp;
use mortise_engine::{Engine, Error, Result};
pub(crate) use shelf::Catalogue;
use std::sync::Arc;

/// Characters of why a version is withdrawn.
const REASON_CHARS_MAX: usize = 500;

/// One version of a plugin in the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogueEntry {
    /// The plugin.
    pub plugin: String,
    /// How it is shown.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it says of itself.
    pub description: String,
    /// The code.
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
    /// What it takes part in.
    pub hooks: PluginHooks,
    /// What it asks for.
    pub permissions: PluginPermissions,
    /// What it asks for, in words.
    pub asks_for: Vec<String>,
    /// What can be set, as JSON schema.
    pub settings_schema: serde_json::Value,
    /// Its manifest, as TOML.
    pub manifest: String,
    /// When it was published.
    pub published_at: Timestamp,
    /// Who signed it: the fingerprint of the key; empty for one that is not configured any more.
    pub signed_by: String,
    /// It was withdrawn.
    pub withdrawn: Option<Withdrawal>,
}

impl CatalogueEntry {
    /// As a company would have it that takes it.
    pub(super) fn code(&self) -> PluginCode {
        PluginCode {
            digest: self.digest,
            plugin: self.plugin.as_str().into(),
            name: self.name.as_str().into(),
            version: self.version.as_str().into(),
            origin: PluginOrigin::Curated,
            bytes: self.size,
            manifest: self.manifest.as_str().into(),
            hooks: self.hooks.clone().into(),
            permissions: self.permissions.clone().into(),
            uploader: None,
            uploaded_at: self.published_at,
            removed_at: None,
        }
    }
}

/// Why a version is offered no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Why, for the companies that have it.
    pub reason: String,
    /// It is not run any more either, where it is installed.
    pub stops: bool,
    /// When.
    pub at: Timestamp,
}

impl Plugins {
    /// What is offered, by plugin, newest version first; versions that were withdrawn stand with the reason.
    ///
    /// # Errors
    ///
    /// As [`Engine::reader`](mortise_engine::Engine::reader); `FORBIDDEN` for who does not manage plugins.
    pub async fn catalogue(&self, principal: &Principal) -> Result<Vec<CatalogueEntry>> {
        self.manager(principal).await?;
        Ok(self.0.catalogue.entries())
    }

    /// The whole catalogue for whoever runs the platform.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a platform key that does not reach so far.
    pub async fn catalogue_of_platform(&self, by: &Operator) -> Result<Vec<CatalogueEntry>> {
        by.expect(KeyScope::Read, "see the catalogue of plugins")?;
        Ok(self.0.catalogue.entries())
    }

    /// Offers a version, once it is looked at and compiled. Its signature must be by one of the configured keys. The same
    /// version again changes nothing, but by which of the keys it is signed.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a platform key below `WRITE`; `INVALID_INPUT` for what is no plugin, and for a signature by nobody who
    /// may sign (field `signature`); `CONFLICT` when the version is there with other code; `REJECTED` when the catalogue is
    /// full, and when the version was withdrawn (field `again`); `UNAVAILABLE` when it cannot be kept.
    pub async fn publish(
        &self,
        by: &Operator,
        wasm: Vec<u8>,
        signature: &Signature,
    ) -> Result<CatalogueEntry> {
        Box::pin(self.offer(by, wasm, signature, false)).await
    }

    /// The same, also where the version was withdrawn: it is offered again, and runs again where it was stopped.
    ///
    /// # Errors
    ///
    /// As [`Plugins::publish`].
    pub async fn publish_again(
        &self,
        by: &Operator,
        wasm: Vec<u8>,
        signature: &Signature,
    ) -> Result<CatalogueEntry> {
        Box::pin(self.offer(by, wasm, signature, true)).await
    }

    async fn offer(
        &self,
        by: &Operator,
        wasm: Vec<u8>,
        signature: &Signature,
        again: bool,
    ) -> Result<CatalogueEntry> {
        by.expect(KeyScope::Write, "publish plugins")?;
        let wasm: Arc<[u8]> = wasm.into();
        let inspection = self.looked_at(wasm.clone(), self.0.config.limits.premium.upload.clone()).await?;
        self.0.catalogue.expect_signed(&inspection.digest, &inspection.manifest, signature)?;
        self.compile("the catalogue", inspection.digest, &wasm).await?;
        let (plugins, signature) = (self.clone(), *signature);
        let now =
            self.engine().map_or_else(|_| mortise_engine::time::Clock::system().now(), |e| e.clock().now());
        let put = move || plugins.0.catalogue.put(&inspection, &wasm, &signature, now, again);
        tokio::task::spawn_blocking(put).await.map_err(Error::internal)?
    }

    /// Offers a version no more. With `stops` it does not run any more either, wherever it is installed: changes that it is
    /// asked about are treated as when it fails. That holds until it is offered again, also when the key that signed it is
    /// configured no more.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a platform key below `WRITE`, `INVALID_INPUT` for a reason that is empty or has more than 500 characters,
    /// `NOT_FOUND` for a version that is not there, `UNAVAILABLE` when it cannot be kept.
    pub async fn withdraw(
        &self,
        by: &Operator,
        plugin: &str,
        version: &str,
        reason: &str,
        stops: bool,
    ) -> Result<CatalogueEntry> {
        by.expect(KeyScope::Write, "withdraw plugins")?;
        let length = reason.trim().chars().count();
        if length > REASON_CHARS_MAX {
            let message =
                format!("the reason has {length} characters: at most {REASON_CHARS_MAX} are allowed");
            return Err(Error::invalid("reason", message));
        }
        let reason = crate::convert::line(reason, REASON_CHARS_MAX);
        if reason.is_empty() {
            return Err(Error::invalid("reason", "say why, for the companies that have it"));
        }
        let now =
            self.engine().map_or_else(|_| mortise_engine::time::Clock::system().now(), |e| e.clock().now());
        let withdrawal = Withdrawal { reason, stops, at: now };
        let (plugins, plugin, version) = (self.clone(), plugin.to_owned(), version.to_owned());
        let withdraw = move || plugins.0.catalogue.withdraw(&plugin, &version, withdrawal);
        tokio::task::spawn_blocking(withdraw).await.map_err(Error::internal)?
    }

    /// Takes a version out of the catalogue into a company, and installs it. `new` says how; what it says of the code and of
    /// grants is replaced by the version and what it asks for.
    ///
    /// # Errors
    ///
    /// As [`Plugins::install`]; `NOT_FOUND` for a version that is not there, `REJECTED` for one that was withdrawn.
    pub async fn install_curated(
        &self,
        cx: OpContext,
        plugin: &str,
        version: Option<&str>,
        new: NewInstallation,
    ) -> Result<Done<Arc<Installation>>> {
        self.expect_curated(&cx.principal).await?;
        let entry = self.offered(plugin, version)?;
        let taken = self.take_curated(cx.clone(), plugin, Some(&entry.version)).await?;
        let new = NewInstallation { digest: taken.what, granted: entry.permissions, ..new };
        Ok(self.install(cx, new).await?.after(&taken.events))
    }

    /// Takes a version out of the catalogue into a company, so that an installation can be upgraded to it; the newest that is
    /// offered unless one is named. Gives its digest. In a rehearsal nothing is taken, and what is rehearsed next finds the
    /// version in the catalogue.
    ///
    /// # Errors
    ///
    /// As [`Plugins::install_curated`].
    pub async fn take_curated(
        &self,
        cx: OpContext,
        plugin: &str,
        version: Option<&str>,
    ) -> Result<Done<Digest>> {
        let (engine, reader) = self.expect_curated(&cx.principal).await?;
        let entry = self.offered(plugin, version)?;
        if has(&reader, entry.digest) {
            let (events, warnings) = (Vec::new(), Vec::new());
            return Ok(Done { what: entry.digest, events, warnings, seq: reader.seq() });
        }
        let digest = entry.digest;
        let wasm = self.catalogue_bytes(digest).await?;
        let inspection: Inspection =
            self.looked_at(wasm.clone(), self.0.config.limits.premium.upload.clone()).await?;
        let cx = OpContext { idempotency_key: None, ..cx };
        let done = engine.upload_plugin(cx, inspection.code(PluginOrigin::Curated), wasm).await?;
        Ok(Done::by(&done, digest))
    }

    /// The bytes of a version.
    pub(super) async fn catalogue_bytes(&self, digest: Digest) -> Result<Arc<[u8]>> {
        let plugins = self.clone();
        let read = move || plugins.0.catalogue.bytes(digest);
        tokio::task::spawn_blocking(read).await.map_err(Error::internal)?
    }

    /// Refuses who may not take from the catalogue, before it is told what is there.
    async fn expect_curated(&self, principal: &Principal) -> Result<(Engine, Reader)> {
        let (engine, reader) = (self.engine()?, self.manager(principal).await?);
        let entitled = Entitlements::of(reader.tenant(), engine.tiers(), engine.clock().now());
        entitled.require_word(EntitlementKey::Plugins, PluginOrigin::Curated.entitlement())?;
        Ok((engine, reader))
    }

    /// A version that is offered; the newest unless one is named.
    fn offered(&self, plugin: &str, version: Option<&str>) -> Result<CatalogueEntry> {
        let fits = |entry: &CatalogueEntry| {
            entry.plugin == plugin && version.is_none_or(|version| entry.version == version)
        };
        let mut found: Vec<_> = self.0.catalogue.entries().into_iter().filter(fits).collect();
        // Where none is offered, the newest of those that were says why.
        let place = found.iter().position(|entry| entry.withdrawn.is_none()).unwrap_or_default();
        if place >= found.len() {
            let shown = |text: &str| text.chars().take(100).collect::<String>();
            let of = version.map(|version| format!("version {} of ", shown(version))).unwrap_or_default();
            return Err(Error::not_found(format!("{of}the plugin `{}` in the catalogue", shown(plugin))));
        }
        let found = found.swap_remove(place);
        match &found.withdrawn {
            None => Ok(found),
            Some(withdrawal) => Err(withdrawn(&found, version.is_none(), withdrawal)),
        }
    }
}

/// That a version was withdrawn, why, and what to do; `all` where no other is offered either.
fn withdrawn(entry: &CatalogueEntry, all: bool, withdrawal: &Withdrawal) -> Error {
    let (plugin, version, why) = (&entry.plugin, &entry.version, &withdrawal.reason);
    let message = if all {
        format!(
            "no version of {plugin} is offered any more; the newest, {version}, was withdrawn: {why}. Ask whoever runs the platform \
             for another"
        )
    } else {
        format!(
            "version {version} of {plugin} was withdrawn: {why}. Take another one: the catalogue says which there are, and which were \
             withdrawn"
        )
    };
    Error::rejected(message).with_field("version")
}

/// Whether a company has the bytes of this code, and has them from the catalogue.
fn has(reader: &Reader, digest: Digest) -> bool {
    let code = reader.plugin_code(digest).filter(|code| code.removed_at.is_none());
    code.is_some_and(|code| code.origin == PluginOrigin::Curated)
}
