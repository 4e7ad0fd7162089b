//! The companies that ask at the moment: how fast, how much work, and how many requests at once.
//!
//! It does not know what a company is, nor how its limits came about.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use governor::{
    Quota, RateLimiter,
    middleware::StateInformationMiddleware,
    state::{InMemoryState, NotKeyed},
};
use parking_lot::RwLock;
use rustc_hash::FxHashMap;

use super::{
    budget::{Bucket, Short},
    clock::Ticks,
    options::RateLimits,
    refusal,
    standing::{Budget, Burst},
    stranger::Place,
};
use crate::http::refusal::Refusal;

/// How often room is looked for among accounts when there is none, in nanoseconds: each second.
const MAKE_ROOM_EVERY_NS: u64 = 1_000_000_000;

/// Whose limits a request uses, and what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// The number that stands for it, drawn so that no two have the same.
    pub key: u64,
    /// Requests in one second, and as many at once; none for no limit.
    pub burst_per_second: Option<NonZeroU32>,
    /// Points of work that come back in one second; none for no limit.
    pub cost_per_second: Option<NonZeroU32>,
}

impl Account {
    /// How its burst stands for who is not let in.
    pub(crate) fn with_none_left(self) -> Option<Burst> {
        self.burst_per_second.map(|per_second| Burst { per_second: per_second.get(), remaining: 0 })
    }
}

type Limited = RateLimiter<NotKeyed, InMemoryState, Ticks, StateInformationMiddleware>;

/// What is remembered of an account.
struct Entry {
    account: Account,
    burst: Option<Limited>,
    budget: Option<Bucket>,
    ticks: Ticks,
    at_work: AtomicU32,
    /// When it was last let in, in nanoseconds.
    used: AtomicU64,
}

/// All accounts that were let in lately.
pub(super) struct Accounts {
    entries: RwLock<FxHashMap<u64, Arc<Entry>>>,
    entries_max: usize,
    /// When those that had everything were looked for because there was no room, in nanoseconds.
    made_room: AtomicU64,
}

/// A request that was let in; held until it is answered.
pub(crate) struct Pass {
    entry: Option<Arc<Entry>>,
    _stranger: Option<Place>,
    /// How the burst stands after it.
    pub(crate) burst: Option<Burst>,
}

impl Accounts {
    pub(super) fn new(entries_max: usize) -> Self {
        Self { entries: RwLock::default(), entries_max, made_room: AtomicU64::new(0) }
    }

    pub(super) fn enter(
        &self,
        account: Account,
        options: &RateLimits,
        ticks: &Ticks,
    ) -> Result<Pass, Refusal> {
        let entry = self.entry(account, options, ticks)?;
        entry.used.store(ticks.now_ns(), Ordering::Relaxed);
        let burst = match &entry.burst {
            None => None,
            Some(limited) => match limited.check() {
                Ok(state) => Some(Burst {
                    per_second: account.burst_per_second.map_or(0, NonZeroU32::get),
                    remaining: state.remaining_burst_capacity(),
                }),
                Err(until) => {
                    let per_second = account.burst_per_second.unwrap_or(NonZeroU32::MIN);
                    return Err(refusal::burst(per_second, until.wait_time_from(ticks.nanos())));
                }
            },
        };
        let at_work = entry.at_work.fetch_add(1, Ordering::Relaxed);
        // Made before it is judged, so that it counts down whatever comes of it.
        let pass = Pass { entry: Some(entry), _stranger: None, burst };
        if at_work >= options.at_work_per_account_max {
            return Err(refusal::at_work(options.at_work_per_account_max));
        }
        Ok(pass)
    }

    fn entry(&self, account: Account, options: &RateLimits, ticks: &Ticks) -> Result<Arc<Entry>, Refusal> {
        if let Some(entry) = self.entries.read().get(&account.key).filter(|entry| entry.account == account) {
            return Ok(Arc::clone(entry));
        }
        let mut entries = self.entries.write();
        let known = entries.get(&account.key);
        if let Some(entry) = known.filter(|entry| entry.account == account) {
            return Ok(Arc::clone(entry));
        }
        if known.is_none() && entries.len() >= self.entries_max {
            self.make_room(&mut entries, ticks, options.budget_seconds);
            if entries.len() >= self.entries_max {
                return Err(Refusal::unavailable("too many companies ask at once: try again"));
            }
        }
        let entry = Arc::new(Entry::new(account, options, ticks));
        entries.insert(account.key, Arc::clone(&entry));
        Ok(entry)
    }

