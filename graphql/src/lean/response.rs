//! A whole GraphQL response as JSON text: the only serialiser that may see a response with lean values in it.
//!
//! Knows nothing of HTTP, sockets or batches: they frame what it writes.

use async_graphql::{Response, ServerError};

use super::json::{write_list, write_members, write_str, write_value};

/// Appends `response` to `out` as JSON: `errors` (if any), `data` (always, perhaps `null`), `extensions` (if any),
/// in the order async-graphql itself writes them.
///
/// Values written by lean objects are copied verbatim. Any other serialiser (`serde_json::to_vec`,
/// `axum::Json`) would print them as arrays of numbers, so a request that carries
/// [`Enabled`](super::Enabled) must end here.
pub fn write_response(response: &Response, out: &mut Vec<u8>) {
    out.push(b'{');
    if !response.errors.is_empty() {
        out.extend_from_slice(b"\"errors\":");
        write_list(&response.errors, out, write_error);
        out.push(b',');
    }
    out.extend_from_slice(b"\"data\":");
    write_value(&response.data, out);
    if !response.extensions.is_empty() {
        out.extend_from_slice(b",\"extensions\":");
        write_members(response.extensions.iter().map(|(key, value)| (key.as_str(), value)), out);
    }
    out.push(b'}');
}

/// Errors hold no lean values, so the crate's own serialisation is right; one it cannot write keeps its message.
fn write_error(error: &ServerError, out: &mut Vec<u8>) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, error).is_err() {
        out.truncate(start);
        out.extend_from_slice(b"{\"message\":");
        write_str(&error.message, out);
        out.push(b'}');
    }
}
