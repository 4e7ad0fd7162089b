//! The signals that stop a server: SIGTERM and SIGINT; where there are none, Ctrl-C.
//!
//! It does not know what is done about them.

use std::io;

/// Stop signals, one after the other.
pub(super) struct StopSignals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

/// Catches stop signals from now on, so that none that comes early ends the process unprepared.
///
/// # Errors
/// The operating system refuses.
pub(super) fn listen() -> io::Result<StopSignals> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(StopSignals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }
    #[cfg(not(unix))]
    Ok(StopSignals {})
}

impl super::connections::Stop for StopSignals {
    /// Waits for the next one.
    async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => tracing::info!("stopping on SIGTERM"),
            _ = self.interrupt.recv() => tracing::info!("stopping on SIGINT"),
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
