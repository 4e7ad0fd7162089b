//! Deleting a label.

use crate::access::Action;
use crate::command::{Command, World};
use crate::draft::Draft;
use crate::error::Result;
use crate::id::LabelId;
use crate::model::Label;

/// Deletes a label. Issues keep it and history keeps its name; no issue gets it anew, and its name is free again.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
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
        let before = super::find(world, self.label)?;
        let after = Label {
            deleted_at: Some(world.now),
            updated_at: world.now,
            version: before.version.saturating_add(1),
            ..Label::clone(&before)
        };
        let permit = world.policy.authorize(Action::ManageLabels, Some(before), None)?;
        let mut draft = Draft::new();
        draft.save_label(permit, after);
        Ok(draft)
    }
}
