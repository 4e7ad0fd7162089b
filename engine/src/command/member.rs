//! Commands on members: who takes part in a company, and as what.

mod add;
mod password;
mod update;

pub use add::AddMember;
pub use password::SetPassword;
pub use update::{RemoveMember, UpdateMember};

use super::World;
use crate::error::{Error, Result};
use crate::id::MemberId;
use crate::model::Member;
use std::sync::Arc;

fn find(world: &World<'_>, id: MemberId) -> Result<Arc<Member>> {
    world.directory.member(id).cloned().ok_or_else(|| Error::not_found(format!("member {id}")))
}
