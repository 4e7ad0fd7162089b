//! Signing in and out, and passwords that were forgotten. These are no changes of the company's data: they take neither an
//! idempotency key nor a dry run.

use super::scalar::DateTime;
use super::word::SignInChallengeKind;
use crate::context::{Asked, client, engine};
use crate::error::Result;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use mortise_engine::identity::Password;
use mortise_engine::{Challenge, SignIn, SignedIn, Tokens};

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

/// What a person gets for signing in: tokens, or a challenge.
#[derive(Default, SimpleObject)]
pub(crate) struct SignInPayload {
    /// Proves who asks, for some minutes: send it as `Authorization: Bearer …`. Null when there is a challenge.
    access_token: Option<String>,
    /// Gets new tokens from `tokenRefresh`, once. Used again, all tokens of the session stop working, unless the same
    /// client repeats the request within ten seconds, as it does when the answer was lost.
    refresh_token: Option<String>,
    /// When the access token ends.
    expires_at: Option<DateTime>,
    /// The step that comes before the tokens; null when there is none.
    challenge: Option<SignInChallenge>,
}

/// A step between the password and the tokens.
#[derive(SimpleObject)]
pub(crate) struct SignInChallenge {
    /// To be sent with the answer. It is spent with a right one.
    token: String,
    /// What the answer is.
    kind: SignInChallengeKind,
    /// Until when it can be answered.
    expires_at: DateTime,
}

impl From<Tokens> for SignInPayload {
    fn from(tokens: Tokens) -> Self {
        Self {
            access_token: Some(tokens.access.expose().to_owned()),
            refresh_token: Some(tokens.refresh.expose().to_owned()),
            expires_at: Some(DateTime(tokens.expires_at)),
            challenge: None,
        }
    }
}

impl From<SignedIn> for SignInPayload {
    fn from(signed_in: SignedIn) -> Self {
        match signed_in {
            SignedIn::Tokens(tokens) => tokens.into(),
            SignedIn::Challenge(challenge) => Self { challenge: Some(challenge.into()), ..Self::default() },
        }
    }
}

impl From<Challenge> for SignInChallenge {
    fn from(challenge: Challenge) -> Self {
        Self {
            token: challenge.token.expose().to_owned(),
            kind: challenge.kind.into(),
            expires_at: DateTime(challenge.expires_at),
        }
    }
}

/// The answer to signing out.
#[derive(SimpleObject)]
pub(crate) struct SignOutPayload {
    /// Whether the session has ended. Signing out twice is fine.
    success: bool,
}

/// The answer to a step with a forgotten password.
#[derive(SimpleObject)]
pub(crate) struct PasswordResetPayload {
    /// Whether it was done. Of a link that was asked for: that it was sent, if anybody has this address.
    success: bool,
}

/// A way to sign in other than by password.
#[derive(SimpleObject)]
pub(crate) struct SignInProvider {
    /// The global id, `idp_…`.
    id: ID,
    /// How it is called.
    name: String,
}

/// Queries of who is not signed in yet.
#[derive(Default)]
pub(crate) struct SignInQuery;

#[Object]
impl SignInQuery {
    /// The identity providers by which the people of a company can sign in: a browser is sent to
    /// `oidc/start?provider=…&tenant=…&challenge=…`, beside this endpoint; the challenge is made of `signInFetch`'s `verifier`.
    /// Empty for a company that is not here.
    async fn sign_in_providers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company's short name, such as `acme`.")] tenant: String,
    ) -> Result<Vec<SignInProvider>> {
        let providers = engine(ctx)?.sign_in_providers(&tenant).await?;
        let shown = |provider: &std::sync::Arc<mortise_engine::model::IdentityProvider>| SignInProvider {
            id: super::scalar::global(provider.id),
            name: provider.name.clone(),
        };
        Ok(providers.iter().map(shown).collect())
    }
}

/// Mutations of one's own session.
#[derive(Default)]
pub(crate) struct SignInMutation;

#[Object]
impl SignInMutation {
    /// Signs a person in. An unknown company, an unknown address and a wrong password get the same answer:
    /// `UNAUTHENTICATED`; too many of them `RATE_LIMITED`, for a while that grows.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who signs in.")] input: SignInInput,
    ) -> Result<SignInPayload> {
        let SignInInput { tenant, email, password } = input;
        let asked = SignIn { tenant, email, password: Password::new(password), client: client(ctx) };
        Ok(engine(ctx)?.sign_in(asked).await?.into())
    }

    /// Takes the second step of signing in.
    async fn sign_in_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token of the challenge.")] challenge: String,
        #[graphql(desc = "A code of the authenticator app, or a recovery code.")] code: String,
    ) -> Result<SignInPayload> {
        Ok(engine(ctx)?.answer_challenge(&challenge, &code, client(ctx)).await?.into())
    }

    /// Gets the tokens of somebody who came by an identity provider.
    async fn sign_in_fetch(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The token that came behind the `#` of the page's address; it is good once, for a minute."
        )]
        token: String,
        #[graphql(
            desc = "The secret whose SHA-256, in base64url, was the `challenge` of `oidc/start`: 43 to 128 of A–Z, a–z, 0–9 and -._~ (RFC 7636)."
        )]
        verifier: String,
    ) -> Result<SignInPayload> {
        // A text that is no such secret belongs to no challenge: it is answered as another's.
        let challenge = crate::oidc::challenge_of(&verifier).unwrap_or_default();
        Ok(engine(ctx)?.fetch_tokens(&token, &challenge, client(ctx)).await?.into())
    }

    /// Gets new tokens for a refresh token, which is spent by it.
    async fn token_refresh(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token that was given last.")] refresh_token: String,
    ) -> Result<SignInPayload> {
        Ok(engine(ctx)?.refresh(&refresh_token, client(ctx)).await?.into())
    }

    /// Ends a session: its tokens stop working at once.
    async fn sign_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A refresh token of the session; the session of the access token unless said.")]
        refresh_token: Option<String>,
    ) -> Result<SignOutPayload> {
        match refresh_token {
            Some(token) => engine(ctx)?.sign_out(&token, client(ctx)).await?,
            None => {
                let asked = Asked::of(ctx)?;
                if let Some(session) = asked.snapshot.viewer().session {
                    let principal = &asked.snapshot.viewer().principal;
                    asked.engine.sign_out_session(principal, session, client(ctx)).await?;
                }
            }
        }
        Ok(SignOutPayload { success: true })
    }

    /// Has a link sent by which somebody who forgot their password can choose another. The answer is the same whether
    /// anybody has the address or not.
    async fn password_reset_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company's short name, such as `acme`.")] tenant: String,
        #[graphql(desc = "The address.")] email: String,
    ) -> Result<PasswordResetPayload> {
        engine(ctx)?.request_password_reset(&tenant, &email, client(ctx)).await?;
        Ok(PasswordResetPayload { success: true })
    }

    /// Sets a new password by the token of a link. All sessions of its owner end.
    async fn password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token of the link; it is good once.")] token: String,
        #[graphql(desc = "The new password, 8 to 256 characters and none of the commonest.")]
        password: String,
    ) -> Result<PasswordResetPayload> {
        engine(ctx)?.reset_password(&token, Password::new(password)).await?;
        Ok(PasswordResetPayload { success: true })
    }
}
