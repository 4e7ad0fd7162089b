//! Changes of companies: they are founded, suspended, opened again, closed and erased.
//!
//! All but the founding and the erasure say what is to be, so that they can be repeated without a key; a company that is
//! erased is `NOT_FOUND`.

use super::sold::Home;
use super::tenant::Tenant;
use super::{Asked, answered};
use crate::error::Result;
use crate::schema::payload::UserError;
use crate::schema::scalar::{self, DateTime};
use crate::schema::word::Tier;
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use mortise_engine::identity::Password;
use mortise_engine::model::{self, SearchLanguage};
use mortise_engine::{
    Closing, Destination, Error, FirstAdmin, GRACE_DAYS_DEFAULT, NewTenant, Remains, Suspension,
    TenantSettings,
};
use std::sync::Arc;

/// A company to be founded.
#[derive(InputObject)]
pub(super) struct TenantCreateInput {
    /// The name people type at sign-in: 2 to 40 of a–z, 0–9 and `-`.
    slug: String,
    /// How it is shown.
    name: String,
    /// What it has bought.
    tier: Tier,
    /// Its first super admin; nobody is in it unless said.
    admin: Option<FirstAdminInput>,
    /// The key of a first team, such as `ENG`.
    team_key: Option<String>,
    /// The language that most of its texts are in, by its two letters; English unless said.
    language: Option<String>,
    /// Where its days and weeks begin, such as `Europe/Berlin`; UTC unless said.
    time_zone: Option<String>,
    /// Where in the world its data is to lie, in the platform's own words, such as `eu-central`.
    region: Option<String>,
    /// In what kind of store its data lies.
    #[graphql(default_with = "Home::Tier")]
    home: Home,
}

/// The first super admin of a company.
#[derive(InputObject)]
pub(super) struct FirstAdminInput {
    /// The address they sign in with.
    email: String,
    /// How they are shown; by their address unless said.
    name: Option<String>,
    /// The password they have chosen. Without one the answer holds a link by which they choose it.
    password: Option<String>,
}

impl TenantCreateInput {
    fn settle(self) -> mortise_engine::Result<NewTenant> {
        let (home, placement) = Destination::from(self.home).of_new();
        Ok(NewTenant {
            slug: self.slug,
            name: self.name,
            tier: self.tier.into(),
            admin: self.admin.map(|admin| FirstAdmin {
                name: admin.name.unwrap_or_else(|| admin.email.clone()),
                email: admin.email,
                password: admin.password.map(Password::new),
            }),
            team: self.team_key,
            language: self.language.as_deref().map(|code| language("input.language", code)).transpose()?,
            time_zone: self.time_zone,
            region: self.region,
            home,
            placement,
        })
    }
}

fn language(field: &str, code: &str) -> mortise_engine::Result<SearchLanguage> {
    SearchLanguage::from_code(code).ok_or_else(|| {
        let codes: Vec<_> = SearchLanguage::ALL.iter().map(|language| language.code()).collect();
        Error::invalid(field, format!("there is no such language: it is one of {}", codes.join(", ")))
    })
}

/// What to change in a company's record. What is not said stays; null takes a value away.
#[derive(InputObject)]
pub(super) struct TenantUpdateInput {
    /// How it is shown.
    name: Option<String>,
    /// The language that most of its texts are in, by its two letters.
    language: MaybeUndefined<String>,
    /// Where its days and weeks begin.
    time_zone: MaybeUndefined<String>,
    /// Where in the world its data is to lie, in the platform's own words.
    region: MaybeUndefined<String>,
}

/// How a company is suspended.
#[derive(Default, InputObject)]
pub(super) struct TenantSuspendInput {
    /// Whether its people may still look at what is there.
    #[graphql(default = false)]
    pub(super) reads: bool,
    /// Why, in a line of at most 200 characters that its people read when they sign in.
    pub(super) reason: Option<String>,
}

