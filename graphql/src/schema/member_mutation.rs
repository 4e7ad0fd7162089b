//! What adds, changes and removes members.

use super::payload::MemberPayload;
use super::scalar;
use super::word::{MemberStatus, Role};
use crate::context::{Asked, client};
use crate::error::Result;
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use mortise_engine::NewPassword;
use mortise_engine::command::member::{AddMember, HandOver, UpdateMember};
use mortise_engine::command::service::CreateServiceAccount;
use mortise_engine::id::MemberId;
use mortise_engine::identity::Password;

/// A new member.
#[derive(InputObject)]
pub(crate) struct MemberCreateInput {
    /// The global id they shall have, `usr_…`, chosen by the client; a new one unless said.
    id: Option<ID>,
    /// The address they sign in with; unique in the company.
    email: String,
    /// How they are shown, 1 to 100 characters.
    name: String,
    /// What they may do.
    #[graphql(default_with = "Role::User")]
    role: Role,
    /// A first password, 8 to 256 characters and none of the commonest; without one they cannot sign in yet.
    password: Option<String>,
}

impl MemberCreateInput {
    /// The command; the password goes beside it.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for an id that cannot be read; the field is named.
    fn command(self) -> mortise_engine::Result<AddMember> {
        let id = self.id.map(|id| scalar::id("input.id", &id)).transpose()?;
        Ok(AddMember { id, email: self.email, name: self.name, role: self.role.into(), password_hash: None })
    }
}

/// A new service account.
#[derive(Debug, InputObject)]
pub(crate) struct ServiceAccountCreateInput {
    /// The global id it shall have, `usr_…`, chosen by the client; a new one unless said.
    id: Option<ID>,
    /// How it is shown, 1 to 100 characters.
    name: String,
    /// What it may do.
    #[graphql(default_with = "Role::User")]
    role: Role,
}

/// What to change in a member. What is not said stays.
#[derive(Debug, InputObject)]
pub(crate) struct MemberUpdateInput {
    /// How they are shown.
    name: Option<String>,
    /// What they may do. At least one active super admin must remain.
    role: Option<Role>,
    /// Whether they take part: `SUSPENDED` ends their access at once, `ACTIVE` gives it back, also to who was removed. It does
    /// not remove: see `memberRemove`.
    status: Option<MemberStatus>,
    /// The language and place whose words and forms they want, such as `de-CH`; null: they do not say.
    locale: MaybeUndefined<String>,
    /// Where their days and weeks begin, as the IANA names the zone, such as `Europe/Zurich`; null: where the company's do.
    time_zone: MaybeUndefined<String>,
}

impl MemberUpdateInput {
    /// The command.
    fn command(self, member: MemberId, if_version: Option<u64>) -> UpdateMember {
        let (role, status) = (self.role.map(Into::into), self.status.map(Into::into));
        let said = |text: &MaybeUndefined<String>| text.as_opt_ref().map(|text| text.cloned());
        let (locale, time_zone) = (said(&self.locale), said(&self.time_zone));
        UpdateMember { member, if_version, name: self.name, role, status, locale, time_zone }
    }
}

/// Mutations of members.
#[derive(Default)]
pub(crate) struct MemberMutation;

#[Object]
impl MemberMutation {
    /// Adds a person to the company. For super admins.
    async fn member_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] input: MemberCreateInput,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<MemberPayload> {
        let asked = Asked::of(ctx)?;
        let password = input.password.clone().map(Password::new);
        let command = input.command()?;
        let done =
            asked.engine.add_member(asked.operation(idempotency_key, dry_run), command, password).await;
        MemberPayload::answer(&asked, done).await
    }

    /// Changes a member's profile, role or status. Everybody may change their own name, locale and time zone; the rest is for
    /// super admins. Service accounts are changed by admins, as far as their own role reaches.
    async fn member_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member: global id, `usr_…`.")] id: ID,
        #[graphql(desc = "What to change.")] input: MemberUpdateInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<MemberPayload> {
        let asked = Asked::of(ctx)?;
        let command = input.command(scalar::id("id", &id)?, if_version);
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        MemberPayload::answer(&asked, done).await
    }

    /// Makes an account for a program. It has no password and never signs in: make API keys for it. It holds no seat. For
    /// admins; its role is at most that of who makes it.
    async fn service_account_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shall be.")] input: ServiceAccountCreateInput,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<MemberPayload> {
        let asked = Asked::of(ctx)?;
        let id = input.id.map(|id| scalar::id("input.id", &id)).transpose()?;
        let command = CreateServiceAccount { id, name: input.name, role: input.role.into() };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        MemberPayload::answer(&asked, done).await
    }

    /// Hands the company over: the other becomes a super admin and who asks becomes an admin, both or neither. For super
    /// admins.
    async fn company_hand_over(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To whom: global id, `usr_…`.")] member_id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<MemberPayload> {
        let asked = Asked::of(ctx)?;
        let command = HandOver { to: scalar::id("memberId", &member_id)? };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        MemberPayload::answer(&asked, done).await
    }

    /// Removes a member: their access ends at once, what they wrote stays. For super admins.
    async fn member_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member: global id, `usr_…`.")] id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<MemberPayload> {
        let asked = Asked::of(ctx)?;
        let member = scalar::id("id", &id)?;
        let done = asked.engine.remove_member(asked.operation(idempotency_key, dry_run), member).await;
        MemberPayload::answer(&asked, done).await
    }

    /// Sets a member's password; all their sessions end. One's own, with the present one, or, for super admins, anybody's.
    async fn member_set_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member: global id, `usr_…`.")] id: ID,
        #[graphql(desc = "The new password, 8 to 256 characters and none of the commonest.")]
        password: String,
        #[graphql(desc = "One's own present password; not for who sets somebody else's.")]
        current_password: Option<String>,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<MemberPayload> {
        let asked = Asked::of(ctx)?;
        let member = scalar::id("id", &id)?;
        let new = NewPassword {
            password: Password::new(password),
            present: current_password.map(Password::new),
            client: client(ctx),
        };
        let done = asked.engine.set_password(asked.operation(idempotency_key, dry_run), member, new).await;
        MemberPayload::answer(&asked, done).await
    }
}
