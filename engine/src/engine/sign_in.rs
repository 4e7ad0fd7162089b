//! Signing in and out, and telling who a bearer token speaks for.
//!
//! A token says who; whether they still may is read from memory at each use, so that a removed member, a changed role
//! and an ended session act at once.

use super::people::busy;
use super::{Engine, to_the_end};
use crate::context::Principal;
use crate::error::{Error, ErrorCode, Result};
use crate::id::{MemberId, SessionId};
use crate::identity::{
    Audience, ClientFingerprint, Holder, Namespace, Password, PasswordHash, PresentedApiKey,
    PresentedRefreshToken, RefreshFamily, Rotation, SecretBytes, SecretText, Verdict, rotate,
};
use crate::model::Member;
use crate::rows::{self, PasswordRow, SessionRow};
use crate::storage::{Batch, CommitOutcome};
use crate::tenant::LiveTenant;
use crate::time::Timestamp;
use std::sync::Arc;

/// What a person gives to sign in.
#[derive(Debug)]
pub struct SignIn {
    /// The tenant's slug.
    pub tenant: String,
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: Password,
    /// What their client says of itself.
    pub user_agent: String,
}

/// What a person gets for it.
#[derive(Debug)]
pub struct Tokens {
    /// For ten minutes, with every request.
    pub access: SecretText,
    /// To get new tokens, once.
    pub refresh: SecretText,
    /// When the access token ends.
    pub expires_at: Timestamp,
}

/// Who a bearer token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    /// Who.
    pub principal: Principal,
    /// Their session; none for an API key.
    pub session: Option<SessionId>,
}

