//! Errors of the host on their way out of a handler.

use crate::prelude::{Error, Failure, FieldError};

impl Error {
    /// Something is wrong with what was given.
    #[must_use]
    pub fn invalid(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { key: key.into(), message: message.into() }])
    }
}

/// In words, for a log.
pub(crate) fn in_words(error: &Error) -> String {
    match error {
        Error::Denied(what) => format!("not granted: {what}"),
        Error::NotFound => "not found".to_owned(),
        Error::Conflict(_) => "somebody was faster".to_owned(),
        Error::Invalid(fields) => {
            let fields: Vec<_> = fields.iter().map(|f| format!("{}: {}", f.key, f.message)).collect();
            format!("invalid: {}", fields.join("; "))
        }
        Error::QuotaExceeded(quota) => format!("the budget of {quota:?} is spent"),
        Error::Unavailable(ms) => format!("not available; again in {ms} ms"),
        Error::Internal(what) => format!("the host failed: {what}"),
    }
}

impl From<Error> for Failure {
    /// What may pass is tried again, the rest is not.
    fn from(error: Error) -> Self {
        let words = in_words(&error);
        match error {
            Error::Unavailable(_) | Error::Conflict(_) | Error::QuotaExceeded(_) => Self::Retry(words),
            _ => Self::Permanent(words),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::invalid("json", error.to_string())
    }
}

impl Failure {
    /// The same again later.
    #[must_use]
    pub fn retry(why: impl Into<String>) -> Self {
        Self::Retry(why.into())
    }

    /// Not again.
    #[must_use]
    pub fn permanent(why: impl Into<String>) -> Self {
        Self::Permanent(why.into())
    }
}

/// A failure in words, for a log.
pub(crate) fn failure_in_words(failure: &Failure) -> String {
    match failure {
        Failure::Retry(why) => format!("{why} (to be tried again)"),
        Failure::Permanent(why) => why.clone(),
    }
}
