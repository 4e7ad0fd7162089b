//! Routes beside the GraphQL endpoint that let people in as it does: a door, a bound on how many are served at once, and
//! what is said to those who are not.
//!
//! A program that mounts routes of its own makes a [`Door`] of the same engine and authenticator, so that whoever is let in
//! here is let in there. It does not know what lies behind the door.

mod refusal;
mod room;

pub use refusal::Refusal;
pub use room::{Full, Place, Room};

use crate::authenticator::Admission;
use crate::context::{Snapshot, Viewer};
use crate::http::response::put_headers;
use crate::http::{Authenticator, HttpLimits, RequestInfo, body};
use axum::body::Body;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use mortise_engine::Engine;
use mortise_engine::context::OpContext;
use mortise_engine::event::Origin;
use mortise_engine::model::Network;
use std::sync::Arc;

/// See the module. Clones are the same door.
#[derive(Clone)]
pub struct Door {
    keeper: Arc<dyn Authenticator<Identity = Snapshot>>,
    proxies: Arc<[Network]>,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Door").field("proxies", &self.proxies).finish_non_exhaustive()
    }
}

/// Somebody who was let in.
#[derive(Debug, Clone)]
pub struct Guest {
    /// Who it is, and what they see of their company.
    pub snapshot: Snapshot,
    /// What a change of theirs carries.
    pub context: OpContext,
}

impl Door {
    /// A door that believes whom this authenticator believes; `proxies` are those of
    /// [`RouterOptions`](crate::http::RouterOptions::proxies).
    pub fn new<A>(engine: Engine, authenticator: A, proxies: Vec<Network>) -> Self
    where
        A: Authenticator<Identity = Viewer>,
    {
        Self::kept_by(Arc::new(Admission::new(engine, authenticator)), proxies)
    }

    pub(crate) fn kept_by(
        keeper: Arc<dyn Authenticator<Identity = Snapshot>>,
        proxies: Vec<Network>,
    ) -> Self {
        Self { keeper, proxies: proxies.into() }
    }

    /// What is known of a request before anybody reads it. It is left in its extensions.
    #[must_use]
    pub fn meet(&self, parts: &mut Parts) -> RequestInfo {
        let info = RequestInfo::of(parts, &self.proxies);
        parts.extensions.insert(info.clone());
        info
    }

    /// Who asks. Nothing is counted yet.
    ///
    /// # Errors
    ///
    /// Nobody, or not in a way that holds.
    pub async fn admit(&self, parts: &Parts, info: &RequestInfo) -> Result<Guest, Refusal> {
        let snapshot = self.keeper.authenticate(parts).await?.ok_or(Refusal::Nobody)?;
        let principal = snapshot.viewer().principal.clone();
        let context = OpContext::new(principal).with_origin(Origin::Api).with_client(info.client());
        Ok(Guest { snapshot, context })
    }

    /// Counts this request among the calls of the day.
    ///
    /// # Errors
    ///
    /// There are no more today, or it cannot be counted.
    pub async fn count(&self, guest: &Guest) -> Result<(), Refusal> {
        Ok(self.keeper.count(&guest.snapshot).await.map(drop)?)
    }

    /// What is answered to who was let in.
    #[must_use]
    pub fn answered(&self, mut response: Response, info: &RequestInfo) -> Response {
        put_headers(response.headers_mut(), info);
        response
    }

    /// What is answered to who was not. Of a body that was not read so much is thrown away that its sender gets to read the
    /// answer; but not of one that does not come, of a long one of somebody who should come later, and of one that waits to
    /// be asked for.
    pub async fn refused(
        &self,
        refusal: Refusal,
        unread: Option<Body>,
        info: &RequestInfo,
        head: &Parts,
    ) -> Response {
        self.turned_away(refusal.response(info), unread, info, head).await
    }

    /// The same with this answer.
    pub(crate) async fn turned_away(
        &self,
        mut response: Response,
        unread: Option<Body>,
        info: &RequestInfo,
        head: &Parts,
    ) -> Response {
        if let Some(unread) = unread.filter(|unread| !body::is_at_end(unread)) {
            let let_go = match response.status() {
                StatusCode::TOO_MANY_REQUESTS => !body::is_short(&unread),
                StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => true,
                _ => head.headers.contains_key(header::EXPECT),
            };
            if let_go {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            } else {
                body::discard(unread, &HttpLimits::default()).await;
            }
        }
        self.answered(response, info)
    }
}
