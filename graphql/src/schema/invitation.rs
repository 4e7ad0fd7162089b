//! Invitations: asking a person to join, by letter, and joining by the link in it.

use super::done::DonePayload;
use super::payload::{Outcome, UserError};
use super::scalar::{self, DateTime};
use super::word::{InvitationStatus, Role};
use crate::context::{Asked, Snapshot, engine};
use crate::error::Result;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use mortise_engine::access::Action;
use mortise_engine::command::invitation::WithdrawInvitation;
use mortise_engine::event::Subject;
use mortise_engine::id::InvitationId;
use mortise_engine::identity::Password;
use mortise_engine::model;
use mortise_engine::{Committed, NewInvitation};

/// A person who is asked to join.
#[derive(SimpleObject)]
pub(crate) struct Invitation {
    /// The global id, `inv_…`.
    id: ID,
    /// The address that the letter went to.
    email: String,
    /// How whoever invites calls them.
    name: Option<String>,
    /// What they may do once they have joined.
    role: Role,
    /// How it stands. One that is open and has expired can be sent again.
    status: InvitationStatus,
    /// The global id of who invited them; null when the program that embeds the engine did.
    inviter_id: Option<ID>,
    /// The global id of the member they became.
    member_id: Option<ID>,
    /// Until when it can be accepted.
    expires_at: DateTime,
    /// When it was made.
    created_at: DateTime,
    /// When it last changed, or was sent again.
    updated_at: DateTime,
}

impl From<&model::Invitation> for Invitation {
    fn from(invitation: &model::Invitation) -> Self {
        Self {
            id: scalar::global(invitation.id),
            email: invitation.email.clone(),
            name: invitation.name.clone(),
            role: invitation.role.into(),
            status: invitation.status.into(),
            inviter_id: invitation.inviter.map(scalar::global),
            member_id: invitation.member.map(scalar::global),
            expires_at: DateTime(invitation.expires_at),
            created_at: DateTime(invitation.created_at),
            updated_at: DateTime(invitation.updated_at),
        }
    }
}

/// Whom to ask to join.
#[derive(Debug, InputObject)]
pub(crate) struct MemberInviteInput {
    /// The address that the letter goes to, and by which they will sign in.
    email: String,
    /// How the letter calls them, 1 to 100 characters; they choose their name themselves.
    name: Option<String>,
    /// What they may do once they have joined.
    #[graphql(default_with = "Role::User")]
    role: Role,
}

/// What somebody who joins says of themselves.
#[derive(InputObject)]
pub(crate) struct InvitationAcceptInput {
    /// The token of the link; it is good once.
    token: String,
    /// How they want to be shown, 1 to 100 characters.
    name: String,
    /// Their password, 8 to 256 characters and none of the commonest.
    password: String,
}

/// The answer to a change of an invitation.
#[derive(SimpleObject)]
pub(crate) struct InvitationPayload {
    /// Whether it was done, or already was so. False exactly when there are `userErrors`.
    success: bool,
    /// The invitation as it became; null when it was refused or rehearsed.
    invitation: Option<Invitation>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
    /// The place in the company's log at which this answer is true.
    sync_cursor: String,
    /// The names of the events it wrote; for a dry run, those it would write.
    events: Vec<String>,
}

impl InvitationPayload {
    fn answer(asked: &Asked<'_>, done: mortise_engine::Result<Committed>) -> Result<Self> {
        asked.snapshot.catch_up();
        let outcome = Outcome::of(asked.snapshot, done)?;
        let subjects = outcome.done.iter().flat_map(|done| &done.subjects);
        let named = |subject: &Subject| if let Subject::Invitation(id) = subject { Some(*id) } else { None };
        let id = subjects.filter_map(named).next();
        Ok(Self {
            success: outcome.errors.is_empty(),
            invitation: id.and_then(|id| find(asked.snapshot, id)),
            user_errors: outcome.errors,
            sync_cursor: outcome.sync_cursor,
            events: outcome.events,
        })
    }
}

fn find(cx: &Snapshot, id: InvitationId) -> Option<Invitation> {
    cx.directory().invitation(id).map(|invitation| Invitation::from(&**invitation))
}

/// The answer to joining.
#[derive(SimpleObject)]
pub(crate) struct InvitationAcceptPayload {
    /// Whether they have joined.
    success: bool,
    /// The company's short name: for `signIn`.
    tenant: String,
    /// The address: for `signIn`.
    email: String,
}

/// Invitations in one answer.
const SHOWN_MAX: usize = 250;

/// Queries about invitations.
#[derive(Default)]
pub(crate) struct InvitationQuery;

#[Object]
impl InvitationQuery {
    /// The invitations of the company, the newest first; at most 250. Those that ended are let go after three months. For
    /// super admins.
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that stand in one of these ways; the open ones unless said.")]
        status: Option<Vec<InvitationStatus>>,
    ) -> Result<Vec<Invitation>> {
        let asked = Asked::of(ctx)?;
        asked.snapshot.reader().policy().authorize(Action::ManageMembers, (), None)?;
        let wanted = status.unwrap_or_else(|| vec![InvitationStatus::Open]);
        let directory = asked.snapshot.directory();
        let mut found: Vec<_> =
            directory.invitations().filter(|one| wanted.contains(&one.status.into())).collect();
        found.sort_by_key(|invitation| std::cmp::Reverse(invitation.id));
        found.truncate(SHOWN_MAX);
        asked.snapshot.charge(found.len())?;
        Ok(found.into_iter().map(|invitation| Invitation::from(&**invitation)).collect())
    }
}

/// Mutations of invitations.
#[derive(Default)]
pub(crate) struct InvitationMutation;

#[Object]
impl InvitationMutation {
    /// Asks a person to join: a letter with a link is sent, which is good for a week. It holds a seat meanwhile. For super
    /// admins.
    async fn member_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: MemberInviteInput,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<InvitationPayload> {
        let asked = Asked::of(ctx)?;
        let new = NewInvitation { email: input.email, name: input.name, role: input.role.into() };
        let done = asked.engine.invite(asked.operation(idempotency_key, dry_run), new).await;
        InvitationPayload::answer(&asked, done)
    }

    /// Sends an invitation again, with a new link; the one before stops working. An address gets a few letters in a day. For
    /// super admins.
    async fn invitation_resend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invitation: global id, `inv_…`.")] id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<InvitationPayload> {
        let asked = Asked::of(ctx)?;
        let invitation = scalar::id("id", &id)?;
        let cx = asked.operation(idempotency_key, dry_run);
        InvitationPayload::answer(&asked, asked.engine.resend_invitation(cx, invitation).await)
    }

    /// Takes an invitation back: its link stops working. For super admins.
    async fn invitation_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invitation: global id, `inv_…`.")] id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<DonePayload> {
        let asked = Asked::of(ctx)?;
        let command = WithdrawInvitation { invitation: scalar::id("id", &id)? };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        DonePayload::answer(&asked, done)
    }

    /// Joins by the token of a link, without being signed in: whoever has it chooses a name and a password, and signs in with
    /// those. Refused where passwords open no door: there they join by coming from the company's identity provider. It takes
    /// neither an idempotency key nor a dry run: the token is good once.
    async fn invitation_accept(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link, and who joins.")] input: InvitationAcceptInput,
    ) -> Result<InvitationAcceptPayload> {
        let InvitationAcceptInput { token, name, password } = input;
        let joined = engine(ctx)?.accept_invitation(&token, &name, Password::new(password)).await?;
        Ok(InvitationAcceptPayload { success: true, tenant: joined.tenant.slug.clone(), email: joined.email })
    }
}
