//! Second factors: an authenticator app, and codes for when it is lost.

use super::done::DonePayload;
use super::scalar::{self, DateTime};
use super::session::member;
use super::sign_in::SignInPayload;
use crate::context::{Asked, client, engine};
use crate::error::Result;
use async_graphql::{Context, ID, Object, SimpleObject};
use mortise_engine::Enrolling;
use mortise_engine::identity::{Password, SecretText};

/// A second factor in force.
#[derive(SimpleObject)]
pub(crate) struct SecondFactor {
    /// Since when.
    enabled_at: DateTime,
    /// How many recovery codes are left, of ten.
    recovery_codes_left: i32,
}

/// A secret for an authenticator app. It is shown this once.
#[derive(SimpleObject)]
pub(crate) struct SecondFactorSecret {
    /// As people type it.
    secret: String,
    /// As an app reads it from a picture: `otpauth://totp/…`.
    uri: String,
}

/// A second factor that came into force.
#[derive(SimpleObject)]
pub(crate) struct SecondFactorEnabled {
    /// Ten codes to get in without the app, each once. They are shown this once.
    recovery_codes: Vec<String>,
    /// The tokens of somebody who was on the way in; null for who was signed in.
    tokens: Option<SignInPayload>,
}

/// Fresh recovery codes.
#[derive(SimpleObject)]
pub(crate) struct RecoveryCodes {
    /// Ten codes to get in without the app, each once, in the place of all before. They are shown this once.
    recovery_codes: Vec<String>,
}

/// Queries about second factors.
#[derive(Default)]
pub(crate) struct SecondFactorQuery;

#[Object]
impl SecondFactorQuery {
    /// A member's second factor; null without one. One's own, or, for super admins, anybody's.
    async fn second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose: global id, `usr_…`; one's own unless said.")] member_id: Option<ID>,
    ) -> Result<Option<SecondFactor>> {
        let asked = Asked::of(ctx)?;
        let member = member(&asked, member_id.as_ref())?;
        let found = asked.engine.second_factor(&asked.question(), member).await?;
        Ok(found.map(|(since, left)| SecondFactor {
            enabled_at: DateTime(since),
            recovery_codes_left: i32::try_from(left).unwrap_or(i32::MAX),
        }))
    }
}

/// Mutations of second factors.
#[derive(Default)]
pub(crate) struct SecondFactorMutation;

#[Object]
impl SecondFactorMutation {
    /// Makes a secret for an authenticator app. It is in force once `secondFactorConfirm` shows a code of it, within a
    /// quarter of an hour.
    async fn second_factor_begin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "One's own password, again; not with a challenge.")] password: Option<String>,
        #[graphql(desc = "The challenge of who is on the way in; not for who is signed in.")]
        challenge: Option<String>,
    ) -> Result<SecondFactorSecret> {
        let who = enrolling(ctx, challenge)?;
        let secret = engine(ctx)?.begin_second_factor(who, password.map(Password::new)).await?;
        Ok(SecondFactorSecret {
            secret: secret.base32.expose().to_owned(),
            uri: secret.uri.expose().to_owned(),
        })
    }

    /// Brings the second factor into force.
    async fn second_factor_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A code that the app shows.")] code: String,
        #[graphql(desc = "The challenge of who is on the way in; not for who is signed in.")]
        challenge: Option<String>,
    ) -> Result<SecondFactorEnabled> {
        let who = enrolling(ctx, challenge)?;
        let enrolled = engine(ctx)?.confirm_second_factor(who, &code, client(ctx)).await?;
        Ok(SecondFactorEnabled {
            recovery_codes: enrolled.recovery.expose().map(str::to_owned).collect(),
            tokens: enrolled.tokens.map(SignInPayload::from),
        })
    }

    /// Makes fresh recovery codes in the place of all before.
    async fn recovery_codes_renew(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "One's own password, again.")] password: String,
    ) -> Result<RecoveryCodes> {
        let asked = Asked::of(ctx)?;
        let (principal, client) = (&asked.snapshot.viewer().principal, client(ctx));
        let codes = asked.engine.renew_recovery_codes(principal, Password::new(password), client).await?;
        Ok(RecoveryCodes { recovery_codes: codes.expose().map(str::to_owned).collect() })
    }

    /// Takes one's own second factor away; not where the company requires one.
    async fn second_factor_disable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "One's own password, again.")] password: String,
    ) -> Result<DonePayload> {
        let asked = Asked::of(ctx)?;
        let cx = asked.operation(None, false);
        let done = asked.engine.disable_second_factor(cx, Password::new(password), client(ctx)).await;
        DonePayload::answer(&asked, done)
    }

    /// Takes away the second factor of somebody who has lost theirs. For super admins, of others than themselves.
    async fn second_factor_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member: global id, `usr_…`.")] member_id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<DonePayload> {
        let asked = Asked::of(ctx)?;
        let member = scalar::id("memberId", &member_id)?;
        let done = asked.engine.reset_second_factor(asked.operation(idempotency_key, dry_run), member).await;
        DonePayload::answer(&asked, done)
    }
}

/// Who sets up a second factor: by a challenge, else who is signed in.
fn enrolling(ctx: &Context<'_>, challenge: Option<String>) -> Result<Enrolling> {
    match challenge {
        Some(token) => Ok(Enrolling::OnTheWayIn(SecretText::of_token(token))),
        None => {
            let principal = Asked::of(ctx)?.snapshot.viewer().principal.clone();
            Ok(Enrolling::Member(principal, client(ctx)))
        }
    }
}
