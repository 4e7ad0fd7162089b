//! How much processor time each tenant's plugins may use: a bucket that fills steadily and is emptied by what was used.
//!
//! What a run costs is known when it is over, so a run may begin while the bucket is not empty, and what it uses beyond is a
//! debt that must fill first. Time comes in as a value. It does not know who sells how much.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// How fast a bucket fills, and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CpuRate {
    /// Processor time that comes back in each minute.
    pub per_minute: Duration,
    /// The most that can be saved up.
    pub burst: Duration,
}

impl CpuRate {
    /// So much each minute, of which one minute can be saved up.
    #[must_use]
    pub const fn per_minute(time: Duration) -> Self {
        Self { per_minute: time, burst: time }
    }
}

/// The bucket is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the processor time of this company's plugins is used up; more comes in {} ms", wait.as_millis())]
pub struct CpuSpent {
    /// Until it is not empty any more.
    pub wait: Duration,
}

/// The buckets of all tenants; `K` names one.
///
/// A tenant that is not kept has a full bucket. When there is no room for another, the fullest are forgotten first, so that
/// a debt is forgotten last.
#[derive(Debug)]
pub struct CpuBuckets<K> {
    kept: HashMap<K, Bucket>,
    kept_max: usize,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    rate: CpuRate,
    /// What is in it at `at`, in nanoseconds; below zero in debt.
    level: i128,
    at: Instant,
}

impl Bucket {
    fn level(&self, now: Instant) -> i128 {
        let passed = nanos(now.saturating_duration_since(self.at));
        let filled = passed.saturating_mul(nanos(self.rate.per_minute)) / nanos(MINUTE);
        self.level.saturating_add(filled).min(nanos(self.rate.burst))
    }

    /// The same at another moment and, where the tenant's tier has changed, at another rate.
    fn at(&self, rate: CpuRate, now: Instant) -> Self {
        let level = self.level(now).min(nanos(rate.burst));
        Self { rate, level, at: self.at.max(now) }
    }

    fn missing(&self, now: Instant) -> i128 {
        nanos(self.rate.burst) - self.level(now)
    }
}

const MINUTE: Duration = Duration::from_secs(60);

/// No bucket is deeper in debt than so many of its bursts: one run that went wrong is paid for in minutes, not in days.
const DEBT_BURSTS_MAX: i128 = 10;

impl<K: Hash + Eq + Clone> CpuBuckets<K> {
    /// Buckets for so many tenants at most; one at least.
    #[must_use]
    pub fn new(kept_max: usize) -> Self {
        Self { kept: HashMap::new(), kept_max: kept_max.max(1) }
    }

    /// Whether a run of this tenant may begin.
    ///
    /// # Errors
    ///
    /// [`CpuSpent`], with how long to wait.
    pub fn may_begin(&self, tenant: &K, rate: CpuRate, now: Instant) -> Result<(), CpuSpent> {
        let level = self.kept.get(tenant).map_or(nanos(rate.burst), |bucket| bucket.at(rate, now).level);
        if level > 0 {
            return Ok(());
        }
        let per_minute = nanos(rate.per_minute);
        if per_minute == 0 {
            return Err(CpuSpent { wait: Duration::MAX });
        }
        let wait = (1 - level).saturating_mul(nanos(MINUTE)) / per_minute + 1;
        Err(CpuSpent { wait: Duration::from_nanos(u64::try_from(wait).unwrap_or(u64::MAX)) })
    }

    /// What a run has used.
    pub fn spend(&mut self, tenant: &K, rate: CpuRate, used: Duration, now: Instant) {
        let full = Bucket { rate, level: nanos(rate.burst), at: now };
        let mut bucket = self.kept.get(tenant).map_or(full, |bucket| bucket.at(rate, now));
        let deepest = nanos(rate.burst).saturating_mul(-DEBT_BURSTS_MAX);
        bucket.level = bucket.level.saturating_sub(nanos(used)).max(deepest);
        if !self.kept.contains_key(tenant) && self.kept.len() >= self.kept_max {
            self.make_room(now);
        }
        self.kept.insert(tenant.clone(), bucket);
    }

