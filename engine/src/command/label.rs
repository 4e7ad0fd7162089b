//! Commands on labels.

use super::{Command, World, text};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::{LabelId, TeamId};
use crate::model::Label;
use std::sync::Arc;

/// The colour of a label that is given none.
const COLOR_DEFAULT: &str = "#8a8f98";

/// Bytes of a label's description.
const DESCRIPTION_BYTES_MAX: usize = 1024;

/// Makes a label.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct CreateLabel {
    /// The id, chosen by the caller; else a new one.
    #[n(0)]
    pub id: Option<LabelId>,
    /// The word; unique in its scope, whatever its case.
    #[n(1)]
    pub name: String,
    /// `#rrggbb`; grey unless said.
    #[n(2)]
    pub color: Option<String>,
    /// What it is for.
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
        if let Some(team) = self.team.filter(|team| world.directory.team(*team).is_none()) {
            return Err(Error::not_found(format!("team {team}")).with_field("teamId"));
        }
        if let Some(id) = self.id.filter(|id| world.directory.whole().label(*id).is_some()) {
            return Err(Error::conflict(format!("there is a label {id} already")).with_field("id"));
        }
        room(world, 0)?;
        let label = Label {
            id: self.id.unwrap_or_else(LabelId::generate),
            name: free_name(world, self.team, None, &self.name)?,
            color: text::color("color", self.color.as_deref().unwrap_or(COLOR_DEFAULT))?,
            description: description(self.description.as_deref())?,
            team: self.team,
            created_at: world.now,
            updated_at: world.now,
            deleted_at: None,
            version: 1,
        };
        let mut draft = Draft::new();
        draft.save_label(permit, label);
        Ok(draft)
    }
}

/// Changes a label. Encoded as a map: what is taken away is not what is not spoken of.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
#[cbor(map)]
pub struct UpdateLabel {
    /// Which.
    #[n(0)]
    pub label: LabelId,
    /// The version it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// The word.
    #[n(2)]
    pub name: Option<String>,
    /// `#rrggbb`.
    #[n(3)]
    pub color: Option<String>,
    /// What it is for; an inner none takes it away.
    #[n(4)]
    pub description: Option<Option<String>>,
}

impl Command for UpdateLabel {
    fn operation(&self) -> &'static str {
        "labelUpdate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = existing(world, self.label)?;
        world.expect_version(&format!("label {}", before.name), self.if_version, before.version)?;
        let mut after = Label::clone(&before);
        if let Some(name) = &self.name {
            after.name = free_name(world, before.team, Some(before.id), name)?;
        }
        if let Some(color) = &self.color {
            after.color = text::color("color", color)?;
        }
        if let Some(text) = &self.description {
            after.description = description(text.as_deref())?;
        }
        save(world, before, after)
    }
}

/// Deletes a label. Issues keep it, and history keeps its name; no issue gets it anew.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct DeleteLabel {
    /// Which.
    #[n(0)]
    pub label: LabelId,
}

impl Command for DeleteLabel {
    fn operation(&self) -> &'static str {
        "labelDelete"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = existing(world, self.label)?;
        let after = Label { deleted_at: Some(world.now), ..Label::clone(&before) };
        save(world, before, after)
    }
}

/// Takes a deleted label back, if its name is still free. One that is not deleted stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct RestoreLabel {
    /// Which.
    #[n(0)]
    pub label: LabelId,
}

impl Command for RestoreLabel {
    fn operation(&self) -> &'static str {
        "labelRestore"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let missing = || Error::not_found(format!("label {}", self.label));
        let before = world.directory.label(self.label).cloned().ok_or_else(missing)?;
        let name = free_name(world, before.team, Some(before.id), &before.name)?;
        let after = Label { name, deleted_at: None, ..Label::clone(&before) };
        save(world, before, after)
    }
}

fn existing(world: &World<'_>, id: LabelId) -> Result<Arc<Label>> {
    let label = world.directory.label(id).filter(|l| l.deleted_at.is_none());
    label.cloned().ok_or_else(|| Error::not_found(format!("label {id}")))
}

/// Saves a label unless nothing about it changed.
fn save(world: &World<'_>, before: Arc<Label>, mut after: Label) -> Result<Draft> {
    let permit = world.policy.authorize(Action::ManageLabels, Some(before.clone()), None)?;
    let mut draft = Draft::new();
    if *before == after {
        draft.answer_with(Subject::Label(after.id));
    } else {
        after.version = after.version.saturating_add(1);
        after.updated_at = world.now;
        draft.save_label(permit, after);
    }
    Ok(draft)
}

fn free_name(world: &World<'_>, team: Option<TeamId>, own: Option<LabelId>, name: &str) -> Result<String> {
    let name = text::line("name", "the label's name", name, world.limits.name_chars_max)?;
    match world.directory.label_by_name(team, &name) {
        Some(other) if Some(other.id) != own => {
            Err(Error::conflict(format!("there is a label `{}` already", other.name)).with_field("name"))
        }
        _ => Ok(name),
    }
}

/// Refuses when there are as many labels as there can be, counting those that are on their way.
pub(super) fn room(world: &World<'_>, waiting: usize) -> Result<()> {
    let max = world.limits.labels_per_tenant_max;
    let live = world.directory.whole().labels().filter(|label| label.deleted_at.is_none()).count();
    if live.saturating_add(waiting) < max {
        return Ok(());
    }
    Err(Error::invalid("name", format!("there are at most {max} labels: delete one first")))
}

pub(super) fn description(text: Option<&str>) -> Result<Option<String>> {
    text::body("description", "the description", text, DESCRIPTION_BYTES_MAX)
}
