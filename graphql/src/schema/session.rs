//! Sessions: where somebody is signed in, and how that ends.

use super::done::DonePayload;
use super::scalar::{self, DateTime};
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use async_graphql::{Context, ID, Object, SimpleObject};
use mortise_engine::Error;
use mortise_engine::command::session::RevokeSessions;
use mortise_engine::id::MemberId;

/// A place where somebody is signed in.
#[derive(SimpleObject)]
pub(crate) struct Session {
    /// The global id, `ses_…`.
    id: ID,
    /// When they signed in.
    created_at: DateTime,
    /// When it was last used to get new tokens.
    last_used_at: DateTime,
    /// When it ends unless it is used before.
    expires_at: DateTime,
    /// What the client says of itself.
    device: String,
    /// From where it was last used, where that is known.
    address: Option<String>,
    /// The identity provider by which they came, `idp_…`; null when it was a password.
    provider_id: Option<ID>,
    /// Whether this request belongs to it.
    is_current: bool,
}

impl Session {
    fn of(session: mortise_engine::Session, cx: &Snapshot) -> Self {
        Self {
            is_current: cx.viewer().session == Some(session.id),
            id: scalar::global(session.id),
            created_at: DateTime(session.created_at),
            last_used_at: DateTime(session.used_at),
            expires_at: DateTime(session.expires_at),
            device: session.agent,
            address: session.address,
            provider_id: session.provider.map(scalar::global),
        }
    }
}

/// The member that an argument names; who asks unless said.
///
/// # Errors
///
/// `INVALID_INPUT` for an id that cannot be read, or where who asks is no member.
pub(super) fn member(asked: &Asked<'_>, id: Option<&ID>) -> mortise_engine::Result<MemberId> {
    match id {
        Some(id) => scalar::id("memberId", id),
        None => {
            asked.snapshot.member().ok_or_else(|| Error::invalid("memberId", "say whose: you are no member"))
        }
    }
}

/// Queries about sessions.
#[derive(Default)]
pub(crate) struct SessionQuery;

#[Object]
impl SessionQuery {
    /// The open sessions of a member, the newest first: at most 40. One's own, or, for super admins, anybody's.
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose: global id, `usr_…`; one's own unless said.")] member_id: Option<ID>,
    ) -> Result<Vec<Session>> {
        let asked = Asked::of(ctx)?;
        let member = member(&asked, member_id.as_ref())?;
        let sessions = asked.engine.sessions(&asked.question(), member).await?;
        asked.snapshot.charge(sessions.len())?;
        Ok(sessions.into_iter().map(|session| Session::of(session, asked.snapshot)).collect())
    }
}

/// Mutations of sessions.
#[derive(Default)]
pub(crate) struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Ends sessions of a member: their tokens stop working at once. One's own, or, for super admins, anybody's.
    async fn session_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which: global id, `ses_…`; all but the one of this request unless said.")]
        id: Option<ID>,
        #[graphql(desc = "Whose: global id, `usr_…`; one's own unless said.")] member_id: Option<ID>,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<DonePayload> {
        let asked = Asked::of(ctx)?;
        let revoke = RevokeSessions::new(
            member(&asked, member_id.as_ref())?,
            id.map(|id| scalar::id("id", &id)).transpose()?,
            asked.snapshot.viewer().session,
        );
        let done = asked.engine.revoke_sessions(asked.operation(idempotency_key, dry_run), revoke).await;
        DonePayload::answer(&asked, done)
    }
}
