//! The library's client over our own sender of requests, and what is kept of providers: their descriptions for a minute, and
//! for some seconds that one cannot be had.
//!
//! It does not know who signs in.

use super::room::Room;
use data_encoding::BASE64URL_NOPAD;
use mortise_engine::ProviderAccess;
use mortise_engine::time::{Clock, Timestamp};
use mortise_outbound::{Outbound, OutboundError};
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AsyncHttpClient, AuthType, ClientId, ClientSecret, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, JsonWebKeySet, ProviderMetadata,
    RedirectUrl,
};
use parking_lot::Mutex;
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Providers of which something is kept. With two documents each, of [`DOCUMENT_BYTES_MAX`], that is 8 MiB at most.
const KEPT_MAX: usize = 64;

/// The largest document of a provider that is read, in bytes: those of large ones have some 20 KiB.
const DOCUMENT_BYTES_MAX: usize = 64 * 1024;

/// How long it is believed that a description cannot be had, in milliseconds.
const FAILED_MS: i64 = 10 * 1000;

/// Who waits at once for what one provider says of itself; further ones are told to begin again. A provider may be that of
/// very many companies, whose people come in the same morning.
const WAITING_MAX: usize = 256;

/// Providers that are asked at once for what they say of themselves, whether anybody still waits for it or not.
const ASKED_MAX: usize = 256;

/// Bits of the modulus of an RSA key at least (RFC 7518, 3.3); the library asks for none.
const RSA_BITS_MIN: usize = 2048;

/// How long a description is used, in milliseconds: as long as a flood of beginnings should cost the provider one request.
const KEPT_MS: i64 = 60 * 1000;

/// The algorithms that a provider may sign with. None uses a secret that we share, and `none` is none.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// A client of one provider.
pub(super) type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What a provider says of itself, with its keys.
type Description = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What of a description the library does not know.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Further {
    /// Whether each answer names who answers (RFC 9207, 3).
    authorization_response_iss_parameter_supported: Option<bool>,
}

impl AdditionalProviderMetadata for Further {}

/// What came of asking a provider.
type Known = Result<Arc<Description>, Arc<NoClient>>;

/// A provider, as far as it was asked.
struct Asked {
    /// What came of it, and when that was known.
    kept: Mutex<Option<(Timestamp, Known)>>,
    /// One place: taken while it is asked, so that those who come meanwhile wait for the same answer.
    turn: Arc<Semaphore>,
    /// A place for each who waits.
    line: Semaphore,
}

impl Default for Asked {
    fn default() -> Self {
        let (turn, line) = (Arc::new(Semaphore::new(1)), Semaphore::new(WAITING_MAX));
        Self { kept: Mutex::default(), turn, line }
    }
}

impl Asked {
    /// What is still believed.
    fn known(&self, now: Timestamp) -> Option<Known> {
        let kept = self.kept.lock();
        let (at, known) = kept.as_ref()?;
        let lasts = if known.is_ok() { KEPT_MS } else { FAILED_MS };
        (at.plus_millis(lasts) > now).then(|| known.clone())
    }
}

