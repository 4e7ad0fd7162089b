//! The calls of the day, counted for each tenant so that neither a crash nor a clock gives any of them back.
//!
//! Calls are spent from memory, out of a *lease*: a block that was written down as spent before the first of it was. A
//! crash therefore charges the rest of a lease that nobody used, and no more; an orderly end gives that rest back. The next
//! lease is taken while there is still something of this one, so that hardly any call waits for a disk. Without a limit none
//! waits at all: leases are larger, and calls pass them while the store takes none, so a crash may also give some back.
//! This module does not know how many calls a tenant may make.

use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::rows::{self, CallsRow};
use crate::storage::{Batch, CommitOutcome, TenantStore};
use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// Calls that one lease is about: the most that a crash charges for nothing.
pub const LEASE: u64 = 50;

/// The same for tenants without a limit, to whom a count is a figure and no bill. It is one when they go down to a tier with
/// a limit, so it is not much more.
const LEASE_UNLIMITED: u64 = 500;

/// Leases that others may use up before a call that waits for one gives up.
const LEASES_WAITED_FOR: usize = 20;

/// By whom a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallKind {
    /// A program, by API key.
    Key,
    /// Somebody who has signed in.
    Session,
}

/// Calls of one kind in the day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    used: u64,
    /// Spent as far as the store knows; `used` never passes it, where there is a limit.
    leased: u64,
}

/// What is known of one tenant's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Day {
    day: i64,
    counts: [Count; 2],
}

/// One tenant's calls.
#[derive(Default)]
struct Meter {
    /// None before the store was asked.
    today: Mutex<Option<Day>>,
    /// Held while a lease is written.
    turn: tokio::sync::Mutex<()>,
    /// A lease is being taken ahead of need.
    renewing: AtomicBool,
    /// The tenant is no more: nothing is written for it. Changed while holding the turn.
    gone: AtomicBool,
}

/// See the module.
pub(crate) struct Calls {
    store: TenantStore,
    meters: RwLock<FxHashMap<TenantId, Arc<Meter>>>,
    /// The newest day that was seen.
    day: AtomicI64,
    closed: AtomicBool,
}

/// How a call was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charge {
    /// It was; so many have been made now.
    Counted(u64),
    /// It was not: so many have been made, and that is the limit.
    Spent(u64),
}

/// What can be done at once with a call.
enum Step {
    Done(Charge),
    /// Counted, and there is little left of the lease.
    Renew(Charge),
    /// There is nothing left of the lease, or nothing is known.
    Wait,
}

impl Calls {
    pub(super) fn new(store: TenantStore) -> Self {
        Self {
            store,
            meters: RwLock::default(),
            day: AtomicI64::new(i64::MIN),
            closed: AtomicBool::new(false),
        }
    }

    /// Counts a call of this tenant on this day. It waits for the store only when a lease is used up.
    pub(crate) async fn charge(
        self: &Arc<Self>,
        tenant: TenantId,
        kind: CallKind,
        limit: Option<u64>,
        day: i64,
    ) -> Result<Charge> {
        let meter = self.meter(tenant, day);
        match meter.step(kind, limit, day) {
            Step::Done(charge) => return Ok(charge),
            Step::Renew(charge) => {
                self.renew(&meter, tenant, kind, limit, day);
                return Ok(charge);
            }
            Step::Wait => {}
        }
        for _ in 0..LEASES_WAITED_FOR {
            let _turn = meter.turn.lock().await;
            // Somebody else may have taken a lease meanwhile.
            if let Step::Done(charge) | Step::Renew(charge) = meter.step(kind, limit, day) {
                return Ok(charge);
            }
            self.lease(&meter, tenant, kind, limit, day).await?;
        }
        Err(Error::unavailable("too many calls at once to count this one; ask again in a moment"))
    }

    /// The calls that this tenant has made on this day: by key, and by people.
    pub(crate) async fn made(&self, tenant: TenantId, day: i64) -> Result<[u64; 2]> {
        let meter = self.meter(tenant, day);
        let known = meter.today.lock().as_ref().map(|today| today.on(day));
        let today = match known {
            Some(today) => today,
            None => {
                let _turn = meter.turn.lock().await;
                self.read(&meter, tenant, day).await?
            }
        };
        Ok(today.counts.map(|count| count.used))
    }

