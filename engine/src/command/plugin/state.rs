//! Whether an installation takes part, as somebody says.

use super::{Starts, existing, saved};
use crate::command::{Command, World, text};
use crate::directory::Directory;
use crate::draft::Draft;
use crate::error::Result;
use crate::id::InstallationId;
use crate::model::{EntitlementKey, Installation, InstallationStatus, Seq};

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 500;

/// Lets an installation take part: see [`Engine::enable_installation`](crate::Engine::enable_installation). It acts on what
/// happens from then on, also where that alone was stopped. One that does already goes on.
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
        if !before.is_acting() {
            world.entitled.require_word(EntitlementKey::Plugins, before.origin.entitlement())?;
            after.status = InstallationStatus::Enabled;
            (after.stopped, after.acting_stopped) = (None, None);
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
        let before = existing(world, self.id)?;
        let after = disabled(&before, self.reason.as_deref())?;
        saved(world, &before, after)
    }
}

/// An installation that takes no part any more, as it becomes.
pub(super) fn disabled(before: &Installation, reason: Option<&str>) -> Result<Installation> {
    let mut after = before.clone();
    if before.is_enabled() {
        after.status = InstallationStatus::Disabled;
        after.stopped = reason.map(fitting).transpose()?;
        after.acting_stopped = None;
    }
    Ok(after)
}

/// A reason as it is kept.
pub(super) fn fitting(reason: &str) -> Result<String> {
    text::line("reason", "the reason", reason, REASON_CHARS_MAX)
}
