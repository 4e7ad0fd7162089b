//! GraphiQL, served from files that are part of the program: nothing is fetched from elsewhere.
//!
//! The files live in `graphql/graphiql/`, with the script that rebuilds them from npm. The page finds everything by
//! relative links, so it works wherever the router is mounted. It does not know the schema; it asks like any client.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    sync::OnceLock,
};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};

use super::accept::{self, Media};

/// No script but our own files, no connection but to this server, and nobody may frame the page. The editor sets
/// style attributes, and its style sheet carries its fonts as data.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     font-src data:; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

struct File {
    name: &'static str,
    content_type: &'static str,
    content: &'static [u8],
    /// Made at the first request: the files are larger than what one wants to hash each time.
    tag: OnceLock<String>,
}

impl File {
    const fn new(name: &'static str, content_type: &'static str, content: &'static [u8]) -> Self {
        Self { name, content_type, content, tag: OnceLock::new() }
    }
}

static PAGE: File =
    File::new("index.html", "text/html; charset=utf-8", include_bytes!("../../graphiql/index.html"));

static FILES: [File; 4] = [
    File::new("graphiql.js", "text/javascript; charset=utf-8", include_bytes!("../../graphiql/graphiql.js")),
    File::new("graphiql.css", "text/css; charset=utf-8", include_bytes!("../../graphiql/graphiql.css")),
    File::new("LICENSES.txt", "text/plain; charset=utf-8", include_bytes!("../../graphiql/LICENSES.txt")),
    File::new("favicon.svg", "image/svg+xml", include_bytes!("../../graphiql/favicon.svg")),
];

/// Whether a request to the GraphQL endpoint is a browser's that wants the page.
pub(super) fn is_asked_for(parts: &Parts) -> bool {
    let asks_something = parts.uri.query().is_some_and(|query| query.contains("query="));
    parts.method == Method::GET
        && !asks_something
        && accept::wants_html(&parts.headers)
        && !matches!(accept::negotiate(&parts.headers), Some(Media::GraphQl | Media::Json))
}

/// The page itself.
pub(super) fn page(headers: &HeaderMap) -> Response {
    serve(&PAGE, headers)
}

/// One of the files the page links to, or 404.
pub(super) fn file(name: &str, headers: &HeaderMap) -> Response {
    FILES
        .iter()
        .find(|file| file.name == name)
        .map_or_else(|| StatusCode::NOT_FOUND.into_response(), |file| serve(file, headers))
}

fn serve(file: &File, headers: &HeaderMap) -> Response {
    let tag = file.tag.get_or_init(|| tag(file.content));
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim().trim_start_matches("W/") == tag.as_str());
    let mut response =
        if known { Response::new(Body::empty()) } else { Response::new(Body::from(file.content)) };
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let out = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(tag) {
        out.insert(header::ETAG, tag);
    }
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    out.insert(header::VARY, HeaderValue::from_static("accept"));
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    out.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    out.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Changes with the content; it need not hold against anyone who forges files, because they are ours.
fn tag(content: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}
