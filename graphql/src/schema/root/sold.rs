//! What is sold to companies: tiers, what was agreed instead, and the stores in which their data lives.

use super::tenant::Tenant;
use super::tenant_mutation::TenantPayload;
use super::{Asked, answered};
use crate::error::Result;
use crate::schema::entitlement::{Count, EntitlementNode};
use crate::schema::payload::UserError;
use crate::schema::scalar::{self, DateTime};
use crate::schema::word::Tier;
use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, SimpleObject};
use mortise_engine::model::{self, EntitlementKey, Placement};
use mortise_engine::{Destination, Error};

/// What is agreed with a company in place of what its tier includes.
#[derive(InputObject)]
pub(super) struct TenantOverrideInput {
    /// About what: the `key` of one of the company's entitlements, such as `users`.
    key: String,
    /// How much, or what; null ends what was agreed, and the tier's own value holds again.
    value: Option<EntitlementValueInput>,
    /// When it ends; never unless said.
    until: Option<DateTime>,
}

/// How much of a thing, or what of it, in the form that its key wants.
#[derive(OneofObject)]
pub(super) enum EntitlementValueInput {
    /// At most so many.
    Limit(Count),
    /// Without limit: say `true`.
    Unlimited(bool),
    /// Whether at all.
    Allowed(bool),
    /// These words; `all` means every one.
    Words(Vec<String>),
}

impl EntitlementValueInput {
    fn settle(self) -> mortise_engine::Result<model::EntitlementValue> {
        Ok(match self {
            Self::Limit(Count(count)) => model::EntitlementValue::Count(count),
            Self::Unlimited(true) => model::EntitlementValue::Unlimited,
            Self::Unlimited(false) => {
                let message = "say `unlimited: true`, or a `limit`";
                return Err(Error::invalid("input.value.unlimited", message));
            }
            Self::Allowed(allowed) => model::EntitlementValue::Flag(allowed),
            Self::Words(words) => model::EntitlementValue::Words(words),
        })
    }
}

/// What tenants of a tier live in.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum Home {
    /// Where its own tier belongs.
    Tier,
    /// A store that many companies share.
    Shared,
    /// A store that few companies share.
    SemiDedicated,
    /// A store of its own.
    Dedicated,
}

impl From<Home> for Destination {
    fn from(home: Home) -> Self {
        match home {
            Home::Tier => Self::Home,
            Home::Shared => Self::HomeOf(model::Tier::Basic),
            Home::SemiDedicated => Self::HomeOf(model::Tier::Premium),
            Home::Dedicated => Self::At(Placement::Dedicated),
        }
    }
}

/// The answer to the move of a company.
#[derive(SimpleObject)]
pub(super) struct TenantMovePayload {
    /// Whether it lives there. False exactly when there are `userErrors`.
    success: bool,
    /// The company as it became; null when it was refused.
    tenant: Option<Tenant>,
    /// For how many milliseconds its writes waited; 0 when it lived there already.
    paused_ms: Option<f64>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

/// Queries about what was sold.
#[derive(Default)]
pub(super) struct SoldQuery;

#[Object]
impl SoldQuery {
    /// What a company may have, and how much of it is used.
    async fn tenant_entitlements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] id: ID,
    ) -> Result<Vec<EntitlementNode>> {
        let asked = Asked::of(ctx)?;
        let all = asked.engine.entitlements_of(asked.operator, scalar::id("id", &id)?).await?;
        Ok(all.into_iter().map(EntitlementNode::from).collect())
    }
}

/// Mutations of what was sold.
#[derive(Default)]
pub(super) struct SoldMutation;

#[Object]
impl SoldMutation {
    /// Sells another tier to a company. Nothing is deleted when it is a lower one. Its data moves to where that tier lives,
    /// behind this answer and while the company works. Needs `WRITE`.
    async fn tenant_retier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] id: ID,
        #[graphql(desc = "What it buys.")] tier: Tier,
    ) -> Result<TenantPayload> {
        let asked = Asked::of(ctx)?;
        let id = scalar::id("id", &id)?;
        TenantPayload::answer(asked.engine.retier_tenant(asked.operator, id, tier.into()).await)
    }

    /// Agrees something with a company in place of what its tier includes. Needs `WRITE`.
    async fn tenant_override(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] id: ID,
        #[graphql(desc = "What.")] input: TenantOverrideInput,
    ) -> Result<TenantPayload> {
        let asked = Asked::of(ctx)?;
        let id = scalar::id("id", &id)?;
        let settled = || {
            let key = EntitlementKey::from_word(&input.key).ok_or_else(|| no_such(&input.key))?;
            let value = input.value.map(EntitlementValueInput::settle).transpose()?;
            Ok((key, value.map(|value| (value, input.until.map(|DateTime(until)| until)))))
        };
        match settled() {
            Ok((key, value)) => {
                TenantPayload::answer(asked.engine.agree_with_tenant(asked.operator, id, key, value).await)
            }
            Err(error) => TenantPayload::answer(Err(error)),
        }
    }

    /// Moves a company's data to another store while it works; only for the last of it do writes wait. Needs `ADMIN`.
    async fn tenant_move(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] id: ID,
        #[graphql(desc = "Where to.")] to: Home,
    ) -> Result<TenantMovePayload> {
        let asked = Asked::of(ctx)?;
        let id = scalar::id("id", &id)?;
        let (moved, user_errors) =
            answered(asked.engine.relocate_tenant(asked.operator, id, to.into()).await)?;
        Ok(TenantMovePayload {
            success: user_errors.is_empty(),
            paused_ms: moved.as_ref().map(|moved| moved.paused.as_secs_f64() * 1_000.0),
            tenant: moved.map(|moved| Tenant::from(&*moved.tenant)),
            user_errors,
        })
    }
}

fn no_such(key: &str) -> Error {
    let keys: Vec<_> = EntitlementKey::ALL.iter().map(|key| key.as_str()).collect();
    Error::invalid("input.key", format!("there is no `{key}`: it is one of {}", keys.join(", ")))
}
