//! Moves and erasures take turns; those that were interrupted are taken up again when the engine is opened.
//!
//! It does not know how either is done.

use super::placement::Destination;
use super::{Engine, Inner};
use crate::error::Result;
use crate::id::TenantId;
use crate::model::Undertaking;
use parking_lot::Mutex;
use std::sync::{Arc, Weak};
use tokio::task::AbortHandle;

/// The turn to move or erase a tenant, and the task that takes up what was interrupted; it ends with the engine.
#[derive(Default)]
pub(super) struct Removals {
    turn: tokio::sync::Mutex<()>,
    taking_up: Mutex<Option<AbortHandle>>,
}

impl Removals {
    /// The turn: one tenant at a time is moved or erased, so that the others keep most of the disk.
    pub(super) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Takes up no more.
    pub(super) fn stop(&self) {
        self.taking_up.lock().take().into_iter().for_each(|task| task.abort());
    }
}

impl Drop for Removals {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Engine {
    /// Sees to it that moves and erasures are finished that an earlier run of the program has begun.
    pub(super) fn take_up(&self) {
        let interrupted = self.0.platform.records_where(|tenant| tenant.undertaking.is_some());
        if interrupted.is_empty() {
            return;
        }
        let inner: Weak<Inner> = Arc::downgrade(&self.0);
        let work = async move {
            for tenant in interrupted {
                let Some(engine) = inner.upgrade().map(Engine) else { return };
                let done = match tenant.undertaking {
                    Some(Undertaking::Erasing) => engine.erase(tenant.id).await.map(drop),
                    Some(Undertaking::Due) => engine.relocate(tenant.id, &Destination::Home).await.map(drop),
                    _ => engine.tidy_in_turn(tenant.id).await,
                };
                if let Err(error) = done {
                    tracing::warn!(tenant.id = %tenant.id, ?error, "what was begun with a tenant could not be finished; trying again at the next start");
                }
            }
        };
        *self.0.removals.taking_up.lock() = Some(tokio::spawn(work).abort_handle());
    }

    async fn tidy_in_turn(&self, id: TenantId) -> Result<()> {
        let _turn = self.0.removals.turn().await;
        self.tidy(id).await
    }

    /// Waits until nothing is being moved or erased.
    #[cfg(test)]
    pub(super) async fn finished(&self) {
        loop {
            drop(self.0.removals.turn().await);
            if self.0.platform.records_where(|tenant| tenant.undertaking.is_some()).is_empty() {
                return;
            }
            tokio::task::yield_now().await;
        }
    }
}
