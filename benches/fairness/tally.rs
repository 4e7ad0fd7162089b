//! What came of requests, by when they were due.

use std::time::Duration;

use hdrhistogram::Histogram;

/// The slowest answer that is told apart from slower ones, in microseconds.
const LATENCY_US_MAX: u64 = 60_000_000;

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Answered rightly.
    Right,
    /// Told that its company asks too fast: 429.
    TooFast,
    /// Told that the server has too much to do: 503.
    Shed,
    /// Anything else.
    Wrong(String),
}

/// Requests that were due in one span of time.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    /// Microseconds from when it was due to the whole answer, of right answers.
    pub(crate) right_us: Histogram<u64>,
    /// The same, of those that were turned away by 503.
    pub(crate) shed_us: Histogram<u64>,
    pub(crate) too_fast: u64,
    pub(crate) wrong: u64,
    pub(crate) first_wrong: Option<String>,
}

impl Window {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let histogram = Histogram::new_with_max(LATENCY_US_MAX, 3)?;
        Ok(Self { right_us: histogram.clone(), shed_us: histogram, too_fast: 0, wrong: 0, first_wrong: None })
    }

    pub(crate) fn take(&mut self, outcome: Outcome, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(LATENCY_US_MAX);
        match outcome {
            Outcome::Right => self.right_us.saturating_record(us),
            Outcome::Shed => self.shed_us.saturating_record(us),
            Outcome::TooFast => self.too_fast += 1,
            Outcome::Wrong(what) => {
                self.wrong += 1;
                self.first_wrong.get_or_insert(what);
            }
        }
    }

    /// Takes what came of others.
    pub(crate) fn add(&mut self, other: &Self) -> anyhow::Result<()> {
        self.right_us.add(&other.right_us)?;
        self.shed_us.add(&other.shed_us)?;
        self.too_fast += other.too_fast;
        self.wrong += other.wrong;
        if self.first_wrong.is_none() {
            self.first_wrong.clone_from(&other.first_wrong);
        }
        Ok(())
    }
}

/// Milliseconds within which this share of the answers came.
pub(crate) fn ms(histogram: &Histogram<u64>, percent: f64) -> f64 {
    histogram.value_at_percentile(percent) as f64 / 1_000.0
}
