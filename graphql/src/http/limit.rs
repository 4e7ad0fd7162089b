//! How much may be asked how fast: by an address before anybody signs in, and by a company afterwards.
//!
//! One request passes four gates, each in the module of its name: its [`address`](self) while it is not known who asks,
//! the [`burst`](account) of the company, its calls of the day (which the [`Authenticator`](super::Authenticator) counts,
//! because they must survive a crash), and its [`budget`] of work, from which the reckoned [`cost`] is taken before and
//! into which what was not used is given back after. It knows no companies: an [`Account`] is a number and what it may.

mod account;
mod address;
mod addresses;
mod bill;
mod budget;
mod clock;
mod cost;
mod credentials;
mod guard;
mod options;
mod prices;
mod refusal;
mod standing;
mod store;
mod stranger;

#[cfg(test)]
mod tests;

pub use account::Account;
pub(super) use account::Pass;
pub(super) use bill::Bill;
pub(super) use clock::Ticks;
pub(super) use cost::{Cost, Costs};
pub use guard::by_address;
pub(crate) use guard::strangers_by_address;
pub use options::RateLimits;
pub use prices::Prices;
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

use http::HeaderValue;

use super::refusal::Refusal;
use account::Accounts;
use addresses::{Addresses, Purpose};
use credentials::Credentials;
use stranger::Strangers;

/// How often what nobody needs any more is forgotten, in nanoseconds: each minute.
const TIDY_EVERY_NS: u64 = 60_000_000_000;

/// See the module. Clones are handles to the same.
#[derive(Clone)]
pub(super) struct Limiter(Arc<Inner>);

struct Inner {
    options: RateLimits,
    ticks: Ticks,
    addresses: Addresses,
    credentials: Credentials,
    accounts: Accounts,
    strangers: Arc<Strangers>,
    tidied: AtomicU64,
}

impl Limiter {
    pub(super) fn new(options: RateLimits, ticks: Ticks) -> Self {
        Self(Arc::new(Inner {
            addresses: Addresses::new(&options, &ticks),
            credentials: Credentials::default(),
            accounts: Accounts::new(options.accounts_max),
            strangers: Arc::default(),
            tidied: AtomicU64::new(0),
            options,
            ticks,
        }))
    }

    /// Lets a request of somebody in who does not say who they are. The pass is held while it is answered. Strangers at work
    /// are bounded even where nobody is limited.
    pub(super) fn stranger(&self, address: Option<IpAddr>) -> Result<Pass, Refusal> {
        self.asking(address)?;
        self.0.strangers.enter(address.map(address::key), &self.0.options).map(Pass::of_stranger)
    }

    /// A request without credentials, which has its place elsewhere.
    fn asking(&self, address: Option<IpAddr>) -> Result<(), Refusal> {
        self.take(address, Purpose::Asking, self.0.options.stranger_points, 1)
    }

    /// Refuses credentials that are costly to look at before anything is done with them, when too many did not hold that came
    /// from this address. Those that held lately are looked at nevertheless: one who guesses does not lock out who works
    /// beside them.
    pub(super) fn may_show(&self, address: Option<IpAddr>, shown: &HeaderValue) -> Result<(), Refusal> {
        let options = &self.0.options;
        if !options.on || self.0.credentials.held(shown) {
            return Ok(());
        }
        self.0.addresses.look(address, Purpose::Guessing, options.bad_credentials_points)
    }

    /// Credentials that hold.
    pub(super) fn good_credentials(&self, shown: &HeaderValue) {
        if self.0.options.on {
            self.0.credentials.hold(shown);
        }
    }

    /// Credentials that do not hold.
    pub(super) fn bad_credentials(
        &self,
        address: Option<IpAddr>,
        shown: Option<&HeaderValue>,
    ) -> Result<(), Refusal> {
        if let Some(shown) = shown {
            self.0.credentials.forget(shown);
        }
        self.take(address, Purpose::Guessing, self.0.options.bad_credentials_points, 1)
    }

    /// Fields by which somebody proves who they are, in one request.
    pub(super) fn proving(&self, address: Option<IpAddr>, fields: u32) -> Result<(), Refusal> {
        self.take(address, Purpose::Proving, self.0.options.proving_points, fields)
    }

    /// Fields by which one token is exchanged for another, in one request.
    pub(super) fn refreshing(&self, address: Option<IpAddr>, fields: u32) -> Result<(), Refusal> {
        self.take(address, Purpose::Refreshing, self.0.options.refreshing_points, fields)
    }

    /// Takes points of an address, so many times.
    fn take(
        &self,
        address: Option<IpAddr>,
        purpose: Purpose,
        points: NonZeroU32,
        times: u32,
    ) -> Result<(), Refusal> {
        let Some(times) = NonZeroU32::new(times).filter(|_| self.0.options.on) else { return Ok(()) };
        self.tidy_now_and_then();
        self.0.addresses.take(address, purpose, points.saturating_mul(times))
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
        self.addresses.tidy();
        self.accounts.tidy(&self.ticks, self.options.budget_seconds);
    }
}
