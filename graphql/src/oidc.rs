//! Signing in by a company's identity provider: `OpenID` Connect, the authorization code with PKCE.
//!
//! `oidc/start` sends a browser to the provider; the provider sends it back to `oidc/callback`; from there it goes to the
//! front end with a token behind the `#`, by which the front end fetches the person's own tokens (`signInFetch`), once and
//! within a minute, and only the front end that began: it names the hash of a secret at `start`, and shows the secret.
//! What must come back unchanged (state, nonce, the verifier of the code) the browser carries in a cookie that only this
//! company's key opens. Who somebody is here is the engine's affair; this module knows the protocol.

mod client;
mod flow;
mod note;
mod pages;
mod room;

pub(crate) use flow::challenge_of;
pub(crate) use pages::routes;

use mortise_outbound::Allowed;

/// How people come back from an identity provider.
#[derive(Debug, Clone)]
pub struct OidcOptions {
    /// The address under which the router is reached from outside, without a slash at its end, such as
    /// `https://tracker.example.com`. Providers are told `…/oidc/callback` beneath it.
    pub public_url: String,
    /// The page to which a browser goes in the end, with `#sign_in_token=…` or `#sign_in_error=…` behind it. Default: the
    /// address itself.
    pub return_to: Option<String>,
    /// Where requests to providers may go. Default: to public addresses alone.
    pub allowed: Allowed,
}

impl OidcOptions {
    /// People come back to this address, and stay there.
    #[must_use]
    pub fn new(public_url: impl Into<String>) -> Self {
        let public_url: String = public_url.into();
        let public_url = public_url.trim_end_matches('/').to_owned();
        Self { public_url, return_to: None, allowed: Allowed::default() }
    }
}

#[cfg(test)]
mod tests;
