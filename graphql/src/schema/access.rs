//! How a company's people sign in: its rules, its identity providers, and visits of the platform's operators.

use super::done::DonePayload;
use super::payload::{Outcome, UserError};
use super::scalar::{self, DateTime};
use super::word::ApiKeyScope;
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use mortise_engine::access::Action;
use mortise_engine::command::access::UpdateAccess;
use mortise_engine::command::provider::{CreateProvider, UnlinkMember, UpdateProvider};
use mortise_engine::command::visit::EndVisit;
use mortise_engine::event::Subject;
use mortise_engine::id::ProviderId;
use mortise_engine::{Committed, model};

/// The company's own rules of signing in.
#[derive(SimpleObject)]
pub(crate) struct AccessSettings {
    /// Whether nobody signs in with a password alone: who has no second factor sets one up on the way in. Who comes by an
    /// identity provider needs none here: that is the provider's affair.
    second_factor_required: bool,
    /// Whether a password opens the door at all; super admins may use theirs in any case.
    password_sign_in: bool,
    /// Counts the changes: for `ifVersion`.
    version: u64,
}

/// Where a company's people prove who they are, instead of with a password here.
#[derive(SimpleObject)]
pub(crate) struct IdentityProvider {
    /// The global id, `idp_…`.
    id: ID,
    /// How it is called where people choose it.
    name: String,
    /// Its issuer's URL.
    issuer: String,
    /// The name under which it knows this installation.
    client_id: String,
    /// The domains whose addresses it may vouch for.
    domains: Vec<String>,
    /// A claim that must name one of the domains too.
    domain_claim: Option<String>,
    /// Whether who is not there yet becomes a member on first coming.
    creates_members: bool,
    /// When it was added.
    created_at: DateTime,
    /// When it last changed.
    updated_at: DateTime,
    /// Counts its changes, from 1: for `ifVersion`.
    version: u64,
}

impl From<&model::IdentityProvider> for IdentityProvider {
    fn from(provider: &model::IdentityProvider) -> Self {
        Self {
            id: scalar::global(provider.id),
            name: provider.name.clone(),
            issuer: provider.issuer.clone(),
            client_id: provider.client_id.clone(),
            domains: provider.domains.clone(),
            domain_claim: provider.domain_claim.clone(),
            creates_members: provider.creates_members,
            created_at: DateTime(provider.created_at),
            updated_at: DateTime(provider.updated_at),
            version: provider.version,
        }
    }
}

/// A visit: an operator of the platform looks into the company, for a reason and for a time.
#[derive(SimpleObject)]
pub(crate) struct Visit {
    /// The global id, `ses_…`.
    id: ID,
    /// How the operator is called.
    operator: String,
    /// Why, in the operator's words.
    reason: String,
    /// How far it reaches.
    scope: ApiKeyScope,
    /// When it began.
    began_at: DateTime,
    /// When it ends by itself.
    ends_at: DateTime,
    /// When it was ended before that.
    ended_at: Option<DateTime>,
}

/// What to change in the rules of signing in. What is not said stays.
#[derive(InputObject)]
pub(crate) struct AccessUpdateInput {
    /// Whether nobody signs in with a password alone. Sessions of those without a second factor end.
    second_factor_required: Option<bool>,
    /// Whether a password opens the door at all. Needs an identity provider when not; then sessions by password end, but
    /// for those of super admins.
    password_sign_in: Option<bool>,
}

/// A new identity provider.
#[derive(InputObject)]
pub(crate) struct IdentityProviderCreateInput {
    /// How it is called where people choose it.
    name: String,
    /// Its issuer's URL, `https://…`, as its discovery document writes it.
    issuer: String,
    /// The name under which it knows this installation.
    client_id: String,
    /// The secret of that name; none for a public client. It is not shown again.
    client_secret: Option<String>,
    /// The domains whose addresses it may vouch for, 1 to 20.
    domains: Vec<String>,
    /// A claim that must name one of the domains too, such as Google's `hd`.
    domain_claim: Option<String>,
    /// Whether who is not there yet becomes a member, with the role of a user, on first coming.
    #[graphql(default = false)]
    creates_members: bool,
}

