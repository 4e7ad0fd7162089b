//! Visits: an operator looks into a company, for a reason and for a time, in the company's sight.

use super::{Asked, answered};
use crate::error::Result;
use crate::schema::payload::UserError;
use crate::schema::scalar;
use crate::schema::visit::Visit;
use crate::schema::word::ApiKeyScope;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use mortise_engine::NewVisit;

/// How a visit is to be.
#[derive(InputObject)]
pub(super) struct VisitBeginInput {
    /// Why, in at least 10 characters: the company reads it.
    reason: String,
    /// How far it reaches.
    #[graphql(default_with = "ApiKeyScope::Read")]
    scope: ApiKeyScope,
    /// How many minutes it lasts, at most 480.
    #[graphql(default = 30)]
    minutes: u32,
}

/// The answer to the beginning of a visit.
#[derive(SimpleObject)]
pub(super) struct VisitBeginPayload {
    /// Whether it has begun. False exactly when there are `userErrors`.
    success: bool,
    /// The visit; null when it was refused.
    visit: Option<Visit>,
    /// What its requests are sent with, to `/graphql`, as `Authorization: Bearer …`; it is shown this once.
    token: Option<String>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

/// The answer to the end of a visit.
#[derive(SimpleObject)]
pub(super) struct VisitEndPayload {
    /// Whether it is over. False exactly when there are `userErrors`.
    success: bool,
    /// The visit as it became; null when it was refused.
    visit: Option<Visit>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

/// Mutations of visits.
#[derive(Default)]
pub(super) struct VisitMutation;

#[Object]
impl VisitMutation {
    /// Lets the operator who asks into a company: the only way to what is in one. It stands in the company's log, its super
    /// admins see it and can end it, and its token is refused once this platform key is revoked. Needs `ADMIN`.
    async fn visit_begin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] tenant_id: ID,
        #[graphql(desc = "Why, how far, and for how long.")] input: VisitBeginInput,
    ) -> Result<VisitBeginPayload> {
        let asked = Asked::of(ctx)?;
        let VisitBeginInput { reason, scope, minutes } = input;
        let tenant = scalar::id("tenantId", &tenant_id)?;
        let new = NewVisit { tenant, reason, scope: scope.into(), minutes };
        let (begun, user_errors) = answered(asked.engine.visit_company(asked.operator, new).await)?;
        let (visit, token) = begun.unzip();
        Ok(VisitBeginPayload {
            success: user_errors.is_empty(),
            visit: visit.map(|visit| Visit::from(&*visit)),
            token: token.map(|token| token.expose().to_owned()),
            user_errors,
        })
    }

    /// Ends a visit before its time, whoever of the platform has begun it. Needs `ADMIN`.
    async fn visit_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] tenant_id: ID,
        #[graphql(desc = "The visit: global id, `ses_…`.")] visit_id: ID,
    ) -> Result<VisitEndPayload> {
        let asked = Asked::of(ctx)?;
        let (tenant, visit) = (scalar::id("tenantId", &tenant_id)?, scalar::id("visitId", &visit_id)?);
        let (ended, user_errors) = answered(asked.engine.leave_company(asked.operator, tenant, visit).await)?;
        let visit = ended.map(|visit| Visit::from(&*visit));
        Ok(VisitEndPayload { success: user_errors.is_empty(), visit, user_errors })
    }
}
