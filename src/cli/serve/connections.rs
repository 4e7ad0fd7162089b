//! Runs a router's connections: bounded in number, patient with slow requests but not with slow heads, and drained
//! before the end.
//!
//! It does not know what is served, nor what stops it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::Service as _;

/// The longest head of a request, in bytes; beyond it 431. The router's bound on documents fits in when it comes in a
/// query string.
const HEAD_BYTES_MAX: usize = 128 * 1024;

/// The pause after the operating system refused to accept, out of file descriptors say.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The bounds connections are run within.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    /// Longest time for the head of a request to arrive, counted from the end of the one before: so an idle
    /// connection is closed after this time too.
    pub(super) header_timeout: Duration,
    /// Longest time for accepted requests to be answered after the first stop.
    pub(super) drain: Duration,
    /// Most connections at once.
    pub(super) connections_max: usize,
}

/// What says stop.
pub(super) trait Stop {
    /// Waits for the next time it is said.
    async fn next(&mut self);
}

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drained {
    /// Every accepted request was answered.
    Whole,
    /// The time ran out for so many connections.
    TimedOut {
        /// Those that were cut.
        connections: usize,
    },
    /// Stop was said again.
    Cut {
        /// Those that were cut.
        connections: usize,
    },
}

/// Serves until `stop`, then takes no more connections, answers the requests that were accepted, and returns.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: &Limits,
    mut stop: impl Stop,
) -> Drained {
    let room = Arc::new(Semaphore::new(limits.connections_max.min(Semaphore::MAX_PERMITS)));
    let places = room.available_permits();
    let graceful = GracefulShutdown::new();
    loop {
        let (stream, peer, place) = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            () = stop.next() => break,
        };
        let service = hyper::service::service_fn({
            let router = router.clone();
            move |request: hyper::Request<Incoming>| {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(peer));
                router.clone().call(request)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_timeout)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                // The other end went away or sent no HTTP: its affair, and it may be an attack. Not worth a warning.
                tracing::debug!(%peer, %error, "connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    let open = || places.saturating_sub(room.available_permits());
    tokio::select! {
        drained = tokio::time::timeout(limits.drain, graceful.shutdown()) => match drained {
            Ok(()) => Drained::Whole,
            Err(_) => Drained::TimedOut { connections: open() },
        },
        () = stop.next() => Drained::Cut { connections: open() },
    }
}

/// The next connection, once there is room for it. May be dropped at any time.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    loop {
        let Ok(place) = Arc::clone(room).acquire_owned().await else {
            // It is never closed.
            return std::future::pending().await;
        };
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Answers are written whole: waiting to join them only delays. Without it they still arrive.
                let _ = stream.set_nodelay(true);
                return (stream, peer, place);
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                pause().await;
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a back-off: nothing tells when file descriptors are free again"
)]
async fn pause() {
    tokio::time::sleep(ACCEPT_PAUSE).await;
}

#[cfg(test)]
mod tests;