/// What to change in an identity provider. What is not said stays; the issuer stays in any case.
#[derive(InputObject)]
pub(crate) struct IdentityProviderUpdateInput {
    /// How it is called.
    name: Option<String>,
    /// The name under which it knows this installation.
    client_id: Option<String>,
    /// The new secret of that name.
    client_secret: Option<String>,
    /// The domains whose addresses it may vouch for.
    domains: Option<Vec<String>>,
    /// A claim that must name one of the domains too; null takes it away.
    domain_claim: MaybeUndefined<String>,
    /// Whether who is not there yet becomes a member on first coming.
    creates_members: Option<bool>,
}

/// The answer to a change of an identity provider.
#[derive(SimpleObject)]
pub(crate) struct IdentityProviderPayload {
    /// Whether it was done, or already was so. False exactly when there are `userErrors`.
    success: bool,
    /// The provider as it became; null when it was refused, rehearsed, or taken away.
    identity_provider: Option<IdentityProvider>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
    /// The place in the company's log at which this answer is true.
    sync_cursor: String,
    /// The names of the events it wrote; for a dry run, those it would write.
    events: Vec<String>,
}

impl IdentityProviderPayload {
    fn answer(asked: &Asked<'_>, done: mortise_engine::Result<Committed>) -> Result<Self> {
        asked.snapshot.catch_up();
        let outcome = Outcome::of(asked.snapshot, done)?;
        let subjects = outcome.done.iter().flat_map(|done| &done.subjects);
        let id = subjects.filter_map(|s| if let Subject::Provider(id) = s { Some(*id) } else { None }).next();
        Ok(Self {
            success: outcome.errors.is_empty(),
            identity_provider: id.and_then(|id| provider(asked.snapshot, id)),
            user_errors: outcome.errors,
            sync_cursor: outcome.sync_cursor,
            events: outcome.events,
        })
    }
}

fn provider(cx: &Snapshot, id: ProviderId) -> Option<IdentityProvider> {
    let directory = cx.directory();
    directory.provider(id).filter(|p| p.deleted_at.is_none()).map(|p| IdentityProvider::from(&**p))
}

/// Queries about how people sign in.
#[derive(Default)]
pub(crate) struct AccessQuery;

#[Object]
impl AccessQuery {
    /// The company's own rules of signing in.
    async fn access_settings(&self, ctx: &Context<'_>) -> Result<AccessSettings> {
        let directory = Asked::of(ctx)?.snapshot.directory();
        let access = directory.access();
        Ok(AccessSettings {
            second_factor_required: access.second_factor_required,
            password_sign_in: access.password_sign_in,
            version: access.version,
        })
    }

    /// The identity providers of the company, in the order in which they were added; at most 10. For super admins.
    async fn identity_providers(&self, ctx: &Context<'_>) -> Result<Vec<IdentityProvider>> {
        let asked = Asked::of(ctx)?;
        asked.snapshot.reader().policy().authorize(Action::ManageAccess, (), None)?;
        let directory = asked.snapshot.directory();
        let mut providers: Vec<_> = directory.providers().filter(|p| p.deleted_at.is_none()).collect();
        providers.sort_by_key(|provider| provider.id);
        Ok(providers.into_iter().map(|provider| IdentityProvider::from(&**provider)).collect())
    }

    /// The visits of the platform's operators, the newest first; at most 250. For super admins.
    async fn visits(&self, ctx: &Context<'_>) -> Result<Vec<Visit>> {
        let asked = Asked::of(ctx)?;
        let visits = asked.engine.visits(&asked.snapshot.viewer().principal).await?;
        let shown = visits.iter().take(VISITS_SHOWN_MAX).map(|visit| Visit {
            id: scalar::global(visit.id),
            operator: visit.root_name.clone(),
            reason: visit.reason.clone(),
            scope: visit.scope.into(),
            began_at: DateTime(visit.began_at),
            ends_at: DateTime(visit.ends_at),
            ended_at: visit.ended_at.map(DateTime),
        });
        let shown: Vec<_> = shown.collect();
        asked.snapshot.charge(shown.len())?;
        Ok(shown)
    }
}

