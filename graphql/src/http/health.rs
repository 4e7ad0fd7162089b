//! Whether the process is alive, and whether it can serve.
//!
//! It does not know what serving takes; the [`Readiness`] passed in does.

use async_trait::async_trait;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

/// Tells whether requests can be served now.
#[async_trait]
pub trait Readiness: Send + Sync + 'static {
    /// `Ok` when they can. Asked by load balancers every few seconds, so it must be cheap.
    ///
    /// # Errors
    /// A reason in a few words, for the operator; it is shown to whoever may reach `/readyz`.
    async fn ready(&self) -> Result<(), String>;
}

/// Always ready: for programs that only mount the router once they are.
#[derive(Debug, Clone, Copy, Default)]
pub struct AlwaysReady;

#[async_trait]
impl Readiness for AlwaysReady {
    async fn ready(&self) -> Result<(), String> {
        Ok(())
    }
}

/// `/healthz`: the process answers.
pub(super) async fn healthz() -> Response {
    text(StatusCode::OK, "alive\n".into())
}

/// `/readyz`: 200 or 503.
pub(super) async fn readyz(readiness: &impl Readiness) -> Response {
    match readiness.ready().await {
        Ok(()) => text(StatusCode::OK, "ready\n".into()),
        Err(reason) => text(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")),
    }
}

fn text(status: StatusCode, text: String) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], text).into_response()
}
