//! What an upload is, told before anything of it runs: its manifest, what it really imports, what it will ask for.

use super::known::Known;
use super::warnings::warnings;
use super::{Plugins, code};
use crate::host::{Export, Inspected, UploadLimits};
use crate::manifest::{Manifest, PACKAGE, Point, Schedule, host_of_setting};
use mortise_engine::entitlement::Entitlements;
use mortise_engine::model::{
    Digest, EntitlementKey, HookPoint, LARGE_PLUGINS, PluginCode, PluginHooks, PluginOrigin,
    PluginPermissions,
};
use mortise_engine::query::Reader;
use mortise_engine::time::Timestamp;
use mortise_engine::{Error, ErrorCode, Exceeded, Result};
use std::sync::Arc;

/// An upload, looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// What it is known by.
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
    /// The plugin, as its author calls it.
    pub plugin: String,
    /// How it is shown.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it says of itself.
    pub description: String,
    /// The version of the contract that it was made for.
    pub contract: String,
    /// The interfaces that it imports: the honest list of what it can ask for.
    pub imports: Vec<String>,
    /// The interfaces that it exports.
    pub exports: Vec<Export>,
    /// What it takes part in.
    pub hooks: PluginHooks,
    /// What it asks for.
    pub permissions: PluginPermissions,
    /// What it asks for, each thing in words for whoever grants it.
    pub asks_for: Vec<String>,
    /// The memory that it asks for, in MiB; none: what the tier gives.
    pub memory_mib: Option<u32>,
    /// Its schedules.
    pub schedules: Vec<Schedule>,
    /// What can be set, as JSON schema.
    pub settings_schema: serde_json::Value,
    /// Its manifest, as TOML.
    pub manifest: String,
    /// What will work and should be thought over.
    pub warnings: Vec<String>,
}

impl Inspection {
    /// As the engine keeps it; who uploads it, and when, the engine says.
    #[must_use]
    pub(crate) fn code(&self, origin: PluginOrigin) -> PluginCode {
        PluginCode {
            digest: self.digest,
            plugin: self.plugin.as_str().into(),
            name: self.name.as_str().into(),
            version: self.version.as_str().into(),
            origin,
            bytes: self.size,
            manifest: self.manifest.as_str().into(),
            hooks: self.hooks.clone().into(),
            permissions: self.permissions.clone().into(),
            uploader: None,
            uploaded_at: Timestamp::default(),
            removed_at: None,
        }
    }
}

impl Plugins {
    /// Looks at an upload. Nothing of it is run or compiled, and nothing is kept. One that is longer than a company may upload
    /// without agreement is looked at as a large one.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for what is no plugin, with the part of the manifest that is at fault as field.
    pub async fn inspect(&self, wasm: Vec<u8>) -> Result<Inspection> {
        let platinum = &self.0.config.limits.platinum;
        let large = wasm.len() > platinum.upload.bytes;
        let limits = if large { platinum.large.clone() } else { platinum.upload.clone() };
        self.looked_at(wasm.into(), limits).await
    }

    /// Refuses a company that may not have plugins of its own, before anything of one is read.
    ///
    /// # Errors
    ///
    /// `ENTITLEMENT_EXCEEDED` in a tier without them, `UNAVAILABLE` before it is attached.
    pub fn expect_own(&self, reader: &Reader) -> Result<()> {
        let engine = self.engine()?;
        let entitled = Entitlements::of(reader.tenant(), engine.tiers(), engine.clock().now());
        entitled.require_word(EntitlementKey::Plugins, PluginOrigin::Own.entitlement())
    }

    /// The most bytes that a component of this company's own may have.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` before it is attached.
    pub fn upload_bytes_max(&self, reader: &Reader) -> Result<usize> {
        Ok(self.upload_limits(reader)?.bytes)
    }

    /// The refusal of a component of so many bytes, where that is known, which is larger than the company may upload: how large it
    /// may be, and who allows more.
    #[must_use]
    pub fn too_large(&self, reader: &Reader, bytes: Option<u64>) -> Error {
        let may = match self.upload_limits(reader) {
            Ok(limits) => limits.bytes as u64,
            Err(error) => return error,
        };
        let most = self.limit_of(reader.tenant()).large.bytes as u64;
        let has = bytes.filter(|bytes| *bytes > may);
        let message = has.map_or_else(
            || format!("the component has more than the {} that the company may upload", mib(may)),
            |bytes| format!("the component has {}, and the company may upload {}", mib(bytes), mib(may)),
        );
        if may >= most {
            return Error::new(ErrorCode::TooCostly, message);
        }
        let message = format!(
            "{message}; components of up to {} can be agreed: ask whoever runs the platform for `{LARGE_PLUGINS}` among the \
             company's `{}`",
            mib(most),
            EntitlementKey::Plugins.as_str()
        );
        let exceeded = Exceeded {
            key: EntitlementKey::Plugins.as_str().to_owned(),
            limit: may,
            used: has.unwrap_or(may),
            resets_at: None,
            upgrade_to: None,
        };
        Error::new(ErrorCode::EntitlementExceeded, message).with_exceeded(exceeded)
    }

