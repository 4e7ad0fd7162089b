//! Who asks, on whose behalf, and by which way: what every command and query carries.

use crate::error::{Error, Result};
use crate::event::{Actor, Origin, PluginActor};
use crate::id::{ApiKeyId, MemberId, RootId, TenantId};
use crate::model::KeyScope;
use std::net::IpAddr;
use uuid::Uuid;

/// Bytes that are kept of what a client says of itself.
const AGENT_BYTES_MAX: usize = 256;

/// What asks: as far as it says, and as far as it can be seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// What it says of itself.
    pub agent: String,
    /// From where it comes, where that is known.
    pub address: Option<IpAddr>,
    /// The request it sends; found in logs.
    pub request: Option<Uuid>,
}

impl Client {
    /// A client of which nothing is known.
    pub(crate) const fn unknown() -> Self {
        Self { agent: String::new(), address: None, request: None }
    }

    /// What is kept of its words: cut to a bound and to one line.
    pub(crate) fn said(&self) -> String {
        let words = self.agent.chars().filter(|c| !c.is_control());
        let mut agent: String = words.take(AGENT_BYTES_MAX).collect();
        while agent.len() > AGENT_BYTES_MAX {
            agent.pop();
        }
        agent
    }
}

impl From<Option<IpAddr>> for Client {
    /// A client of which only the address is known, if that.
    fn from(address: Option<IpAddr>) -> Self {
        Self { address, ..Self::default() }
    }
}

impl From<&str> for Client {
    /// A client of which only this is known.
    fn from(agent: &str) -> Self {
        Self { agent: agent.to_owned(), ..Self::default() }
    }
}

/// A proven party of one tenant. It says who, not what they may do: rights are read from the tenant at each use, so
/// that a changed role or a suspension acts at once.
///
/// It is made in two ways only: by the engine from a token it has verified, or by the embedding program, which
/// vouches for it with one of the `trusted_…` constructors.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    tenant: TenantId,
    actor: Actor,
    /// How far the proof reaches; none: as far as the party.
    reach: Option<KeyScope>,
    /// It is those who run the platform, about the company as a whole or about its people.
    of_platform: bool,
}

impl Principal {
    /// A member of whom the embedding program has its own proof, such as its own session.
    #[must_use]
    pub const fn trusted_member(tenant: TenantId, member: MemberId) -> Self {
        Self { tenant, actor: Actor::Member(member), reach: None, of_platform: false }
    }

    /// The embedding program itself, with the rights of a super admin. Its events name no person.
    #[must_use]
    pub const fn trusted_system(tenant: TenantId) -> Self {
        Self { tenant, actor: Actor::System, reach: None, of_platform: false }
    }

    /// The owner of an API key that the engine has checked.
    pub(crate) const fn key(tenant: TenantId, key: ApiKeyId, member: MemberId, scope: KeyScope) -> Self {
        Self { tenant, actor: Actor::Key(key, member), reach: Some(scope), of_platform: false }
    }

    /// A plugin that acts by itself, as its own member. For the host of plugins: it may do what that member may, and no more
    /// than changing issues.
    #[must_use]
    pub const fn trusted_plugin(tenant: TenantId, by: PluginActor) -> Self {
        Self { tenant, actor: Actor::Plugin(by), reach: Some(KeyScope::Write), of_platform: false }
    }

    /// Whoever acts so, to ask somebody else in their name what they would see.
    pub(crate) const fn as_actor(tenant: TenantId, actor: Actor) -> Self {
        Self { tenant, actor, reach: Some(KeyScope::Read), of_platform: false }
    }

    /// An operator of the platform on a visit that the engine has checked.
    pub(crate) const fn visitor(tenant: TenantId, root: RootId, scope: KeyScope) -> Self {
        Self { tenant, actor: Actor::Root(root), reach: Some(scope), of_platform: false }
    }

    /// Those who run the platform, who say how the company stands, and act among its people. Only the engine
    /// speaks so.
    pub(crate) fn platform(tenant: TenantId, by: &Operator) -> Self {
        let actor = by.root().map_or(Actor::System, Actor::Root);
        Self { tenant, actor, reach: None, of_platform: true }
    }

    /// Whether it is those who run the platform, about the company as a whole or about its people.
    #[must_use]
    pub(crate) const fn is_of_platform(&self) -> bool {
        self.of_platform
    }

    /// The operator who speaks for the platform; none for everybody else, a visitor included.
    #[must_use]
    pub(crate) const fn operator(&self) -> Option<RootId> {
        match self.actor {
            Actor::Root(root) if self.of_platform => Some(root),
            _ => None,
        }
    }

    /// This party, by a proof that reaches no further than this: a token that the embedding program gave away for reading
    /// only, say. It never reaches further than before.
    #[must_use]
    pub fn limited_to(mut self, scope: KeyScope) -> Self {
        self.reach = Some(self.reach.map_or(scope, |reach| reach.min(scope)));
        self
    }

