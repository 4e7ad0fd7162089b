//! Giving people access: what needs passwords hashed, or is asked before a costly hash is made.
//!
//! It does not know what a member is made of: the commands do.

use super::Engine;
use crate::access::{Action, Policy};
use crate::command::member::{AddMember, SetPassword};
use crate::context::{Client, OpContext};
use crate::error::{Error, ErrorCode, Result};
use crate::event::Subject;
use crate::id::{MemberId, TenantId};
use crate::identity::{Password, PasswordError, PasswordHash, Verdict};
use crate::rows::{self, PasswordRow};
use crate::tenant::Committed;

/// A password to be set.
#[derive(Debug)]
pub struct NewPassword {
    /// What it shall be.
    pub password: Password,
    /// What it is so far: asked of those who set their own.
    pub present: Option<Password>,
    /// Who sends it, and from where: guesses are slowed down, and told.
    pub client: Client,
}

impl From<Password> for NewPassword {
    /// For somebody else, by who may.
    fn from(password: Password) -> Self {
        Self { password, present: None, client: Client::default() }
    }
}

impl Engine {
    /// Adds a member, with a password if one is given.
    ///
    /// # Errors
    ///
    /// As the command; `INVALID_INPUT` for a password that is too weak.
    pub async fn add_member(
        &self,
        cx: OpContext,
        mut command: AddMember,
        password: Option<Password>,
    ) -> Result<Committed> {
        self.may(&cx, Action::ManageMembers, None).await?;
        if password.is_some() {
            self.may(&cx, Action::ManageSignIn, None).await?;
        }
        let (tenant, typed) = (cx.principal.tenant(), password.clone());
        command.password_hash = self.hashed(password).await?.map(|hash| hash.as_phc().to_owned());
        let done = self.execute(cx, command).await?;
        let member = done.subjects.iter().find_map(member_of);
        if let (true, Some(member), Some(typed)) = (done.replayed, member, typed) {
            self.expect_password(tenant, member, typed).await?;
        }
        Ok(done)
    }

    /// Sets a member's password; all their sessions end. Who sets their own gives the present one with it.
    ///
    /// # Errors
    ///
    /// As the command; `INVALID_INPUT` for a password that is too weak, or a present one that is wrong.
    pub async fn set_password(
        &self,
        cx: OpContext,
        member: MemberId,
        new: impl Into<NewPassword> + Send,
    ) -> Result<Committed> {
        let NewPassword { password, present, client } = new.into();
        self.may(&cx, Action::ManageSignIn, Some(member)).await?;
        let (tenant, typed) = (cx.principal.tenant(), password.clone());
        if cx.principal.member() == Some(member) {
            // Repeated after it was done, a request brings what is the present one by now.
            let repeated = cx.idempotency_key.is_some().then(|| password.clone());
            self.expect_present(tenant, member, (present, repeated), &client).await?;
        }
        let password_hash = self.hash(password).await?.as_phc().to_owned();
        let done = self.execute(cx, SetPassword::new(member, password_hash)).await?;
        if done.replayed {
            self.expect_password(tenant, member, typed).await?;
        }
        Ok(done)
    }

    /// Refuses who sets their own password and does not know the one they have: a session that was left open is not enough.
    async fn expect_present(
        &self,
        tenant: TenantId,
        member: MemberId,
        (present, repeated): (Option<Password>, Option<Password>),
        client: &Client,
    ) -> Result<()> {
        let field = |error: Error| error.with_field("currentPassword");
        let missing = || Error::new(ErrorCode::InvalidInput, "give your present password with the new one");
        let present = present.ok_or_else(missing).map_err(field)?;
        let live = self.live(tenant).await?;
        let member = live.directory().member(member).cloned().ok_or_else(missing)?;
        let refused = match self.expect_own_password(&live, &member, present, client).await {
            Err(error) if error.code() == ErrorCode::InvalidInput => error,
            other => return other,
        };
        let Some(again) = repeated else { return Err(field(refused)) };
        self.expect_own_password(&live, &member, again, client).await.map_err(|_| field(refused))
    }

    /// Refuses a repeated request that brings another password than the one it set. A password is no part of what an
    /// idempotency key is bound to, because a hash quick enough to compare would be quick to guess.
    pub(super) async fn expect_password(
        &self,
        tenant: TenantId,
        member: MemberId,
        typed: Password,
    ) -> Result<()> {
        let row = self.live(tenant).await?.store().get::<PasswordRow>(&rows::password(member)).await?;
        let hash = row.map(|row| PasswordHash::from_phc(row.phc));
        match self.0.passwords.verify(typed, hash.as_ref()).await.map_err(busy)? {
            Verdict::Match { .. } => Ok(()),
            Verdict::Mismatch => Err(Error::conflict(
                "this idempotency key was used for another password: use a new key for a new change",
            )
            .with_field("idempotencyKey")),
        }
    }

    /// Refuses early, before a costly hash is made for somebody who may not, and notes who was refused.
    pub(super) async fn may(&self, cx: &OpContext, action: Action, owner: Option<MemberId>) -> Result<()> {
        let live = self.live(cx.principal.tenant()).await?;
        let policy = Policy::of(&cx.principal, &live.record(), &live.directory())?;
        let allowed = policy.authorize(action, (), owner).map(drop);
        allowed.inspect_err(|_| live.note_refusal(cx, action.name()))
    }

    pub(super) async fn hashed(&self, password: Option<Password>) -> Result<Option<PasswordHash>> {
        match password {
            Some(password) => self.hash(password).await.map(Some),
            None => Ok(None),
        }
    }

    pub(super) async fn hash(&self, password: Password) -> Result<PasswordHash> {
        password.check_policy().map_err(|weak| Error::invalid("password", weak.to_string()))?;
        self.0.passwords.hash(password).await.map_err(busy)
    }
}

/// What a failure of the password hasher means to the asker.
pub(super) fn busy(error: PasswordError) -> Error {
    match error {
        PasswordError::Busy => {
            Error::unavailable("too many people are signing in at the moment; try again in a few seconds")
        }
        other => Error::internal(other),
    }
}

pub(super) const fn member_of(subject: &Subject) -> Option<MemberId> {
    if let Subject::Member(id) = subject { Some(*id) } else { None }
}
