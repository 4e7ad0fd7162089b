//! A request that is answered without being executed: status, errors, headers.
//!
//! It does not know the request's media type; only whether the fault lies in the GraphQL document itself, because
//! that decides the status for clients that ask for plain `application/json`.

use async_graphql::{ErrorExtensionValues, Pos, ServerError};
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::code::ErrorCode;

/// Seconds after which a refused request may be worth repeating, when nothing better is known.
pub(super) const RETRY_AFTER_SECONDS: u64 = 1;

/// An answer in place of an execution. It never has a `data` key.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) errors: Vec<ServerError>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// The request was well-formed as such, and its document or variables were not: GraphQL over HTTP wants 200 for
    /// these when the client asks for `application/json` by name.
    pub(super) in_document: bool,
}

impl Refusal {
    /// A refusal with one error.
    pub(super) fn new(status: StatusCode, code: ErrorCode, message: impl Into<String>) -> Self {
        Self { status, errors: vec![coded(code, message, None)], headers: Vec::new(), in_document: false }
    }

    /// The request cannot be understood: 400.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ErrorCode::InvalidInput, message)
    }

    /// It cannot be done now: 503, with a time to wait.
    pub(super) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Unavailable, message)
            .header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS))
    }

    /// The method is not one this request may use: 405.
    pub(super) fn method(allow: &'static str, message: &'static str) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, ErrorCode::InvalidInput, message)
            .header(header::ALLOW, HeaderValue::from_static(allow))
    }

    /// The document or its variables are at fault: 400, or 200 where the media type wants it.
    pub(super) fn in_document(errors: Vec<ServerError>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, errors, headers: Vec::new(), in_document: true }
    }

    /// The same refusal with a header more.
    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// An error that carries its code.
pub(super) fn coded(code: ErrorCode, message: impl Into<String>, at: Option<Pos>) -> ServerError {
    let mut error = ServerError::new(message, at);
    set_code(&mut error, code);
    error
}

/// Puts `code` on `error`, keeping its other extensions.
pub(super) fn set_code(error: &mut ServerError, code: ErrorCode) {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code.as_str());
}
