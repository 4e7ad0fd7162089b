//! Which code an installation runs: upgraded, and rolled back.

use super::{Starts, code_or_brought, existing, existing_code, expect_version, grant, save};
use crate::command::World;
use crate::directory::Directory;
use crate::draft::{Draft, PluginRecord};
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::InstallationId;
use crate::model::{Digest, EntitlementKey, Installation, PluginCode, PluginPermissions, Seq};
use std::sync::Arc;

/// Versions that an installation can be rolled back to.
const EARLIER_MAX: usize = 10;

/// Lets an installation run other code of the same plugin: see
/// [`Engine::upgrade_installation`](crate::Engine::upgrade_installation). Secrets that it no longer asks for stay, and are used
/// by nobody until it is back at code that does: they were entered by hand, and only a hand takes them away.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct UpgradeInstallation {
    /// Which.
    #[n(0)]
    pub id: InstallationId,
    /// The version it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// The code that it runs from now on.
    #[n(2)]
    pub digest: Digest,
    /// What is granted: all that this code asks for, and nothing else.
    #[n(3)]
    pub granted: PluginPermissions,
    /// Settings that fit this code, where those that there are do not.
    #[n(4)]
    pub settings: Option<String>,
    /// What the plugin keeps from then on, as it said when it was told of this. No idempotency key is bound to it.
    #[cbor(skip)]
    pub records: Vec<PluginRecord>,
    /// Code that the company would have taken before, for a rehearsal of both; elsewhere it counts for nothing.
    #[cbor(skip)]
    pub brings: Option<Box<PluginCode>>,
}

impl UpgradeInstallation {
    /// The upgrade to this code, whatever the version of the installation, with the settings that there are.
    #[must_use]
    pub const fn to(id: InstallationId, digest: Digest, granted: PluginPermissions) -> Self {
        Self { id, if_version: None, digest, granted, settings: None, records: Vec::new(), brings: None }
    }
}

impl Starts for UpgradeInstallation {
    const OPERATION: &'static str = "pluginUpgrade";

    fn acts(&self, directory: &Directory) -> bool {
        directory.plugin_code(self.digest).is_some_and(|code| code.acts_alone())
    }

    fn decide(&self, world: &World<'_>, head: Seq) -> Result<Draft> {
        let before = existing(world, self.id)?;
        expect_version(world, &before, self.if_version)?;
        let code = code_or_brought(world, self.digest, self.brings.as_deref())?;
        if code.plugin != before.plugin {
            let message =
                format!("this is code of {}, and `{}` is {}", code.plugin, before.name, before.plugin);
            return Err(Error::rejected(message).with_field("digest"));
        }
        let mut after = Installation::clone(&before);
        after.granted = grant::granted(&code, &self.granted)?;
        if let Some(settings) = &self.settings {
            after.settings = grant::settings(settings)?.into();
        }
        if code.digest != before.digest {
            after.earlier.retain(|earlier| *earlier != code.digest && *earlier != before.digest);
            after.earlier.push(before.digest);
            let surplus = after.earlier.len().saturating_sub(EARLIER_MAX);
            after.earlier.drain(..surplus);
        }
        let mut draft = running(world, &before, after, &code, head)?;
        draft.keep_for_plugins(self.records.iter().cloned());
        Ok(draft)
    }
}

/// Lets an installation run code again that it ran before: see
/// [`Engine::roll_back_installation`](crate::Engine::roll_back_installation). It is granted what that code asks for, as it was
/// then.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct RollBackInstallation {
    /// Which.
    #[n(0)]
    pub id: InstallationId,
    /// The code; what it ran just before unless it is said.
    #[n(1)]
    pub digest: Option<Digest>,
}

impl Starts for RollBackInstallation {
    const OPERATION: &'static str = "pluginRollBack";

    fn acts(&self, directory: &Directory) -> bool {
        let earlier = directory.installation(self.id).into_iter().flat_map(|i| &i.earlier);
        earlier.filter_map(|digest| directory.plugin_code(*digest)).any(|code| code.acts_alone())
    }

    fn decide(&self, world: &World<'_>, head: Seq) -> Result<Draft> {
        let before = existing(world, self.id)?;
        let place = match self.digest {
            Some(digest) => before.earlier.iter().position(|earlier| *earlier == digest),
            None => before.earlier.len().checked_sub(1),
        };
        let target = place.and_then(|place| before.earlier.get(place).copied());
        let (Some(place), Some(digest)) = (place, target) else {
            let message = format!("`{}` did not run it before: see its earlier versions", before.name);
            return Err(Error::rejected(message).with_field("digest"));
        };
        let code = existing_code(world, digest)?;
        let mut after = Installation::clone(&before);
        after.granted = code.permissions.clone();
        after.earlier.truncate(place);
        running(world, &before, after, &code, head)
    }
}

/// The installation as it runs this code.
fn running(
    world: &World<'_>,
    before: &Arc<Installation>,
    mut after: Installation,
    code: &PluginCode,
    head: Seq,
) -> Result<Draft> {
    world.entitled.require_word(EntitlementKey::Plugins, code.origin.entitlement())?;
    after.digest = code.digest;
    after.code_version = code.version.clone();
    after.origin = code.origin;
    after.hooks = code.hooks.clone();
    if before.hooks.events.is_empty() && !after.hooks.events.is_empty() {
        // What happened while it did not act on events is not made up for.
        after.acts_after = head;
    }
    let mut draft = Draft::new();
    draft.answer_with(Subject::Installation(after.id));
    save(world, &mut draft, before, after)?;
    Ok(draft)
}
