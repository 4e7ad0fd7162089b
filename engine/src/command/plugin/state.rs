//! Whether an installation takes part.

use super::{Starts, existing, saved};
use crate::command::{Command, World, text};
use crate::directory::Directory;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Actor;
use crate::id::InstallationId;
use crate::model::{EntitlementKey, Installation, InstallationStatus, Seq};

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 500;

/// Lets an installation take part: see [`Engine::enable_installation`](crate::Engine::enable_installation). It acts on what
/// happens from then on. One that does already goes on.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct EnableInstallation {
    /// Which.
    #[n(0)]
    pub id: InstallationId,
}

impl Starts for EnableInstallation {
    const OPERATION: &'static str = "pluginEnable";

    fn acts(&self, directory: &Directory) -> bool {
        directory.installation(self.id).is_some_and(|installation| installation.acts_alone())
    }

    fn decide(&self, world: &World<'_>, head: Seq) -> Result<Draft> {
        let before = existing(world, self.id)?;
        let mut after = Installation::clone(&before);
        if !before.is_enabled() {
            world.entitled.require_word(EntitlementKey::Plugins, before.origin.entitlement())?;
            after.status = InstallationStatus::Enabled;
            after.stopped = None;
            after.acts_after = head;
        }
        saved(world, &before, after)
    }
}

/// Lets an installation take no part. What it has stays.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct DisableInstallation {
    /// Which.
    #[n(0)]
    pub id: InstallationId,
    /// Why, for those who see it later.
    #[n(1)]
    pub reason: Option<String>,
}

impl Command for DisableInstallation {
    fn operation(&self) -> &'static str {
        "pluginDisable"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        disabled(world, self.id, self.reason.as_deref())
    }
}

/// Lets an installation take no part that has failed too often: the engine itself says so.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct StopInstallation {
    /// Which.
    #[n(0)]
    pub id: InstallationId,
    /// Why.
    #[n(1)]
    pub reason: String,
}

impl Command for StopInstallation {
    fn operation(&self) -> &'static str {
        "pluginStop"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        if !matches!(world.cx.principal.actor(), Actor::System) {
            return Err(Error::forbidden("stop a plugin as if it had failed: disable it"));
        }
        disabled(world, self.id, Some(&self.reason))
    }
}

fn disabled(world: &World<'_>, id: InstallationId, reason: Option<&str>) -> Result<Draft> {
    let before = existing(world, id)?;
    let mut after = Installation::clone(&before);
    if before.is_enabled() {
        after.status = InstallationStatus::Disabled;
        let fitting = |reason| text::line("reason", "the reason", reason, REASON_CHARS_MAX);
        after.stopped = reason.map(fitting).transpose()?;
    }
    saved(world, &before, after)
}
