//! The one error of the engine: few kinds, each because a program would act differently on it.
//!
//! A message says what was being done to what and why not, in lower case, without a full stop; it never names
//! files, keys or other tenants. What went wrong underneath stays in `source` for the log.

use crate::time::Timestamp;
use std::{error::Error as StdError, fmt};

/// What kind of refusal or failure it is. The codes are stable: clients and scripts match on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// No valid proof of who is asking.
    Unauthenticated,
    /// Known, and not allowed.
    Forbidden,
    /// Not there, or not visible to the asker: the two are not told apart.
    NotFound,
    /// A value that breaks a rule; the field is named.
    InvalidInput,
    /// The thing changed since it was read, or the key or name is taken.
    Conflict,
    /// Refused by a rule of the workflow, or because of how things stand.
    Rejected,
    /// Too many requests; try later.
    RateLimited,
    /// More than the tenant's tier includes.
    EntitlementExceeded,
    /// The request asks for more work than one request may.
    TooCostly,
    /// Not possible at the moment; safe to retry, a change with the same idempotency key.
    Unavailable,
    /// A fault of ours; the request id finds it in the log.
    Internal,
}

impl ErrorCode {
    /// Every code, in the order of the documentation.
    pub const ALL: [Self; 11] = [
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
    ];

    /// The code as clients see it, such as `NOT_FOUND`.
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
        }
    }

    /// Whether the fault lies in the request's own content, so that it belongs beside the field in a form.
    #[must_use]
    pub const fn is_user_error(self) -> bool {
        matches!(
            self,
            Self::NotFound
                | Self::Forbidden
                | Self::InvalidInput
                | Self::Conflict
                | Self::Rejected
                | Self::EntitlementExceeded
        )
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Of what a company has no more, in a form that programs read.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Exceeded {
    /// The stable word of the thing: see [`EntitlementKey`](crate::model::EntitlementKey).
    #[n(0)]
    pub key: String,
    /// How many the company may have; zero when it may not use the thing at all.
    #[n(1)]
    pub limit: u64,
    /// How many there are.
    #[n(2)]
    pub used: u64,
    /// When there are more again by themselves, where that is so.
    #[n(3)]
    pub resets_at: Option<Timestamp>,
    /// The lowest tier in which there is room, if there is one: its word.
    #[n(4)]
    pub upgrade_to: Option<String>,
}

/// A refusal or failure of the engine.
pub struct Error {
    code: ErrorCode,
    message: String,
    field: Option<String>,
    item: Option<u32>,
    more: Option<Box<More>>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What few errors have. Boxed, because errors are passed along everywhere.
#[derive(Clone, Default)]
struct More {
    exceeded: Option<Exceeded>,
    fields: Vec<(String, String)>,
}

/// The engine's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of this kind. The message is for the caller: see the module's rules.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, item: None, more: None, source: None }
    }

    /// A value of the request breaks a rule.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidInput, message).with_field(field)
    }

    /// Not there, or not visible. `what` reads like `issue ENG-12`.
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(ErrorCode::NotFound, format!("{what} was not found"))
    }

    /// Known, and not allowed to do `what`.
    pub fn forbidden(what: impl fmt::Display) -> Self {
        Self::new(ErrorCode::Forbidden, format!("not allowed to {what}"))
    }

    /// The thing changed since it was read, or a name is taken.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Conflict, message)
    }

    /// Refused by a rule of the workflow, or because of how things stand; the message says which and why.
    pub fn rejected(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Rejected, message)
    }

    /// Not possible at the moment.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Unavailable, message)
    }

    /// A fault of ours. The caller sees a fixed sentence; `detail` goes to the log with the source.
    pub fn internal(detail: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(ErrorCode::Internal, "something went wrong on our side").with_source(detail)
    }

    /// This error about that field of the input, written as a path: `input.title`.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// This error about one item of a bulk request, counted from 0: the message says which.
    #[must_use]
    pub fn at_item(mut self, index: usize) -> Self {
        self.message = format!("item {index}: {}", self.message);
        self.item = u32::try_from(index).ok();
        self
    }

    /// This error with what there is no more of.
    #[must_use]
    pub fn with_exceeded(mut self, exceeded: Exceeded) -> Self {
        self.more.get_or_insert_default().exceeded = Some(exceeded);
        self
    }

    /// This error with what is wrong with each of several fields; the first is that of the error.
    #[must_use]
    pub fn with_fields(mut self, fields: Vec<(String, String)>) -> Self {
        if let Some((field, _)) = fields.first() {
            self.field = Some(field.clone());
            self.more.get_or_insert_default().fields = fields;
        }
        self
    }

    /// The same refusal once more, without what caused it.
    pub(crate) fn again(&self) -> Self {
        Self {
            code: self.code,
            message: self.message.clone(),
            field: self.field.clone(),
            item: self.item,
            more: self.more.clone(),
            source: None,
        }
    }

    /// This error with what caused it, for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// The sentence for the caller.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The item of a bulk request that is at fault, from 0, if it is one.
    #[must_use]
    pub const fn item(&self) -> Option<u32> {
        self.item
    }

    /// What there is no more of, if that is why.
    #[must_use]
    pub fn exceeded(&self) -> Option<&Exceeded> {
        self.more.as_ref()?.exceeded.as_ref()
    }

    /// What is wrong with each of several fields, where that was said.
    #[must_use]
    pub fn fields(&self) -> &[(String, String)] {
        self.more.as_ref().map(|more| more.fields.as_slice()).unwrap_or_default()
    }

    /// The field of the input that is at fault, if it is one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        if let Some(field) = &self.field {
            write!(f, " (field {field})")?;
        }
        if let Some(source) = &self.source {
            write!(f, ": {source}")?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|s| s as _)
    }
}
