//! Setting a password.

use crate::access::Action;
use crate::command::{Command, World};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::MemberId;
use crate::model::{Member, MemberStatus};

/// Sets a member's password. All their sessions end.
///
/// The log says that it happened; the hash is kept beside it.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct SetPassword {
    /// Whose.
    #[n(0)]
    pub member: MemberId,
    /// The hash, in PHC form. Not part of the normalised input: the same password has another hash at each attempt.
    #[cbor(skip)]
    pub password_hash: String,
}

impl Command for SetPassword {
    fn operation(&self) -> &'static str {
        "memberSetPassword"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = super::find(world, self.member)?;
        let whose = world.policy.authorize(Action::EditProfile, before.clone(), Some(before.id))?;
        if before.email.is_none() || before.status == MemberStatus::Removed {
            let why = format!("`{}` has left or was never here: only members have passwords", before.name);
            return Err(Error::rejected(why));
        }
        let after = Member {
            updated_at: world.now,
            version: before.version.saturating_add(1),
            access_version: before.access_version.saturating_add(1),
            ..Member::clone(&before)
        };
        let owner = Some(before.id);
        let mut draft = Draft::new();
        draft.set_password(&whose, Some(self.password_hash.clone()));
        draft.save_member(world.policy.authorize(Action::EditProfile, Some(before), owner)?, after);
        Ok(draft)
    }
}
