//! The company's own rules of how its people sign in.

use super::done::DonePayload;
use crate::context::Asked;
use crate::error::Result;
use async_graphql::{Context, InputObject, Object, SimpleObject};
use mortise_engine::command::access::UpdateAccess;

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

/// What to change in the rules of signing in. What is not said stays.
#[derive(InputObject)]
pub(crate) struct AccessUpdateInput {
    /// Whether nobody signs in with a password alone. Sessions of those without a second factor end.
    second_factor_required: Option<bool>,
    /// Whether a password opens the door at all. Needs an identity provider when not; then sessions by password end, but
    /// for those of super admins.
    password_sign_in: Option<bool>,
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
}

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
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
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
}
