//! The two halves of signing in by a provider: out to it, and back.
//!
//! It does not know cookies nor pages.

use super::client::{self, Carrier, Clients, NoClient, algorithms};
use super::note::{self, Begun, Note};
use data_encoding::BASE64URL_NOPAD;
use mortise_engine::context::Client;
use mortise_engine::id::ProviderId;
use mortise_engine::identity::SecretText;
use mortise_engine::{Engine, ErrorCode, ProviderAccess, Vouched};
use openidconnect::core::{CoreResponseType, CoreUserInfoClaims};
use openidconnect::{
    AccessTokenHash, AuthenticationFlow, AuthorizationCode, CsrfToken, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, Scope, TokenResponse as _,
};
use std::fmt::Display;

/// What is said of a provider that keeps too many waiting.
const BUSY: &str = "too many people of this company wait for it";

/// Why somebody was not let in.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// The engine says so, in words for whoever signs in.
    #[error("{0}")]
    Engine(mortise_engine::Error),
    /// The provider cannot be reached, or does not speak as it should.
    #[error("the provider: {0}")]
    Provider(String),
    /// It is no answer to anything that this browser began.
    #[error("this browser began nothing of the kind")]
    NotBegun,
    /// The provider was not willing, or the person was not.
    #[error("the provider, or the person, was not willing")]
    Denied,
}

impl Refusal {
    fn provider(error: impl Display) -> Self {
        Self::Provider(error.to_string())
    }

    /// One word for the front end.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Engine(error) if matches!(error.code(), ErrorCode::EntitlementExceeded) => "no_seat_left",
            Self::Engine(_) => "refused",
            Self::Provider(_) => "provider_unavailable",
            Self::NotBegun => "begin_again",
            Self::Denied => "denied",
        }
    }
}

impl From<mortise_engine::Error> for Refusal {
    fn from(error: mortise_engine::Error) -> Self {
        Self::Engine(error)
    }
}

impl From<NoClient> for Refusal {
    fn from(error: NoClient) -> Self {
        Self::provider(error)
    }
}

/// Out to the provider: where the browser goes, and what it carries.
pub(super) struct Departure {
    pub(super) to: String,
    pub(super) state: String,
    pub(super) cookie: String,
}

/// What comes back with a browser. It is not printed: the code is a secret.
#[derive(Default)]
pub(super) struct Return {
    pub(super) state: String,
    pub(super) code: Option<String>,
    pub(super) error: Option<String>,
    /// Who answers (RFC 9207), where the provider says so.
    pub(super) issuer: Option<String>,
}

/// Begins: a fresh state, nonce and challenge.
pub(super) async fn depart(
    engine: &Engine,
    clients: &Clients,
    slug: &str,
    provider: ProviderId,
    challenge: String,
) -> Result<Departure, Refusal> {
    if !is_challenge(&challenge) {
        return Err(Refusal::NotBegun);
    }
    let tenant = engine.tenant_by_slug(slug).map(|tenant| tenant.id).unwrap_or(nobody());
    let access = engine.provider_access(tenant, provider).await?;
    let (client, _) = clients.of(&access, engine.clock()).await?;
    let (shown, verifier) = PkceCodeChallenge::new_random_sha256();
    let random = CsrfToken::new_random().secret().clone();
    let state = note::state(access.tenant.id, provider, &random);
    let stated = state.clone();
    let (url, _, nonce) = client
        .authorize_url(
            AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
            move || CsrfToken::new(stated),
            Nonce::new_random,
        )
        .add_scope(Scope::new("email".to_owned()))
        .add_scope(Scope::new("profile".to_owned()))
        .set_pkce_challenge(shown)
        .url();
    let (nonce, verifier) = (nonce.secret().clone(), verifier.secret().clone());
    let begun = Begun { state: state.clone(), nonce, verifier, challenge };
    let note = Note::new(provider, begun, engine.clock().now());
    let cookie = note.seal(&access.notes).ok_or_else(|| Refusal::provider("there are no random bytes"))?;
    Ok(Departure { to: url.to_string(), state, cookie })
}

