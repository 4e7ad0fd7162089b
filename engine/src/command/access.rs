//! Commands on a company's rules of signing in.

use super::{Command, World};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::model::AccessSettings;

/// Changes how the company's people may sign in. What is not said stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, minicbor::Encode)]
pub struct UpdateAccess {
    /// The version it was read at; another one is a conflict.
    #[n(0)]
    pub if_version: Option<u64>,
    /// Whether nobody signs in with a password alone.
    #[n(1)]
    pub second_factor_required: Option<bool>,
    /// Whether a password opens the door at all; super admins may use theirs in any case.
    #[n(2)]
    pub password_sign_in: Option<bool>,
}

impl Command for UpdateAccess {
    fn operation(&self) -> &'static str {
        "accessUpdate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = world.directory.access().clone();
        let permit = world.policy.authorize(Action::ManageAccess, before.clone(), None)?;
        world.expect_version("the rules of signing in", self.if_version, before.version)?;
        let mut after = AccessSettings::clone(&before);
        after.second_factor_required = self.second_factor_required.unwrap_or(before.second_factor_required);
        after.password_sign_in = self.password_sign_in.unwrap_or(before.password_sign_in);
        let mut draft = Draft::new();
        draft.answer_with(Subject::Tenant);
        if after == *before {
            return Ok(draft);
        }
        nobody_is_locked_out(world, &before, &after)?;
        after.version = after.version.saturating_add(1);
        after.updated_at = Some(world.now);
        draft.save_access(permit, after);
        Ok(draft)
    }
}

/// Refuses rules that shut out whoever makes them.
fn nobody_is_locked_out(world: &World<'_>, before: &AccessSettings, after: &AccessSettings) -> Result<()> {
    let asker = world.policy.member();
    if after.second_factor_required
        && !before.second_factor_required
        && asker.is_some_and(|member| !world.directory.has_second_factor(member))
    {
        let message = "set up a second factor of your own before you require one of everybody";
        return Err(Error::rejected(message).with_field("secondFactorRequired"));
    }
    let providers = world.directory.providers().filter(|p| p.deleted_at.is_none()).count();
    if !after.password_sign_in && before.password_sign_in && providers == 0 {
        let message = "add an identity provider before passwords stop opening the door";
        return Err(Error::rejected(message).with_field("passwordSignIn"));
    }
    Ok(())
}
