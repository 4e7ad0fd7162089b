//! Signing in and out. These are no changes of the company's data: they take neither an idempotency key nor a dry run.

use super::scalar::DateTime;
use crate::context::{Asked, engine, user_agent};
use crate::error::Result;
use async_graphql::{Context, InputObject, Object, SimpleObject};
use mortise_engine::identity::Password;
use mortise_engine::{SignIn, Tokens};

/// Who signs in. The company is named here only: afterwards the token tells.
#[derive(InputObject)]
pub(crate) struct SignInInput {
    /// The company's short name, such as `acme`.
    tenant: String,
    /// The address.
    email: String,
    /// The password.
    password: String,
}

/// What a person gets for signing in.
#[derive(SimpleObject)]
pub(crate) struct SignInPayload {
    /// Proves who asks, for some minutes: send it as `Authorization: Bearer …`.
    access_token: String,
    /// Gets new tokens from `tokenRefresh`, once. Used twice, all tokens of the session stop working.
    refresh_token: String,
    /// When the access token ends.
    expires_at: DateTime,
}

impl From<Tokens> for SignInPayload {
    fn from(tokens: Tokens) -> Self {
        Self {
            access_token: tokens.access.expose().to_owned(),
            refresh_token: tokens.refresh.expose().to_owned(),
            expires_at: DateTime(tokens.expires_at),
        }
    }
}

/// The answer to signing out.
#[derive(SimpleObject)]
pub(crate) struct SignOutPayload {
    /// Whether the session has ended. Signing out twice is fine.
    success: bool,
}

/// Mutations of one's own session.
#[derive(Default)]
pub(crate) struct SignInMutation;

#[Object]
impl SignInMutation {
    /// Signs a person in. An unknown company, an unknown address and a wrong password get the same answer:
    /// `UNAUTHENTICATED`.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who signs in.")] input: SignInInput,
    ) -> Result<SignInPayload> {
        let SignInInput { tenant, email, password } = input;
        let user_agent = user_agent(ctx).to_owned();
        let asked = SignIn { tenant, email, password: Password::new(password), user_agent };
        Ok(engine(ctx)?.sign_in(asked).await?.into())
    }

    /// Gets new tokens for a refresh token, which is spent by it.
    async fn token_refresh(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token that was given last.")] refresh_token: String,
    ) -> Result<SignInPayload> {
        Ok(engine(ctx)?.refresh(&refresh_token, user_agent(ctx)).await?.into())
    }

    /// Ends a session: its tokens stop working at once.
    async fn sign_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A refresh token of the session; the session of the access token unless said.")]
        refresh_token: Option<String>,
    ) -> Result<SignOutPayload> {
        match refresh_token {
            Some(token) => engine(ctx)?.sign_out(&token).await?,
            None => {
                let asked = Asked::of(ctx)?;
                if let Some(session) = asked.snapshot.viewer().session {
                    asked.engine.sign_out_session(&asked.snapshot.viewer().principal, session).await?;
                }
            }
        }
        Ok(SignOutPayload { success: true })
    }
}
