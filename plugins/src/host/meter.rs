//! How much CPU time a guest has used, or whoever answers it: only while it runs, not while it waits. It knows no limit.

use super::cpu;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// The longest tick of the host's clock, and the most that one turn counts by the time that passes: a guest makes room at each
/// tick, and what passes beyond, the machine gave to others.
pub(super) const TURN: Duration = Duration::from_millis(2);

/// Counts CPU time between [`begin`](Self::begin) and [`end`](Self::end), which come on one thread.
///
/// Atomics only because the future around it may move between threads; nobody reads while another writes.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    spent_ns: AtomicU64,
    begun_ns: AtomicU64,
    /// By which clock it has begun.
    by_passing: AtomicBool,
}

/// What a turn is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// The CPU time of the thread. To ask for it takes the kernel a microsecond.
    Thread,
    /// The time that passes, up to [`TURN`]: close enough for a guest that is over in less, and to read it costs nothing.
    Passing,
}

impl Clock {
    fn now_ns(self) -> u64 {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        nanos(match self {
            Self::Thread => cpu::thread(),
            Self::Passing => START.elapsed(),
        })
    }
}

/// What a call takes: of the guest, and of whoever answers it.
#[derive(Debug, Default)]
pub(crate) struct Meters {
    pub(super) guest: Arc<Meter>,
    pub(super) answers: Meter,
}

impl Meters {
    /// Both together, up to where they were last at rest.
    pub(crate) fn spent(&self) -> Duration {
        self.guest.spent().saturating_add(self.answers.spent())
    }
}

impl Meter {
    /// Counts what this takes.
    pub(super) fn measure<T>(&self, by: Clock, work: impl FnOnce() -> T) -> T {
        self.begin(by);
        let done = work();
        self.end();
        done
    }

    /// The guest goes on.
    fn begin(&self, by: Clock) {
        self.by_passing.store(by == Clock::Passing, Relaxed);
        self.begun_ns.store(by.now_ns(), Relaxed);
    }

    /// The guest waits, or has ended.
    fn end(&self) {
        self.spent_ns.store(self.now_ns(), Relaxed);
    }

    /// Used so far, while it runs.
    pub(super) fn running(&self) -> Duration {
        Duration::from_nanos(self.now_ns())
    }

    /// Used up to the last [`end`](Self::end).
    pub(super) fn spent(&self) -> Duration {
        Duration::from_nanos(self.spent_ns.load(Relaxed))
    }

    fn now_ns(&self) -> u64 {
        let begun = self.begun_ns.load(Relaxed);
        let turn = if self.by_passing.load(Relaxed) {
            Clock::Passing.now_ns().saturating_sub(begun).min(nanos(TURN))
        } else {
            Clock::Thread.now_ns().saturating_sub(begun)
        };
        self.spent_ns.load(Relaxed).saturating_add(turn)
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits as a thread that does not compute.
    fn rest(time: Duration) {
        let (_kept, nothing) = std::sync::mpsc::sync_channel::<()>(1);
        assert!(nothing.recv_timeout(time).is_err());
    }

    #[test]
    fn a_turn_by_the_time_that_passes_counts_no_more_than_a_tick() {
        let meter = Meter::default();
        meter.measure(Clock::Passing, || rest(2 * TURN));
        assert_eq!(meter.spent(), TURN);
        meter.measure(Clock::Thread, || rest(2 * TURN));
        assert!(meter.spent() < 2 * TURN, "who rests does not compute: {:?}", meter.spent());
    }
}
