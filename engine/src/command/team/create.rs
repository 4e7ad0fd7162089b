//! Making a team.

use crate::access::Action;
use crate::command::{Command, World, text};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::{TeamId, WorkflowId};
use crate::model::Team;

/// Makes a team.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct CreateTeam {
    /// The id, chosen by the caller; else a new one.
    #[n(0)]
    pub id: Option<TeamId>,
    /// The first part of its issues' keys: 2 to 7 of A–Z and 0–9, a letter first; lower case is raised. Unique, also
    /// among keys that teams had before.
    #[n(1)]
    pub key: String,
    /// How it is shown, 1 to 100 characters.
    #[n(2)]
    pub name: String,
    /// What it is for, at most 2 KiB.
    #[n(3)]
    pub description: Option<String>,
    /// The workflow its issues follow; the tenant's oldest unless said.
    #[n(4)]
    pub workflow: Option<WorkflowId>,
}

impl Command for CreateTeam {
    fn operation(&self) -> &'static str {
        "teamCreate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.authorize(Action::ManageTeams, None, None)?;
        let max = world.limits.teams_max;
        if world.directory.teams().count() >= max {
            return Err(Error::rejected(format!("there are {max} teams, the most that fit")));
        }
        let team = Team {
            id: self.free_id(world)?,
            key: text::team_key("key", &self.key)?,
            name: text::line("name", "the name", &self.name, world.limits.name_chars_max)?,
            description: text::note("description", self.description.as_deref())?,
            workflow: self.workflow(world)?,
            former_keys: Vec::new(),
            created_at: world.now,
            updated_at: world.now,
            archived_at: None,
            version: 1,
        };
        super::free_key(world, &team.key, None)?;
        let mut draft = Draft::new();
        draft.save_team(permit, team);
        Ok(draft)
    }
}

impl CreateTeam {
    fn free_id(&self, world: &World<'_>) -> Result<TeamId> {
        match self.id {
            Some(id) if world.directory.team(id).is_some() => {
                Err(Error::conflict(format!("there is a team {id} already")).with_field("id"))
            }
            id => Ok(id.unwrap_or_else(TeamId::generate)),
        }
    }

    fn workflow(&self, world: &World<'_>) -> Result<WorkflowId> {
        let found = match self.workflow {
            Some(id) => world.directory.workflow(id),
            None => world.directory.workflows().min_by_key(|w| (w.created_at, w.id)),
        };
        let named = || self.workflow.map_or_else(|| "a workflow".to_owned(), |id| format!("workflow {id}"));
        found.map(|w| w.id).ok_or_else(|| Error::not_found(named()).with_field("workflowId"))
    }
}
