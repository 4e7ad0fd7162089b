//! How long writes took, in rounds: what is shown, and what is compared.

use std::fmt;
use std::time::Duration;

/// Times of several rounds.
#[derive(Default)]
pub(crate) struct Times {
    all: Vec<Duration>,
    p99s: Vec<Duration>,
}

impl Times {
    /// Another round.
    pub(crate) fn add(&mut self, mut round: Vec<Duration>) {
        self.p99s.push(percentile(&mut round, 99));
        self.all.append(&mut round);
    }

    /// Of the middle one of the rounds: a single stall of the disk is nobody's doing.
    pub(crate) fn p99(&self) -> Duration {
        percentile(&mut self.p99s.clone(), 50)
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }
}

/// One of each hundred is as long as this, or longer, for 99.
fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    let at = times.len().saturating_sub(1) * percent / 100;
    times.get(at).copied().unwrap_or_default()
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let mut all = self.all.clone();
        let (low, high) = (self.p99s.iter().min().copied(), self.p99s.iter().max().copied());
        write!(
            f,
            "p50 {:.2} ms   p99 {:.2} ({:.2} to {:.2}, of all {:.2})   max {:.2}   {} writes",
            ms(percentile(&mut all, 50)),
            ms(self.p99()),
            ms(low.unwrap_or_default()),
            ms(high.unwrap_or_default()),
            ms(percentile(&mut all, 99)),
            ms(percentile(&mut all, 100)),
            self.len()
        )
    }
}
