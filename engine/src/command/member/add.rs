//! Adding a member.

use crate::access::Action;
use crate::command::{Command, World, text};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::MemberId;
use crate::model::{Member, MemberStatus, Role};
use std::sync::Arc;

/// Adds a person to the company.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct AddMember {
    /// The id, chosen by the caller; else a new one.
    #[n(0)]
    pub id: Option<MemberId>,
    /// The address they sign in with; unique in the company, whatever its case.
    #[n(1)]
    pub email: String,
    /// How they are shown, 1 to 100 characters.
    #[n(2)]
    pub name: String,
    /// What they may do.
    #[n(3)]
    pub role: Role,
    /// The hash of their password, in PHC form; without one they cannot sign in with a password. Not part of the
    /// normalised input: the same password has another hash at each attempt.
    #[cbor(skip)]
    pub password_hash: Option<String>,
}

impl Command for AddMember {
    fn operation(&self) -> &'static str {
        "memberCreate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.authorize(Action::ManageMembers, None, None)?;
        let member = Member {
            id: self.free_id(world)?,
            email: Some(self.free_email(world)?),
            name: text::line("name", "the name", &self.name, world.limits.name_chars_max)?,
            role: self.role,
            status: MemberStatus::Active,
            created_at: world.now,
            updated_at: world.now,
            version: 1,
            access_version: 1,
            source: None,
        };
        let mut draft = Draft::new();
        if self.password_hash.is_some() {
            let whose = world.policy.authorize(Action::ManageMembers, Arc::new(member.clone()), None)?;
            draft.set_password(&whose, self.password_hash.clone());
        }
        draft.save_member(permit, member);
        Ok(draft)
    }
}

impl AddMember {
    fn free_id(&self, world: &World<'_>) -> Result<MemberId> {
        match self.id {
            Some(id) if world.directory.member(id).is_some() => {
                Err(Error::conflict(format!("there is a member {id} already")).with_field("id"))
            }
            id => Ok(id.unwrap_or_else(MemberId::generate)),
        }
    }

    fn free_email(&self, world: &World<'_>) -> Result<String> {
        let email = text::email("email", &self.email)?;
        let Some(taken) = world.directory.member_by_email(&email) else { return Ok(email) };
        let why = match taken.status {
            MemberStatus::Removed => format!(
                "{email} belonged to member {}, who has left: set the status of that member to ACTIVE",
                taken.id
            ),
            _ => format!("{email} is the address of member `{}` already", taken.name),
        };
        Err(Error::conflict(why).with_field("email"))
    }
}
