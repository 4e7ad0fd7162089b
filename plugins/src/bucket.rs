//! How much of something each may use over a while: a bucket that fills steadily and is emptied by what was used.
//!
//! What a use costs may be known when it is over, so one may begin while the bucket is not empty, and what it takes beyond
//! is a debt that must fill first. Units are whole and the caller's: microseconds of a processor, requests. Time comes in as a
//! value. It does not know what is counted, nor who sells how much.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// How fast a bucket fills, and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Units that come back in each minute.
    pub per_minute: u64,
    /// The most units that can be saved up.
    pub burst: u64,
}

impl Rate {
    /// So much each minute, of which one minute can be saved up.
    #[must_use]
    pub const fn per_minute(units: u64) -> Self {
        Self { per_minute: units, burst: units }
    }
}

/// The bucket is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is used up; more comes in {} ms", wait.as_millis())]
pub struct Empty {
    /// Until it is not empty any more.
    pub wait: Duration,
}

/// The buckets of all; `K` names one.
///
/// Who is not kept has a full bucket. When there is no room for another, the fullest are forgotten first, so that a debt is
/// forgotten last.
#[derive(Debug)]
pub struct Buckets<K> {
    kept: HashMap<K, Bucket>,
    kept_max: usize,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    rate: Rate,
    /// What is in it at `at`, in parts of a unit; below zero in debt.
    level: i128,
    at: Instant,
}

impl Bucket {
    fn level(&self, now: Instant) -> i128 {
        let passed = i128::try_from(now.saturating_duration_since(self.at).as_nanos()).unwrap_or(i128::MAX);
        // A part is what one unit a minute gives in a nanosecond: nothing is lost by rounding.
        let filled = passed.saturating_mul(i128::from(self.rate.per_minute));
        self.level.saturating_add(filled).min(parts(self.rate.burst))
    }

    /// The same at another moment and, where what is sold has changed, at another rate.
    fn at(&self, rate: Rate, now: Instant) -> Self {
        let level = self.level(now).min(parts(rate.burst));
        Self { rate, level, at: self.at.max(now) }
    }

    fn missing(&self, now: Instant) -> i128 {
        parts(self.rate.burst) - self.level(now)
    }
}

/// Parts of a unit: nanoseconds of a minute.
const PARTS: i128 = 60_000_000_000;

/// No bucket is deeper in debt than so many of its bursts: one use that went wrong is paid for in minutes, not in days.
const DEBT_BURSTS_MAX: i128 = 10;

impl<K: Hash + Eq + Clone> Buckets<K> {
    /// Buckets for so many at most; one at least.
    #[must_use]
    pub fn new(kept_max: usize) -> Self {
        Self { kept: HashMap::new(), kept_max: kept_max.max(1) }
    }

    /// Whether a use by this one may begin.
    ///
    /// # Errors
    ///
    /// [`Empty`], with how long to wait.
    pub fn may_begin(&self, who: &K, rate: Rate, now: Instant) -> Result<(), Empty> {
        let level = self.kept.get(who).map_or(parts(rate.burst), |bucket| bucket.at(rate, now).level);
        if level > 0 {
            return Ok(());
        }
        if rate.per_minute == 0 {
            return Err(Empty { wait: Duration::MAX });
        }
        let wait = (1 - level) / i128::from(rate.per_minute) + 1;
        Err(Empty { wait: Duration::from_nanos(u64::try_from(wait).unwrap_or(u64::MAX)) })
    }

    /// What a use has taken.
    pub fn spend(&mut self, who: &K, rate: Rate, used: u64, now: Instant) {
        let full = Bucket { rate, level: parts(rate.burst), at: now };
        let mut bucket = self.kept.get(who).map_or(full, |bucket| bucket.at(rate, now));
        let deepest = parts(rate.burst).saturating_mul(-DEBT_BURSTS_MAX);
        bucket.level = bucket.level.saturating_sub(parts(used)).max(deepest);
        if !self.kept.contains_key(who) && self.kept.len() >= self.kept_max {
            self.make_room(now);
        }
        self.kept.insert(who.clone(), bucket);
    }

    /// How many buckets are kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.kept.len()
    }

    /// Forgets full buckets, and if there are none the fullest sixteenth.
    fn make_room(&mut self, now: Instant) {
        self.kept.retain(|_, bucket| bucket.missing(now) > 0);
        if self.kept.len() < self.kept_max {
            return;
        }
        let mut missing: Vec<i128> = self.kept.values().map(|bucket| bucket.missing(now)).collect();
        let place = (missing.len() / 16).min(missing.len().saturating_sub(1));
        let (_, bound, _) = missing.select_nth_unstable(place);
        let (bound, mut left) = (*bound, place + 1);
        self.kept.retain(|_, bucket| {
            let goes = left > 0 && bucket.missing(now) <= bound;
            left -= usize::from(goes);
            !goes
        });
    }
}

