//! Who makes a view of the past, and who waits for one.
//!
//! Those who ask a tenant for one moment wait for one view. Those who ask it for other moments stand in that tenant's line,
//! which is bounded, and its first alone stands in the line of all tenants: so they take turns, however much one of them
//! asks. Whoever goes away leaves his place, and what he had begun another begins again. What a view is, is not known here.

use super::PastView;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::model::Seq;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::{OnceCell, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

/// Views that are made at once at the least: a small tenant does not wait for a large one.
const AT_ONCE_MIN: usize = 2;

/// A view, once it is made.
type Made = OnceCell<Arc<PastView>>;

/// The line of all tenants.
#[derive(Debug)]
pub(super) struct Room(Arc<Semaphore>);

impl Room {
    /// As many at once as there are cores, within the limits.
    pub(super) fn new(limits: &Limits, cores: usize) -> Self {
        let most = limits.past_made_at_once.clamp(1, Semaphore::MAX_PERMITS);
        Self(Arc::new(Semaphore::new(cores.max(AT_ONCE_MIN).min(most))))
    }
}

/// The line of one tenant.
#[derive(Debug, Default)]
pub(in crate::tenant) struct PastLine {
    /// The moments that are asked for. Each leaves with the last who asks for it.
    moments: Mutex<FxHashMap<Seq, Arc<Made>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// Leave to make a view, for as long as this is held.
#[derive(Debug)]
pub(super) struct Turn {
    _of_tenant: OwnedMutexGuard<()>,
    _of_all: OwnedSemaphorePermit,
}

impl PastLine {
    /// The view of a moment; made by the first who asks, when it is the moment's turn.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when as many moments are asked for as the limits say; what `make` says.
    pub(super) async fn view<F>(
        &self,
        moment: Seq,
        moments_max: usize,
        room: &Room,
        make: impl FnOnce(Turn) -> F,
    ) -> Result<Arc<PastView>>
    where
        F: Future<Output = Result<Arc<PastView>>>,
    {
        let asked = self.ask(moment, moments_max)?;
        let made = asked.made.get_or_try_init(async || make(self.turn(room).await?).await);
        made.await.cloned()
    }

    fn ask(&self, moment: Seq, moments_max: usize) -> Result<Asked<'_>> {
        let mut moments = self.moments.lock();
        if moments.len() >= moments_max && !moments.contains_key(&moment) {
            let message = format!(
                "lists of {moments_max} other moments are being made for this company, and no more may wait (the limit \
                 `past_moments_max`): ask again in a moment"
            );
            return Err(Error::unavailable(message).with_field("at"));
        }
        let made = moments.entry(moment).or_default().clone();
        Ok(Asked { line: self, moment, made })
    }

    async fn turn(&self, room: &Room) -> Result<Turn> {
        let of_tenant = self.turn.clone().lock_owned().await;
        let of_all = room.0.clone().acquire_owned().await.map_err(Error::internal)?;
        Ok(Turn { _of_tenant: of_tenant, _of_all: of_all })
    }
}

/// One who asks for a moment.
struct Asked<'a> {
    line: &'a PastLine,
    moment: Seq,
    made: Arc<Made>,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        /// The line's own, and this one's.
        const LAST: usize = 2;
        let mut moments = self.line.moments.lock();
        if Arc::strong_count(&self.made) <= LAST {
            moments.remove(&self.moment);
        }
    }
}

#[cfg(test)]
mod tests;
