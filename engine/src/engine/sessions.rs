//! Sessions: how they begin, go on and end; who has which.
//!
//! A session is a row without a log, changed in the tenant's turn for sessions. Its access tokens are refused from memory
//! at once when it ends. This file does not know how somebody proved who they are.

use super::ways_in::is_barred;
use super::{Engine, to_the_end};
use crate::access::Action;
use crate::command::session::RevokeSessions;
pub use crate::context::Client;
use crate::context::{OpContext, Principal};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Actor, Subject};
use crate::id::{MemberId, ProviderId, SessionId};
use crate::identity::{
    ClientFingerprint, Holder, Namespace, PresentedRefreshToken, RefreshFamily, Rotation, SecretBytes,
    SecretText, rotate,
};
use crate::model::Member;
use crate::rows::{self, Device, PasswordRow, SessionRow};
use crate::security::{SecurityKind, SecurityNote};
use crate::storage::{Batch, CommitOutcome, Key};
use crate::tenant::{Committed, LiveTenant};
use crate::time::Timestamp;
use std::sync::Arc;

/// What a person gets for signing in.
#[derive(Debug)]
pub struct Tokens {
    /// For ten minutes, with every request.
    pub access: SecretText,
    /// To get new tokens, once.
    pub refresh: SecretText,
    /// When the access token ends.
    pub expires_at: Timestamp,
}

/// A session, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// Whose it is.
    pub member: MemberId,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used to get new tokens.
    pub used_at: Timestamp,
    /// When it ends unless it is used before.
    pub expires_at: Timestamp,
    /// What its client says of itself.
    pub agent: String,
    /// From where it was used last, if that is known.
    pub address: Option<String>,
    /// The identity provider that vouched for its owner.
    pub provider: Option<ProviderId>,
}

/// How a session begins.
pub(super) struct Begin<'a> {
    pub(super) member: &'a Member,
    /// When its owner began to prove who they are: a password that is set later ends it.
    pub(super) at: Timestamp,
    pub(super) client: &'a Client,
    pub(super) provider: Option<ProviderId>,
}

impl Engine {
    /// Begins a session, unless a password was set or this way in was closed since its owner began to prove who they are.
    /// One too many ends the oldest.
    pub(super) async fn begin_session(&self, live: &LiveTenant, begin: Begin<'_>) -> Result<Tokens> {
        let Begin { member, at, client, provider } = begin;
        expect_open(live)?;
        let holder = Holder::Member { tenant: live.store().tenant(), member: member.id };
        let session = SessionId::generate();
        let fingerprint = ClientFingerprint::of(&client.agent);
        let (proof, fresh) = (secret()?, secret()?);
        let (family, refresh) =
            RefreshFamily::begin(session, holder, at.millis(), fingerprint, &proof, &fresh);
        let now = self.clock().now();
        let row = SessionRow { family, device: Some(device(client, now)), provider };
        let _turn = live.sessions_turn().await;
        if outlived(live, member, at.millis()).await? || is_barred(live, member, provider) {
            return Err(signed_out());
        }
        let open = live.sessions().lock().of(member.id);
        let surplus = open.len().saturating_add(1).saturating_sub(self.limits().sessions_per_member_max);
        let ended = ended_rows(live, open.get(..surplus).unwrap_or_default(), now).await?;
        let mut batch = Batch::new();
        batch.put(rows::session(session), &row)?;
        for row in &ended {
            batch.put(rows::session(row.family.session), row)?;
        }
        let way = provider.map_or_else(|| "by password".to_owned(), |provider| format!("by {provider}"));
        let began = SecurityNote::new(SecurityKind::SessionBegan).by(Actor::Member(member.id)).saying(way);
        tell(live, batch, began.about(Some(Subject::Session(session))).from(client)).await?;
        let mut sessions = live.sessions().lock();
        sessions.used(member.id, session, client.address);
        open.iter().take(surplus).for_each(|id| sessions.end(Some(member.id), *id, now));
        drop(sessions);
        self.tokens(holder, session, member, refresh)
    }

