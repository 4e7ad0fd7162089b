//! A bucket of points of work that fills at a steady rate: taken from before the work, corrected after it.
//!
//! A request may turn out to be more work than it was reckoned at; then the bucket goes below nothing, and the next
//! request waits the longer. It does not know what a point is.

use parking_lot::Mutex;
use std::time::Duration;

/// Thousandths of a point, so that filling loses nothing.
const MILLI: i64 = 1_000;

/// Seconds of its rate that a bucket may owe: whatever one request used beyond what it was reckoned at, those who share the
/// bucket wait no longer than this.
const OWED_SECONDS: u64 = 5;

/// See the module.
#[derive(Debug)]
pub(super) struct Bucket {
    per_second: u32,
    maximum: u64,
    level: Mutex<Level>,
}

#[derive(Debug)]
struct Level {
    millis: i64,
    /// When it was so, in nanoseconds.
    at: u64,
}

/// Why points were not given.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Short {
    /// They never will be: the bucket does not hold so many.
    Never,
    /// They will be there after this.
    Until(Duration),
}

impl Bucket {
    /// A full bucket that holds what so many seconds bring.
    pub(super) fn full(per_second: u32, seconds: u32, now_ns: u64) -> Self {
        let maximum = u64::from(per_second) * u64::from(seconds.max(1));
        let level = Level { millis: in_millis(maximum), at: now_ns };
        Self { per_second, maximum, level: Mutex::new(level) }
    }

    pub(super) const fn per_second(&self) -> u32 {
        self.per_second
    }

    pub(super) const fn maximum(&self) -> u64 {
        self.maximum
    }

    /// Takes so many points if they are there.
    pub(super) fn take(&self, points: u64, now_ns: u64) -> Result<(), Short> {
        if points > self.maximum {
            return Err(Short::Never);
        }
        let mut level = self.level.lock();
        self.fill(&mut level, now_ns);
        let missing = in_millis(points).saturating_sub(level.millis);
        if missing > 0 {
            let rate = i64::from(self.per_second.max(1));
            let wait_ms = u64::try_from(missing.saturating_add(rate - 1) / rate).unwrap_or_default();
            return Err(Short::Until(Duration::from_millis(wait_ms)));
        }
        level.millis -= in_millis(points);
        Ok(())
    }

    /// Gives back what was not used of what was taken, or takes what was used beyond it. Answers how many are left.
    pub(super) fn settle(&self, taken: u64, used: u64, now_ns: u64) -> u64 {
        let mut level = self.level.lock();
        self.fill(&mut level, now_ns);
        let change = in_millis(taken).saturating_sub(in_millis(used));
        let lowest = -in_millis(u64::from(self.per_second).saturating_mul(OWED_SECONDS));
        level.millis = level.millis.saturating_add(change).clamp(lowest, in_millis(self.maximum));
        whole(level.millis)
    }

    /// How many are there.
    pub(super) fn available(&self, now_ns: u64) -> u64 {
        self.settle(0, 0, now_ns)
    }

    fn fill(&self, level: &mut Level, now_ns: u64) {
        let (full, rate) = (in_millis(self.maximum), u64::from(self.per_second.max(1)));
        let elapsed_us = now_ns.saturating_sub(level.at) / 1_000;
        let gained = elapsed_us.saturating_mul(rate) / 1_000;
        let millis = level.millis.saturating_add(i64::try_from(gained).unwrap_or(i64::MAX));
        if millis >= full {
            *level = Level { millis: full, at: level.at.max(now_ns) };
        } else {
            // Only the time of whole thousandths is spent: what is left of it counts for the next.
            *level = Level { millis, at: level.at.saturating_add(gained.saturating_mul(1_000_000) / rate) };
        }
    }
}

fn in_millis(points: u64) -> i64 {
    i64::try_from(points).unwrap_or(i64::MAX).saturating_mul(MILLI)
}

fn whole(millis: i64) -> u64 {
    u64::try_from(millis / MILLI).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn points_come_back_at_the_rate_and_no_more_than_fit() {
        let bucket = Bucket::full(100, 20, 0);
        assert_eq!(bucket.take(2_000, 0), Ok(()));
        assert_eq!(bucket.take(150, SECOND), Err(Short::Until(Duration::from_millis(500))));
        assert_eq!(bucket.take(150, SECOND + SECOND / 2), Ok(()));
        assert_eq!(bucket.available(1_000 * SECOND), 2_000);
        assert_eq!(bucket.take(2_001, 0), Err(Short::Never));
    }

    #[test]
    fn what_was_not_used_comes_back_and_what_was_used_beyond_is_owed() {
        let bucket = Bucket::full(100, 20, 0);
        bucket.take(1_000, 0).unwrap();
        assert_eq!(bucket.settle(1_000, 10, 0), 1_990);
        assert_eq!(bucket.settle(0, 2_190, 0), 0);
        assert_eq!(bucket.take(1, SECOND), Err(Short::Until(Duration::from_millis(1_010))));
        assert_eq!(bucket.take(100, 3 * SECOND), Ok(()));
    }

    #[test]
    fn whatever_was_used_nobody_waits_longer_than_some_seconds_for_it() {
        let bucket = Bucket::full(100, 20, 0);
        for _ in 0..10 {
            bucket.settle(81, 20_000, 0);
        }
        assert_eq!(bucket.take(0, 0), Err(Short::Until(Duration::from_secs(OWED_SECONDS))));
        assert_eq!(bucket.take(0, OWED_SECONDS * SECOND), Ok(()));
    }

    #[test]
    fn many_short_looks_lose_nothing() {
        let bucket = Bucket::full(1, 10, 0);
        bucket.take(10, 0).unwrap();
        for ms in 0..5_000_u64 {
            bucket.available(ms * 1_000_000 / 3);
        }
        assert_eq!(bucket.available(5 * SECOND), 5);
    }
}
