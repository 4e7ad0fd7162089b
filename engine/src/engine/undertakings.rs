//! Moves and erasures take turns; those that were interrupted, or failed, are taken up again until they come to their end.
//!
//! It does not know how either is done.

mod pauses;

use super::erasing::ErasureReport;
use super::placement::Destination;
use super::{Engine, Inner};
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::model::{Tenant, Undertaking};
use parking_lot::Mutex;
use pauses::Pauses;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{MutexGuard, Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How long it is waited before what failed is tried again; twice as long after each failure, up to a bound.
const PAUSE: Duration = Duration::from_millis(if cfg!(test) { 20 } else { 1_000 });
const PAUSE_MAX: Duration = Duration::from_secs(300);

/// The bound where somebody waits for it: it is not known what was saved, or where a tenant lives.
const PAUSE_MAX_WAITED_FOR: Duration = Duration::from_secs(10);

/// The bound where each try may be a copy of all that a tenant has, while others wait for the turn.
const PAUSE_MAX_OF_MOVES: Duration = Duration::from_secs(60 * 60);

/// Erasures that were taken up and are remembered.
const FINISHED_MAX: usize = 1_000;

/// The turn to move or erase a tenant, and what the task hears that takes up what was interrupted. It ends with the engine.
pub(super) struct Undertakings {
    turn: tokio::sync::Mutex<()>,
    signals: Arc<Signals>,
    finished: Mutex<Vec<ErasureReport>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

struct Signals {
    stopped: watch::Sender<bool>,
    /// Told when there is something to be taken up, or it is not known whether there is.
    left: Arc<Notify>,
}

impl Undertakings {
    /// Nothing is under way. Whoever has something to be taken up tells `left`.
    pub(super) fn new(left: Arc<Notify>) -> Self {
        let signals = Arc::new(Signals { stopped: watch::Sender::default(), left });
        Self {
            turn: tokio::sync::Mutex::default(),
            signals,
            finished: Mutex::default(),
            task: Mutex::default(),
        }
    }

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
        if self.is_stopped() { Err(closing()) } else { Ok(()) }
    }

    /// Waits for this, unless the engine is being closed.
    pub(super) async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        let mut stopped = self.signals.stopped.subscribe();
        tokio::select! {
            biased;
            done = work => Ok(done),
            _ = stopped.wait_for(|stopped| *stopped) => Err(closing()),
        }
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

impl Drop for Undertakings {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Engine {
    /// Erasures of an earlier run of the program that this one has finished, the last thousand.
    #[must_use]
    pub fn resumed_erasures(&self) -> Vec<ErasureReport> {
        self.0.undertakings.finished.lock().clone()
    }

    /// Sees to it, in a task of its own, that what was begun with a tenant as a whole comes to its end.
    pub(super) fn take_up(&self) {
        self.take_up_with(Pauses::beginning_with(PAUSE));
    }

    fn take_up_with(&self, pauses: Pauses<Trial>) {
        let (inner, signals) = (Arc::downgrade(&self.0), self.0.undertakings.signals.clone());
        *self.0.undertakings.task.lock() = Some(tokio::spawn(finish(inner, signals, pauses)));
    }

    /// Tries to finish all that was begun and is not waiting after a failure. When to look again, if something is left.
    async fn finish_all(&self, pauses: &mut Pauses<Trial>) -> Option<Instant> {
        if let Some(again) = self.know_what_was_begun(pauses).await {
            return Some(again);
        }
        for tenant in self.begun() {
            let what = trial(&tenant);
            if self.0.undertakings.is_stopped() || pauses.until(what, Instant::now()).is_some() {
                continue;
            }
            match Box::pin(self.finish(&tenant)).await {
                Ok(()) => pauses.end(what),
                Err(error) => {
                    pauses.failed(what, Instant::now(), self.longest_pause(what, &tenant));
                    tracing::warn!(tenant.id = %tenant.id, ?error, "what was begun with a tenant could not be finished; trying again later");
                }
            }
        }
        let left = self.begun();
        let is_begun = |id| self.0.platform.record(id).is_some_and(|record| record.undertaking.is_some());
        pauses.retain(|what| match what {
            Trial::Records => true,
            Trial::Home(id) | Trial::Tenant(id) => is_begun(id),
        });
        let now = Instant::now();
        left.iter().map(|tenant| pauses.next(trial(tenant), now)).min()
    }

    /// Reads the records again when it is not known whether one was saved: what was begun with it is in none of those in
    /// memory. When to try that again, if it failed.
    async fn know_what_was_begun(&self, pauses: &mut Pauses<Trial>) -> Option<Instant> {
        if self.0.platform.is_doubtful() {
            if let Some(until) = pauses.until(Trial::Records, Instant::now()) {
                return Some(until);
            }
            let _turn = self.0.platform.records.lock().await;
            if let Err(error) = self.0.platform.read_again_if_doubtful().await {
                tracing::warn!(
                    ?error,
                    "it is not known whether a company's record was saved; trying again later"
                );
                return Some(pauses.failed(Trial::Records, Instant::now(), PAUSE_MAX_WAITED_FOR));
            }
        }
        pauses.end(Trial::Records);
        None
    }

    /// How long it is waited at most before this is tried again.
    fn longest_pause(&self, what: Trial, tenant: &Tenant) -> Duration {
        let has_place = || self.0.tenants.residence(tenant).has_place();
        match what {
            Trial::Records => PAUSE_MAX_WAITED_FOR,
            Trial::Home(_) => PAUSE_MAX_OF_MOVES,
            Trial::Tenant(_) if tenant.is_there() && !has_place() => PAUSE_MAX_WAITED_FOR,
            Trial::Tenant(_) => PAUSE_MAX,
        }
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
        let note = |report: &ErasureReport| {
            let mut finished = self.0.undertakings.finished.lock();
            // It is told again when the record could not be removed.
            finished.retain(|known| known.tenant != id);
            if finished.len() < FINISHED_MAX {
                finished.push(report.clone());
            }
        };
        self.erase_telling(id, note).await.map(drop)
    }

    /// Has a tenant erased that was not founded to the end.
    async fn give_up_founding(&self, id: TenantId) -> Result<()> {
        // While somebody founds it, they have this turn. What was not known to be saved is read again.
        let _turn = self.0.platform.records_turn().await?;
        let record = self.0.platform.record(id);
        if record.is_some_and(|record| record.undertaking == Some(Undertaking::Founding)) {
            self.amend_in_turn(id, Tenant::begin_erasing).await?;
        }
        Ok(())
    }

    async fn tidy_in_turn(&self, id: TenantId) -> Result<()> {
        let _turn = self.0.undertakings.turn().await?;
        self.tidy(id).await
    }

    /// Has what failed wait so long at first.
    #[cfg(test)]
    pub(super) fn take_up_pausing_for(&self, first: Duration) {
        let before = self.0.undertakings.task.lock().take();
        before.inspect(JoinHandle::abort);
        self.take_up_with(Pauses::beginning_with(first));
    }

    /// Waits until nothing is being moved or erased.
    #[cfg(test)]
    pub(super) async fn finished(&self) {
        loop {
            drop(self.0.undertakings.turn.lock().await);
            if !self.0.platform.is_doubtful() && self.begun().is_empty() {
                return;
            }
            tokio::task::yield_now().await;
        }
    }
}

fn closing() -> Error {
    Error::unavailable("the engine is being closed; what was begun goes on when it is opened again")
}

/// How far a tenant has come: for the log, and for those who look what an interruption leaves behind.
pub(super) fn came_to(tenant: TenantId, step: &'static str) {
    tracing::debug!(tenant.id = %tenant, step, "moving or erasing a tenant");
}

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Trial {
    /// To know whether a record was saved.
    Records,
    /// To move this tenant to where its tier lives.
    Home(TenantId),
    /// To come to the end of anything else that was begun with this tenant.
    Tenant(TenantId),
}

/// What is tried for a tenant with which something is under way.
fn trial(tenant: &Tenant) -> Trial {
    match tenant.undertaking {
        Some(Undertaking::Due) => Trial::Home(tenant.id),
        _ => Trial::Tenant(tenant.id),
    }
}

async fn finish(inner: Weak<Inner>, signals: Arc<Signals>, mut pauses: Pauses<Trial>) {
    let mut stopped = signals.stopped.subscribe();
    loop {
        let Some(engine) = inner.upgrade().map(Engine) else { return };
        let again = Box::pin(engine.finish_all(&mut pauses)).await;
        drop(engine);
        let next = async {
            let told = signals.left.notified();
            match again {
                None => told.await,
                // What is begun meanwhile does not wait for what failed.
                Some(again) => drop(tokio::time::timeout_at(again, told).await),
            }
        };
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            () = next => {}
        }
    }
}