    /// Gives new tokens for a refresh token, which is spent with it. A token that was spent before ends the session:
    /// somebody else has it.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED`; `UNAVAILABLE` when it could not be saved.
    pub async fn refresh(&self, token: &str, client: impl Into<Client>) -> Result<Tokens> {
        let presented = PresentedRefreshToken::parse(token).map_err(|_| signed_out())?;
        let (engine, client) = (self.clone(), client.into());
        to_the_end(async move { engine.rotate(&presented, &client).await }).await
    }

    async fn rotate(&self, presented: &PresentedRefreshToken, client: &Client) -> Result<Tokens> {
        let Namespace::Tenant(tenant) = presented.namespace() else { return Err(signed_out()) };
        let live = self.live(tenant).await?;
        // Not spent: it is good again when the company is.
        expect_open(&live).map_err(|_| signed_out())?;
        let refused = || {
            let about = Some(Subject::Session(presented.session()));
            live.note(SecurityNote::new(SecurityKind::SessionRefused).about(about).from(client));
            signed_out()
        };
        let _turn = live.sessions_turn().await;
        let row = stored(&live, presented.session()).await?.ok_or_else(signed_out)?;
        let (now, fingerprint) = (self.clock().now(), ClientFingerprint::of(&client.agent));
        let (family, token) = match rotate(&row.family, presented, now.millis(), fingerprint, &secret()?) {
            Rotation::Rotated { family, token } | Rotation::GraceReplay { family, token } => (family, token),
            Rotation::Reused { family } => {
                tracing::warn!(tenant.id = %tenant, session = %family.session, "a spent refresh token was shown");
                let stolen = SecurityNote::new(SecurityKind::SessionStolen).from(client);
                self.end(&live, SessionRow { family, ..row }, stolen).await?;
                return Err(signed_out());
            }
            Rotation::Revoked | Rotation::Expired | Rotation::Unknown => return Err(refused()),
        };
        let member = active(&live, family.holder).map_err(|_| refused())?;
        if outlived(&live, &member, family.created_ms).await? || is_barred(&live, &member, row.provider) {
            return Err(refused());
        }
        let (holder, session) = (family.holder, family.session);
        let mut batch = Batch::new();
        let next = SessionRow { family, device: Some(device(client, now)), ..row };
        batch.put(rows::session(session), &next)?;
        commit(&live, batch).await?;
        live.sessions().lock().used(member.id, session, client.address);
        self.tokens(holder, session, &member, token)
    }

    /// Ends the session of a refresh token. One that is not known is no error.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when it could not be saved.
    pub async fn sign_out(&self, token: &str, client: impl Into<Client>) -> Result<()> {
        let Ok(presented) = PresentedRefreshToken::parse(token) else { return Ok(()) };
        let Namespace::Tenant(tenant) = presented.namespace() else { return Ok(()) };
        let (engine, client) = (self.clone(), client.into());
        to_the_end(async move {
            if engine.0.platform.tenant(tenant).is_none() {
                return Ok(());
            }
            let live = engine.live(tenant).await?;
            let _turn = live.sessions_turn().await;
            let Some(row) = stored(&live, presented.session()).await? else { return Ok(()) };
            let (now, nobody) = (engine.clock().now().millis(), ClientFingerprint::of(""));
            // Whoever holds a token of the family, live or spent, may end it; nobody else may.
            match rotate(&row.family, &presented, now, nobody, &secret()?) {
                Rotation::Unknown => Ok(()),
                _ => {
                    let note = SecurityNote::new(SecurityKind::SessionEnded).from(&client);
                    engine.end(&live, ended(row, now), note).await
                }
            }
        })
        .await
    }

    /// Ends a session of the member who asks; of an operator of the platform, their visit.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when it could not be saved.
    pub async fn sign_out_session(
        &self,
        principal: &Principal,
        session: SessionId,
        client: impl Into<Client>,
    ) -> Result<()> {
        let (engine, principal, client) = (self.clone(), principal.clone(), client.into());
        to_the_end(async move {
            let live = engine.live(principal.tenant()).await?;
            if let Actor::Root(root) = principal.actor() {
                let own = live.directory().visit(session).is_some_and(|visit| visit.root == root);
                return if own {
                    engine.end_visit(principal.tenant(), session).await.map(drop)
                } else {
                    Ok(())
                };
            }
            let _turn = live.sessions_turn().await;
            let row = stored(&live, session).await?;
            match row.filter(|row| row.family.holder.member() == principal.member()) {
                Some(row) => {
                    let note = SecurityNote::new(SecurityKind::SessionEnded).from(&client);
                    engine.end(&live, ended(row, engine.clock().now().millis()), note).await
                }
                None => Ok(()),
            }
        })
        .await
    }

