//! Service accounts: members that are programs. Each has a role, at most that of who makes or changes it, and acts by its
//! API keys alone.

use super::member::new_id;
use super::{Command, World, colleague, text};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::MemberId;
use crate::model::{Member, MemberKind, MemberStatus, Role};

/// Makes a service account.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct CreateServiceAccount {
    /// The id, chosen by the caller; else a new one.
    #[n(0)]
    pub id: Option<MemberId>,
    /// How it is shown.
    #[n(1)]
    pub name: String,
    /// What it may do.
    #[n(2)]
    pub role: Role,
}

impl Command for CreateServiceAccount {
    fn operation(&self) -> &'static str {
        "serviceAccountCreate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.authorize(Action::ManageServices, None, None)?;
        if !world.policy.outranks(self.role) {
            return Err(above(self.role));
        }
        colleague::makes_no_super_admin(world, self.role)?;
        let id = new_id(world, self.id)?;
        let max = world.limits.service_accounts_max;
        let there = |member: &&std::sync::Arc<Member>| {
            // Those that plugins act as have a bound of their own.
            let own = world.directory.installation_of_member(member.id).is_none();
            member.is_service() && member.status != MemberStatus::Removed && own
        };
        if world.directory.members().filter(there).count() >= max {
            let message =
                format!("a company has at most {max} service accounts: remove one that is not needed");
            return Err(Error::rejected(message));
        }
        let member = Member {
            kind: MemberKind::Service,
            ..Member::new(
                id,
                text::line("name", "the name", &self.name, world.limits.name_chars_max)?,
                self.role,
                world.now,
            )
        };
        let mut draft = Draft::new();
        draft.save_member(permit, member);
        Ok(draft)
    }
}

/// Refuses to touch a service account that may do more than who asks, and to raise one above them. Of people it says
/// nothing.
pub(super) fn stays_below(world: &World<'_>, member: &Member, role: Option<Role>) -> Result<()> {
    let asked = role.unwrap_or(member.role).max(member.role);
    if member.is_service() && !world.policy.outranks(asked) {
        return Err(above(asked));
    }
    Ok(())
}

/// Whose keys somebody manages by which right.
pub(crate) const fn key_action(member: &Member) -> Action {
    if member.is_service() { Action::ManageServices } else { Action::ManageKeys }
}

fn above(role: Role) -> Error {
    Error::forbidden(format!("manage a service account of the role {role}, which is above yours"))
}
