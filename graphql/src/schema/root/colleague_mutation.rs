//! What those who run the platform do to a company's people. Each is a visit of its own, whose reason the company reads; no
//! answer holds what somebody could sign in by.

use super::colleague::Member;
use super::{Asked, answered};
use crate::error::Result;
use crate::schema::payload::UserError;
use crate::schema::scalar;
use crate::schema::word::Role;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use mortise_engine::command::service::CreateServiceAccount;
use mortise_engine::{ColleagueChange, NewColleague, NewInvitation, model};
use std::sync::Arc;

/// Somebody to be put down among a company's people.
#[derive(InputObject)]
pub(super) struct MemberAddInput {
    /// The address they will sign in with.
    email: String,
    /// How they are shown.
    name: String,
    /// What they will be able to do in general.
    #[graphql(default_with = "Role::User")]
    role: Role,
    /// Why the platform does it, in at least 10 characters: the company reads it among its visits.
    reason: String,
}

/// Somebody to be invited.
#[derive(InputObject)]
pub(super) struct MemberInviteInput {
    /// The address that the letter goes to.
    email: String,
    /// How the letter calls them; they choose their name themselves.
    name: Option<String>,
    /// What they will be able to do in general.
    #[graphql(default_with = "Role::User")]
    role: Role,
    /// Why the platform does it, in at least 10 characters: the company reads it among its visits.
    reason: String,
}

/// An account for a program.
#[derive(InputObject)]
pub(super) struct ServiceAccountCreateInput {
    /// How it is shown.
    name: String,
    /// What it may do in general; not what a super admin may.
    #[graphql(default_with = "Role::User")]
    role: Role,
    /// Why the platform does it, in at least 10 characters: the company reads it among its visits.
    reason: String,
}

/// The answer to somebody's being put down.
#[derive(SimpleObject)]
pub(super) struct MemberAddPayload {
    /// Whether it was done. False exactly when there are `userErrors`.
    success: bool,
    /// Who was put down, `usr_…`; null when it was refused.
    member_id: Option<ID>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

/// The answer to an invitation. Its link is in the letter alone.
#[derive(SimpleObject)]
pub(super) struct MemberInvitePayload {
    /// Whether it was done. False exactly when there are `userErrors`.
    success: bool,
    /// The invitation, `inv_…`; null when it was refused.
    invitation_id: Option<ID>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

/// The answer to a change of somebody.
#[derive(SimpleObject)]
pub(super) struct MemberPayload {
    /// Whether it was done, or already was so. False exactly when there are `userErrors`.
    success: bool,
    /// How they are now; null when it was refused.
    member: Option<Member>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

impl MemberPayload {
    fn answer(done: mortise_engine::Result<Arc<model::Member>>) -> Result<Self> {
        let (member, user_errors) = answered(done)?;
        let member = member.map(|member| Member::from(&*member));
        Ok(Self { success: user_errors.is_empty(), member, user_errors })
    }

    /// The answer once this is done to that member.
    async fn of(
        ctx: &Context<'_>,
        (tenant_id, member_id): (&ID, &ID),
        change: ColleagueChange,
        reason: String,
    ) -> Result<Self> {
        let asked = Asked::of(ctx)?;
        let whom = (scalar::id("tenantId", tenant_id)?, scalar::id("memberId", member_id)?);
        Self::answer(asked.engine.change_colleague(asked.operator, whom, change, reason).await)
    }
}

/// Mutations of people. All need `ADMIN`.
#[derive(Default)]
pub(super) struct MemberMutation;

#[Object]
impl MemberMutation {
    /// Puts somebody down among a company's people, in a visit that its super admins see. They do not take part until one
    /// of those says so (`memberUpdate` with the status `ACTIVE`): the platform lets nobody in. Needs `ADMIN`.
    async fn member_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] tenant_id: ID,
        #[graphql(desc = "Who.")] input: MemberAddInput,
    ) -> Result<MemberAddPayload> {
        let asked = Asked::of(ctx)?;
        let tenant = scalar::id("tenantId", &tenant_id)?;
        let MemberAddInput { email, name, role, reason } = input;
        let new = NewColleague { email, name, role: role.into(), reason };
        let (member, user_errors) = answered(asked.engine.add_colleague(asked.operator, tenant, new).await)?;
        let member_id = member.map(scalar::global);
        Ok(MemberAddPayload { success: user_errors.is_empty(), member_id, user_errors })
    }

