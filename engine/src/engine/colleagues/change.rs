//! What those who run the platform do to a company's people, one act at a time, each for a reason that the company reads.
//!
//! None of it lets anybody in who was not, makes a super admin, or answers a token. What is within bounds the commands say.

use super::super::people::member_of;
use super::super::{Engine, NewInvitation, to_the_end};
use crate::command::PutDown;
use crate::command::member::UpdateMember;
use crate::command::service::CreateServiceAccount;
use crate::context::Operator;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::{InvitationId, MemberId, TenantId};
use crate::model::{KeyScope, Member, MemberStatus, Role};
use std::sync::Arc;

/// Somebody to be put down among a company's people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewColleague {
    /// The address they will sign in with.
    pub email: String,
    /// How they are shown.
    pub name: String,
    /// What they will be able to do.
    pub role: Role,
    /// Why the platform does it, in at least 10 characters: the company reads it.
    pub reason: String,
}

/// What is done to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColleagueChange {
    /// They may do this from now on. Nobody becomes a super admin by it.
    Role(Role),
    /// The door is closed to them for now.
    Suspend,
    /// It is open again, for whom the platform has suspended; for others their super admins open it.
    Reactivate,
    /// Their access ends for good, what they wrote stays.
    Remove,
    /// Their second factor is lost: they sign in with their password alone.
    ResetSecondFactor,
}

impl Engine {
    /// Puts somebody down among a company's people. They do not take part until one of its super admins says so: the
    /// platform lets nobody in. It is a visit of its own, for a reason, in the company's sight.
    ///
    /// # Errors
    ///
    /// As [`Engine::begin_visit`] and [`AddMember`](crate::command::member::AddMember); `FORBIDDEN` for a key below `ADMIN`,
    /// and for who is no operator.
    pub async fn add_colleague(
        &self,
        by: &Operator,
        tenant: TenantId,
        new: NewColleague,
    ) -> Result<MemberId> {
        by.expect(KeyScope::Admin, "add somebody to a company's people")?;
        let (engine, by) = (self.clone(), by.clone());
        let work = async move {
            let NewColleague { email, name, role, reason } = new;
            let act = engine.execute(by.about(tenant), PutDown { email, name, role });
            let done = engine.in_sight(&by, (tenant, reason), Box::pin(act)).await?;
            let added = done.subjects.iter().find_map(member_of);
            added.ok_or_else(|| Error::internal("a member was added, and the answer names none"))
        };
        to_the_end(Box::pin(work)).await
    }

    /// Does this to somebody of a company, in a visit of its own.
    ///
    /// # Errors
    ///
    /// As [`Engine::add_colleague`]; `FORBIDDEN` for who is to become a super admin, and for who is to be let in and was not
    /// suspended by the platform; `NOT_FOUND` for who is not there; `REJECTED` for the last super admin.
    pub async fn change_colleague(
        &self,
        by: &Operator,
        (tenant, member): (TenantId, MemberId),
        change: ColleagueChange,
        reason: String,
    ) -> Result<Arc<Member>> {
        by.expect(KeyScope::Admin, "change a company's people")?;
        self.known_tenant(tenant)?;
        self.colleague(tenant, member).await?;
        let (engine, by) = (self.clone(), by.clone());
        let work = async move {
            let act = engine.change_in_sight(&by, (tenant, member), change);
            engine.in_sight(&by, (tenant, reason), Box::pin(act)).await?;
            engine.colleague(tenant, member).await
        };
        to_the_end(Box::pin(work)).await
    }

    async fn change_in_sight(
        &self,
        by: &Operator,
        (tenant, member): (TenantId, MemberId),
        change: ColleagueChange,
    ) -> Result<()> {
        let (cx, update) = (by.about(tenant), UpdateMember::of(member));
        let status = |status| UpdateMember { status: Some(status), ..UpdateMember::of(member) };
        let done = match change {
            ColleagueChange::Role(role) => {
                self.execute(cx, UpdateMember { role: Some(role), ..update }).await
            }
            ColleagueChange::Suspend => self.execute(cx, status(MemberStatus::Suspended)).await,
            ColleagueChange::Reactivate => self.execute(cx, status(MemberStatus::Active)).await,
            ColleagueChange::Remove => self.remove_member(cx, member).await,
            ColleagueChange::ResetSecondFactor => self.reset_second_factor(cx, member).await,
        };
        done.map(drop)
    }

    /// Invites somebody to a company: a letter with a link goes out. Who joins by it does not take part until a super admin of
    /// the company says so, as whom the platform puts down.
    ///
    /// # Errors
    ///
    /// As [`Engine::add_colleague`] and [`Engine::invite`].
    pub async fn invite_colleague(
        &self,
        by: &Operator,
        tenant: TenantId,
        new: NewInvitation,
        reason: String,
    ) -> Result<InvitationId> {
        by.expect(KeyScope::Admin, "invite somebody to a company")?;
        let (engine, by) = (self.clone(), by.clone());
        let work = async move {
            let act = engine.invite(by.about(tenant), new);
            let done = engine.in_sight(&by, (tenant, reason), Box::pin(act)).await?;
            let invited = done.subjects.iter().find_map(|subject| match subject {
                Subject::Invitation(id) => Some(*id),
                _ => None,
            });
            invited.ok_or_else(|| Error::internal("somebody was invited, and the answer names none"))
        };
        to_the_end(Box::pin(work)).await
    }

    /// Makes an account for a program of a company. It has no key: its super admins and admins make those.
    ///
    /// # Errors
    ///
    /// As [`Engine::add_colleague`] and [`CreateServiceAccount`]; `FORBIDDEN` for the role of a super admin.
    pub async fn add_service_account(
        &self,
        by: &Operator,
        tenant: TenantId,
        new: CreateServiceAccount,
        reason: String,
    ) -> Result<Arc<Member>> {
        by.expect(KeyScope::Admin, "make a service account")?;
        let (engine, by) = (self.clone(), by.clone());
        let work = async move {
            let act = engine.execute(by.about(tenant), new);
            let done = engine.in_sight(&by, (tenant, reason), Box::pin(act)).await?;
            let made = done.subjects.iter().find_map(member_of);
            let made =
                made.ok_or_else(|| Error::internal("an account was made, and the answer names none"))?;
            engine.colleague(tenant, made).await
        };
        to_the_end(Box::pin(work)).await
    }

    async fn colleague(&self, tenant: TenantId, member: MemberId) -> Result<Arc<Member>> {
        let directory = self.live(tenant).await?.directory();
        let missing = || Error::not_found(format!("member {member}"));
        directory.member(member).cloned().ok_or_else(missing)
    }
}
