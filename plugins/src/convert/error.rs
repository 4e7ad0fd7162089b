//! Errors of the engine as guests are told them, and those of guests as people are.

use crate::host::wit::{Error, FieldError, Quota};
use mortise_engine::ErrorCode;

/// A guest tries again after so many milliseconds when the engine cannot do it at the moment.
const AGAIN_MS: u32 = 1_000;

/// An error of the engine as a guest is told it.
#[must_use]
pub(crate) fn for_guest(error: &mortise_engine::Error) -> Error {
    let message = error.message().to_owned();
    match error.code() {
        ErrorCode::NotFound => Error::NotFound,
        ErrorCode::Forbidden | ErrorCode::Unauthenticated => Error::Denied(message),
        ErrorCode::Conflict => Error::Conflict(String::new()),
        ErrorCode::TooCostly => Error::QuotaExceeded(Quota::QueryCost),
        ErrorCode::Unavailable | ErrorCode::RateLimited => Error::Unavailable(AGAIN_MS),
        ErrorCode::InvalidInput => {
            let key = error.field().unwrap_or_default().to_owned();
            Error::Invalid(vec![FieldError { key, message }])
        }
        _ => Error::Internal(message),
    }
}

/// What a guest was told, in words for people.
#[must_use]
pub(crate) fn in_words(error: &Error) -> String {
    match error {
        Error::Denied(what) => format!("denied: {what}"),
        Error::NotFound => "not found".to_owned(),
        Error::Conflict(_) => "it was changed meanwhile".to_owned(),
        Error::Invalid(fields) => {
            let fields = fields.iter().map(|field| match field.key.as_str() {
                "" => field.message.clone(),
                key => format!("{key}: {}", field.message),
            });
            fields.collect::<Vec<_>>().join("; ")
        }
        Error::QuotaExceeded(quota) => format!("over the budget: {quota:?}"),
        Error::Unavailable(_) => "not possible at the moment".to_owned(),
        Error::Internal(what) => what.clone(),
    }
}
