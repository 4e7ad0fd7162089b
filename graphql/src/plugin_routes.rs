//! Plugins over plain HTTP, where GraphQL does not fit: components come in at `POST /plugins` and, for those who run the
//! platform, at `POST /root/plugins`; requests of others to plugins at `/plugins/in/…`.
//!
//! Who may is asked before a byte of a body is read, and few bodies are held at once, each within a bound. What is in them,
//! and who may what, the engine and its plugins decide.

mod body;
mod inbound;
mod publish;
mod query;
mod shown;
mod upload;

use crate::beside::{Door, Refusal, Room};
use crate::http::{RequestInfo, RouterOptions, by_address, strangers_by_address};
use crate::root::Platform;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::response::Response;
use axum::routing::{any, post};
use http::request::Parts;
use http::{HeaderValue, header};
use mortise_engine::Engine;
use mortise_plugins::Plugins;
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Components that come in at once, all companies together.
const AT_ONCE: usize = 4;

/// Components that come in at once of one company.
const AT_ONCE_PER_COMPANY: usize = 1;

/// What all of the routes share.
struct Desk {
    plugins: Plugins,
    door: Door,
    platform: Platform,
    room: Arc<Room>,
    /// Versions for the catalogue that come in: one at a time.
    publishing: Semaphore,
}

/// The routes.
pub(crate) fn routes(engine: Engine, plugins: Plugins, door: Door, options: &RouterOptions) -> Router {
    let desk = Arc::new(Desk {
        plugins,
        door,
        platform: Platform(engine),
        room: Room::new(AT_ONCE, AT_ONCE_PER_COMPANY),
        publishing: Semaphore::new(1),
    });
    let (uploads, publishing, asking) = (desk.clone(), desk.clone(), desk);
    let upload = move |request: Request| {
        let desk = uploads.clone();
        async move { desk.upload(request).await }
    };
    let publish = move |request: Request| {
        let desk = publishing.clone();
        async move { desk.publish(request).await }
    };
    let ask = move |request: Request| {
        let desk = asking.clone();
        async move { desk.ask(request).await }
    };
    let mut proven = Router::new().route("/plugins", post(upload));
    if options.root {
        proven = proven.route("/root/plugins", post(publish));
    }
    // Those at the addresses of plugins come often, and from few senders: they are strangers, and not people who sign in.
    let open = Router::new()
        .route("/plugins/in/{token}", any(ask.clone()))
        .route("/plugins/in/{token}/{*rest}", any(ask));
    by_address(proven, options).merge(strangers_by_address(open, options)).layer(DefaultBodyLimit::disable())
}

impl Desk {
    /// The answer, in order; a body that was not read stands beside a refusal.
    async fn answered(
        &self,
        answer: Result<Value, Refusal>,
        unread: Option<Body>,
        info: &RequestInfo,
        head: &Parts,
    ) -> Response {
        match answer {
            Ok(value) => {
                let mut response = Response::new(Body::from(value.to_string()));
                let json = HeaderValue::from_static("application/json");
                response.headers_mut().insert(header::CONTENT_TYPE, json);
                self.door.answered(response, info)
            }
            Err(refusal) => self.door.refused(refusal, unread, info, head).await,
        }
    }
}
