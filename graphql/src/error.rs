//! From the engine's error to GraphQL's: the code, the field, and never what lies underneath.

use async_graphql::{ErrorExtensionValues, ErrorExtensions as _};
use mortise_engine::Error;

/// A resolver's error. It prints nothing on purpose: what prints would turn into a GraphQL error without its code.
pub(crate) struct ApiError(Error);

/// A resolver's result.
pub(crate) type Result<T> = std::result::Result<T, ApiError>;

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(ApiError(error): ApiError) -> Self {
        if error.code() == mortise_engine::ErrorCode::Internal {
            tracing::error!(?error, "a request failed inside the engine");
        }
        let fill = |_: &Self, extensions: &mut ErrorExtensionValues| {
            extensions.set("code", error.code().as_str());
            if let Some(field) = error.field() {
                extensions.set("field", field);
            }
        };
        Self::new(error.message()).extend_with(fill)
    }
}