    /// Forgets a tenant that is no more. What is on its way to the store has arrived then, and nothing follows it.
    pub(super) async fn forget(&self, tenant: TenantId) {
        let meter = self.meters.write().remove(&tenant);
        if let Some(meter) = meter {
            let _turn = meter.turn.lock().await;
            meter.gone.store(true, Ordering::Release);
        }
    }

    /// Gives back what is left of leases. Calls that come after it are refused.
    pub(super) async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let meters: Vec<_> = self.meters.read().iter().map(|(id, meter)| (*id, meter.clone())).collect();
        for (tenant, meter) in meters {
            let _turn = meter.turn.lock().await;
            let Some(today) = meter.end_lease().filter(|_| !meter.gone.load(Ordering::Acquire)) else {
                continue;
            };
            if let Err(error) = self.save(tenant, today.day, today.counts.map(|count| count.used)).await {
                tracing::warn!(tenant.id = %tenant, ?error, "the rest of a lease of calls is charged");
            }
        }
    }

    /// The meter of a tenant. When a new day has begun, those that nobody uses are forgotten: they were of an older one.
    fn meter(&self, tenant: TenantId, day: i64) -> Arc<Meter> {
        if self.day.fetch_max(day, Ordering::Relaxed) < day {
            let old = |meter: &Arc<Meter>| meter.today.lock().is_some_and(|today| today.day < day);
            // Whoever holds one took it under this lock.
            self.meters.write().retain(|_, meter| Arc::strong_count(meter) > 1 || !old(meter));
        }
        if let Some(meter) = self.meters.read().get(&tenant) {
            return meter.clone();
        }
        self.meters.write().entry(tenant).or_default().clone()
    }

    /// Takes the next lease without letting the call wait for it.
    fn renew(
        self: &Arc<Self>,
        meter: &Arc<Meter>,
        tenant: TenantId,
        kind: CallKind,
        limit: Option<u64>,
        day: i64,
    ) {
        if meter.renewing.swap(true, Ordering::AcqRel) {
            return;
        }
        let (calls, meter) = (self.clone(), meter.clone());
        tokio::spawn(async move {
            let _turn = meter.turn.lock().await;
            if let Err(error) = calls.lease(&meter, tenant, kind, limit, day).await {
                tracing::warn!(tenant.id = %tenant, ?error, "no lease of calls could be taken ahead; the next call tries again");
            }
            meter.renewing.store(false, Ordering::Release);
        });
    }

    /// Takes a lease. Asked while holding the turn.
    async fn lease(
        &self,
        meter: &Meter,
        tenant: TenantId,
        kind: CallKind,
        limit: Option<u64>,
        day: i64,
    ) -> Result<()> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::unavailable("the server is going down; ask again in a moment"));
        }
        if meter.gone.load(Ordering::Acquire) {
            return Err(Error::unavailable("the company is being removed; ask again in a moment"));
        }
        self.read(meter, tenant, day).await?;
        let Some((day, leased)) = meter.end_of_lease(kind, limit) else { return Ok(()) };
        self.save(tenant, day, leased).await?;
        let mut known = meter.today.lock();
        // The day may have passed meanwhile, and then the lease with it.
        if let Some(known) = known.as_mut().filter(|known| known.day == day) {
            for (count, leased) in known.counts.iter_mut().zip(leased) {
                count.leased = count.leased.max(leased);
            }
        }
        Ok(())
    }

    /// What is known of the day, from the store when it was never asked. Asked while holding the turn.
    async fn read(&self, meter: &Meter, tenant: TenantId, day: i64) -> Result<Day> {
        let unknown = meter.today.lock().is_none();
        let stored = if unknown { self.store.get::<CallsRow>(&rows::calls(tenant)).await? } else { None };
        let mut known = meter.today.lock();
        let today = known.get_or_insert_with(|| match stored {
            // What was leased counts as used: nobody knows how much of it was.
            Some(row) => Day { day: row.day, counts: [row.by_key, row.by_session].map(Count::spent) },
            None => Day { day, counts: [Count::default(); 2] },
        });
        *today = today.on(day);
        Ok(*today)
    }

    async fn save(&self, tenant: TenantId, day: i64, [by_key, by_session]: [u64; 2]) -> Result<()> {
        let mut batch = Batch::new();
        // Again under the same key, but never in parts: a count is three numbers.
        batch.insert(rows::calls(tenant), &CallsRow { day, by_key, by_session })?;
        match self.store.commit(batch).await {
            CommitOutcome::Committed { .. } => Ok(()),
            CommitOutcome::Refused(error) => Err(error.into()),
            outcome => {
                let message = "calls cannot be counted at the moment; ask again in a moment";
                Err(Error::unavailable(message).with_source(format!("{outcome:?}")))
            }
        }
    }
}

