//! Making a label.

use crate::access::Action;
use crate::command::issue::open_team;
use crate::command::{Command, World, text};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::{LabelId, TeamId};
use crate::model::Label;

/// The colour of a label for which none is given: a neutral grey.
pub(in crate::command) const DEFAULT_COLOR: &str = "#8a8f98";

/// Makes a label for one team or for all.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct CreateLabel {
    /// The id, chosen by the caller; else a new one.
    #[n(0)]
    pub id: Option<LabelId>,
    /// The word, 1 to 100 characters; unique in its scope, whatever its case.
    #[n(1)]
    pub name: String,
    /// `#rrggbb`; a neutral grey unless said.
    #[n(2)]
    pub color: Option<String>,
    /// What it is for, at most 2 KiB.
    #[n(3)]
    pub description: Option<String>,
    /// The one team that uses it; every team unless said.
    #[n(4)]
    pub team: Option<TeamId>,
}

impl Command for CreateLabel {
    fn operation(&self) -> &'static str {
        "labelCreate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.authorize(Action::ManageLabels, None, None)?;
        if let Some(team) = self.team {
            open_team(world, team)?;
        }
        room(world, 0)?;
        let label = Label {
            id: self.free_id(world)?,
            name: text::line("name", "the name", &self.name, world.limits.name_chars_max)?,
            color: text::color("color", self.color.as_deref().unwrap_or(DEFAULT_COLOR))?,
            description: text::note("description", self.description.as_deref())?,
            team: self.team,
            created_at: world.now,
            updated_at: world.now,
            deleted_at: None,
            version: 1,
        };
        super::free_name(world, self.team, &label.name, None)?;
        let mut draft = Draft::new();
        draft.save_label(permit, label);
        Ok(draft)
    }
}

impl CreateLabel {
    fn free_id(&self, world: &World<'_>) -> Result<LabelId> {
        match self.id {
            Some(id) if world.directory.label(id).is_some() => {
                Err(Error::conflict(format!("there is a label {id} already")).with_field("id"))
            }
            id => Ok(id.unwrap_or_else(LabelId::generate)),
        }
    }
}

/// Refuses when the tenant has as many labels as it can; `waiting` more are on their way.
pub(in crate::command) fn room(world: &World<'_>, waiting: usize) -> Result<()> {
    let max = world.limits.labels_per_tenant_max;
    let live = world.directory.labels().filter(|label| label.deleted_at.is_none()).count();
    if live.saturating_add(waiting) < max {
        return Ok(());
    }
    Err(Error::rejected(format!("there are {max} labels, the most that fit: delete one that is not used")))
}
