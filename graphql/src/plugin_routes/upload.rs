//! `POST /plugins`: a component of the company's own, as the body, for who manages plugins. `?dryRun=true` looks at it,
//! compiles it and keeps nothing. The answer is JSON: what it is, and what it asks for.

use super::{Desk, body, query, shown};
use crate::beside::{Full, Refusal};
use crate::http::RequestInfo;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use mortise_engine::access::Action;
use serde_json::Value;
use std::time::Duration;

/// How long a component may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

impl Desk {
    pub(super) async fn upload(&self, request: Request) -> Response {
        let (mut parts, body) = request.into_parts();
        let info = self.door.meet(&mut parts);
        let mut body = Some(body);
        let answer = Box::pin(self.uploaded(&parts, &mut body, &info)).await;
        self.answered(answer, body, &info, &parts).await
    }

    async fn uploaded(
        &self,
        parts: &Parts,
        body: &mut Option<Body>,
        info: &RequestInfo,
    ) -> Result<Value, Refusal> {
        let guest = self.door.admit(parts, info).await?;
        self.door.count(&guest).await?;
        guest.snapshot.reader().policy().authorize(Action::ManagePlugins, (), None)?;
        let dry_run = query::flag(parts, "dryRun")?;
        let reader = guest.snapshot.reader();
        self.plugins.expect_own(reader)?;
        let bytes_max = self.plugins.upload_bytes_max(reader)?;
        let length = body::length(body.get_or_insert_default());
        let lifted = |refusal| match refusal {
            Refusal::Body(StatusCode::PAYLOAD_TOO_LARGE, _) => {
                Refusal::TooLarge(self.plugins.too_large(reader, length))
            }
            other => other,
        };
        body::expect_bare(parts)?;
        body::expect_fits(parts, body.get_or_insert_default(), bytes_max).map_err(lifted)?;
        let _place = self.room.enter(guest.context.principal.tenant()).map_err(busy)?;
        let wasm = body::take(body, bytes_max, PATIENCE).await.map_err(lifted)?;
        let context = guest.context.with_dry_run(dry_run);
        Ok(shown::uploaded(&self.plugins.upload(context, wasm).await?))
    }
}

fn busy(full: Full) -> Refusal {
    Refusal::Busy(match full {
        Full::Company => "another plugin of the company is coming in: try again when it is done",
        Full::All => "the server takes no more plugins at the moment: try again in a minute",
    })
}
