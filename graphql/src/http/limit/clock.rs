//! The time that limits run by: it only goes forward, and a test can hold it.

use std::{sync::Arc, time::Instant};

use governor::{clock::Clock, nanos::Nanos};

/// Nanoseconds since some beginning. Clones tell the same time.
#[derive(Clone)]
pub(crate) struct Ticks(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Ticks {
    /// The computer's.
    pub(crate) fn monotonic() -> Self {
        let began = Instant::now();
        Self::from_fn(move || u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    /// What this function says.
    pub(crate) fn from_fn(nanos: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(nanos))
    }

    pub(super) fn now_ns(&self) -> u64 {
        (self.0)()
    }

    pub(super) fn nanos(&self) -> Nanos {
        Nanos::from(self.now_ns())
    }
}

impl Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.nanos()
    }
}