/// Comes back: answers the token by which the person's own tokens are fetched.
pub(super) async fn arrive(
    engine: &Engine,
    clients: &Clients,
    back: Return,
    (cookie, client): (Option<&str>, Client),
) -> Result<SecretText, Refusal> {
    let (tenant, provider) = note::named(&back.state).ok_or(Refusal::NotBegun)?;
    let access = engine.provider_access(tenant, provider).await.map_err(|_| Refusal::NotBegun)?;
    let now = engine.clock().now();
    let note = cookie.and_then(|cookie| Note::open(&access.notes, cookie, &back.state, now));
    let note = note.filter(|note| note.provider() == Some(provider)).ok_or(Refusal::NotBegun)?;
    if back.issuer.as_ref().is_some_and(|issuer| *issuer != access.provider.issuer) {
        return Err(Refusal::NotBegun);
    }
    let (spoken, names_itself) = clients.of(&access, engine.clock()).await?;
    // A provider that says who it is in each answer has said nothing here: this is another's answer (RFC 9207, 2.4).
    if names_itself && back.issuer.is_none() {
        return Err(Refusal::NotBegun);
    }
    let Some(code) = back.code.filter(|_| back.error.is_none()) else { return Err(Refusal::Denied) };
    let _place = clients.room.enter(tenant).await.ok_or_else(|| Refusal::provider(BUSY))?;
    let vouched = exchange(clients, &spoken, &access, note, code).await?;
    Ok(engine.sign_in_by_provider(tenant, provider, vouched, client).await?)
}

/// Exchanges the code, and checks what comes for it: signature, issuer, audience, times, nonce, and that the access token is
/// the one that was meant. The library does; it reads the computer's clock for the times.
async fn exchange(
    clients: &Clients,
    client: &client::Client,
    access: &ProviderAccess,
    note: Note,
    code: String,
) -> Result<Vouched, Refusal> {
    let request = client.exchange_code(AuthorizationCode::new(code)).map_err(Refusal::provider)?;
    let request = request.set_pkce_verifier(PkceCodeVerifier::new(note.verifier));
    let tokens = request.request_async(&Carrier(&clients.outbound)).await.map_err(Refusal::provider)?;
    let id_token = tokens.id_token().ok_or_else(|| Refusal::provider("it gives no ID token"))?;
    let verifier = client.id_token_verifier().set_allowed_algs(algorithms());
    let claims = id_token.claims(&verifier, &Nonce::new(note.nonce)).map_err(Refusal::provider)?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = id_token.signing_alg().map_err(Refusal::provider)?;
        let key = id_token.signing_key(&verifier).map_err(Refusal::provider)?;
        let is =
            AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(Refusal::provider)?;
        if is != *expected {
            return Err(Refusal::provider("its access token is not the one that its ID token speaks of"));
        }
    }
    let mut vouched = Vouched {
        subject: claims.subject().as_str().to_owned(),
        verified_email: claims
            .email()
            .filter(|_| claims.email_verified() == Some(true))
            .map(|e| e.to_string()),
        name: claims.name().and_then(|name| name.get(None)).map(|name| name.to_string()),
        domain: access.provider.domain_claim.as_deref().and_then(|name| claim(&id_token.to_string(), name)),
        challenge: note.challenge,
    };
    if vouched.verified_email.is_none() && client.user_info_url().is_some() {
        let request = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone()));
        let request = request.map_err(Refusal::provider)?;
        let more: CoreUserInfoClaims =
            request.request_async(&Carrier(&clients.outbound)).await.map_err(Refusal::provider)?;
        vouched.verified_email =
            more.email().filter(|_| more.email_verified() == Some(true)).map(|e| e.to_string());
        let name = more.name().and_then(|name| name.get(None)).map(|name| name.to_string());
        vouched.name = vouched.name.or(name);
    }
    Ok(vouched)
}

/// Characters of a challenge: SHA-256 in base64url (RFC 7636, 4.2).
const CHALLENGE_CHARS: usize = 43;

fn is_challenge(text: &str) -> bool {
    text.len() == CHALLENGE_CHARS && BASE64URL_NOPAD.decode(text.as_bytes()).is_ok()
}

/// The challenge of a secret, as a client makes it; none of a text that is no such secret (RFC 7636, 4.1).
pub(crate) fn challenge_of(verifier: &str) -> Option<String> {
    let is_plain = verifier.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    let is_secret = (43..=128).contains(&verifier.len()) && is_plain;
    is_secret.then(|| {
        let verifier = PkceCodeVerifier::new(verifier.to_owned());
        PkceCodeChallenge::from_code_verifier_sha256(&verifier).as_str().to_owned()
    })
}

/// A claim of a token that was verified already.
fn claim(token: &str, name: &str) -> Option<String> {
    let payload = BASE64URL_NOPAD.decode(token.split('.').nth(1)?.as_bytes()).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    claims.get(name)?.as_str().map(str::to_owned)
}

/// A company that is never there: an unknown one is answered as one without that provider.
const fn nobody() -> mortise_engine::id::TenantId {
    mortise_engine::id::TenantId::from_uuid(uuid::Uuid::nil())
}