/// How a company is closed.
#[derive(InputObject)]
pub(super) struct TenantCloseInput {
    /// Days in which it can be opened again, 0 to 365.
    #[graphql(default_with = "GRACE_DAYS_DEFAULT")]
    grace_days: u32,
    /// Why, in a line of at most 200 characters that its people read when they sign in.
    reason: Option<String>,
}

/// The answer to a change of a company.
#[derive(SimpleObject)]
pub(super) struct TenantPayload {
    /// Whether it was done, or already was so. False exactly when there are `userErrors`.
    success: bool,
    /// The company as it became; null when it was refused.
    tenant: Option<Tenant>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

impl TenantPayload {
    pub(super) fn answer(done: mortise_engine::Result<Arc<model::Tenant>>) -> Result<Self> {
        let (tenant, user_errors) = answered(done)?;
        let tenant = tenant.map(|tenant| Tenant::from(&*tenant));
        Ok(Self { success: user_errors.is_empty(), tenant, user_errors })
    }
}

/// By which a first super admin chooses their password.
#[derive(SimpleObject)]
pub(super) struct AdminInvitation {
    /// To be sent to them in a link, for `passwordReset` of the companies' own API. It is shown this once.
    token: String,
    /// Until when it is good.
    expires_at: DateTime,
}

impl From<mortise_engine::AdminInvitation> for AdminInvitation {
    fn from(invitation: mortise_engine::AdminInvitation) -> Self {
        Self { token: invitation.token.expose().to_owned(), expires_at: DateTime(invitation.expires_at) }
    }
}

/// The answer to the founding of a company.
#[derive(SimpleObject)]
pub(super) struct TenantCreatePayload {
    /// Whether it is there. False exactly when there are `userErrors`.
    success: bool,
    /// Whether the same request had founded it before.
    replayed: bool,
    /// The company; null when it was refused.
    tenant: Option<Tenant>,
    /// Its first super admin, `usr_…`.
    admin_id: Option<ID>,
    /// Its first team, `team_…`.
    team_id: Option<ID>,
    /// The link of a first super admin without a password; null once somebody has worked in the company.
    invitation: Option<AdminInvitation>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

/// The answer to a new link for a first super admin.
#[derive(SimpleObject)]
pub(super) struct AdminInvitationPayload {
    /// Whether there is one. False exactly when there are `userErrors`.
    success: bool,
    /// The link; null when it was refused.
    invitation: Option<AdminInvitation>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

/// The answer to the erasure of a company.
#[derive(SimpleObject)]
pub(super) struct TenantErasePayload {
    /// Whether it is gone. False exactly when there are `userErrors`.
    success: bool,
    /// What there was of it, and is no more: `key`, `rows`, `index`, `checkpoint`, `files`.
    removed: Vec<&'static str>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

/// Mutations of companies.
#[derive(Default)]
pub(super) struct TenantMutation;

#[Object]
impl TenantMutation {
    /// Founds a company. Needs `WRITE`.
    async fn tenant_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is.")] input: TenantCreateInput,
        #[graphql(
            desc = "A name for this one founding: asked again under it, it answers the company that was founded, as long as that is there. A password is set by the founding alone."
        )]
        idempotency_key: Option<String>,
    ) -> Result<TenantCreatePayload> {
        let asked = Asked::of(ctx)?;
        let done = match input.settle() {
            Ok(new) => asked.engine.provision_tenant(asked.operator, new, idempotency_key).await,
            Err(error) => Err(error),
        };
        let (done, user_errors) = answered(done)?;
        let (founded, invitation) = done.map(|done| (done.founded, done.invitation)).unzip();
        Ok(TenantCreatePayload {
            success: user_errors.is_empty(),
            replayed: founded.as_ref().is_some_and(|founded| founded.replayed),
            tenant: founded.as_ref().map(|founded| Tenant::from(&*founded.tenant)),
            admin_id: founded.as_ref().and_then(|founded| founded.admin).map(scalar::global),
            team_id: founded.as_ref().and_then(|founded| founded.team).map(scalar::global),
            invitation: invitation.flatten().map(AdminInvitation::from),
            user_errors,
        })
    }