fn parts(units: u64) -> i128 {
    i128::from(units) * PARTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// In milliseconds.
    const RATE: Rate = Rate::per_minute(6_000);

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_bucket_is_emptied_by_what_was_used_and_fills_again() {
        let (mut buckets, start) = (Buckets::new(10), Instant::now());
        assert_eq!(buckets.may_begin(&1, RATE, start), Ok(()), "it begins full");
        buckets.spend(&1, RATE, 5_000, start);
        assert_eq!(buckets.may_begin(&1, RATE, start), Ok(()), "one second is left");
        buckets.spend(&1, RATE, 2_000, start);
        let spent = buckets.may_begin(&1, RATE, start).unwrap_err();
        assert!(spent.wait >= seconds(10) && spent.wait < seconds(11), "a debt of a second: {spent}");
        assert!(buckets.may_begin(&1, RATE, start + seconds(9)).is_err());
        assert_eq!(buckets.may_begin(&1, RATE, start + spent.wait), Ok(()));
        assert_eq!(buckets.may_begin(&2, RATE, start), Ok(()), "others have their own");
    }

    #[test]
    fn no_more_than_the_burst_is_saved_up_and_no_more_than_ten_is_owed() {
        let (mut buckets, start) = (Buckets::new(10), Instant::now());
        buckets.spend(&1, RATE, 1_000, start);
        buckets.spend(&1, RATE, 7_000, start + seconds(3600));
        assert!(buckets.may_begin(&1, RATE, start + seconds(3600)).is_err());
        buckets.spend(&1, RATE, 100_000_000, start + seconds(3600));
        let wait = buckets.may_begin(&1, RATE, start + seconds(3600)).unwrap_err().wait;
        assert!(wait <= seconds(601), "{wait:?}");
    }

    #[test]
    fn another_tier_counts_at_once_and_none_at_all_never_begins() {
        let (mut buckets, start) = (Buckets::new(10), Instant::now());
        buckets.spend(&1, RATE, 12_000, start);
        let more = Rate::per_minute(60_000);
        assert!(buckets.may_begin(&1, more, start).unwrap_err().wait < seconds(7));
        let none = Rate::per_minute(0);
        assert_eq!(buckets.may_begin(&1, none, start), Err(Empty { wait: Duration::MAX }));
    }

    #[test]
    fn time_that_goes_back_changes_nothing() {
        let (mut buckets, start) = (Buckets::new(10), Instant::now() + seconds(100));
        buckets.spend(&1, RATE, 6_000, start);
        assert!(buckets.may_begin(&1, RATE, start - seconds(50)).is_err());
        buckets.spend(&1, RATE, 0, start - seconds(50));
        assert!(buckets.may_begin(&1, RATE, start).is_err(), "nothing came in twice");
    }

    #[test]
    fn when_there_is_no_room_the_fullest_are_forgotten() {
        let (mut buckets, start) = (Buckets::new(100), Instant::now());
        buckets.spend(&0, RATE, 30_000, start);
        for tenant in 1..1000 {
            buckets.spend(&tenant, RATE, 1_000 + tenant, start);
            assert!(buckets.kept() <= 100);
        }
        assert!(buckets.may_begin(&0, RATE, start).is_err(), "the debt is remembered");
        let later = start + seconds(60);
        for tenant in 1000..1010 {
            buckets.spend(&tenant, RATE, 1_000, later);
        }
        assert!(buckets.kept() <= 11, "those that have filled are forgotten");
    }

    #[test]
    fn whole_units_fill_however_often_one_looks() {
        let (mut buckets, start) = (Buckets::new(10), Instant::now());
        let rate = Rate { per_minute: 600, burst: 60 };
        buckets.spend(&1, rate, 60, start);
        assert!(buckets.may_begin(&1, rate, start).is_err());
        for tenth in 1..=10_u32 {
            // Nothing is used, but the bucket is brought to its moment: a part of a unit must not be lost.
            buckets.spend(&1, rate, 0, start + Duration::from_millis(10) * tenth);
        }
        assert_eq!(buckets.may_begin(&1, rate, start + Duration::from_millis(100)), Ok(()));
    }

    proptest! {
        #[test]
        fn over_any_time_no_more_is_begun_than_was_filled(runs in prop::collection::vec((0..2000_u64, 0..30_000_u64), 1..60)) {
            let (mut buckets, start) = (Buckets::new(3), Instant::now());
            let (mut now, mut used, mut last) = (start, 0, 0);
            for (cost, pause) in runs {
                now += Duration::from_millis(pause);
                if buckets.may_begin(&7, RATE, now).is_ok() {
                    last = cost;
                    used += last;
                    buckets.spend(&7, RATE, last, now);
                }
            }
            let filled = u128::from(RATE.burst) + (now - start).as_millis() / 10;
            prop_assert!(u128::from(used) <= filled + u128::from(last) + 1, "{used} {filled}");
        }
    }
}
