//! `POST /root/plugins`: a version for the catalogue, as the body, with its signature in the header `mortise-signature`, for
//! platform keys. `?again=true` offers it also where it was withdrawn. The answer is JSON: the version as it is offered.

use super::{Desk, body, query, shown};
use crate::beside::Refusal;
use crate::http::Authenticator as _;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::request::Parts;
use mortise_engine::Error;
use mortise_engine::model::KeyScope;
use mortise_plugins::signing::Signature;
use serde_json::Value;
use std::time::Duration;

/// The header of the signature.
const SIGNATURE: &str = "mortise-signature";

/// How long a component may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

impl Desk {
    pub(super) async fn publish(&self, request: Request) -> Response {
        let (mut parts, body) = request.into_parts();
        let info = self.door.meet(&mut parts);
        let mut body = Some(body);
        let answer = Box::pin(self.published(&parts, &mut body)).await;
        self.answered(answer, body, &info, &parts).await
    }

    async fn published(&self, parts: &Parts, body: &mut Option<Body>) -> Result<Value, Refusal> {
        let operator = self.platform.authenticate(parts).await?.ok_or(Refusal::Nobody)?;
        operator.expect(KeyScope::Write, "publish plugins")?;
        let (signature, again) = (signature(parts)?, query::flag(parts, "again")?);
        let bytes_max = self.plugins.publish_bytes_max();
        body::expect_bare(parts)?;
        body::expect_fits(parts, body.get_or_insert_default(), bytes_max)?;
        let busy = |_| Refusal::Busy("another plugin is being published: try again when it is done");
        let _turn = self.publishing.try_acquire().map_err(busy)?;
        let wasm = body::take(body, bytes_max, PATIENCE).await?;
        let published = match again {
            true => self.plugins.publish_again(&operator, wasm, &signature).await?,
            false => self.plugins.publish(&operator, wasm, &signature).await?,
        };
        Ok(shown::published(&published))
    }
}

fn signature(parts: &Parts) -> Result<Signature, Error> {
    let text = parts.headers.get(SIGNATURE).and_then(|text| text.to_str().ok());
    let text =
        text.ok_or_else(|| Error::invalid("signature", "the header `mortise-signature` is missing"))?;
    Signature::parse(text.trim()).map_err(|error| Error::invalid("signature", error.to_string()))
}