    /// Gives the first super admin of a company a new link in place of the former, as long as nobody has worked there; ten
    /// in a day, and the company's log says so. Needs `WRITE`, and `ADMIN` for what another operator has founded.
    async fn tenant_invitation_renew(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] id: ID,
    ) -> Result<AdminInvitationPayload> {
        let asked = Asked::of(ctx)?;
        let done = asked.engine.renew_invitation(asked.operator, scalar::id("id", &id)?).await;
        let (invitation, user_errors) = answered(done)?;
        let invitation = invitation.map(AdminInvitation::from);
        Ok(AdminInvitationPayload { success: user_errors.is_empty(), invitation, user_errors })
    }

    /// Changes a company's record. Needs `WRITE`.
    async fn tenant_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] id: ID,
        #[graphql(desc = "What to change.")] input: TenantUpdateInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
    ) -> Result<TenantPayload> {
        let asked = Asked::of(ctx)?;
        let spoken =
            input.language.as_opt_ref().map(|code| code.map(|code| language("input.language", code)));
        let spoken = match spoken.map(Option::transpose).transpose() {
            Ok(spoken) => spoken,
            Err(error) => return TenantPayload::answer(Err(error)),
        };
        let settings = TenantSettings {
            if_version,
            name: input.name,
            language: spoken,
            time_zone: input.time_zone.as_opt_ref().map(|zone| zone.cloned()),
            region: input.region.as_opt_ref().map(|region| region.cloned()),
        };
        let id = scalar::id("id", &id)?;
        TenantPayload::answer(asked.engine.update_tenant(asked.operator, id, settings).await)
    }

    /// Suspends a company: nothing is changed there until it is opened again. It acts at the next request, however busy the
    /// company is. Needs `WRITE`.
    async fn tenant_suspend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] id: ID,
        #[graphql(desc = "How.", default)] input: TenantSuspendInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
    ) -> Result<TenantPayload> {
        let asked = Asked::of(ctx)?;
        let how = Suspension { reads: input.reads, reason: input.reason };
        let id = scalar::id("id", &id)?;
        TenantPayload::answer(asked.engine.suspend_tenant(asked.operator, id, how, if_version).await)
    }

    /// Opens a company again that was suspended, or closed while its grace lasts; one that was suspended when it was closed
    /// is suspended as before. Needs `WRITE`, and `ADMIN` for a closed one.
    async fn tenant_resume(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] id: ID,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
    ) -> Result<TenantPayload> {
        let asked = Asked::of(ctx)?;
        let id = scalar::id("id", &id)?;
        TenantPayload::answer(asked.engine.resume_tenant(asked.operator, id, if_version).await)
    }

    /// Closes a company: nobody gets in. While its grace lasts it can be opened again; then it may be erased. Needs `ADMIN`.
    async fn tenant_close(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] id: ID,
        #[graphql(desc = "How.")] input: TenantCloseInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
    ) -> Result<TenantPayload> {
        let asked = Asked::of(ctx)?;
        let how = Closing { grace_days: input.grace_days, reason: input.reason };
        let id = scalar::id("id", &id)?;
        TenantPayload::answer(asked.engine.close_tenant(asked.operator, id, how, if_version).await)
    }

    /// Erases a company that was closed and whose grace is over. It cannot be undone; interrupted, it is asked for again.
    /// Needs `ADMIN`.
    async fn tenant_erase(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] id: ID,
        #[graphql(desc = "Its slug, so that no other is meant.")] slug: String,
    ) -> Result<TenantErasePayload> {
        let asked = Asked::of(ctx)?;
        let done = asked.engine.erase_closed_tenant(asked.operator, scalar::id("id", &id)?, &slug).await;
        let (report, user_errors) = answered(done)?;
        let removed = report.map(|report| report.removed).unwrap_or_default();
        let removed = removed.into_iter().map(Remains::as_str).collect();
        Ok(TenantErasePayload { success: user_errors.is_empty(), removed, user_errors })
    }
}
