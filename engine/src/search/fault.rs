//! What tantivy's failures mean: try again later, or make the index anew.
//!
//! It names no file to a caller: messages are fixed sentences, and what tantivy said goes along for the log.

use crate::error::{Error, Result};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError};

/// A failure of the index.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The disk or the system refused, or another writer is at work. The index may be whole.
    #[error("the search index cannot be reached")]
    Unreachable(#[source] TantivyError),
    /// What is there is not an index, or not a whole one.
    #[error("the search index is damaged")]
    Damaged(#[source] TantivyError),
    /// Reading it went wrong in a way that only damage explains.
    #[error("the search index is damaged: {0}")]
    Panicked(String),
}

impl Fault {
    /// Whether only a new index helps.
    pub(super) const fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged(_) | Self::Panicked(_))
    }
}

impl From<TantivyError> for Fault {
    fn from(error: TantivyError) -> Self {
        use TantivyError as E;
        let is_damage = match &error {
            E::DataCorruption(_)
            | E::IncompatibleIndex(_)
            | E::SchemaError(_)
            | E::FieldNotFound(_)
            | E::InternalError(_)
            | E::DeserializeError(_)
            | E::MissingPlugin(_)
            | E::UnexpectedPlugin(_)
            | E::OpenReadError(OpenReadError::FileDoesNotExist(_) | OpenReadError::IncompatibleIndex(_))
            | E::OpenDirectoryError(
                OpenDirectoryError::DoesNotExist(_) | OpenDirectoryError::NotADirectory(_),
            ) => true,
            E::IoError(error) | E::OpenReadError(OpenReadError::IoError { io_error: error, .. }) => {
                is_content(error)
            }
            E::LockFailure(LockError::IoError(error), _) => is_content(error),
            _ => false,
        };
        if is_damage { Self::Damaged(error) } else { Self::Unreachable(error) }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        TantivyError::from(error).into()
    }
}

/// Whether a file's content is at fault: the system itself had nothing to complain about.
fn is_content(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error().is_none()
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let message = match &fault {
            Fault::Unreachable(_) => "search is not possible at the moment: try again",
            Fault::Damaged(_) | Fault::Panicked(_) => {
                "search is not possible at the moment: its index is being made anew"
            }
        };
        Self::unavailable(message).with_source(fault)
    }
}

/// Runs what reads the index. tantivy trusts its files, and panics where they lie; that must not end the caller.
pub(super) fn guarded<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<&str>().map(|said| (*said).to_owned());
        let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
        Err(Fault::Panicked(said.unwrap_or_default()).into())
    })
}
