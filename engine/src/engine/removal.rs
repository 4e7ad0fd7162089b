//! Moves and erasures take turns; those that were interrupted, or failed, are taken up again until they come to their end.
//!
//! It does not know how either is done.

use super::erasing::ErasureReport;
use super::placement::Destination;
use super::{Engine, Inner};
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::model::{Tenant, Undertaking};
use parking_lot::Mutex;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{MutexGuard, Notify, watch};
use tokio::task::JoinHandle;

/// How long it is waited before what failed is tried again; twice as long after each failure, up to a bound.
const PAUSE: Duration = Duration::from_millis(if cfg!(test) { 20 } else { 1_000 });
const PAUSE_MAX: Duration = Duration::from_secs(300);

/// Erasures that were taken up and are remembered.
const FINISHED_MAX: usize = 1_000;

/// The turn to move or erase a tenant, and what the task hears that takes up what was interrupted. It ends with the engine.
#[derive(Default)]
pub(super) struct Removals {
    turn: tokio::sync::Mutex<()>,
    signals: Arc<Signals>,
    finished: Mutex<Vec<ErasureReport>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Signals {
    stopped: watch::Sender<bool>,
    /// Told when there is something to be taken up.
    left: Notify,
}

impl Removals {
    /// The turn: one tenant at a time is moved or erased, so that the others keep most of the disk.
    pub(super) async fn turn(&self) -> Result<MutexGuard<'_, ()>> {
        let turn = self.turn.lock().await;
        self.expect_going_on()?;
        Ok(turn)
    }

    /// Something was begun, or failed: it is taken up soon.
    pub(super) fn wake(&self) {
        self.signals.left.notify_one();
    }

    /// Whether what is being done is to stop after the step it is at.
    pub(super) fn is_stopped(&self) -> bool {
        *self.signals.stopped.borrow()
    }

    /// Asked between steps.
    pub(super) fn expect_going_on(&self) -> Result<()> {
        if self.is_stopped() {
            let message = "the engine is being closed; what was begun goes on when it is opened again";
            return Err(Error::unavailable(message));
        }
        Ok(())
    }

    /// Takes up no more, and waits until what is under way has come to the end of its step: no thread removes files when
    /// the folder is another's.
    pub(super) async fn close(&self) {
        self.stop();
        let task = self.task.lock().take();
        if let Some(task) = task {
            // That it failed was said where it did.
            drop(task.await);
        }
        drop(self.turn.lock().await);
    }

    fn stop(&self) {
        self.signals.stopped.send_replace(true);
    }
}

impl Drop for Removals {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Engine {
    /// Erasures of an earlier run of the program that this one has finished, the last thousand.
    #[must_use]
    pub fn resumed_erasures(&self) -> Vec<ErasureReport> {
        self.0.removals.finished.lock().clone()
    }

    /// Sees to it, in a task of its own, that what was begun with a tenant as a whole comes to its end.
    pub(super) fn take_up(&self) {
        let (inner, signals) = (Arc::downgrade(&self.0), self.0.removals.signals.clone());
        *self.0.removals.task.lock() = Some(tokio::spawn(finish(inner, signals)));
    }

    /// Tries to finish all that was begun. False when something is left.
    async fn finish_all(&self) -> bool {
        for tenant in self.begun() {
            if self.0.removals.is_stopped() {
                return false;
            }
            if let Err(error) = Box::pin(self.finish(&tenant)).await {
                tracing::warn!(tenant.id = %tenant.id, ?error, "what was begun with a tenant could not be finished; trying again later");
            }
        }
        self.begun().is_empty()
    }

    /// The tenants with which something is under way.
    fn begun(&self) -> Vec<Arc<Tenant>> {
        self.0.platform.records_where(|tenant| tenant.undertaking.is_some())
    }

    async fn finish(&self, tenant: &Tenant) -> Result<()> {
        let id = tenant.id;
        match tenant.undertaking {
            None => Ok(()),
            Some(Undertaking::Erasing { .. }) => self.erase_again(id).await,
            Some(Undertaking::Founding) => {
                self.give_up_founding(id).await?;
                self.erase_again(id).await
            }
            Some(Undertaking::Due) => self.relocate(id, &Destination::Home).await.map(drop),
            Some(Undertaking::Copying { .. } | Undertaking::Leaving { .. }) => self.tidy_in_turn(id).await,
        }
    }

    /// Goes on erasing, if that is what the record says.
    async fn erase_again(&self, id: TenantId) -> Result<()> {
        if !self.0.platform.record(id).is_some_and(|record| record.is_being_erased()) {
            return Ok(());
        }
        let report = self.erase(id).await?;
        let mut finished = self.0.removals.finished.lock();
        if finished.len() < FINISHED_MAX {
            finished.push(report);
        }
        Ok(())
    }

    /// Has a tenant erased that was not founded to the end.
    async fn give_up_founding(&self, id: TenantId) -> Result<()> {
        // While somebody founds it, they have this turn. What was not known to be saved is read again.
        let _turn = self.0.platform.founding.lock().await;
        self.0.platform.read_again_if_doubtful().await?;
        let record = self.0.platform.record(id);
        if record.is_some_and(|record| record.undertaking == Some(Undertaking::Founding)) {
            self.amend_in_turn(id, |record| record.undertaking = Some(Undertaking::Erasing { also: None }))
                .await?;
        }
        Ok(())
    }

    async fn tidy_in_turn(&self, id: TenantId) -> Result<()> {
        let _turn = self.0.removals.turn().await?;
        self.tidy(id).await
    }

    /// Waits until nothing is being moved or erased.
    #[cfg(test)]
    pub(super) async fn finished(&self) {
        loop {
            drop(self.0.removals.turn.lock().await);
            if self.begun().is_empty() {
                return;
            }
            tokio::task::yield_now().await;
        }
    }
}

async fn finish(inner: Weak<Inner>, signals: Arc<Signals>) {
    let (mut stopped, mut pause) = (signals.stopped.subscribe(), PAUSE);
    loop {
        let Some(engine) = inner.upgrade().map(Engine) else { return };
        let done = Box::pin(engine.finish_all()).await;
        drop(engine);
        let next = async {
            if done {
                signals.left.notified().await;
            } else {
                #[expect(clippy::disallowed_methods, reason = "a pause before what failed is tried again")]
                tokio::time::sleep(pause).await;
            }
        };
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            () = next => {}
        }
        pause = if done { PAUSE } else { pause.saturating_mul(2).min(PAUSE_MAX) };
    }
}
