//! Changing a member: name, role, and whether they take part.

use crate::access::Action;
use crate::command::{Command, World, text};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::MemberId;
use crate::model::{Member, MemberStatus, Role};
use std::sync::Arc;

/// Changes a member. What is not said stays.
///
/// When their rights shrink, or they no longer take part, the tokens they hold stop working. One who is removed loses
/// their password too.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct UpdateMember {
    /// Who.
    #[n(0)]
    pub member: MemberId,
    /// The version they were read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// How they are shown, 1 to 100 characters. Everyone may say for themselves.
    #[n(2)]
    pub name: Option<String>,
    /// What they may do.
    #[n(3)]
    pub role: Option<Role>,
    /// Whether they take part. Those known only from an import have no address: they cannot sign in, only be removed.
    #[n(4)]
    pub status: Option<MemberStatus>,
}

/// Removes a member from the company. What they wrote and what they are assigned stays; they can be taken back by
/// making them active again.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct RemoveMember {
    /// Who.
    #[n(0)]
    pub member: MemberId,
}

impl Command for UpdateMember {
    fn operation(&self) -> &'static str {
        "memberUpdate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = super::find(world, self.member)?;
        if self.role.is_some() || self.status.is_some() {
            world.policy.authorize(Action::ManageMembers, (), None)?;
        }
        if self.name.is_some() {
            world.policy.authorize(Action::EditProfile, (), Some(before.id))?;
        }
        world.expect_version(&format!("member `{}`", before.name), self.if_version, before.version)?;
        let mut after = Member::clone(&before);
        if let Some(name) = &self.name {
            after.name = text::line("name", "the name", name, world.limits.name_chars_max)?;
        }
        after.role = self.role.unwrap_or(after.role);
        after.status = self.status.map_or(Ok(after.status), |status| fitting(&before, status))?;
        save(world, before, after)
    }
}

impl Command for RemoveMember {
    fn operation(&self) -> &'static str {
        "memberRemove"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = super::find(world, self.member)?;
        world.policy.authorize(Action::ManageMembers, (), None)?;
        let after = Member { status: MemberStatus::Removed, ..Member::clone(&before) };
        save(world, before, after)
    }
}

/// The status, if it fits somebody with or without an address.
fn fitting(member: &Member, status: MemberStatus) -> Result<MemberStatus> {
    use MemberStatus::{Active, Ghost, Removed, Suspended};
    match (&member.email, status) {
        (_, Removed) | (Some(_), Active | Suspended) | (None, Ghost) => Ok(status),
        (None, Active | Suspended) => Err(Error::invalid(
            "status",
            format!(
                "`{}` is known only from an import and has no address: add a member instead",
                member.name
            ),
        )),
        (Some(_), Ghost) => Err(Error::invalid("status", "only imports make members of the status GHOST")),
    }
}

/// Writes what changed of a member, with what follows from it.
fn save(world: &World<'_>, before: Arc<Member>, after: Member) -> Result<Draft> {
    let mut draft = Draft::new();
    draft.answer_with(Subject::Member(after.id));
    if after == *before {
        return Ok(draft);
    }
    keep_a_super_admin(world, &before, &after)?;
    let shrinks = after.role < before.role || (before.is_active() && !after.is_active());
    let after = Member {
        updated_at: world.now,
        version: before.version.saturating_add(1),
        access_version: before.access_version.saturating_add(u64::from(shrinks)),
        ..after
    };
    let owner = Some(before.id);
    if after.status == MemberStatus::Removed && before.status != MemberStatus::Removed {
        draft.set_password(&world.policy.authorize(Action::ManageMembers, before.clone(), None)?, None);
    }
    draft.save_member(world.policy.authorize(Action::EditProfile, Some(before), owner)?, after);
    Ok(draft)
}

/// Refuses to take the rights of the last active super admin: nobody could give them back.
fn keep_a_super_admin(world: &World<'_>, before: &Member, after: &Member) -> Result<()> {
    let leads = |member: &Member| member.is_active() && member.role == Role::SuperAdmin;
    if leads(before) && !leads(after) && world.directory.active_with_role(Role::SuperAdmin) <= 1 {
        let why = format!("`{}` is the last active super admin: make somebody else one first", before.name);
        return Err(Error::rejected(why));
    }
    Ok(())
}
