//! Removing an installation: the member that it acts as goes with it, and what it did stays.

use super::{existing, save, save_member};
use crate::access::Action;
use crate::command::{Command, World, member};
use crate::draft::Draft;
use crate::error::Result;
use crate::id::InstallationId;
use crate::model::{Installation, InstallationStatus, Member, MemberStatus};

/// Removes an installation: see [`Engine::remove_installation`](crate::Engine::remove_installation), which removes what it kept.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct RemoveInstallation {
    /// Which.
    #[n(0)]
    pub id: InstallationId,
}

impl Command for RemoveInstallation {
    fn operation(&self) -> &'static str {
        "pluginRemove"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = existing(world, self.id)?;
        // The log has what was said of it; its row is kept for its name.
        let after = Installation {
            status: InstallationStatus::Removed,
            stopped: None,
            acting_stopped: None,
            settings: "{}".into(),
            earlier: Vec::new(),
            secrets: Vec::new(),
            secret_hosts: Vec::new(),
            ..Installation::clone(&before)
        };
        let mut draft = Draft::new();
        save(world, &mut draft, &before, after)?;
        if let Some(app) = world.directory.member(before.member) {
            let access_version = app.access_version.saturating_add(1);
            let gone = Member { status: MemberStatus::Removed, access_version, ..Member::clone(app) };
            save_member(world, &mut draft, app, gone)?;
            member::leave_teams(world, Action::ManagePlugins, app.id, &mut draft)?;
        }
        Ok(draft)
    }
}
