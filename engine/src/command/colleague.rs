//! What those who run the platform may do to a company's people: close a door and open it again, and make nobody mighty.
//!
//! The platform lets nobody in. Who was put down or invited by it, or suspended by the company itself, takes part when a super
//! admin says so. It does not know by which way an operator asks.

use super::member::UpdateMember;
use super::{Command, World, text};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::{MemberId, RootId};
use crate::model::{Member, MemberStatus, Role};

/// Puts somebody down among a company's people, who does not take part yet.
#[derive(minicbor::Encode)]
pub(crate) struct PutDown {
    /// The address they will sign in with.
    #[n(0)]
    pub(crate) email: String,
    /// How they are shown.
    #[n(1)]
    pub(crate) name: String,
    /// What they will be able to do.
    #[n(2)]
    pub(crate) role: Role,
}

impl Command for PutDown {
    fn operation(&self) -> &'static str {
        "memberPropose"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.authorize(Action::ManageMembers, None, None)?;
        let email = text::email("email", &self.email)?;
        if let Some(other) = world.directory.member_by_email(&email) {
            let message = format!("{email} belongs to the member `{}`", other.name);
            return Err(Error::conflict(message).with_field("email"));
        }
        let name = text::name("name", "the name", &self.name, world.limits)?;
        let person = Member::new(MemberId::generate(), name, self.role, world.now);
        let mut draft = Draft::new();
        draft.save_member(permit, Member { email: Some(email), status: MemberStatus::Suspended, ..person });
        Ok(draft)
    }
}

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