    /// The open sessions of a member, the newest first. One's own, or, for super admins, anybody's.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`; otherwise as [`Engine::reader`].
    pub async fn sessions(&self, cx: &OpContext, member: MemberId) -> Result<Vec<Session>> {
        self.may(cx, Action::ManageSignIn, Some(member)).await?;
        let live = self.live(cx.principal.tenant()).await?;
        let Some(owner) = live.directory().member(member).cloned() else { return Ok(Vec::new()) };
        let keys: Vec<Key> = live.sessions().lock().of(member).iter().map(|id| rows::session(*id)).collect();
        let set_at = password_set_at(&live, member).await?;
        let rows = live.store().get_many::<SessionRow>(&keys).await?;
        let now = self.clock().now();
        let open = rows.into_iter().flatten().filter(|row| {
            let outlived = set_at.is_some_and(|at| row.family.created_ms < at.millis());
            row.family.is_open(now.millis()) && !outlived && owner.is_active()
        });
        let mut sessions: Vec<Session> = open.map(|row| session_of(&row, member)).collect();
        sessions.sort_by_key(|session| std::cmp::Reverse(session.id));
        Ok(sessions)
    }

    /// Ends one session of a member, or all but `spared`, and says so in the log. One's own, or, for super admins,
    /// anybody's. A session that is not there is *not found*, whether it is somebody else's or nobody's.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`, `FORBIDDEN`; `UNAVAILABLE` when it could not be saved.
    pub async fn revoke_sessions(&self, cx: OpContext, revoke: RevokeSessions) -> Result<Committed> {
        let engine = self.clone();
        to_the_end(async move { engine.revoke(cx, revoke).await }).await
    }

    async fn revoke(&self, cx: OpContext, mut revoke: RevokeSessions) -> Result<Committed> {
        self.may(&cx, Action::ManageSignIn, Some(revoke.member)).await?;
        let live = self.live(cx.principal.tenant()).await?;
        let _turn = live.sessions_turn().await;
        let open = live.sessions().lock().of(revoke.member);
        let wanted: Vec<SessionId> = match revoke.session {
            Some(one) => open.into_iter().filter(|id| *id == one).collect(),
            None => open.into_iter().filter(|id| Some(*id) != revoke.spared).collect(),
        };
        for row in ended_rows(&live, &wanted, self.clock().now()).await? {
            let bytes = encoded(&row)?;
            revoke.rows.push((row.family.session, bytes));
        }
        live.execute(&cx, &revoke).await
    }

    /// Saves an ended session, in its turn; its access tokens stop working at once.
    async fn end(&self, live: &LiveTenant, ended: SessionRow, note: SecurityNote) -> Result<()> {
        let (member, session) = (ended.family.holder.member(), ended.family.session);
        live.sessions().lock().end(member, session, self.clock().now());
        let mut batch = Batch::new();
        batch.put(rows::session(session), &ended)?;
        let about = note.about(Some(Subject::Session(session)));
        // Who showed a token of the session is its owner; who showed a spent one may be anybody.
        let owner = member.filter(|_| about.kind == SecurityKind::SessionEnded).map(Actor::Member);
        tell(live, batch, SecurityNote { actor: owner, ..about }).await?;
        // A load that began meanwhile may have missed it: asked again, it is told of it.
        if live.is_broken() { Err(unsaved()) } else { Ok(()) }
    }

    fn tokens(
        &self,
        holder: Holder,
        session: SessionId,
        member: &Member,
        refresh: SecretText,
    ) -> Result<Tokens> {
        let now = self.clock().now().millis();
        let issued =
            self.0.tokens.issue(holder, session, member.access_version, now).map_err(Error::internal)?;
        let expires_at = Timestamp::from_millis(issued.expires_at_ms);
        Ok(Tokens { access: issued.token, refresh, expires_at })
    }
}

