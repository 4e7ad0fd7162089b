//! The library's client over our own sender of requests, and a provider's description kept for a minute.
//!
//! It does not know who signs in.

use super::room::Room;
use crate::outbound::{Outbound, OutboundError};
use mortise_engine::ProviderAccess;
use mortise_engine::time::Timestamp;
use openidconnect::core::{CoreClient, CoreClientAuthMethod, CoreJwsSigningAlgorithm, CoreProviderMetadata};
use openidconnect::{
    AsyncHttpClient, AuthType, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IssuerUrl, RedirectUrl,
};
use quick_cache::sync::Cache;
use std::pin::Pin;
use std::sync::Arc;

/// Providers whose descriptions are kept.
const KEPT_MAX: usize = 256;

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

/// A description, and when it was fetched.
type Kept = (Timestamp, Arc<CoreProviderMetadata>);

/// Makes clients of providers.
pub(super) struct Clients {
    pub(super) outbound: Outbound,
    pub(super) room: Room,
    redirect: RedirectUrl,
    descriptions: Cache<String, Kept>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoClient {
    #[error("the issuer's address is none: {0}")]
    Address(#[from] openidconnect::url::ParseError),
    #[error("cannot read the provider's description: {0}")]
    Description(#[from] openidconnect::DiscoveryError<OutboundError>),
}

impl Clients {
    pub(super) fn new(outbound: Outbound, redirect: RedirectUrl) -> Self {
        Self { outbound, room: Room::default(), redirect, descriptions: Cache::new(KEPT_MAX) }
    }

    /// A client of this provider.
    pub(super) async fn of(&self, access: &ProviderAccess, now: Timestamp) -> Result<Client, NoClient> {
        let description = self.description(&access.provider.issuer, now).await?;
        let methods = description.token_endpoint_auth_methods_supported();
        let offers = |method| methods.is_some_and(|methods| methods.contains(&method));
        let by_body = !offers(CoreClientAuthMethod::ClientSecretBasic)
            && offers(CoreClientAuthMethod::ClientSecretPost);
        let client = CoreClient::from_provider_metadata(
            CoreProviderMetadata::clone(&description),
            ClientId::new(access.provider.client_id.clone()),
            access.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose().to_owned())),
        );
        let auth = if by_body { AuthType::RequestBody } else { AuthType::BasicAuth };
        Ok(client.set_redirect_uri(self.redirect.clone()).set_auth_type(auth))
    }

    /// What a provider says of itself (`OpenID` Connect Discovery), with its keys. The library refuses one that names another
    /// issuer than was asked.
    async fn description(&self, issuer: &str, now: Timestamp) -> Result<Arc<CoreProviderMetadata>, NoClient> {
        let kept = self.descriptions.get(issuer);
        if let Some((_, description)) = kept.filter(|(at, _)| at.plus_millis(KEPT_MS) > now) {
            return Ok(description);
        }
        let url = IssuerUrl::new(issuer.to_owned())?;
        let fetched = Arc::new(CoreProviderMetadata::discover_async(url, &self.outbound).await?);
        self.descriptions.insert(issuer.to_owned(), (now, fetched.clone()));
        Ok(fetched)
    }
}

/// The algorithms that tokens of providers are accepted with.
pub(super) fn algorithms() -> impl Iterator<Item = CoreJwsSigningAlgorithm> {
    ALGORITHMS.into_iter()
}

impl<'c> AsyncHttpClient<'c> for Outbound {
    type Error = OutboundError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OutboundError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