    /// What an upload of this company may be made of.
    pub(super) fn upload_limits(&self, reader: &Reader) -> Result<UploadLimits> {
        let engine = self.engine()?;
        let entitled = Entitlements::of(reader.tenant(), engine.tiers(), engine.clock().now());
        let limit = self.limit_of(reader.tenant());
        let large = entitled.includes(EntitlementKey::Plugins, LARGE_PLUGINS);
        Ok(if large { limit.large.clone() } else { limit.upload.clone() })
    }

    /// The most bytes that one for the catalogue may have.
    #[must_use]
    pub fn publish_bytes_max(&self) -> usize {
        self.0.config.limits.premium.upload.bytes
    }

    /// Looks at it where that keeps nobody waiting.
    pub(crate) async fn looked_at(&self, wasm: Arc<[u8]>, limits: UploadLimits) -> Result<Inspection> {
        let host = self.host().clone();
        let look = move || {
            let inspected = host.inspect(&wasm, &limits).map_err(|error| code::refused(&error.into()))?;
            inspection(inspected)
        };
        tokio::task::spawn_blocking(look).await.map_err(Error::internal)?
    }
}

/// Bytes as MiB, rounded up to the tenth.
fn mib(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10).div_ceil(1 << 20);
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} MiB"),
        (whole, tenth) => format!("{whole}.{tenth} MiB"),
    }
}

/// What a component does and its manifest does not say, or says and the component does not do, in words; nothing when they
/// fit. `imports`, `exports` and `contract` are those of [`Inspected`].
#[must_use]
pub fn unsaid(manifest: &Manifest, imports: &[String], exports: &[Export], contract: &str) -> Vec<String> {
    let named = |name: &str| format!("{PACKAGE}/{name}@{contract}");
    let imported: Vec<String> = imports.iter().map(|name| named(name)).collect();
    let exported: Vec<String> = exports.iter().map(|export| named(export.name())).collect();
    manifest.covers(&imported, &exported)
}

fn inspection(inspected: Inspected) -> Result<Inspection> {
    let Inspected { digest, size, imports, exports, manifest, contract } = inspected;
    let none = || {
        Error::invalid(
            "manifest",
            "the component has no section `mortise:manifest`: `mortise plugin build` puts it in",
        )
    };
    let text = String::from_utf8(manifest.ok_or_else(none)?)
        .map_err(|error| Error::invalid("manifest", "the manifest is no UTF-8").with_source(error))?;
    let known = Known::read(&text)?;
    let missing = unsaid(&known.manifest, &imports, &exports, &contract);
    if !missing.is_empty() {
        return Err(Error::invalid("manifest", missing.join("; ")));
    }
    let manifest = &known.manifest;
    Ok(Inspection {
        digest: Digest(digest.0),
        size: size as u64,
        plugin: manifest.id.clone(),
        name: manifest.name.clone(),
        version: manifest.version.to_string(),
        description: manifest.description.clone(),
        warnings: warnings(manifest, &imports, size),
        hooks: hooks(manifest),
        permissions: permissions(manifest),
        asks_for: manifest.asked().iter().map(ToString::to_string).collect(),
        memory_mib: manifest.memory_mib,
        schedules: manifest.schedules.clone(),
        settings_schema: known.schema().clone(),
        contract,
        imports,
        exports,
        manifest: text,
    })
}

pub(super) fn hooks(manifest: &Manifest) -> PluginHooks {
    let points = |points: &[Point]| points.iter().copied().map(point).collect();
    PluginHooks {
        amend: points(&manifest.hooks.amend),
        validate: points(&manifest.hooks.validate),
        next_states: manifest.hooks.next_states,
        events: manifest.hooks.events.clone(),
        inbound: manifest.hooks.inbound,
        lifecycle: manifest.hooks.lifecycle,
        schedules: manifest.schedules.iter().map(|schedule| schedule.name.clone()).collect(),
    }
}

const fn point(point: Point) -> HookPoint {
    match point {
        Point::Create => HookPoint::Create,
        Point::Update => HookPoint::Update,
        Point::Transition => HookPoint::Transition,
        Point::Comment => HookPoint::Comment,
    }
}

pub(super) fn permissions(manifest: &Manifest) -> PluginPermissions {
    let asked = &manifest.permissions;
    PluginPermissions {
        issues_read: asked.issues_read,
        issues_write: asked.issues_write,
        kv: asked.kv,
        random: asked.random,
        secrets: asked.secrets.clone(),
        http: (asked.http.iter().map(ToString::to_string))
            .chain(asked.http_settings.iter().map(|setting| host_of_setting(setting)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_little_above_a_limit_does_not_read_as_the_limit() {
        assert_eq!((mib(2 << 20), mib((2 << 20) + 1)), ("2 MiB".to_owned(), "2.1 MiB".to_owned()));
    }
}
