//! Commands on labels.

mod create;
mod delete;
mod update;

pub use create::CreateLabel;
pub(super) use create::{DEFAULT_COLOR, room};
pub use delete::DeleteLabel;
pub use update::UpdateLabel;

use super::World;
use crate::error::{Error, Result};
use crate::id::{LabelId, TeamId};
use crate::model::Label;
use std::sync::Arc;

/// A label that is not deleted.
fn find(world: &World<'_>, id: LabelId) -> Result<Arc<Label>> {
    let label = world.directory.label(id).filter(|label| label.deleted_at.is_none());
    label.cloned().ok_or_else(|| Error::not_found(format!("label {id}")))
}

/// Refuses a name that another label of the scope has, in whatever case.
fn free_name(world: &World<'_>, team: Option<TeamId>, name: &str, own: Option<LabelId>) -> Result<()> {
    match world.directory.label_by_name(team, name) {
        Some(taken) if Some(taken.id) != own => {
            Err(Error::conflict(format!("there is a label `{}` already: choose another name", taken.name))
                .with_field("name"))
        }
        _ => Ok(()),
    }
}
