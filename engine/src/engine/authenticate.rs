//! Telling who a bearer token speaks for.
//!
//! A token says who; whether they still may is read from memory at each use, so that a removed member, a changed role,
//! an ended session and a revoked key act at once.

use super::Engine;
use super::sessions::{active, signed_out};
use crate::context::{Client, Principal};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Actor, Subject};
use crate::id::{ApiKeyId, SessionId};
use crate::identity::{
    Audience, ExternalIssuer, ForeignRefusal, Holder, Namespace, OneTimeRecord, PresentedApiKey,
    PresentedOneTime, Purpose,
};
use crate::rows;
use crate::security::{SecurityKind, SecurityNote};
use std::net::IpAddr;

/// Who a bearer token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    /// Who.
    pub principal: Principal,
    /// Their session; none for an API key.
    pub session: Option<SessionId>,
}

impl Engine {
    /// Who a bearer token speaks for: an access token, an API key, or the token of a visit. A key that is bound to
    /// networks is refused, because it is not known from where it comes: see [`Engine::authenticate_from`].
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED`, with what to do; `UNAVAILABLE` when the tenant cannot be loaded, or the keys of an external issuer
    /// not be fetched.
    pub async fn authenticate(&self, bearer: &str) -> Result<Authenticated> {
        self.authenticate_from(bearer, None).await
    }

    /// Who a bearer token speaks for that comes from this address.
    ///
    /// # Errors
    ///
    /// As [`Engine::authenticate`].
    pub async fn authenticate_from(&self, bearer: &str, address: Option<IpAddr>) -> Result<Authenticated> {
        self.authenticate_client(bearer, &Client { address, ..Client::default() }).await
    }

    /// Who a bearer token speaks for that this client sends.
    ///
    /// # Errors
    ///
    /// As [`Engine::authenticate`].
    pub async fn authenticate_client(&self, bearer: &str, client: &Client) -> Result<Authenticated> {
        if PresentedApiKey::looks_like(bearer) {
            return self.authenticate_key(bearer, client).await;
        }
        if PresentedOneTime::looks_like(bearer) {
            return self.authenticate_visit(bearer, client).await;
        }
        if let Some(found) = self.authenticate_foreign(bearer, client).await? {
            return Ok(found);
        }
        let now = self.clock().now();
        let claims = self.0.tokens.verify(bearer, Audience::Tenant, now.millis()).map_err(|refusal| {
            Error::new(ErrorCode::Unauthenticated, "the access token is not valid; sign in again")
                .with_source(refusal)
        })?;
        let Holder::Member { tenant, member: id } = claims.holder else { return Err(signed_out()) };
        let live = self.live(tenant).await?;
        let member = active(&live, claims.holder)?;
        if member.access_version != claims.version || live.sessions().lock().has_ended(claims.session) {
            return Err(signed_out());
        }
        Ok(Authenticated { principal: Principal::trusted_member(tenant, id), session: Some(claims.session) })
    }

    /// Whether a bearer token can only be an access token of this installation, if it is one at all. Whether it is good is
    /// told from memory: nothing is read for one that is forged, and nobody asked.
    #[must_use]
    pub fn is_told_from_memory(&self, bearer: &str) -> bool {
        let stored = PresentedApiKey::looks_like(bearer) || PresentedOneTime::looks_like(bearer);
        !stored && self.issuer_of(bearer).is_none()
    }

    /// The external issuer that a token names, where it is one that is trusted.
    fn issuer_of(&self, bearer: &str) -> Option<&ExternalIssuer> {
        if self.0.issuers.is_empty() {
            return None;
        }
        let named = ExternalIssuer::named_in(bearer)?;
        self.0.issuers.iter().map(AsRef::as_ref).find(|issuer: &&ExternalIssuer| issuer.issuer() == named)
    }

    async fn authenticate_key(&self, bearer: &str, client: &Client) -> Result<Authenticated> {
        let refuse = || Error::new(ErrorCode::Unauthenticated, "the API key is not valid; create another");
        let presented = PresentedApiKey::parse(bearer).map_err(|_| refuse())?;
        let Namespace::Tenant(tenant) = presented.namespace() else { return Err(refuse()) };
        let live = self.live(tenant).await?;
        let record = live.api_key(presented.id()).await?.ok_or_else(refuse)?;
        let now = self.clock().now();
        let checked =
            record.check(&presented, now.millis()).and_then(|()| record.check_address(client.address));
        let about = |kind| SecurityNote::new(kind).about(Some(Subject::Key(record.id))).from(client);
        checked.map_err(|refusal| {
            live.note(about(SecurityKind::KeyRefused).saying(refusal.to_string()));
            refuse().with_source(refusal)
        })?;
        let member = active(&live, record.holder).inspect_err(|_| {
            live.note(about(SecurityKind::KeyRefused).saying("its owner takes no part any more"));
        })?;
        live.note_key_use(record.id, client.address, now);
        let used = (SecurityKind::KeyUsed, Actor::Key(record.id, member.id));
        live.note_use(used, Some(Subject::Key(record.id)), client);
        let principal = Principal::key(tenant, record.id, member.id, record.reach());
        Ok(Authenticated { principal, session: None })
    }

    /// Somebody by a token of an external issuer; none when the token is of none that is trusted.
    async fn authenticate_foreign(&self, bearer: &str, client: &Client) -> Result<Option<Authenticated>> {
        let Some(issuer) = self.issuer_of(bearer) else { return Ok(None) };
        let refuse = || {
            let message = "the token is not valid here; sign in again where it was issued";
            Error::new(ErrorCode::Unauthenticated, message)
        };
        let now = self.clock().now().millis();
        let claims = issuer.verify(bearer, now).await.map_err(|refusal| match refusal {
            ForeignRefusal::KeysUnavailable => {
                let message = "the issuer of the token is out of reach; try again in a moment";
                Error::unavailable(message).with_source(refusal)
            }
            refusal => refuse().with_source(refusal),
        })?;
        let tenant = match claims.tenant.parse() {
            Ok(id) => self.0.platform.tenant(id),
            Err(_) => self.tenant_by_slug(&claims.tenant),
        };
        let live = self.live(tenant.ok_or_else(refuse)?.id).await?;
        let directory = live.directory();
        let member = if claims.by_email {
            directory.member_by_email(&claims.member)
        } else {
            claims.member.parse().ok().and_then(|id| directory.member(id))
        };
        let named = member.map(|member| Subject::Member(member.id));
        // A service account acts by its keys alone, whoever calls somebody by its id.
        let member = member.filter(|member| member.is_active() && !member.is_service()).ok_or_else(|| {
            let note = SecurityNote::new(SecurityKind::TokenRefused).about(named).from(client);
            live.note(note.saying("it names nobody who takes part here"));
            refuse()
        })?;
        live.note_use((SecurityKind::TokenUsed, Actor::Member(member.id)), named, client);
        let principal = Principal::trusted_member(live.store().tenant(), member.id);
        Ok(Some(Authenticated { principal, session: None }))
    }

    /// An operator of the platform on a visit, for as long as it lasts.
    async fn authenticate_visit(&self, bearer: &str, client: &Client) -> Result<Authenticated> {
        let refuse = || Error::new(ErrorCode::Unauthenticated, "this visit is over; begin another");
        let presented = PresentedOneTime::parse(bearer).map_err(|_| refuse())?;
        let live = self.live(presented.tenant()).await?;
        let now = self.clock().now();
        let record = live.store().get::<OneTimeRecord>(&rows::one_time(presented.id())).await?;
        // A link or a challenge is about somebody else than a visit: it is none that was refused.
        let record = record.filter(|record| record.purpose == Purpose::Visit).ok_or_else(refuse)?;
        let id = SessionId::from_uuid(record.about());
        let refused = || {
            let note = SecurityNote::new(SecurityKind::VisitRefused).about(Some(Subject::Session(id)));
            live.note(note.from(client));
            refuse()
        };
        record.check(&presented, Purpose::Visit, now.millis()).map_err(|_| refused())?;
        if record.via().is_some_and(|key| !self.is_platform_key(ApiKeyId::from_uuid(key))) {
            return Err(refused());
        }
        let directory = live.directory();
        let visit = directory.visit(id).filter(|visit| visit.is_open(now)).ok_or_else(refused)?;
        live.note_use((SecurityKind::VisitUsed, Actor::Root(visit.root)), Some(Subject::Session(id)), client);
        let principal = Principal::visitor(presented.tenant(), visit.root, visit.scope);
        Ok(Authenticated { principal, session: Some(id) })
    }
}
