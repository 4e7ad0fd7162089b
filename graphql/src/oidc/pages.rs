//! The two addresses that a browser comes to. Neither shows anything: both send it on.
//!
//! It does not know the protocol.

use super::OidcOptions;
use super::client::Clients;
use super::flow::{self, Refusal, Return};
use super::note::{AT_PROVIDER_MS, COOKIE};
use crate::outbound::Outbound;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::get;
use mortise_engine::Engine;
use openidconnect::RedirectUrl;
use openidconnect::url::form_urlencoded;
use std::sync::Arc;

/// The longest query that is read, in bytes.
const QUERY_BYTES_MAX: usize = 8 * 1024;

struct Pages {
    engine: Engine,
    clients: Clients,
    return_to: String,
    /// Whether a browser reaches us in secret, so that it may be told to send the cookie only so.
    secure: bool,
}

/// The routes `oidc/start` and `oidc/callback`; none when the public address is none.
pub(crate) fn routes(engine: Engine, options: &OidcOptions) -> Router {
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
        secure: options.public_url.starts_with("https://"),
    });
    let back = pages.clone();
    Router::new().route("/oidc/start", get(move |uri: Uri| async move { pages.start(&uri).await })).route(
        "/oidc/callback",
        get(move |uri: Uri, headers: HeaderMap| async move { back.callback(&uri, &headers).await }),
    )
}

impl Pages {
    async fn start(&self, uri: &Uri) -> Response {
        let (mut tenant, mut provider) = (String::new(), None);
        for (name, value) in pairs(uri) {
            match &*name {
                "tenant" => tenant = value.into_owned(),
                "provider" => provider = value.parse().ok(),
                _ => {}
            }
        }
        let Some(provider) = provider else { return self.refused(&Refusal::NotBegun) };
        match Box::pin(flow::depart(&self.engine, &self.clients, &tenant, provider)).await {
            Ok(departure) => self.send(&departure.to, Some((&departure.cookie, AT_PROVIDER_MS / 1000))),
            Err(refusal) => self.refused(&refusal),
        }
    }

    async fn callback(&self, uri: &Uri, headers: &HeaderMap) -> Response {
        let mut back = Return::default();
        for (name, value) in pairs(uri) {
            match &*name {
                "state" => back.state = value.into_owned(),
                "code" => back.code = Some(value.into_owned()),
                "error" => back.error = Some(value.into_owned()),
                "iss" => back.issuer = Some(value.into_owned()),
                _ => {}
            }
        }
        let cookie = cookie(headers);
        match Box::pin(flow::arrive(&self.engine, &self.clients, back, cookie)).await {
            Ok(token) => self.home("sign_in_token", token.expose()),
            Err(refusal) => self.refused(&refusal),
        }
    }

    fn refused(&self, refusal: &Refusal) -> Response {
        // Some of the words are the provider's own: printed as a text, they stay on their line.
        let why = refusal.to_string();
        tracing::info!(?why, "somebody was not let in by an identity provider");
        self.home("sign_in_error", refusal.word())
    }

    /// Sends the browser to the front end. What it is told stands behind the `#`, which no server is sent.
    fn home(&self, name: &str, value: &str) -> Response {
        self.send(&format!("{}#{name}={value}", self.return_to), Some(("", 0)))
    }

    fn send(&self, to: &str, cookie: Option<(&str, i64)>) -> Response {
        let mut response = Response::builder()
            .status(StatusCode::SEE_OTHER)
            .header(header::LOCATION, to)
            .header(header::CACHE_CONTROL, "no-store")
            .header(header::REFERRER_POLICY, "no-referrer");
        if let Some((value, seconds)) = cookie {
            let secure = if self.secure { "; Secure" } else { "" };
            let cookie =
                format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
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

/// What our own cookie says.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut each = all.flat_map(|value| value.split(';'));
    each.find_map(|one| one.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}
