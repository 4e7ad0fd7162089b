//! The values of `extensions.code`, the part of an error that programs read.
//!
//! It does not know which resolver fails how: a resolver puts [`ErrorCode::as_str`] under `code` in its error's
//! extensions, and whatever carries none of these words is masked as [`ErrorCode::Internal`].

use http::StatusCode;

/// Why a request, or a part of it, failed. The words are a contract: none is ever renamed or reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// Nobody is signed in, or the token is not valid (any more). Sign in or refresh, then repeat.
    Unauthenticated,
    /// Signed in, but not allowed to do this.
    Forbidden,
    /// No such thing, or none that the caller may see.
    NotFound,
    /// The request cannot be understood or its values do not fit. Repeating it unchanged is useless.
    InvalidInput,
    /// It changed meanwhile, or exists already. Read again, then decide.
    Conflict,
    /// A rule of the tenant (a workflow, a plugin) said no; the message gives its reason.
    Rejected,
    /// Too many requests. Repeat after the `Retry-After` header's seconds.
    RateLimited,
    /// The tenant's plan does not include this, or no more of it.
    EntitlementExceeded,
    /// The request asks for more work than one request may. Ask for less, or in pages.
    TooCostly,
    /// It cannot be done now, or a mutation's outcome is unknown. Repeat it after a while, a mutation with the same
    /// idempotency key.
    Unavailable,
    /// Our mistake. The request id finds it in the log.
    Internal,
    /// Persisted queries are not offered: send the whole document. (The word that clients of that protocol expect.)
    PersistedQueryNotSupported,
}

impl ErrorCode {
    const ALL: [Self; 12] = [
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::InvalidInput,
        Self::Conflict,
        Self::Rejected,
        Self::RateLimited,
        Self::EntitlementExceeded,
        Self::TooCostly,
        Self::Unavailable,
        Self::Internal,
        Self::PersistedQueryNotSupported,
    ];

    /// The word under `extensions.code`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::InvalidInput => "INVALID_INPUT",
            Self::Conflict => "CONFLICT",
            Self::Rejected => "REJECTED",
            Self::RateLimited => "RATE_LIMITED",
            Self::EntitlementExceeded => "ENTITLEMENT_EXCEEDED",
            Self::TooCostly => "TOO_COSTLY",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
            Self::PersistedQueryNotSupported => "PERSISTED_QUERY_NOT_SUPPORTED",
        }
    }

    /// The code written as `word`, if it is one of ours.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == word)
    }

    /// The status of an answer that consists of this failure alone.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::EntitlementExceeded => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::InvalidInput | Self::TooCostly | Self::PersistedQueryNotSupported => {
                StatusCode::BAD_REQUEST
            }
            Self::Conflict => StatusCode::CONFLICT,
            Self::Rejected => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
