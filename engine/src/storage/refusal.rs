//! What a storage error means to the asker. Its own words stay in the source, for the log.

use super::{CodecError, StorageError};
use crate::error::{Error, ErrorCode};

impl From<StorageError> for Error {
    fn from(error: StorageError) -> Self {
        match &error {
            // A disk that is full or fails says so in reads too, until the store is open again.
            StorageError::Unavailable { .. } | StorageError::Io { .. } => {
                Self::unavailable("the store is not available at the moment; try again shortly")
                    .with_source(error)
            }
            StorageError::TooLarge { .. } => Self::new(
                ErrorCode::InvalidInput,
                "the change is too large for one step; send it in smaller parts",
            )
            .with_source(error),
            StorageError::Locked { .. } | StorageError::Format { .. } | StorageError::Key { .. } => {
                // These are met while opening, by the operator: their words say what to do.
                Self::unavailable(error.to_string()).with_source(error)
            }
            _ => Self::internal(error),
        }
    }
}

impl From<CodecError> for Error {
    fn from(error: CodecError) -> Self {
        Self::internal(error)
    }
}
