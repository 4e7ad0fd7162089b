//! The code of plugins: uploaded, or taken from the catalogue, and let go.

use super::{existing_code, permit};
use crate::command::{Command, World, text};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::model::{Digest, EntitlementKey, InstallationStatus, LARGE_PLUGINS, PluginCode, PluginOrigin};
use std::sync::Arc;

/// Bytes of code that are stored under one key.
pub(crate) const PLUGIN_PART_BYTES: usize = 48 * 1024 - 64;

/// Bytes of a plugin's own name, and of its version.
const NAME_BYTES_MAX: usize = 100;

/// Bytes of a manifest.
const MANIFEST_BYTES_MAX: usize = 64 * 1024;

/// Says that the code of a plugin is there. Its bytes are written before: see
/// [`Engine::upload_plugin`](crate::Engine::upload_plugin). Code that is there already stays as it is; such as was removed is
/// put back.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub(crate) struct UploadPlugin {
    /// All else follows from the bytes.
    #[n(0)]
    digest: Digest,
    #[n(1)]
    origin: PluginOrigin,
    #[cbor(skip)]
    code: PluginCode,
    /// Whether its bytes are in the store.
    #[cbor(skip)]
    written: bool,
}

impl UploadPlugin {
    /// The upload of this code; who does it, and when, is said by the command.
    #[must_use]
    pub(crate) const fn new(code: PluginCode) -> Self {
        Self { digest: code.digest, origin: code.origin, code, written: false }
    }

    /// The same, after its bytes were written.
    pub(crate) fn written(self) -> Self {
        Self { written: true, ..self }
    }

    /// The code as it will be kept, if it fits.
    fn fitting(&self, world: &World<'_>) -> Result<PluginCode> {
        let code = &self.code;
        let named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
        if code.plugin.is_empty() || code.plugin.len() > NAME_BYTES_MAX || !code.plugin.bytes().all(named) {
            let message = format!("a plugin's own name has 1 to {NAME_BYTES_MAX} of a–z, 0–9, `.`, `-`, `_`");
            return Err(Error::invalid("plugin", message));
        }
        let max = match code.origin {
            PluginOrigin::Own if !world.entitled.includes(EntitlementKey::Plugins, LARGE_PLUGINS) => {
                world.limits.plugin_bytes_max
            }
            _ => world.limits.plugin_curated_bytes_max,
        };
        if code.bytes == 0 || code.bytes > max {
            let message = format!("the plugin has {} bytes: 1 to {max} are allowed", code.bytes);
            return Err(Error::invalid("file", message));
        }
        if code.manifest.len() > MANIFEST_BYTES_MAX {
            let message = format!("a manifest has at most {MANIFEST_BYTES_MAX} bytes");
            return Err(Error::invalid("manifest", message));
        }
        let fitting = PluginCode {
            name: text::line("name", "the plugin's name", &code.name, world.limits.name_chars_max)?.into(),
            version: text::line("version", "the plugin's version", &code.version, NAME_BYTES_MAX)?.into(),
            uploader: world.policy.member(),
            uploaded_at: world.now,
            removed_at: None,
            ..code.clone()
        };
        Ok(fitting.sharing())
    }
}

impl Command for UploadPlugin {
    fn operation(&self) -> &'static str {
        "pluginUpload"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = permit(world)?;
        world.entitled.require_word(EntitlementKey::Plugins, self.origin.entitlement())?;
        let code = self.fitting(world)?;
        let known = world.directory.plugin_code(self.digest);
        let there = known.filter(|known| known.removed_at.is_none());
        let mut draft = Draft::new();
        draft.answer_with(Subject::Tenant);
        match there {
            // What the company had made itself is in the catalogue by now.
            Some(there) if self.origin == PluginOrigin::Curated && there.origin != self.origin => {
                draft.save_plugin_code(
                    &permit,
                    PluginCode { origin: self.origin, ..PluginCode::clone(there) },
                );
            }
            Some(_) => {}
            None => {
                room(world, known.is_some())?;
                is_the_only_such_version(world, &code)?;
                if !self.written && !world.cx.dry_run {
                    return Err(Error::unavailable(
                        "the plugin's code was removed meanwhile; upload it again",
                    ));
                }
                draft.save_plugin_code(&permit, code);
            }
        }
        Ok(draft)
    }
}

fn room(world: &World<'_>, known: bool) -> Result<()> {
    let (max, ever_max) = (world.limits.plugin_codes_max, world.limits.plugin_codes_ever_max);
    if world.directory.plugin_codes().filter(|code| code.removed_at.is_none()).count() >= max {
        let message = format!("a company has at most {max} versions of plugins: remove one that is not used");
        return Err(Error::rejected(message));
    }
    if !known && world.directory.plugin_codes().count() >= ever_max {
        let message =
            format!("a company has at most {ever_max} versions of plugins in all, removed ones too");
        return Err(Error::rejected(message));
    }
    Ok(())
}

/// A version is the same bytes for ever, so that what is said of it stays true.
fn is_the_only_such_version(world: &World<'_>, code: &PluginCode) -> Result<()> {
    let same = |other: &&Arc<PluginCode>| {
        other.plugin == code.plugin && other.version == code.version && other.digest != code.digest
    };
    match world.directory.plugin_codes().find(same) {
        None => Ok(()),
        Some(other) => {
            let message = format!(
                "version {} of {} is there with other bytes ({}): raise the version",
                code.version, code.plugin, other.digest
            );
            Err(Error::conflict(message).with_field("version"))
        }
    }
}

/// Lets the code of a plugin go that no installation needs: see
/// [`Engine::remove_plugin_code`](crate::Engine::remove_plugin_code), which removes its bytes. That it was there is remembered.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct RemovePluginCode {
    /// Which.
    #[n(0)]
    pub digest: Digest,
}

impl Command for RemovePluginCode {
    fn operation(&self) -> &'static str {
        "pluginCodeRemove"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = permit(world)?;
        let code = existing_code(world, self.digest)?;
        let mut there = world.directory.installations().filter(|i| i.status != InstallationStatus::Removed);
        if let Some(user) = there.find(|i| i.digest == self.digest || i.earlier.contains(&self.digest)) {
            let how = if user.digest == self.digest { "runs it" } else { "can be rolled back to it" };
            let message =
                format!("the plugin `{}` {how}: upgrade or remove that installation first", user.name);
            return Err(Error::rejected(message).with_field("digest"));
        }
        let mut draft = Draft::new();
        let removed =
            PluginCode { removed_at: Some(world.now), manifest: Arc::default(), ..PluginCode::clone(&code) };
        draft.save_plugin_code(&permit, removed);
        Ok(draft)
    }
}
