//! Changing a label.

use crate::access::Action;
use crate::command::{Command, World, text};
use crate::draft::Draft;
use crate::error::Result;
use crate::event::Subject;
use crate::id::LabelId;
use crate::model::Label;

/// Changes a label. What is not said stays; an inner none takes the value away.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
#[cbor(map)]
pub struct UpdateLabel {
    /// Which.
    #[n(0)]
    pub label: LabelId,
    /// The version it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// The word, 1 to 100 characters; unique in its scope, whatever its case.
    #[n(2)]
    pub name: Option<String>,
    /// `#rrggbb`.
    #[n(3)]
    pub color: Option<String>,
    /// What it is for, at most 2 KiB.
    #[n(4)]
    pub description: Option<Option<String>>,
}

impl Command for UpdateLabel {
    fn operation(&self) -> &'static str {
        "labelUpdate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = super::find(world, self.label)?;
        let permit = world.policy.authorize(Action::ManageLabels, Some(before.clone()), None)?;
        world.expect_version(&format!("label `{}`", before.name), self.if_version, before.version)?;
        let after = self.changed(world, &before)?;
        let mut draft = Draft::new();
        draft.answer_with(Subject::Label(after.id));
        if after != *before {
            let version = before.version.saturating_add(1);
            draft.save_label(permit, Label { updated_at: world.now, version, ..after });
        }
        Ok(draft)
    }
}

impl UpdateLabel {
    fn changed(&self, world: &World<'_>, before: &Label) -> Result<Label> {
        let mut after = before.clone();
        if let Some(name) = &self.name {
            after.name = text::line("name", "the name", name, world.limits.name_chars_max)?;
            super::free_name(world, after.team, &after.name, Some(after.id))?;
        }
        if let Some(color) = &self.color {
            after.color = text::color("color", color)?;
        }
        if let Some(description) = &self.description {
            after.description = text::note("description", description.as_deref())?;
        }
        Ok(after)
    }
}
