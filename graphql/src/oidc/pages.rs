//! The two addresses that a browser comes to. Neither shows anything: both send it on.
//!
//! It does not know the protocol.

use super::OidcOptions;
use super::client::Clients;
use super::flow::{self, Refusal, Return};
use super::note::{AT_PROVIDER_MS, cookie_name, is_ours};
use crate::http::RequestInfo;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::get;
use mortise_engine::Engine;
use mortise_engine::model::Network;
use mortise_outbound::Outbound;
use openidconnect::RedirectUrl;
use openidconnect::url::form_urlencoded;
use std::sync::Arc;

/// The longest query that is read, in bytes.
const QUERY_BYTES_MAX: usize = 8 * 1024;

/// Beginnings that a browser keeps beside the one it makes. Each is a cookie of some 500 bytes, which goes with every request
/// to this host, and proxies take a head of 8 KiB.
const BESIDE_MAX: usize = 3;

/// Older beginnings that a browser is told to forget at once; more than these it has from nobody here.
const FORGOTTEN_MAX: usize = 50;

/// A cookie that a browser is told: its name, what it says, and for how many seconds.
type Cookie<'a> = (String, &'a str, i64);

struct Pages {
    engine: Engine,
    clients: Clients,
    return_to: String,
    proxies: Vec<Network>,
    /// Whether a browser reaches us in secret, so that it may be told to send the cookie only so.
    secure: bool,
}

/// The routes `oidc/start` and `oidc/callback`; none when the public address is none.
pub(crate) fn routes(engine: Engine, options: &OidcOptions, proxies: Vec<Network>) -> Router {
    let Ok(redirect) = RedirectUrl::new(format!("{}/oidc/callback", options.public_url)) else {
        tracing::error!(
            address = options.public_url,
            "this public address is none; nobody signs in by a provider"
        );
        return Router::new();
    };
    let pages = Arc::new(Pages {
        engine,
        clients: Clients::new(Outbound::new(options.allowed), redirect),
        return_to: options.return_to.clone().unwrap_or_else(|| options.public_url.clone()),
        proxies,
        secure: options.public_url.starts_with("https://"),
    });
    let back = pages.clone();
    Router::new()
        .route(
            "/oidc/start",
            get(move |request: Request| async move { pages.start(&request.into_parts().0).await }),
        )
        .route(
            "/oidc/callback",
            get(move |request: Request| async move { back.callback(&request.into_parts().0).await }),
        )
}

impl Pages {
    async fn start(&self, parts: &Parts) -> Response {
        let (mut tenant, mut provider, mut challenge) = (String::new(), None, String::new());
        for (name, value) in pairs(&parts.uri) {
            match &*name {
                "tenant" => tenant = value.into_owned(),
                "provider" => provider = value.parse().ok(),
                "challenge" => challenge = value.into_owned(),
                _ => {}
            }
        }
        let Some(provider) = provider else { return self.refused(&Refusal::NotBegun) };
        match Box::pin(flow::depart(&self.engine, &self.clients, &tenant, provider, challenge)).await {
            Ok(departure) => {
                let name = cookie_name(&departure.state, self.secure);
                let begun = name.map(|name| (name, departure.cookie.as_str(), AT_PROVIDER_MS / 1000));
                let forgotten = self.surplus(&parts.headers).map(|name| (name, "", 0));
                self.send(&departure.to, begun.into_iter().chain(forgotten))
            }
            Err(refusal) => self.refused(&refusal),
        }
    }

    async fn callback(&self, parts: &Parts) -> Response {
        let mut back = Return::default();
        for (name, value) in pairs(&parts.uri) {
            match &*name {
                "state" => back.state = value.into_owned(),
                "code" => back.code = Some(value.into_owned()),
                "error" => back.error = Some(value.into_owned()),
                "iss" => back.issuer = Some(value.into_owned()),
                _ => {}
            }
        }
        let name = cookie_name(&back.state, self.secure);
        let shown = name.as_deref().and_then(|name| cookie(&parts.headers, name));
        let over = name.clone().map(|name| (name, "", 0));
        let from = (shown, RequestInfo::of(parts, &self.proxies).client());
        match Box::pin(flow::arrive(&self.engine, &self.clients, back, from)).await {
            Ok(token) => self.home("sign_in_token", token.expose(), over),
            Err(refusal) => self.sent_home(&refusal, over),
        }
    }

    /// Our own cookies in a request that a browser keeps no longer when it begins again: the oldest, which come first
    /// (RFC 6265, 5.4).
    fn surplus(&self, headers: &HeaderMap) -> impl Iterator<Item = String> {
        let named = cookies(headers).filter_map(|one| one.split('=').next());
        let ours: Vec<_> = named.filter(|name| is_ours(name, self.secure)).map(str::to_owned).collect();
        let surplus = ours.len().saturating_sub(BESIDE_MAX);
        ours.into_iter().take(surplus.min(FORGOTTEN_MAX))
    }

    fn refused(&self, refusal: &Refusal) -> Response {
        self.sent_home(refusal, None)
    }

    fn sent_home(&self, refusal: &Refusal, cookie: Option<Cookie<'_>>) -> Response {
        // Some of the words are the provider's own: printed as a text, they stay on their line.
        let why = refusal.to_string();
        tracing::info!(?why, "somebody was not let in by an identity provider");
        self.home("sign_in_error", refusal.word(), cookie)
    }

    /// Sends the browser to the front end. What it is told stands behind the `#`, which no server is sent.
    fn home(&self, name: &str, value: &str, cookie: Option<Cookie<'_>>) -> Response {
        self.send(&format!("{}#{name}={value}", self.return_to), cookie)
    }

    fn send<'a>(&self, to: &str, cookies: impl IntoIterator<Item = Cookie<'a>>) -> Response {
        let mut response = Response::builder()
            .status(StatusCode::SEE_OTHER)
            .header(header::LOCATION, to)
            .header(header::CACHE_CONTROL, "no-store")
            .header(header::REFERRER_POLICY, "no-referrer");
        for (name, value, seconds) in cookies {
            let secure = if self.secure { "; Secure" } else { "" };
            let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
            response = response.header(header::SET_COOKIE, cookie);
        }
        response.body(Body::empty()).unwrap_or_else(|error| {
            tracing::error!(%error, "a browser cannot be sent on");
            let mut failed = Response::new(Body::empty());
            *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            failed
        })
    }
}

/// The names and values of a query; none of one that is too long.
fn pairs(uri: &Uri) -> form_urlencoded::Parse<'_> {
    let query = uri.query().filter(|query| query.len() <= QUERY_BYTES_MAX).unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
}

/// What our own cookie of this name says.
fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    cookies(headers).find_map(|one| one.strip_prefix(name)?.strip_prefix('='))
}

/// The cookies of a request, each with its name.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).map(str::trim)
}
