//! `/plugins/in/TOKEN/…`: requests of others to a plugin, at its secret address. Nobody signs in. What is answered, the plugin
//! and its host decide; here a request is taken within bounds and handed on.
//!
//! Whoever has no address is told so before a byte of their body is waited for, and takes no place.

use super::{Desk, body};
use crate::beside::Refusal;
use crate::http::read_query;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use mortise_plugins::inbound::{BODY_BYTES_MAX, InboundAnswer, InboundRequest};
use std::time::Duration;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest query that is read, in bytes.
const QUERY_BYTES_MAX: usize = 8 * 1024;

/// Where the addresses begin, as far into the path as the router is mounted.
const PATH: &str = "/plugins/in/";

impl Desk {
    pub(super) async fn ask(&self, request: Request) -> Response {
        let (mut parts, body) = request.into_parts();
        let info = self.door.meet(&mut parts);
        let mut body = Some(body);
        let (token, path) = address(parts.uri.path());
        let caller = match Box::pin(self.plugins.meet_caller(token)).await {
            Ok(caller) => caller,
            Err(answer) => return self.door.turned_away(response(answer), body, &info, &parts).await,
        };
        match Box::pin(taken(&parts, path, &mut body)).await {
            Ok(request) => {
                let answer = Box::pin(self.plugins.answer_caller(caller, request)).await;
                self.door.answered(response(answer), &info)
            }
            Err(refusal) => {
                drop(caller);
                self.door.refused(refusal, body, &info, &parts).await
            }
        }
    }
}

/// The request as its plugin gets it; `path` is what stands behind the token.
async fn taken(parts: &Parts, path: &str, body: &mut Option<Body>) -> Result<InboundRequest, Refusal> {
    body::expect_fits(parts, body.get_or_insert_default(), BODY_BYTES_MAX)?;
    let query = read_query(parts.uri.query().unwrap_or_default(), QUERY_BYTES_MAX)?;
    let body = body::take(body, BODY_BYTES_MAX, PATIENCE).await?;
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    Ok(InboundRequest {
        method: parts.method.as_str().to_owned(),
        path: path.to_owned(),
        query,
        headers: parts.headers.iter().filter_map(text).collect(),
        body,
    })
}

/// The token of an address, and what stands behind it.
fn address(path: &str) -> (&str, &str) {
    let behind = path.split_once(PATH).map_or("", |(_, behind)| behind);
    behind.find('/').map_or((behind, ""), |end| behind.split_at(end))
}

/// What the plugin's host answers, for HTTP.
fn response(answer: InboundAnswer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_its_token_and_what_stands_behind() {
        assert_eq!(address("/plugins/in/abc"), ("abc", ""));
        assert_eq!(address("/plugins/in/abc/"), ("abc", "/"));
        assert_eq!(address("/tracker/plugins/in/abc/x/y"), ("abc", "/x/y"));
        assert_eq!(address("/elsewhere"), ("", ""));
    }
}