    /// Forgets the accounts that have everything again, not more often than now and then: all of them are looked at, and
    /// everybody waits meanwhile.
    fn make_room(&self, entries: &mut FxHashMap<u64, Arc<Entry>>, ticks: &Ticks, budget_seconds: u32) {
        let (now, before) = (ticks.now_ns(), self.made_room.load(Ordering::Relaxed));
        if now.saturating_sub(before) >= MAKE_ROOM_EVERY_NS {
            self.made_room.store(now, Ordering::Relaxed);
            forget_idle(entries, ticks, budget_seconds);
        }
    }

    /// Forgets the accounts that have everything again.
    pub(super) fn tidy(&self, ticks: &Ticks, budget_seconds: u32) {
        let mut entries = self.entries.write();
        forget_idle(&mut entries, ticks, budget_seconds);
        entries.shrink_to_fit();
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.read().len()
    }
}

/// Forgets accounts that nobody holds and whose bucket has had the time to fill: a new one would be the same.
fn forget_idle(entries: &mut FxHashMap<u64, Arc<Entry>>, ticks: &Ticks, budget_seconds: u32) {
    let now = ticks.now_ns();
    entries.retain(|_, entry| {
        let idle_ns = now.saturating_sub(entry.used.load(Ordering::Relaxed));
        let full = entry.budget.as_ref().is_none_or(|bucket| bucket.available(now) == bucket.maximum());
        Arc::strong_count(entry) > 1 || idle_ns / 1_000_000_000 <= u64::from(budget_seconds) || !full
    });
}

impl Entry {
    fn new(account: Account, options: &RateLimits, ticks: &Ticks) -> Self {
        let now = ticks.now_ns();
        let burst = account.burst_per_second.map(|per_second| {
            RateLimiter::new(Quota::per_second(per_second), InMemoryState::default(), ticks.clone())
        });
        let seconds = options.budget_seconds;
        let budget = account.cost_per_second.map(|per_second| Bucket::full(per_second.get(), seconds, now));
        Self {
            account,
            burst,
            budget,
            ticks: ticks.clone(),
            at_work: AtomicU32::new(0),
            used: AtomicU64::new(now),
        }
    }
}

impl Pass {
    /// For a request that nobody limits.
    pub(crate) const fn unlimited() -> Self {
        Self { entry: None, _stranger: None, burst: None }
    }

    /// For a request of somebody unknown, who has this place.
    pub(super) const fn of_stranger(place: Place) -> Self {
        Self { entry: None, _stranger: Some(place), burst: None }
    }

    fn budget(&self) -> Option<(&Bucket, u64)> {
        let entry = self.entry.as_ref()?;
        Some((entry.budget.as_ref()?, entry.ticks.now_ns()))
    }

    /// Refuses when earlier requests used more than there was: that is waited for before another is looked at.
    pub(crate) fn owes_nothing(&self) -> Result<(), Refusal> {
        let Some((bucket, now)) = self.budget() else { return Ok(()) };
        match bucket.take(0, now) {
            Ok(()) | Err(Short::Never) => Ok(()),
            Err(Short::Until(wait)) => Err(refusal::owed(wait)),
        }
    }

    /// Takes the points that the request is reckoned at.
    pub(crate) fn reserve(&self, points: u64) -> Result<(), Refusal> {
        let Some((bucket, now)) = self.budget() else { return Ok(()) };
        bucket.take(points, now).map_err(|short| match short {
            Short::Never => refusal::too_costly(points, bucket.maximum()),
            Short::Until(wait) => refusal::budget(points, bucket.available(now), wait),
        })
    }

    /// Corrects what was reserved by what was used.
    pub(crate) fn settle(&self, reserved: u64, used: u64) {
        if let Some((bucket, now)) = self.budget() {
            bucket.settle(reserved, used, now);
        }
    }

    /// How the budget stands, where there is one.
    pub(crate) fn standing(&self) -> Option<Budget> {
        let (bucket, now) = self.budget()?;
        Some(Budget {
            maximum_available: bucket.maximum(),
            currently_available: bucket.available(now),
            restore_rate: bucket.per_second(),
        })
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(entry) = &self.entry {
            entry.at_work.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
