//! Who asks, on whose behalf, and by which way: what every command and query carries.

use crate::event::{Actor, Origin};
use crate::id::{ApiKeyId, MemberId, RootId, TenantId};
use crate::model::KeyScope;
use uuid::Uuid;

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
}

impl Principal {
    /// A member of whom the embedding program has its own proof, such as its own session.
    #[must_use]
    pub const fn trusted_member(tenant: TenantId, member: MemberId) -> Self {
        Self { tenant, actor: Actor::Member(member), reach: None }
    }

    /// The embedding program itself, with the rights of a super admin. Its events name no person.
    #[must_use]
    pub const fn trusted_system(tenant: TenantId) -> Self {
        Self { tenant, actor: Actor::System, reach: None }
    }

    /// The owner of an API key that the engine has checked.
    pub(crate) const fn key(tenant: TenantId, key: ApiKeyId, member: MemberId, scope: KeyScope) -> Self {
        Self { tenant, actor: Actor::Key(key, member), reach: Some(scope) }
    }

    /// An operator of the platform on a visit that the engine has checked.
    pub(crate) const fn visitor(tenant: TenantId, root: RootId, scope: KeyScope) -> Self {
        Self { tenant, actor: Actor::Root(root), reach: Some(scope) }
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
        }
    }

    /// This context, coming in by another way.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
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