/// Refuses somebody, who has proven who they are, while nobody is let into the company.
fn expect_open(live: &LiveTenant) -> Result<()> {
    let record = live.record();
    if record.lets_people_in() {
        return Ok(());
    }
    Err(Error::forbidden(format!("sign in: {}", record.standing())))
}

/// A session as it is stored. Whoever means to change it holds the turn.
async fn stored(live: &LiveTenant, session: SessionId) -> Result<Option<SessionRow>> {
    Ok(live.store().get::<SessionRow>(&rows::session(session)).await?)
}

/// These sessions as they are once ended.
pub(super) async fn ended_rows(
    live: &LiveTenant,
    sessions: &[SessionId],
    now: Timestamp,
) -> Result<Vec<SessionRow>> {
    let keys: Vec<Key> = sessions.iter().map(|id| rows::session(*id)).collect();
    let rows = live.store().get_many::<SessionRow>(&keys).await?;
    Ok(rows.into_iter().flatten().map(|row| ended(row, now.millis())).collect())
}

fn ended(row: SessionRow, now_ms: i64) -> SessionRow {
    SessionRow { family: row.family.revoke(now_ms), ..row }
}

/// Whether what began then is older than its owner's password.
async fn outlived(live: &LiveTenant, member: &Member, began_ms: i64) -> Result<bool> {
    let set_at = password_set_at(live, member.id).await?;
    Ok(set_at.is_some_and(|at| began_ms < at.millis()))
}

pub(super) async fn password_set_at(live: &LiveTenant, member: MemberId) -> Result<Option<Timestamp>> {
    let row = live.store().get::<PasswordRow>(&rows::password(member)).await?;
    Ok(row.and_then(|row| row.set_at))
}

fn session_of(row: &SessionRow, member: MemberId) -> Session {
    let created_at = Timestamp::from_millis(row.family.created_ms);
    let device = row.device.as_ref();
    Session {
        id: row.family.session,
        member,
        created_at,
        used_at: device.map_or(created_at, |device| device.used_at),
        expires_at: Timestamp::from_millis(row.family.expires_ms),
        agent: device.map(|device| device.agent.clone()).unwrap_or_default(),
        address: device.and_then(|device| device.address.clone()),
        provider: row.provider,
    }
}

/// What is kept of a client.
fn device(client: &Client, now: Timestamp) -> Device {
    Device { agent: client.said(), address: client.address.map(|address| address.to_string()), used_at: now }
}

/// Saves rows that have no log, and a security event with them.
async fn tell(live: &LiveTenant, batch: Batch, note: SecurityNote) -> Result<()> {
    saved(live.tell(batch, vec![note]).await?)
}

/// Saves rows that have no log.
pub(super) async fn commit(live: &LiveTenant, batch: Batch) -> Result<()> {
    saved(live.store().commit(batch).await)
}

/// A value as the bytes that are kept of it, or hashed.
pub(super) fn encoded(value: impl minicbor::Encode<()>) -> Result<Vec<u8>> {
    minicbor::to_vec(value).map_err(|e| Error::internal(e.to_string()))
}

fn saved(outcome: CommitOutcome) -> Result<()> {
    match outcome {
        CommitOutcome::Committed { .. } => Ok(()),
        CommitOutcome::Refused(error) => Err(error.into()),
        outcome => Err(unsaved().with_source(format!("{outcome:?}"))),
    }
}

fn unsaved() -> Error {
    Error::unavailable("the session could not be saved; try again in a moment")
}

/// The member a token speaks for, if they still take part.
pub(super) fn active(live: &LiveTenant, holder: Holder) -> Result<Arc<Member>> {
    let directory = live.directory();
    holder
        .member()
        .and_then(|id| directory.member(id))
        .filter(|m| m.is_active())
        .cloned()
        .ok_or_else(signed_out)
}

pub(super) fn secret<const N: usize>() -> Result<SecretBytes<N>> {
    SecretBytes::generate().map_err(Error::internal)
}

pub(super) fn signed_out() -> Error {
    Error::new(ErrorCode::Unauthenticated, "this session has ended; sign in again")
}
