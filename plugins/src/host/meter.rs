//! How much CPU time a guest has used, or whoever answers it: only while it runs, not while it waits. It knows no limit.

use super::cpu;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Counts CPU time between [`begin`](Self::begin) and [`end`](Self::end), which come on one thread.
///
/// Atomics only because the future around it may move between threads; nobody reads while another writes.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    spent_ns: AtomicU64,
    begun_ns: AtomicU64,
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
    pub(super) fn measure<T>(&self, work: impl FnOnce() -> T) -> T {
        self.begin();
        let done = work();
        self.end();
        done
    }

    /// The guest goes on.
    fn begin(&self) {
        self.begun_ns.store(nanos(cpu::thread()), Relaxed);
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
        let since = nanos(cpu::thread()).saturating_sub(self.begun_ns.load(Relaxed));
        self.spent_ns.load(Relaxed).saturating_add(since)
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