    /// Invites somebody: a letter with a link goes out. Who joins by it does not take part until a super admin of the company
    /// says so, or has sent the invitation again: the platform lets nobody in. Needs `ADMIN`.
    async fn member_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] tenant_id: ID,
        #[graphql(desc = "Whom.")] input: MemberInviteInput,
    ) -> Result<MemberInvitePayload> {
        let asked = Asked::of(ctx)?;
        let tenant = scalar::id("tenantId", &tenant_id)?;
        let MemberInviteInput { email, name, role, reason } = input;
        let new = NewInvitation { email, name, role: role.into() };
        let done = asked.engine.invite_colleague(asked.operator, tenant, new, reason).await;
        let (invitation, user_errors) = answered(done)?;
        let invitation_id = invitation.map(scalar::global);
        Ok(MemberInvitePayload { success: user_errors.is_empty(), invitation_id, user_errors })
    }

    /// Changes what somebody may do. Nobody becomes a super admin by it. Needs `ADMIN`.
    async fn member_role_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] tenant_id: ID,
        #[graphql(desc = "Who: global id, `usr_…`.")] member_id: ID,
        #[graphql(desc = "What they may do from now on.")] role: Role,
        #[graphql(desc = "Why, in at least 10 characters: the company reads it.")] reason: String,
    ) -> Result<MemberPayload> {
        let change = ColleagueChange::Role(role.into());
        MemberPayload::of(ctx, (&tenant_id, &member_id), change, reason).await
    }

    /// Closes the door to somebody for now: their access ends at once. Needs `ADMIN`.
    async fn member_suspend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] tenant_id: ID,
        #[graphql(desc = "Who: global id, `usr_…`.")] member_id: ID,
        #[graphql(desc = "Why, in at least 10 characters: the company reads it.")] reason: String,
    ) -> Result<MemberPayload> {
        MemberPayload::of(ctx, (&tenant_id, &member_id), ColleagueChange::Suspend, reason).await
    }

    /// Opens the door again to somebody whom the platform has suspended. For others a super admin of the company does. Needs
    /// `ADMIN`.
    async fn member_reactivate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] tenant_id: ID,
        #[graphql(desc = "Who: global id, `usr_…`.")] member_id: ID,
        #[graphql(desc = "Why, in at least 10 characters: the company reads it.")] reason: String,
    ) -> Result<MemberPayload> {
        MemberPayload::of(ctx, (&tenant_id, &member_id), ColleagueChange::Reactivate, reason).await
    }

    /// Removes somebody: their access ends, what they wrote stays. Needs `ADMIN`.
    async fn member_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] tenant_id: ID,
        #[graphql(desc = "Who: global id, `usr_…`.")] member_id: ID,
        #[graphql(desc = "Why, in at least 10 characters: the company reads it.")] reason: String,
    ) -> Result<MemberPayload> {
        MemberPayload::of(ctx, (&tenant_id, &member_id), ColleagueChange::Remove, reason).await
    }

    /// Takes away the second factor of somebody who has lost theirs: they sign in with their password alone. For a super admin
    /// whom no other super admin can help. Needs `ADMIN`.
    async fn second_factor_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] tenant_id: ID,
        #[graphql(desc = "Who: global id, `usr_…`.")] member_id: ID,
        #[graphql(desc = "Why, in at least 10 characters: the company reads it.")] reason: String,
    ) -> Result<MemberPayload> {
        MemberPayload::of(ctx, (&tenant_id, &member_id), ColleagueChange::ResetSecondFactor, reason).await
    }

    /// Makes an account for a program. Its keys are made in the company. Needs `ADMIN`.
    async fn service_account_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] tenant_id: ID,
        #[graphql(desc = "The account.")] input: ServiceAccountCreateInput,
    ) -> Result<MemberPayload> {
        let asked = Asked::of(ctx)?;
        let tenant = scalar::id("tenantId", &tenant_id)?;
        let ServiceAccountCreateInput { name, role, reason } = input;
        let new = CreateServiceAccount { id: None, name, role: role.into() };
        MemberPayload::answer(asked.engine.add_service_account(asked.operator, tenant, new, reason).await)
    }
}
