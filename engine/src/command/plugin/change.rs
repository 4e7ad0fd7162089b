//! Changing what a company said of an installation.

use super::{existing, existing_code, expect_version, grant, save, save_member};
use crate::command::{Command, World, text};
use crate::draft::Draft;
use crate::error::Result;
use crate::id::{InstallationId, TeamId};
use crate::model::{Installation, Member, OnFailure, PluginMode, PluginPermissions};

/// Changes what was said of an installation. Encoded as a map: what is taken away is not what is not spoken of.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
#[cbor(map)]
pub struct ChangeInstallation {
    /// Which.
    #[n(0)]
    pub id: InstallationId,
    /// The version it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// How it is shown, and the member that it acts as.
    #[n(2)]
    pub name: Option<String>,
    /// What is granted.
    #[n(3)]
    pub granted: Option<PluginPermissions>,
    /// Its settings: a JSON object of at most 64 KiB that fits the plugin.
    #[n(4)]
    pub settings: Option<String>,
    /// The teams whose issues it takes part in; an inner none: all that its member sees.
    #[n(5)]
    pub teams: Option<Option<Vec<TeamId>>>,
    /// Its place among the installations that are asked.
    #[n(6)]
    pub order: Option<u32>,
    /// Whether what it says counts.
    #[n(7)]
    pub mode: Option<PluginMode>,
    /// What becomes of a change when it fails.
    #[n(8)]
    pub on_failure: Option<OnFailure>,
}

impl ChangeInstallation {
    /// A change of this installation, whatever its version, that says nothing yet.
    #[must_use]
    pub const fn of(id: InstallationId) -> Self {
        Self {
            id,
            if_version: None,
            name: None,
            granted: None,
            settings: None,
            teams: None,
            order: None,
            mode: None,
            on_failure: None,
        }
    }
}

impl Command for ChangeInstallation {
    fn operation(&self) -> &'static str {
        "pluginConfigure"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = existing(world, self.id)?;
        expect_version(world, &before, self.if_version)?;
        let mut after = Installation::clone(&before);
        if let Some(name) = &self.name {
            after.name = text::line("name", "the name", name, world.limits.name_chars_max)?.into();
        }
        if let Some(granted) = &self.granted {
            after.granted = grant::granted(&*existing_code(world, before.digest)?, granted)?;
        }
        if let Some(settings) = &self.settings {
            after.settings = grant::settings(settings)?.into();
        }
        if let Some(teams) = &self.teams {
            after.teams = grant::teams(world, teams.as_deref())?;
        }
        after.order = self.order.unwrap_or(after.order);
        after.mode = self.mode.unwrap_or(after.mode);
        after.on_failure = self.on_failure.unwrap_or(after.on_failure);
        let mut draft = Draft::new();
        let member = world.directory.member(before.member).filter(|member| *member.name != *after.name);
        let name = String::from(&*after.name);
        save(world, &mut draft, &before, after)?;
        if let Some(member) = member {
            save_member(world, &mut draft, member, Member { name, ..Member::clone(member) })?;
        }
        Ok(draft)
    }
}
