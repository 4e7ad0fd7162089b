//! From the engine's error to GraphQL's: the code, the field, and never what lies underneath.

use async_graphql::{ErrorExtensionValues, ErrorExtensions as _, Value};
use mortise_engine::Error;

/// A resolver's error. It prints nothing on purpose: what prints would turn into a GraphQL error without its code.
pub(crate) struct ApiError {
    error: Error,
    place: Option<TextPlace>,
}

/// The part of a text that is at fault, in UTF-16 code units, and what could stand there.
pub(crate) struct TextPlace {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) suggestions: Vec<String>,
}

/// A resolver's result.
pub(crate) type Result<T> = std::result::Result<T, ApiError>;

impl ApiError {
    /// This error about a part of a text.
    pub(crate) fn at(error: Error, place: TextPlace) -> Self {
        Self { error, place: Some(place) }
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self { error, place: None }
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(ApiError { error, place }: ApiError) -> Self {
        if error.code() == mortise_engine::ErrorCode::Internal {
            tracing::error!(?error, "a request failed inside the engine");
        }
        let fill = |_: &Self, extensions: &mut ErrorExtensionValues| {
            extensions.set("code", error.code().as_str());
            if let Some(field) = error.field() {
                extensions.set("field", field);
            }
            if let Some(exceeded) = error.exceeded() {
                extensions.set("key", exceeded.key.as_str());
                extensions.set("limit", exceeded.limit);
                extensions.set("used", exceeded.used);
                extensions.set("resetsAt", exceeded.resets_at.map(|at| at.to_string()));
                extensions.set("upgradeTo", exceeded.upgrade_to.as_deref());
            }
            if let Some(TextPlace { start, end, suggestions }) = place {
                extensions.set("start", start);
                extensions.set("end", end);
                extensions.set("suggestions", suggestions.into_iter().map(Value::from).collect::<Vec<_>>());
            }
        };
        Self::new(error.message()).extend_with(fill)
    }
}
