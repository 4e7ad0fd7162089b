//! How much may be asked how fast: by an address before anybody signs in, and by a company afterwards.
//!
//! One request passes four gates, each in the module of its name: its [`address`](self) while it is not known who asks,
//! the [`burst`](account) of the company, its calls of the day (which the [`Authenticator`](super::Authenticator) counts,
//! because they must survive a crash), and its [`budget`] of work, from which the reckoned [`cost`] is taken before and
//! into which what was not used is given back after. It knows no companies: an [`Account`] is a number and what it may.

mod account;
mod address;
mod budget;
mod clock;
mod cost;
mod guard;
mod options;
mod refusal;
mod standing;
mod store;
mod stranger;

#[cfg(test)]
mod tests;

pub use account::Account;
pub(super) use account::Pass;
pub(super) use clock::Ticks;
pub(super) use cost::{Cost, Costs};
pub(crate) use guard::by_address;
pub use options::RateLimits;
pub(super) use refusal::{limited, spent};
pub use standing::{Budget, Burst, Calls, Spent, Standing};

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use governor::{Quota, RateLimiter, middleware::NoOpMiddleware, nanos::Nanos};

use super::refusal::Refusal;
use account::Accounts;
use store::Capped;
use stranger::Strangers;

/// How often what nobody needs any more is forgotten, in nanoseconds: each minute.
const TIDY_EVERY_NS: u64 = 60_000_000_000;

/// See the module. Clones are handles to the same.
#[derive(Clone)]
pub(super) struct Limiter(Arc<Inner>);

struct Inner {
    options: RateLimits,
    ticks: Ticks,
    addresses: RateLimiter<u64, Capped, Ticks, NoOpMiddleware<Nanos>>,
    accounts: Accounts,
    strangers: Arc<Strangers>,
    tidied: AtomicU64,
}

impl Limiter {
    pub(super) fn new(options: RateLimits, ticks: Ticks) -> Self {
        let quota = Quota::per_second(options.address_points_per_second).allow_burst(options.address_points);
        let store = Capped::new(options.addresses_max);
        Self(Arc::new(Inner {
            addresses: RateLimiter::new(quota, store, ticks.clone()),
            accounts: Accounts::new(options.accounts_max),
            strangers: Arc::default(),
            tidied: AtomicU64::new(0),
            options,
            ticks,
        }))
    }

    /// Lets a request of somebody in who does not say who they are. The pass is held while it is answered.
    pub(super) fn stranger(&self, address: Option<IpAddr>) -> Result<Pass, Refusal> {
        if !self.0.options.on {
            return Ok(Pass::unlimited());
        }
        self.address(address, NonZeroU32::MIN)?;
        self.0.strangers.enter(address.map(address::key), &self.0.options).map(Pass::of_stranger)
    }

    /// Credentials that do not hold.
    pub(super) fn bad_credentials(&self, address: Option<IpAddr>) -> Result<(), Refusal> {
        self.address(address, self.0.options.bad_credentials_points)
    }

    /// Fields by which somebody proves who they are, in one request.
    pub(super) fn proving(&self, address: Option<IpAddr>, fields: u32) -> Result<(), Refusal> {
        match NonZeroU32::new(fields) {
            Some(fields) => self.address(address, fields.saturating_mul(self.0.options.proving_points)),
            None => Ok(()),
        }
    }

    /// Takes points of an address. One that is not known cannot be limited.
    fn address(&self, address: Option<IpAddr>, points: NonZeroU32) -> Result<(), Refusal> {
        let Some(address) = address.filter(|_| self.0.options.on) else { return Ok(()) };
        self.tidy_now_and_then();
        match self.0.addresses.check_key_n(&address::key(address), points) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => Err(refusal::address(until.wait_time_from(self.0.ticks.nanos()))),
            Err(_) => Err(refusal::too_much_proving()),
        }
    }

    /// Lets a request of this account in, if it comes not too soon after others. The pass is held while it is answered.
    pub(super) fn enter(&self, account: Option<Account>) -> Result<Pass, Refusal> {
        let Some(account) = account.filter(|_| self.0.options.on) else { return Ok(Pass::unlimited()) };
        self.tidy_now_and_then();
        self.0.accounts.enter(account, &self.0.options, &self.0.ticks)
    }

    /// What an invalid request takes of the budget.
    pub(super) fn invalid_points(&self) -> u64 {
        self.0.options.invalid_points
    }

    /// What costs are reckoned by; nothing when nobody is limited.
    pub(super) fn reckoning(&self) -> Option<&RateLimits> {
        Some(&self.0.options).filter(|options| options.on)
    }

    fn tidy_now_and_then(&self) {
        let (now, tidied) = (self.0.ticks.now_ns(), self.0.tidied.load(Ordering::Relaxed));
        if now.saturating_sub(tidied) < TIDY_EVERY_NS {
            return;
        }
        let mine = self.0.tidied.compare_exchange(tidied, now, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if mine {
            let inner = Arc::clone(&self.0);
            tokio::task::spawn_blocking(move || inner.tidy());
        }
    }
}

impl Inner {
    /// Forgets addresses and accounts that have all their points again, and gives back the memory.
    fn tidy(&self) {
        self.addresses.retain_recent();
        self.addresses.shrink_to_fit();
        self.accounts.tidy(&self.ticks, self.options.budget_seconds);
    }
}
