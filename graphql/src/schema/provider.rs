//! A company's identity providers, and whom they know as which member.

use super::done::DonePayload;
use super::payload::{Outcome, UserError};
use super::scalar::{self, DateTime};
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use mortise_engine::access::Action;
use mortise_engine::command::provider::{CreateProvider, UnlinkMember, UpdateProvider};
use mortise_engine::event::Subject;
use mortise_engine::id::ProviderId;
use mortise_engine::{Committed, model};

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

/// Queries about identity providers.
#[derive(Default)]
pub(crate) struct ProviderQuery;

#[Object]
impl ProviderQuery {
    /// The identity providers of the company, in the order in which they were added; at most 10. For super admins.
    async fn identity_providers(&self, ctx: &Context<'_>) -> Result<Vec<IdentityProvider>> {
        let asked = Asked::of(ctx)?;
        asked.snapshot.reader().policy().authorize(Action::ManageAccess, (), None)?;
        let directory = asked.snapshot.directory();
        let mut providers: Vec<_> = directory.providers().filter(|p| p.deleted_at.is_none()).collect();
        providers.sort_by_key(|provider| provider.id);
        Ok(providers.into_iter().map(|provider| IdentityProvider::from(&**provider)).collect())
    }
}

/// Mutations of identity providers.
#[derive(Default)]
pub(crate) struct ProviderMutation;

#[Object]
impl ProviderMutation {
    /// Adds an identity provider. For super admins.
    async fn identity_provider_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is.")] input: IdentityProviderCreateInput,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
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
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
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
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
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
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<DonePayload> {
        let asked = Asked::of(ctx)?;
        let unlink = UnlinkMember::new(scalar::id("id", &id)?, scalar::id("providerId", &provider_id)?);
        let done = asked.engine.unlink_member(asked.operation(idempotency_key, dry_run), unlink).await;
        DonePayload::answer(&asked, done)
    }
}