/// Makes clients of providers.
pub(super) struct Clients {
    pub(super) outbound: Outbound,
    pub(super) room: Room,
    redirect: RedirectUrl,
    providers: Cache<String, Arc<Asked>>,
    /// A place for each provider that is asked.
    asking: Arc<Semaphore>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoClient {
    #[error("the issuer's address is none: {0}")]
    Address(#[from] openidconnect::url::ParseError),
    #[error("cannot read the provider's description: {0}")]
    Description(#[from] openidconnect::DiscoveryError<OutboundError>),
    #[error("cannot use the provider's keys: {0}")]
    Keys(#[from] serde_json::Error),
    #[error("too many wait for what it says of itself")]
    Busy,
    #[error("asking it was broken off")]
    BrokenOff,
    #[error("{0}")]
    Lately(Arc<Self>),
}

impl Clients {
    pub(super) fn new(outbound: Outbound, redirect: RedirectUrl) -> Self {
        let (providers, asking) = (Cache::new(KEPT_MAX), Arc::new(Semaphore::new(ASKED_MAX)));
        Self { outbound, room: Room::default(), redirect, providers, asking }
    }

    /// A client of this provider, and whether the provider names itself in each answer.
    pub(super) async fn of(
        &self,
        access: &ProviderAccess,
        clock: &Clock,
    ) -> Result<(Client, bool), NoClient> {
        let description = self.description(&access.provider.issuer, clock).await?;
        let methods = description.token_endpoint_auth_methods_supported();
        let offers = |method| methods.is_some_and(|methods| methods.contains(&method));
        let by_body = !offers(CoreClientAuthMethod::ClientSecretBasic)
            && offers(CoreClientAuthMethod::ClientSecretPost);
        let further = description.additional_metadata();
        let names_itself = further.authorization_response_iss_parameter_supported == Some(true);
        let client = CoreClient::from_provider_metadata(
            Description::clone(&description),
            ClientId::new(access.provider.client_id.clone()),
            access.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose().to_owned())),
        );
        let auth = if by_body { AuthType::RequestBody } else { AuthType::BasicAuth };
        Ok((client.set_redirect_uri(self.redirect.clone()).set_auth_type(auth), names_itself))
    }

    /// What a provider says of itself, as it was lately or as it says now.
    async fn description(&self, issuer: &str, clock: &Clock) -> Result<Arc<Description>, NoClient> {
        let asked = match self.providers.get(issuer) {
            Some(asked) => asked,
            None => self.providers.get_or_insert_with(issuer, || Ok::<_, NoClient>(Arc::default()))?,
        };
        if let Some(known) = asked.known(clock.now()) {
            return known.map_err(NoClient::Lately);
        }
        let _place = asked.line.try_acquire().map_err(|_| NoClient::Busy)?;
        let turn = asked.turn.clone().acquire_owned().await.map_err(|_| NoClient::BrokenOff)?;
        if let Some(known) = asked.known(clock.now()) {
            return known.map_err(NoClient::Lately);
        }
        let room = self.asking.clone().try_acquire_owned().map_err(|_| NoClient::Busy)?;
        let (outbound, issuer) = (self.outbound.clone(), issuer.to_owned());
        let (noted, clock) = (asked.clone(), clock.clone());
        // A task of its own: a browser that goes away takes no answer from those who wait behind it.
        let asking = tokio::spawn(async move {
            let _held = (turn, room);
            let known = fetch(&outbound, issuer).await.map(Arc::new).map_err(Arc::new);
            // A provider that says nothing is known to be silent when its time is over, not since it was asked.
            *noted.kept.lock() = Some((clock.now(), known.clone()));
            known
        });
        asking.await.map_err(|_| NoClient::BrokenOff)?.map_err(NoClient::Lately)
    }
}

/// What a provider says of itself (`OpenID` Connect Discovery), with its keys. The library refuses one that names another
/// issuer than was asked.
async fn fetch(outbound: &Outbound, issuer: String) -> Result<Description, NoClient> {
    let description = Description::discover_async(IssuerUrl::new(issuer)?, &Carrier(outbound)).await?;
    let keys = strong(description.jwks())?;
    Ok(description.set_jwks(keys))
}

/// The keys without those that are too weak to prove anything.
fn strong(keys: &JsonWebKeySet<CoreJsonWebKey>) -> Result<JsonWebKeySet<CoreJsonWebKey>, NoClient> {
    let mut kept = Vec::new();
    for key in keys.keys() {
        let text = serde_json::to_value(key)?;
        let modulus = text.get("n").and_then(serde_json::Value::as_str);
        let bits = modulus.map(|n| bits_of(&BASE64URL_NOPAD.decode(n.as_bytes()).unwrap_or_default()));
        if bits.is_none_or(|bits| bits >= RSA_BITS_MIN) {
            kept.push(key.clone());
        }
    }
    Ok(JsonWebKeySet::new(kept))
}

/// Bits of a number, without zeros in front.
fn bits_of(bytes: &[u8]) -> usize {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let first = bytes.get(zeros).map_or(0, |byte| 8 - byte.leading_zeros() as usize);
    bytes.len().saturating_sub(zeros + 1) * 8 + first
}

/// The algorithms that tokens of providers are accepted with.
pub(super) fn algorithms() -> impl Iterator<Item = CoreJwsSigningAlgorithm> {
    ALGORITHMS.into_iter()
}

/// The sender, as the library asks for one.
pub(super) struct Carrier<'a>(pub(super) &'a Outbound);

impl<'c> AsyncHttpClient<'c> for Carrier<'_> {
    type Error = OutboundError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OutboundError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let to = request.uri().host().unwrap_or_default().to_owned();
            let answer = self.0.send(request).await?;
            if answer.body().len() > DOCUMENT_BYTES_MAX {
                let why = format!("its answer has more than {DOCUMENT_BYTES_MAX} bytes");
                return Err(OutboundError::Failed { to, why });
            }
            Ok(answer)
        })
    }
}

#[cfg(test)]
mod tests;