/// Visits in one answer.
const VISITS_SHOWN_MAX: usize = 250;

/// Mutations of how people sign in.
#[derive(Default)]
pub(crate) struct AccessMutation;

#[Object]
impl AccessMutation {
    /// Changes the company's own rules of signing in. For super admins.
    async fn access_settings_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: AccessUpdateInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<DonePayload> {
        let asked = Asked::of(ctx)?;
        let update = UpdateAccess {
            if_version,
            second_factor_required: input.second_factor_required,
            password_sign_in: input.password_sign_in,
        };
        let done = asked.engine.update_access(asked.operation(idempotency_key, dry_run), update).await;
        DonePayload::answer(&asked, done)
    }

    /// Adds an identity provider. For super admins.
    async fn identity_provider_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is.")] input: IdentityProviderCreateInput,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<IdentityProviderPayload> {
        let asked = Asked::of(ctx)?;
        let create = CreateProvider {
            name: input.name,
            issuer: input.issuer,
            client_id: input.client_id,
            client_secret: input.client_secret,
            domains: input.domains,
            domain_claim: input.domain_claim,
            creates_members: input.creates_members,
        };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), create).await;
        IdentityProviderPayload::answer(&asked, done)
    }

    /// Changes an identity provider. For super admins.
    async fn identity_provider_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The provider: global id, `idp_…`.")] id: ID,
        #[graphql(desc = "What to change.")] input: IdentityProviderUpdateInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<IdentityProviderPayload> {
        let asked = Asked::of(ctx)?;
        let update = UpdateProvider {
            if_version,
            name: input.name,
            client_id: input.client_id,
            client_secret: input.client_secret,
            domains: input.domains,
            domain_claim: input.domain_claim.as_opt_ref().map(|claim| claim.cloned()),
            creates_members: input.creates_members,
            ..UpdateProvider::of(scalar::id("id", &id)?)
        };
        let done = asked.engine.update_provider(asked.operation(idempotency_key, dry_run), update).await;
        IdentityProviderPayload::answer(&asked, done)
    }

    /// Takes an identity provider away: nobody comes by it any more, and sessions that began by it end. For super admins.
    async fn identity_provider_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The provider: global id, `idp_…`.")] id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<IdentityProviderPayload> {
        let asked = Asked::of(ctx)?;
        let delete = UpdateProvider { delete: true, ..UpdateProvider::of(scalar::id("id", &id)?) };
        let done = asked.engine.update_provider(asked.operation(idempotency_key, dry_run), delete).await;
        IdentityProviderPayload::answer(&asked, done)
    }

    /// Takes apart a member and whom an identity provider knows as them, so that the next who comes from there with the
    /// member's address is the member. For super admins.
    async fn member_unlink(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member: global id, `usr_…`.")] id: ID,
        #[graphql(desc = "The provider: global id, `idp_…`.")] provider_id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<DonePayload> {
        let asked = Asked::of(ctx)?;
        let unlink = UnlinkMember::new(scalar::id("id", &id)?, scalar::id("providerId", &provider_id)?);
        let done = asked.engine.unlink_member(asked.operation(idempotency_key, dry_run), unlink).await;
        DonePayload::answer(&asked, done)
    }

    /// Ends a visit of an operator of the platform at once. For super admins.
    async fn visit_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The visit: global id, `ses_…`.")] id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<DonePayload> {
        let asked = Asked::of(ctx)?;
        let end = EndVisit { visit: scalar::id("id", &id)? };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), end).await;
        DonePayload::answer(&asked, done)
    }
}