impl Meter {
    /// The day, and how far its leases reach with another one of this kind.
    fn end_of_lease(&self, kind: CallKind, limit: Option<u64>) -> Option<(i64, [u64; 2])> {
        let mut known = self.today.lock();
        let today = known.as_mut()?;
        let mut counts = today.counts;
        let count = kind.of(&mut counts);
        let block = limit.map_or(LEASE_UNLIMITED, |_| LEASE);
        let end = count.used.saturating_add(block).min(limit.unwrap_or(u64::MAX)).max(count.used);
        if limit.is_none() {
            count.leased = count.leased.max(end);
        } else {
            count.leased = end;
            // What is too long of a lease from when there was no limit is given up before the store forgets it, so that
            // nobody spends it.
            let count = kind.of(&mut today.counts);
            count.leased = count.leased.min(end);
        }
        Some((today.day, counts.map(|count| count.leased.max(count.used))))
    }

    /// Takes what is left of a lease away, so that nobody spends it any more. Answers how the day stands, if there was any.
    fn end_lease(&self) -> Option<Day> {
        let mut known = self.today.lock();
        let today = known.as_mut()?;
        let left = today.counts.iter().any(|count| count.used != count.leased);
        today.counts = today.counts.map(|count| Count::spent(count.used));
        left.then_some(*today)
    }

    /// Counts a call, if that can be done at once.
    fn step(&self, kind: CallKind, limit: Option<u64>, day: i64) -> Step {
        let mut known = self.today.lock();
        let Some(today) = known.as_mut() else { return Step::Wait };
        *today = today.on(day);
        let count = kind.of(&mut today.counts);
        if limit.is_some_and(|limit| count.used >= limit) {
            return Step::Done(Charge::Spent(count.used));
        }
        let left = count.leased.saturating_sub(count.used);
        // A lease from when there was no limit is longer than one may be.
        if limit.is_some() && (left == 0 || left > LEASE) {
            return Step::Wait;
        }
        count.used = count.used.saturating_add(1);
        let (left, block) =
            (count.leased.saturating_sub(count.used), limit.map_or(LEASE_UNLIMITED, |_| LEASE));
        let enough = left > block / 2 || limit.is_some_and(|limit| count.leased >= limit);
        let charge = Charge::Counted(count.used);
        if enough { Step::Done(charge) } else { Step::Renew(charge) }
    }
}

impl CallKind {
    /// The count of this kind.
    const fn of(self, [by_key, by_session]: &mut [Count; 2]) -> &mut Count {
        match self {
            Self::Key => by_key,
            Self::Session => by_session,
        }
    }
}

impl Day {
    /// This day, or another one on which nothing has happened. A clock that goes back by a day begins none anew; one that
    /// goes back further was wrong before, and must not leave a company without calls until that time comes.
    const fn on(self, day: i64) -> Self {
        const NONE: Count = Count { used: 0, leased: 0 };
        let same = day == self.day || day == self.day - 1;
        if same { self } else { Self { day, counts: [NONE; 2] } }
    }
}

impl Count {
    const fn spent(leased: u64) -> Self {
        Self { used: leased, leased }
    }
}

#[cfg(test)]
mod tests;
