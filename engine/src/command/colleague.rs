//! What those who run the platform may do to a company's people: close a door and open it again, and make nobody mighty.
//!
//! The platform lets nobody in. Who was put down or invited by it, or suspended by the company itself, takes part when a super
//! admin says so. It does not know by which way an operator asks.

use super::World;
use super::member::UpdateMember;
use crate::error::{Error, Result};
use crate::id::RootId;
use crate::model::{Member, MemberStatus, Role};

/// Refuses the platform to let somebody in whom it has not kept out itself, and to make a super admin.
pub(super) fn within_bounds(world: &World<'_>, before: &Member, update: &UpdateMember) -> Result<()> {
    if !world.cx.principal.is_of_platform() {
        return Ok(());
    }
    if let Some(role) = update.role.filter(|role| *role != before.role) {
        makes_no_super_admin(world, role)?;
    }
    let comes_in = update.status == Some(MemberStatus::Active) && !before.is_active();
    if comes_in && before.suspended_by.is_none() {
        let why = "a super admin of the company does, for the platform has not suspended them";
        return Err(Error::forbidden(format!("let `{}` in: {why}", before.name)));
    }
    Ok(())
}

/// Refuses the platform to give this role to somebody, if it is the highest.
pub(super) fn makes_no_super_admin(world: &World<'_>, role: Role) -> Result<()> {
    if world.cx.principal.is_of_platform() && role == Role::SuperAdmin {
        return Err(Error::forbidden("make a super admin: another super admin of the company does"));
    }
    Ok(())
}

/// Which operator has closed the door to somebody, once this is said of how they stand.
pub(super) fn suspended_by(world: &World<'_>, before: &Member, status: MemberStatus) -> Option<RootId> {
    let operator = world.cx.principal.operator().filter(|_| status == MemberStatus::Suspended)?;
    if before.is_active() { Some(operator) } else { before.suspended_by }
}