    /// How far the proof reaches; none: as far as the party's own rights.
    #[must_use]
    pub const fn reach(&self) -> Option<KeyScope> {
        self.reach
    }

    /// The tenant: everything this party touches lies in it.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// The member who acts; none for the embedding program itself.
    #[must_use]
    pub const fn member(&self) -> Option<MemberId> {
        self.actor.member()
    }
}

/// Whoever runs the platform, proven: an operator by a platform key, or the embedding program. It says how companies stand
/// and acts among their people, and sees nothing of what they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    root: Option<RootId>,
    key: Option<ApiKeyId>,
    reach: KeyScope,
    origin: Origin,
    client: Client,
}

impl Operator {
    /// The embedding program, or whoever can open the data folder: it may do everything.
    #[must_use]
    pub const fn trusted() -> Self {
        Self {
            root: None,
            key: None,
            reach: KeyScope::Admin,
            origin: Origin::Embed,
            client: Client::unknown(),
        }
    }

    /// The operator whose platform key the engine has checked.
    pub(crate) const fn by_key(root: RootId, key: ApiKeyId, reach: KeyScope) -> Self {
        Self { root: Some(root), key: Some(key), reach, origin: Origin::Api, client: Client::unknown() }
    }

    /// The operator in whose name a job is done that was allowed when it was begun.
    pub(crate) const fn of_job(root: Option<RootId>) -> Self {
        Self { root, key: None, reach: KeyScope::Admin, origin: Origin::System, client: Client::unknown() }
    }

    /// This operator, coming in by another way.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// This operator, asking by this client: what they do in a company has its address and its request.
    #[must_use]
    pub fn with_client(mut self, client: Client) -> Self {
        self.client = client;
        self
    }

    /// What asks, as far as it is known.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// By which way they come.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// Which operator; none for the embedding program.
    #[must_use]
    pub const fn root(&self) -> Option<RootId> {
        self.root
    }

    /// The platform key that proves them.
    #[must_use]
    pub const fn key(&self) -> Option<ApiKeyId> {
        self.key
    }

    /// How far the proof reaches: `READ` sees companies, `WRITE` founds, suspends and changes them, `ADMIN` closes and
    /// erases them, and acts among their people.
    #[must_use]
    pub const fn reach(&self) -> KeyScope {
        self.reach
    }

    /// Refuses who does not reach so far; `what` completes "not allowed to …".
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`.
    pub fn expect(&self, scope: KeyScope, what: &str) -> Result<()> {
        if self.reach >= scope {
            return Ok(());
        }
        let message =
            format!("{what}: this needs a platform key of scope {scope}, and this one has {}", self.reach);
        Err(Error::forbidden(message))
    }

    /// What a change of a company as a whole, or of its people, carries.
    pub(crate) fn about(&self, tenant: TenantId) -> OpContext {
        let cx = OpContext::new(Principal::platform(tenant, self)).with_origin(self.origin);
        cx.with_client(self.client.clone())
    }
}

/// What a command or query carries besides its own content.
#[derive(Debug, Clone)]
pub struct OpContext {
    /// Who asks.
    pub principal: Principal,
    /// By which way it came in.
    pub origin: Origin,
    /// The request it is part of; found in logs and events.
    pub request: Uuid,
    /// The caller's name for this one change: the same key within 24 h has effect once and gets the same answer.
    pub idempotency_key: Option<String>,
    /// Decide and answer, and write nothing.
    pub dry_run: bool,
    /// What asks, as far as it is known.
    pub client: Client,
}

impl OpContext {
    /// A context for this party, by way of the embedding program, with a fresh request id.
    #[must_use]
    pub fn new(principal: Principal) -> Self {
        Self {
            principal,
            origin: Origin::Embed,
            request: Uuid::now_v7(),
            idempotency_key: None,
            dry_run: false,
            client: Client::default(),
        }
    }

    /// What asks, with this request where it names none.
    pub(crate) fn client_of_request(&self) -> Client {
        Client { request: self.client.request.or(Some(self.request)), ..self.client.clone() }
    }

    /// This context, coming in by another way.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// This context, asked by this client: the id of its request, where it has one, is that of the context.
    #[must_use]
    pub fn with_client(mut self, client: Client) -> Self {
        self.request = client.request.unwrap_or(self.request);
        self.client = client;
        self
    }

    /// This context with the caller's key for the change.
    #[must_use]
    pub fn with_idempotency_key(mut self, key: Option<String>) -> Self {
        self.idempotency_key = key;
        self
    }

    /// This context as a rehearsal: decide and answer, and write nothing.
    #[must_use]
    pub fn with_dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }
}
