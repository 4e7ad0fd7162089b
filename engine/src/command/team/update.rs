//! Changing a team.

use crate::access::Action;
use crate::command::{Command, World, text};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::TeamId;
use crate::model::Team;

/// The keys a team may have had before.
const FORMER_KEYS_MAX: usize = 20;

/// Changes a team. What is not said stays; an inner none takes the value away.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
#[cbor(map)]
pub struct UpdateTeam {
    /// Which.
    #[n(0)]
    pub team: TeamId,
    /// The version it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// Its new key. Its issues are still found by the old one, which no other team can have.
    #[n(2)]
    pub key: Option<String>,
    /// How it is shown, 1 to 100 characters.
    #[n(3)]
    pub name: Option<String>,
    /// What it is for, at most 2 KiB.
    #[n(4)]
    pub description: Option<Option<String>>,
    /// Whether it is archived: its issues can then be read and not changed.
    #[n(5)]
    pub archived: Option<bool>,
}

impl Command for UpdateTeam {
    fn operation(&self) -> &'static str {
        "teamUpdate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let missing = || Error::not_found(format!("team {}", self.team));
        let before = world.directory.team(self.team).cloned().ok_or_else(missing)?;
        let permit = world.policy.authorize(Action::ManageTeams, Some(before.clone()), None)?;
        world.expect_version(&format!("team {}", before.key), self.if_version, before.version)?;
        let after = self.changed(world, &before)?;
        let mut draft = Draft::new();
        draft.answer_with(Subject::Team(after.id));
        if after != *before {
            let version = before.version.saturating_add(1);
            draft.save_team(permit, Team { updated_at: world.now, version, ..after });
        }
        Ok(draft)
    }
}

impl UpdateTeam {
    fn changed(&self, world: &World<'_>, before: &Team) -> Result<Team> {
        let mut after = before.clone();
        if let Some(key) = &self.key {
            rename(world, &mut after, text::team_key("key", key)?)?;
        }
        if let Some(name) = &self.name {
            after.name = text::line("name", "the name", name, world.limits.name_chars_max)?;
        }
        if let Some(description) = &self.description {
            after.description = text::note("description", description.as_deref())?;
        }
        if let Some(archived) = self.archived.filter(|archived| *archived != before.archived_at.is_some()) {
            after.archived_at = archived.then_some(world.now);
        }
        Ok(after)
    }
}

/// Gives a team another key and keeps the old one among its former keys. It may take back one it had before.
fn rename(world: &World<'_>, team: &mut Team, key: String) -> Result<()> {
    if key == team.key {
        return Ok(());
    }
    super::free_key(world, &key, Some(team.id))?;
    team.former_keys.retain(|former| *former != key);
    if team.former_keys.len() >= FORMER_KEYS_MAX {
        let why = format!("team {} has had {FORMER_KEYS_MAX} keys before: take one of those again", team.key);
        return Err(Error::rejected(why).with_field("key"));
    }
    team.former_keys.push(std::mem::replace(&mut team.key, key));
    Ok(())
}
