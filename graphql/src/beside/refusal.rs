//! What is said beside the endpoint to those who are not served: the endpoint's own words, status and headers.
//!
//! It does not know who says it.

use crate::http::{AuthFailure, ErrorCode, RequestInfo};
use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use mortise_engine::Error;
use serde_json::{Map, Value, json};

/// Seconds after which it may be worth coming again, when nothing better is known.
const RETRY_AFTER_SECONDS: u64 = 5;

/// Why somebody is not served.
#[derive(Debug)]
pub enum Refusal {
    /// Nobody asks: 401.
    Nobody,
    /// Others are served at the moment: 429.
    Busy(&'static str),
    /// They cannot be let in: 401, 429 or 503.
    Door(AuthFailure),
    /// The engine says no: the status that its code has at the endpoint.
    Engine(Error),
    /// The body is larger than the company may send, for this reason: 413.
    TooLarge(Error),
    /// The body is not taken: this status, and why.
    Body(StatusCode, String),
}

impl From<AuthFailure> for Refusal {
    fn from(failure: AuthFailure) -> Self {
        Self::Door(failure)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

impl Refusal {
    /// The code and the sentence.
    fn words(&self) -> (ErrorCode, &str) {
        match self {
            Self::Nobody => (ErrorCode::Unauthenticated, "send an access token as `Authorization: Bearer …`"),
            Self::Door(failure) => (failure.code(), failure.message()),
            Self::Busy(message) => (ErrorCode::RateLimited, message),
            Self::Engine(error) | Self::TooLarge(error) => {
                (ErrorCode::parse(error.code().as_str()).unwrap_or(ErrorCode::Internal), error.message())
            }
            Self::Body(StatusCode::PAYLOAD_TOO_LARGE, message) => (ErrorCode::TooCostly, message),
            // The same may come through another time.
            Self::Body(StatusCode::REQUEST_TIMEOUT, message) => (ErrorCode::Unavailable, message),
            Self::Body(_, message) => (ErrorCode::InvalidInput, message),
        }
    }

    /// The answer.
    pub(crate) fn response(self, info: &RequestInfo) -> Response {
        let (code, message) = self.words();
        let field = if let Self::Engine(error) = &self { error.field() } else { None };
        if let (Self::Engine(error), ErrorCode::Internal) = (&self, code) {
            tracing::error!(request.id = info.request_id, ?error, "a request failed inside the engine");
        }
        let mut extensions = json!({ "code": code.as_str(), "field": field, "requestId": info.request_id });
        if let (Some(exceeded), Some(said)) = (self.exceeded(), extensions.as_object_mut()) {
            said.extend(exceeded);
        }
        let body = json!({ "errors": [{ "message": message, "extensions": extensions }] }).to_string();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = match &self {
            Self::Body(status, _) => *status,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            _ => code.status(),
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match code {
            ErrorCode::Unauthenticated => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            ErrorCode::RateLimited | ErrorCode::Unavailable => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(self.retry_after_seconds()));
            }
            _ => {}
        }
        response
    }

    /// Of what the company has no more, and the tier that has it, as the endpoint says it.
    fn exceeded(&self) -> Option<Map<String, Value>> {
        let (Self::Engine(error) | Self::TooLarge(error)) = self else { return None };
        let exceeded = error.exceeded()?;
        let said: [(&str, Value); 5] = [
            ("key", exceeded.key.as_str().into()),
            ("limit", exceeded.limit.into()),
            ("used", exceeded.used.into()),
            ("resetsAt", exceeded.resets_at.map(|at| at.to_string()).into()),
            ("upgradeTo", exceeded.upgrade_to.clone().into()),
        ];
        Some(said.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    fn retry_after_seconds(&self) -> u64 {
        match self {
            Self::Door(AuthFailure::RateLimited(wait)) => wait.as_secs().max(1),
            Self::Door(AuthFailure::CallsSpent(spent)) => spent.calls.resets_in.as_secs().max(1),
            _ => RETRY_AFTER_SECONDS,
        }
    }
}
