//! Commands on teams.

mod create;
mod update;

pub use create::CreateTeam;
pub use update::UpdateTeam;

use super::World;
use crate::error::{Error, Result};
use crate::id::TeamId;

/// Refuses a key that another team has, or once had: its issues are still found by it.
fn free_key(world: &World<'_>, key: &str, own: Option<TeamId>) -> Result<()> {
    match world.directory.team_by_key(key) {
        Some(team) if Some(team.id) != own => {
            let tense = if team.key == key { "has" } else { "once had" };
            let why = format!("team `{}` {tense} the key {key}: choose another", team.name);
            Err(Error::conflict(why).with_field("key"))
        }
        _ => Ok(()),
    }
}