impl Engine {
    /// Signs a person in. An unknown tenant, an unknown address and a wrong password get the same answer, at the same
    /// cost.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED`; `UNAVAILABLE` when too many sign in at once.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<Tokens> {
        // The session begins when the password is read: one that is set while this one is checked ends it.
        let now = self.clock().now();
        let found = self.credentials(&sign_in.tenant, &sign_in.email).await?;
        let hash = found.as_ref().and_then(|(_, _, hash)| hash.as_ref());
        let verdict = self.0.passwords.verify(sign_in.password, hash).await.map_err(busy)?;
        let (Some((live, member, Some(_))), Verdict::Match { .. }) = (found, verdict) else {
            return Err(Error::new(ErrorCode::Unauthenticated, "the company, address or password is wrong"));
        };
        let holder = Holder::Member { tenant: live.store().tenant(), member: member.id };
        let client = ClientFingerprint::of(&sign_in.user_agent);
        let session = SessionId::generate();
        let (proof, fresh) = (secret()?, secret()?);
        let (family, refresh) = RefreshFamily::begin(session, holder, now.millis(), client, &proof, &fresh);
        save(&live, family).await?;
        self.tokens(holder, session, &member, refresh)
    }

    /// Gives new tokens for a refresh token, which is spent with it. A token that was spent before ends the session:
    /// somebody else has it.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED`; `UNAVAILABLE` when it could not be saved.
    pub async fn refresh(&self, token: &str, user_agent: &str) -> Result<Tokens> {
        let presented = PresentedRefreshToken::parse(token).map_err(|_| signed_out())?;
        let (engine, client) = (self.clone(), ClientFingerprint::of(user_agent));
        to_the_end(async move { engine.rotate(&presented, client).await }).await
    }

    async fn rotate(&self, presented: &PresentedRefreshToken, client: ClientFingerprint) -> Result<Tokens> {
        let Namespace::Tenant(tenant) = presented.namespace() else { return Err(signed_out()) };
        let live = self.live(tenant).await?;
        let _turn = live.sessions_turn().await;
        let family = stored(&live, presented.session()).await?.ok_or_else(signed_out)?;
        let (next, token) = match rotate(&family, presented, self.clock().now().millis(), client, &secret()?)
        {
            Rotation::Rotated { family, token } | Rotation::GraceReplay { family, token } => (family, token),
            Rotation::Reused { family: ended } => {
                self.end(&live, ended).await?;
                tracing::warn!(tenant.id = %live.store().tenant(), session = %family.session, "a spent refresh token was shown");
                return Err(signed_out());
            }
            Rotation::Revoked | Rotation::Expired | Rotation::Unknown => return Err(signed_out()),
        };
        let member = active(&live, next.holder)?;
        let password = live.store().get::<PasswordRow>(&rows::password(member.id)).await?;
        if password.and_then(|row| row.set_at).is_some_and(|at| next.created_ms < at.millis()) {
            return Err(signed_out());
        }
        let (holder, session) = (next.holder, next.session);
        save(&live, next).await?;
        self.tokens(holder, session, &member, token)
    }

    /// Ends the session of a refresh token. One that is not known is no error.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when it could not be saved.
    pub async fn sign_out(&self, token: &str) -> Result<()> {
        let Ok(presented) = PresentedRefreshToken::parse(token) else { return Ok(()) };
        let Namespace::Tenant(tenant) = presented.namespace() else { return Ok(()) };
        let engine = self.clone();
        to_the_end(async move {
            if engine.0.platform.tenant(tenant).is_none() {
                return Ok(());
            }
            let live = engine.live(tenant).await?;
            let _turn = live.sessions_turn().await;
            let Some(family) = stored(&live, presented.session()).await? else { return Ok(()) };
            let now = engine.clock().now().millis();
            match rotate(&family, &presented, now, family.client, &secret()?) {
                Rotation::Unknown => Ok(()),
                _ => engine.end(&live, family.revoke(now)).await,
            }
        })
        .await
    }

    /// Ends a session of the member who asks.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when it could not be saved.
    pub async fn sign_out_session(&self, principal: &Principal, session: SessionId) -> Result<()> {
        let (engine, principal) = (self.clone(), principal.clone());
        to_the_end(async move {
            let live = engine.live(principal.tenant()).await?;
            let _turn = live.sessions_turn().await;
            let family = stored(&live, session).await?;
            match family.filter(|family| member_of(family.holder) == principal.member()) {
                Some(family) => engine.end(&live, family.revoke(engine.clock().now().millis())).await,
                None => Ok(()),
            }
        })
        .await
    }

    /// Who a bearer token speaks for: an access token or an API key.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED`, with what to do; `UNAVAILABLE` when the tenant cannot be loaded.
    pub async fn authenticate(&self, bearer: &str) -> Result<Authenticated> {
        if PresentedApiKey::looks_like(bearer) {
            return self.authenticate_key(bearer).await;
        }
        let now = self.clock().now();
        let claims = self.0.tokens.verify(bearer, Audience::Tenant, now.millis()).map_err(|refusal| {
            Error::new(ErrorCode::Unauthenticated, "the access token is not valid; sign in again")
                .with_source(refusal)
        })?;
        let Holder::Member { tenant, member: id } = claims.holder else { return Err(signed_out()) };
        let live = self.live(tenant).await?;
        let member = active(&live, claims.holder)?;
        if member.access_version != claims.version || live.ended().lock().contains_key(&claims.session) {
            return Err(signed_out());
        }
        Ok(Authenticated { principal: Principal::trusted_member(tenant, id), session: Some(claims.session) })
    }

    async fn authenticate_key(&self, bearer: &str) -> Result<Authenticated> {
        let refuse = || Error::new(ErrorCode::Unauthenticated, "the API key is not valid; create another");
        let presented = PresentedApiKey::parse(bearer).map_err(|_| refuse())?;
        let Namespace::Tenant(tenant) = presented.namespace() else { return Err(refuse()) };
        let live = self.live(tenant).await?;
        let record = live.api_key(presented.id()).await?.ok_or_else(refuse)?;
        record
            .check(&presented, self.clock().now().millis())
            .map_err(|refusal| refuse().with_source(refusal))?;
        let member = active(&live, record.holder)?;
        Ok(Authenticated { principal: Principal::key(tenant, presented.id(), member.id), session: None })
    }

    /// The member with this address, and the hash of their password; none when they cannot sign in.
    async fn credentials(
        &self,
        slug: &str,
        email: &str,
    ) -> Result<Option<(Arc<LiveTenant>, Arc<Member>, Option<PasswordHash>)>> {
        let Some(tenant) = self.tenant_by_slug(slug) else { return Ok(None) };
        let live = self.live(tenant.id).await?;
        let member = live.directory().member_by_email(email).filter(|m| m.is_active()).cloned();
        let Some(member) = member else { return Ok(None) };
        let row = live.store().get::<PasswordRow>(&rows::password(member.id)).await?;
        Ok(Some((live, member, row.map(|row| PasswordHash::from_phc(row.phc)))))
    }

    /// Saves an ended session, in its turn; its access tokens stop working at once.
    async fn end(&self, live: &LiveTenant, ended: RefreshFamily) -> Result<()> {
        live.ended().lock().insert(ended.session, self.clock().now());
        save(live, ended).await?;
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

/// A session as it is stored. Whoever means to change it holds the turn.
async fn stored(live: &LiveTenant, session: SessionId) -> Result<Option<RefreshFamily>> {
    Ok(live.store().get::<SessionRow>(&rows::session(session)).await?.map(|row| row.family))
}

/// Saves a session: a new one, or one that was read in this turn.
async fn save(live: &LiveTenant, family: RefreshFamily) -> Result<()> {
    let mut batch = Batch::new();
    batch.put(rows::session(family.session), &SessionRow { family })?;
    match live.store().commit(batch).await {
        CommitOutcome::Committed { .. } => Ok(()),
        CommitOutcome::Refused(error) => Err(error.into()),
        outcome => Err(unsaved().with_source(format!("{outcome:?}"))),
    }
}

fn unsaved() -> Error {
    Error::unavailable("the session could not be saved; try again in a moment")
}

/// The member a token speaks for, if they still take part.
fn active(live: &LiveTenant, holder: Holder) -> Result<Arc<Member>> {
    let directory = live.directory();
    member_of(holder)
        .and_then(|id| directory.member(id))
        .filter(|m| m.is_active())
        .cloned()
        .ok_or_else(signed_out)
}

const fn member_of(holder: Holder) -> Option<MemberId> {
    match holder {
        Holder::Member { member, .. } => Some(member),
        Holder::Root { .. } => None,
    }
}

fn secret<const N: usize>() -> Result<SecretBytes<N>> {
    SecretBytes::generate().map_err(Error::internal)
}

fn signed_out() -> Error {
    Error::new(ErrorCode::Unauthenticated, "this session has ended; sign in again")
}
