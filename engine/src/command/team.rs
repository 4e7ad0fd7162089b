//! Commands on teams.

use super::{Command, World, text};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::{TeamId, WorkflowId};
use crate::model::Team;

/// Bytes of a team's description.
const DESCRIPTION_BYTES_MAX: usize = 4096;

/// Keys that a team may have had before the present one.
const FORMER_KEYS_MAX: usize = 20;

/// Makes a team.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct CreateTeam {
    /// The id, chosen by the caller; else a new one.
    #[n(0)]
    pub id: Option<TeamId>,
    /// The first part of its issues' keys: 2 to 7 letters and digits.
    #[n(1)]
    pub key: String,
    /// How it is shown.
    #[n(2)]
    pub name: String,
    /// What it is for.
    #[n(3)]
    pub description: Option<String>,
    /// The workflow its issues follow; the tenant's first unless said.
    #[n(4)]
    pub workflow: Option<WorkflowId>,
}

impl Command for CreateTeam {
    fn operation(&self) -> &'static str {
        "teamCreate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.authorize(Action::ManageTeams, None, None)?;
        if let Some(id) = self.id.filter(|id| world.directory.team(*id).is_some()) {
            return Err(Error::conflict(format!("there is a team {id} already")).with_field("id"));
        }
        let max = world.limits.teams_max;
        if world.directory.teams().count() >= max {
            return Err(Error::invalid("key", format!("a company has at most {max} teams")));
        }
        let team = Team {
            id: self.id.unwrap_or_else(TeamId::generate),
            key: free_key(world, None, &self.key)?,
            name: text::line("name", "the team's name", &self.name, world.limits.name_chars_max)?,
            description: description(self.description.as_deref())?,
            workflow: self.workflow(world)?,
            former_keys: Vec::new(),
            created_at: world.now,
            updated_at: world.now,
            archived_at: None,
            version: 1,
        };
        let mut draft = Draft::new();
        draft.save_team(permit, team);
        Ok(draft)
    }
}

impl CreateTeam {
    fn workflow(&self, world: &World<'_>) -> Result<WorkflowId> {
        match self.workflow {
            Some(id) => world.directory.workflow(id).map(|w| w.id),
            None => world.directory.workflows().map(|w| w.id).min(),
        }
        .ok_or_else(|| Error::not_found("the workflow").with_field("workflowId"))
    }
}

/// Changes a team, archives it or takes it out of the archive. Encoded as a map: what is taken away is not what is
/// not spoken of.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
#[cbor(map)]
pub struct UpdateTeam {
    /// Which.
    #[n(0)]
    pub team: TeamId,
    /// The version it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// A new key; issues are still found by the old one.
    #[n(2)]
    pub key: Option<String>,
    /// How it is shown.
    #[n(3)]
    pub name: Option<String>,
    /// What it is for; an inner none takes it away.
    #[n(4)]
    pub description: Option<Option<String>>,
    /// Whether it is archived: its issues can then be read only.
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
        world.expect_version(&format!("team {}", before.key), self.if_version, before.version)?;
        let permit = world.policy.authorize(Action::ManageTeams, Some(before.clone()), None)?;
        let mut after = Team::clone(&before);
        if let Some(key) = &self.key {
            rename(&mut after, free_key(world, Some(before.id), key)?)?;
        }
        if let Some(name) = &self.name {
            after.name = text::line("name", "the team's name", name, world.limits.name_chars_max)?;
        }
        if let Some(text) = &self.description {
            after.description = description(text.as_deref())?;
        }
        if let Some(archived) = self.archived.filter(|a| *a != before.archived_at.is_some()) {
            after.archived_at = archived.then_some(world.now);
        }
        let mut draft = Draft::new();
        if *before == after {
            draft.answer_with(Subject::Team(after.id));
        } else {
            after.version = after.version.saturating_add(1);
            after.updated_at = world.now;
            draft.save_team(permit, after);
        }
        Ok(draft)
    }
}

/// Gives a team another key; the old one stays its own.
fn rename(team: &mut Team, key: String) -> Result<()> {
    if key == team.key {
        return Ok(());
    }
    team.former_keys.retain(|former| *former != key);
    if team.former_keys.len() >= FORMER_KEYS_MAX {
        let message = format!("a team keeps at most {FORMER_KEYS_MAX} former keys: take one of those again");
        return Err(Error::invalid("key", message));
    }
    team.former_keys.push(std::mem::replace(&mut team.key, key));
    Ok(())
}

/// A key that no other team has or had.
fn free_key(world: &World<'_>, own: Option<TeamId>, key: &str) -> Result<String> {
    let key = text::team_key("key", key)?;
    match world.directory.team_by_key(&key) {
        Some(other) if Some(other.id) != own => {
            Err(Error::conflict(format!("the key {key} belongs to the team `{}`", other.name))
                .with_field("key"))
        }
        _ => Ok(key),
    }
}

fn description(text: Option<&str>) -> Result<Option<String>> {
    text::body("description", "the description", text, DESCRIPTION_BYTES_MAX)
}
