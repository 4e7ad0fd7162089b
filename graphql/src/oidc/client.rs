//! The library's client over our own sender of requests, and what is kept of providers: their descriptions for a minute, and
//! for some seconds that one cannot be had.
//!
//! It does not know who signs in.

use super::room::Room;
use crate::outbound::{Outbound, OutboundError};
use data_encoding::BASE64URL_NOPAD;
use mortise_engine::ProviderAccess;
use mortise_engine::time::Timestamp;
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
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Providers of which something is kept. With two documents each, of [`DOCUMENT_BYTES_MAX`], that is 8 MiB at most.
const KEPT_MAX: usize = 64;

/// The largest document of a provider that is read, in bytes: those of large ones have some 20 KiB.
const DOCUMENT_BYTES_MAX: usize = 64 * 1024;

/// How long it is believed that a description cannot be had, in milliseconds.
const FAILED_MS: i64 = 10 * 1000;

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

/// What came of asking a provider, and when that was.
type Kept = (Timestamp, Result<Arc<Description>, Arc<NoClient>>);

/// Held while a provider is asked, so that those who come meanwhile wait for the same answer.
type Slot = Arc<Mutex<Option<Kept>>>;

/// Makes clients of providers.
pub(super) struct Clients {
    pub(super) outbound: Outbound,
    pub(super) room: Room,
    redirect: RedirectUrl,
    descriptions: Cache<String, Slot>,
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
    #[error("{0}")]
    Lately(Arc<Self>),
}

impl Clients {
    pub(super) fn new(outbound: Outbound, redirect: RedirectUrl) -> Self {
        Self { outbound, room: Room::default(), redirect, descriptions: Cache::new(KEPT_MAX) }
    }

    /// A client of this provider, and whether the provider names itself in each answer.
    pub(super) async fn of(
        &self,
        access: &ProviderAccess,
        now: Timestamp,
    ) -> Result<(Client, bool), NoClient> {
        let description = self.description(&access.provider.issuer, now).await?;
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

    /// What a provider says of itself (`OpenID` Connect Discovery), with its keys. The library refuses one that names another
    /// issuer than was asked.
    async fn description(&self, issuer: &str, now: Timestamp) -> Result<Arc<Description>, NoClient> {
        let slot = match self.descriptions.get(issuer) {
            Some(slot) => slot,
            None => self.descriptions.get_or_insert_with(issuer, || Ok::<_, NoClient>(Slot::default()))?,
        };
        let mut kept = slot.lock().await;
        if let Some((at, known)) = &*kept {
            let lasts = if known.is_ok() { KEPT_MS } else { FAILED_MS };
            if at.plus_millis(lasts) > now {
                return known.clone().map_err(NoClient::Lately);
            }
        }
        let fetched = self.fetch(issuer).await.map(Arc::new).map_err(Arc::new);
        *kept = Some((now, fetched.clone()));
        fetched.map_err(NoClient::Lately)
    }

    async fn fetch(&self, issuer: &str) -> Result<Description, NoClient> {
        let url = IssuerUrl::new(issuer.to_owned())?;
        let description = Description::discover_async(url, &self.outbound).await?;
        let keys = strong(description.jwks())?;
        Ok(description.set_jwks(keys))
    }
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

impl<'c> AsyncHttpClient<'c> for Outbound {
    type Error = OutboundError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OutboundError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let to = request.uri().host().unwrap_or_default().to_owned();
            let answer = self.send(request).await?;
            if answer.body().len() > DOCUMENT_BYTES_MAX {
                let why = format!("its answer has more than {DOCUMENT_BYTES_MAX} bytes");
                return Err(OutboundError::Failed { to, why });
            }
            Ok(answer)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rsa(bytes: &[u8]) -> CoreJsonWebKey {
        let n = BASE64URL_NOPAD.encode(bytes);
        serde_json::from_value(serde_json::json!({ "kty": "RSA", "n": n, "e": "AQAB", "use": "sig" }))
            .unwrap()
    }

    #[test]
    fn a_key_that_is_too_short_is_no_key() {
        let (short, padded) = (rsa(&[0xff; 128]), rsa(&[&[0; 128][..], &[0xff; 128]].concat()));
        let (nearly, long) = (rsa(&[&[0x7f][..], &[0xff; 255]].concat()), rsa(&[0xff; 256]));
        let kept = strong(&JsonWebKeySet::new(vec![short, padded, nearly, long.clone()])).unwrap();
        assert_eq!(kept.keys(), &vec![long]);
        assert_eq!([bits_of(&[]), bits_of(&[0]), bits_of(&[1]), bits_of(&[0, 0x80, 0])], [0, 0, 1, 16]);
    }
}
