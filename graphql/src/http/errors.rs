//! What clients get to read of an error: a code, a bounded message, the request's id.
//!
//! A resolver's error reaches the client as it is if it carries one of our codes, because then someone chose its
//! words. Everything else is logged here, once, and masked. It does not know statuses; they follow from the codes.

use async_graphql::{ServerError, Value};

use super::{code::ErrorCode, options::HttpLimits, refusal::set_code};

/// How the messages of argument errors begin; async-graphql writes them when a value's own parser or validator
/// refuses it, and gives them no code.
const ARGUMENT_ERRORS: [&str; 2] = ["Failed to parse \"", "Expected input type \""];

/// The cost limits of async-graphql, which a schema may set beside ours.
const COST_ERRORS: [&str; 2] = ["Query is too complex.", "Query is nested too deep."];

/// Gives validation errors their code.
pub(super) fn code_as_invalid(errors: &mut [ServerError]) {
    for error in errors {
        if code_of(error).is_none() {
            let costly = COST_ERRORS.contains(&error.message.as_str());
            set_code(error, if costly { ErrorCode::TooCostly } else { ErrorCode::InvalidInput });
        }
    }
}

/// Gives errors of an execution their code, and masks those that nobody worded for clients.
pub(super) fn code_or_mask(errors: &mut [ServerError], request_id: &str) {
    for error in errors {
        if code_of(error).is_some() {
            continue;
        }
        if COST_ERRORS.contains(&error.message.as_str()) {
            set_code(error, ErrorCode::TooCostly);
        } else if error.source.is_none()
            && ARGUMENT_ERRORS.iter().any(|start| error.message.starts_with(start))
        {
            error.message = reworded(&error.message);
            set_code(error, ErrorCode::InvalidInput);
        } else {
            tracing::error!(
                request.id = request_id,
                graphql.path = ?error.path,
                error = error.message,
                "a resolver failed without a code"
            );
            error.message = String::from(MASK);
            error.extensions = None;
            set_code(error, ErrorCode::Internal);
        }
    }
}

/// An argument error in our words: which type refused the value, in which input, and why.
fn reworded(message: &str) -> String {
    let (refusal, inputs) = message.split_once(" (occurred while parsing \"").unwrap_or((message, ""));
    let place = inputs.split_once('"').map(|(input, _)| format!(" in `{input}`")).unwrap_or_default();
    let worded = |rest: &str| {
        let (ty, reason) = rest.split_once("\": ")?;
        let reason = if reason == "Invalid number" { "the number is out of range" } else { reason };
        Some(format!("cannot use a value as `{ty}`{place}: {reason}"))
    };
    refusal.strip_prefix("Failed to parse \"").and_then(worded).unwrap_or_else(|| format!("{refusal}{place}"))
}

/// What stands in place of a message that is not for clients.
pub(super) const MASK: &str = "internal error: the server's log has it under this request id";

/// Bounds the errors of an answer and names the request in each.
pub(super) fn finish(errors: &mut Vec<ServerError>, limits: &HttpLimits, request_id: &str) {
    errors.truncate(limits.errors_max);
    for error in errors {
        shorten(&mut error.message, limits.message_bytes_max);
        error.locations.retain(|at| at.line > 0);
        if let Some(extensions) = &mut error.extensions {
            extensions.set("requestId", request_id);
        }
    }
}

/// The code of an error, if it carries one of ours.
pub(super) fn code_of(error: &ServerError) -> Option<ErrorCode> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(word) => ErrorCode::parse(word),
        Value::Enum(word) => ErrorCode::parse(word),
        _ => None,
    }
}

/// The code that all errors share, if they do.
pub(super) fn common_code(errors: &[ServerError]) -> Option<ErrorCode> {
    let (first, rest) = errors.split_first()?;
    let code = code_of(first)?;
    rest.iter().all(|error| code_of(error) == Some(code)).then_some(code)
}

/// Seconds to wait before repeating, where an error names them under `retryAfter`.
pub(super) fn retry_after(errors: &[ServerError]) -> Option<u64> {
    errors
        .iter()
        .filter_map(|error| match error.extensions.as_ref()?.get("retryAfter")? {
            Value::Number(seconds) => seconds.as_u64(),
            _ => None,
        })
        .max()
}

/// Cuts `message` to `bytes_max` bytes, an ellipsis included.
fn shorten(message: &mut String, bytes_max: usize) {
    const ELLIPSIS: char = '…';
    if message.len() > bytes_max {
        let room = bytes_max.saturating_sub(ELLIPSIS.len_utf8());
        let end = (0..=room).rev().find(|end| message.is_char_boundary(*end)).unwrap_or(0);
        message.truncate(end);
        message.push(ELLIPSIS);
    }
}

#[cfg(test)]
mod tests {
    use super::reworded;

    #[test]
    fn an_argument_error_names_the_type_the_input_and_the_reason() {
        let nested = "Failed to parse \"Int\": Invalid number (occurred while parsing \"IntComparator\") (occurred while \
                      parsing \"IssueFilter\")";
        assert_eq!(
            reworded(nested),
            "cannot use a value as `Int` in `IntComparator`: the number is out of range"
        );
        assert_eq!(reworded("Failed to parse \"Date\": no date"), "cannot use a value as `Date`: no date");
        let other = "Expected input type \"Date\", found 5. (occurred while parsing \"DateComparator\")";
        assert_eq!(reworded(other), "Expected input type \"Date\", found 5. in `DateComparator`");
    }
}