    /// Tenants whose buckets are kept.
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

fn nanos(time: Duration) -> i128 {
    i128::try_from(time.as_nanos()).unwrap_or(i128::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATE: CpuRate = CpuRate::per_minute(Duration::from_secs(6));

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_bucket_is_emptied_by_what_was_used_and_fills_again() {
        let (mut buckets, start) = (CpuBuckets::new(10), Instant::now());
        assert_eq!(buckets.may_begin(&1, RATE, start), Ok(()), "it begins full");
        buckets.spend(&1, RATE, seconds(5), start);
        assert_eq!(buckets.may_begin(&1, RATE, start), Ok(()), "one second is left");
        buckets.spend(&1, RATE, seconds(2), start);
        let spent = buckets.may_begin(&1, RATE, start).unwrap_err();
        assert!(spent.wait >= seconds(10) && spent.wait < seconds(11), "a debt of a second: {spent}");
        assert!(buckets.may_begin(&1, RATE, start + seconds(9)).is_err());
        assert_eq!(buckets.may_begin(&1, RATE, start + spent.wait), Ok(()));
        assert_eq!(buckets.may_begin(&2, RATE, start), Ok(()), "others have their own");
    }

    #[test]
    fn no_more_than_the_burst_is_saved_up_and_no_more_than_ten_is_owed() {
        let (mut buckets, start) = (CpuBuckets::new(10), Instant::now());
        buckets.spend(&1, RATE, seconds(1), start);
        buckets.spend(&1, RATE, seconds(7), start + seconds(3600));
        assert!(buckets.may_begin(&1, RATE, start + seconds(3600)).is_err());
        buckets.spend(&1, RATE, seconds(100_000), start + seconds(3600));
        let wait = buckets.may_begin(&1, RATE, start + seconds(3600)).unwrap_err().wait;
        assert!(wait <= seconds(601), "{wait:?}");
    }

    #[test]
    fn another_tier_counts_at_once_and_none_at_all_never_begins() {
        let (mut buckets, start) = (CpuBuckets::new(10), Instant::now());
        buckets.spend(&1, RATE, seconds(12), start);
        let more = CpuRate::per_minute(seconds(60));
        assert!(buckets.may_begin(&1, more, start).unwrap_err().wait < seconds(7));
        let none = CpuRate::per_minute(Duration::ZERO);
        assert_eq!(buckets.may_begin(&1, none, start), Err(CpuSpent { wait: Duration::MAX }));
    }

    #[test]
    fn time_that_goes_back_changes_nothing() {
        let (mut buckets, start) = (CpuBuckets::new(10), Instant::now() + seconds(100));
        buckets.spend(&1, RATE, seconds(6), start);
        assert!(buckets.may_begin(&1, RATE, start - seconds(50)).is_err());
        buckets.spend(&1, RATE, Duration::ZERO, start - seconds(50));
        assert!(buckets.may_begin(&1, RATE, start).is_err(), "nothing came in twice");
    }

    #[test]
    fn when_there_is_no_room_the_fullest_are_forgotten() {
        let (mut buckets, start) = (CpuBuckets::new(100), Instant::now());
        buckets.spend(&0, RATE, seconds(30), start);
        for tenant in 1..1000 {
            buckets.spend(&tenant, RATE, Duration::from_millis(1000 + tenant), start);
            assert!(buckets.kept() <= 100);
        }
        assert!(buckets.may_begin(&0, RATE, start).is_err(), "the debt is remembered");
        let later = start + seconds(60);
        for tenant in 1000..1010 {
            buckets.spend(&tenant, RATE, seconds(1), later);
        }
        assert!(buckets.kept() <= 11, "those that have filled are forgotten");
    }

    proptest! {
        #[test]
        fn over_any_time_no_more_is_begun_than_was_filled(runs in prop::collection::vec((0..2000_u64, 0..30_000_u64), 1..60)) {
            let (mut buckets, start) = (CpuBuckets::new(3), Instant::now());
            let (mut now, mut used, mut last) = (start, Duration::ZERO, Duration::ZERO);
            for (cost, pause) in runs {
                now += Duration::from_millis(pause);
                if buckets.may_begin(&7, RATE, now).is_ok() {
                    last = Duration::from_millis(cost);
                    used += last;
                    buckets.spend(&7, RATE, last, now);
                }
            }
            let filled = RATE.burst + (now - start) / 10;
            prop_assert!(used <= filled + last + Duration::from_millis(1), "{used:?} {filled:?}");
        }
    }
}
