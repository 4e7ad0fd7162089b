//! From what happened to the bytes of an HTTP response.
//!
//! It does not decide what clients may read; errors come here finished.

use async_graphql::{Response as Executed, Value};
use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::{
    accept::Media,
    code::ErrorCode,
    errors,
    limit::Standing,
    refusal::{RETRY_AFTER_SECONDS, Refusal},
    request_info::{REQUEST_ID, RequestInfo},
};

/// Bytes that an answer's buffer starts with.
const ANSWER_BYTES: usize = 1024;

/// The answer to a request that was not executed.
pub(super) fn refused(refusal: Refusal, media: Media, info: &RequestInfo, standing: &Standing) -> Response {
    let status = if refusal.in_document && !media.status_tells() { StatusCode::OK } else { refusal.status };
    let mut body = Vec::with_capacity(ANSWER_BYTES);
    body.extend_from_slice(b"{\"errors\":");
    write_json(&refusal.errors, &mut body);
    body.push(b'}');
    let mut headers: HeaderMap = refusal.headers.into_iter().collect();
    standing.put(&mut headers);
    answer(status, headers, body, media, info)
}

/// The answer to a request that was executed.
pub(super) fn executed(
    mut response: Executed,
    media: Media,
    info: &RequestInfo,
    standing: &Standing,
) -> Response {
    let (status, mut headers) = outcome(&response, media);
    headers.extend(std::mem::take(&mut response.http_headers));
    standing.put(&mut headers);
    let mut body = Vec::with_capacity(ANSWER_BYTES);
    crate::lean::write_response(&response, &mut body);
    answer(status, headers, body, media, info)
}

/// The status of an execution: 200, unless there is no data and all errors say the same.
fn outcome(response: &Executed, media: Media) -> (StatusCode, HeaderMap) {
    let mut headers = HeaderMap::new();
    if response.data != Value::Null || !media.status_tells() {
        return (StatusCode::OK, headers);
    }
    let Some(code) = errors::common_code(&response.errors) else {
        return (StatusCode::OK, headers);
    };
    match code {
        ErrorCode::Unauthenticated => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        ErrorCode::RateLimited | ErrorCode::Unavailable => {
            let seconds = errors::retry_after(&response.errors).unwrap_or(RETRY_AFTER_SECONDS);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        _ => {}
    }
    (code.status(), headers)
}

fn answer(
    status: StatusCode,
    mut headers: HeaderMap,
    body: Vec<u8>,
    media: Media,
    info: &RequestInfo,
) -> Response {
    headers.insert(header::CONTENT_TYPE, media.content_type());
    put_headers(&mut headers, info);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Puts the headers that every answer has.
pub(crate) fn put_headers(headers: &mut HeaderMap, info: &RequestInfo) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REQUEST_ID, info.header());
}

/// Appends `value` as JSON. Neither strings, numbers nor lists of them can fail to be written to memory.
fn write_json<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}
