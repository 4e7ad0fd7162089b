//! Work that blocks, away from the runtime's own threads.
//!
//! It does not know what is done, nor how many do it at once.

use super::StorageError;

/// Runs what blocks on a thread that may.
pub(super) async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StorageError> + Send + 'static,
) -> Result<T, StorageError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| StorageError::unavailable(error.to_string()))?
}
