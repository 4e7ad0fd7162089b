//! Turns to be executed: so many at once, a line of those who wait, and nobody in it whose turn would come too late.
//!
//! How long a wait would be is reckoned from the length of the line and from how long turns took lately. Who would wait
//! longer than anybody should is told so at once, before anything was done for them: so a server that has more to do than
//! it can stays quick for those it lets in, and turns the others away for little. It does not know what is executed.
//!
//! Whoever gets a place lets those pass who are ready to ask for one, before they use it. Most of what is executed never waits
//! for anything: it would be done within one poll, so that no place were ever taken when the next one asks, and all who came
//! too much would wait unseen in the run queue of the executor, for as long as it takes.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

/// The newest turn is this part of the mean; what was before it is the rest.
const NEWEST_PART: u64 = 64;

/// See the module.
pub(super) struct Turns {
    places: Semaphore,
    at_once: u64,
    patience: Duration,
    waiting: AtomicU64,
    /// Nanoseconds that a turn took lately, on average.
    took_ns: AtomicU64,
}

/// Somebody's turn, until it is dropped.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    began: Instant,
    _place: SemaphorePermit<'a>,
}

/// A turn would come too late, or did.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLate;

impl Turns {
    /// So many at once, and nobody waits longer than this.
    pub(super) fn new(at_once: usize, patience: Duration) -> Self {
        let at_once = at_once.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            places: Semaphore::new(at_once),
            at_once: at_once as u64,
            patience,
            waiting: AtomicU64::new(0),
            took_ns: AtomicU64::new(0),
        }
    }

    /// Refuses who joins the line now and would not come to their turn in time.
    pub(super) fn hope(&self) -> Result<(), TooLate> {
        if self.places.available_permits() > 0 {
            return Ok(());
        }
        let before = self.waiting.load(Ordering::Relaxed).saturating_add(1);
        let wait_ns = before.saturating_mul(self.took_ns.load(Ordering::Relaxed)) / self.at_once;
        if Duration::from_nanos(wait_ns) > self.patience { Err(TooLate) } else { Ok(()) }
    }

    /// Waits for a turn. Those who wait come to theirs in the order in which they came.
    pub(super) async fn turn(&self) -> Result<Turn<'_>, TooLate> {
        self.hope()?;
        let _waits = Waits::in_line(&self.waiting);
        let place = timeout(self.patience, self.places.acquire()).await;
        let place = place.map_err(|_elapsed| TooLate)?.map_err(|_closed| TooLate)?;
        let turn = Turn { turns: self, began: Instant::now(), _place: place };
        tokio::task::yield_now().await;
        Ok(turn)
    }

    /// Takes how long a turn took into the mean. Of two that end at once one may be missed, which a mean can bear.
    fn took(&self, turn: Duration) {
        let newest = u64::try_from(turn.as_nanos()).unwrap_or(u64::MAX);
        let before = self.took_ns.load(Ordering::Relaxed);
        let mean = (before - before / NEWEST_PART).saturating_add(newest / NEWEST_PART);
        self.took_ns.store(if before == 0 { newest } else { mean }, Ordering::Relaxed);
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.took(self.began.elapsed());
    }
}

/// Somebody in the line, also when they leave it early.
struct Waits<'a>(&'a AtomicU64);

impl<'a> Waits<'a> {
    fn in_line(waiting: &'a AtomicU64) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Poll;

    /// Turns that took this long lately.
    fn turns(at_once: usize, patience_ms: u64, took_ms: u64) -> Turns {
        let turns = Turns::new(at_once, Duration::from_millis(patience_ms));
        turns.took(Duration::from_millis(took_ms));
        turns
    }

    #[tokio::test]
    async fn while_there_is_a_place_nobody_is_turned_away_however_long_turns_take() {
        let turns = turns(2, 10, 60_000);
        let _first = turns.turn().await.unwrap();
        assert!(turns.turn().await.is_ok());
    }

    #[tokio::test]
    async fn who_would_wait_too_long_is_told_at_once() {
        let turns = turns(1, 60_000, 25_000);
        let held = turns.turn().await.unwrap();
        let mut line: Vec<_> = (0..2).map(|_| Box::pin(turns.turn())).collect();
        for waits in &mut line {
            assert!(matches!(look_at(waits.as_mut()).await, Poll::Pending));
        }
        // A third would wait for 75 seconds.
        assert_eq!(turns.hope(), Err(TooLate));
        assert_eq!(turns.turn().await.err(), Some(TooLate));
        // One leaves the line, and there is room in it again.
        drop(line.pop());
        assert_eq!(turns.hope(), Ok(()));
        drop(held);
        let [first] = line.as_mut_slice() else { panic!("one waits") };
        assert!(first.as_mut().await.is_ok(), "the turn of who waited has come");
    }

    #[tokio::test]
    async fn a_wait_ends_when_it_was_longer_than_reckoned() {
        let turns = turns(1, 20, 1);
        let _held = turns.turn().await.unwrap();
        assert_eq!(turns.turn().await.err(), Some(TooLate));
        assert_eq!(turns.waiting.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_line_forms_though_nothing_that_is_executed_ever_waits() {
        let turns = std::sync::Arc::new(turns(2, 20, 5));
        let all = (0..100).map(|_| {
            let turns = turns.clone();
            tokio::spawn(async move {
                let turn = turns.turn().await?;
                let began = Instant::now();
                while began.elapsed() < Duration::from_millis(5) {
                    std::hint::spin_loop();
                }
                drop(turn);
                Ok::<_, TooLate>(())
            })
        });
        let mut late = 0;
        for one in all.collect::<Vec<_>>() {
            late += usize::from(one.await.unwrap().is_err());
        }
        // Some ten are done in the time that anybody waits.
        assert!((50..100).contains(&late), "{late} were told that it is too late");
    }

    #[test]
    fn the_mean_follows_what_turns_take() {
        let turns = turns(1, 1, 8);
        (0..1_000).for_each(|_| turns.took(Duration::from_millis(1)));
        let mean = Duration::from_nanos(turns.took_ns.load(Ordering::Relaxed));
        assert!((900..1_100).contains(&mean.as_micros()), "{mean:?}");
    }

    /// One look at a future.
    async fn look_at<F: Future>(mut future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
    }
}
