//! What addresses may do before it is known who asks: points, of which each has some for every purpose.
//!
//! Points for one purpose are not those for another: who guesses, or asks as nobody, takes nothing of what people behind the
//! same address sign in by. It does not know what is asked.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use governor::{Quota, RateLimiter, middleware::NoOpMiddleware, nanos::Nanos};

use super::{address, clock::Ticks, options::RateLimits, refusal, store::Capped};
use crate::http::refusal::Refusal;

/// What points are taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Purpose {
    /// A request without credentials.
    Asking,
    /// A field that proves who asks, or has mail sent.
    Proving,
    /// A field that exchanges one token for another.
    Refreshing,
    /// Credentials that do not hold.
    Guessing,
}

/// Whose points, and what for.
type Key = (u64, Purpose);

/// All whose address is not known are one. No network has this number: it would have more than 48 bits.
const UNKNOWN: u64 = u64::MAX;

/// See the module.
pub(super) struct Addresses {
    each: Points,
    /// Of networks, and of all together whose address is not known: as many as some addresses have.
    many: Points,
    told: AtomicBool,
}

/// Points by key.
struct Points {
    limited: RateLimiter<Key, Capped<Key>, Ticks, NoOpMiddleware<Nanos>>,
    times: Capped<Key>,
    ticks: Ticks,
    /// Nanoseconds in which a point comes back.
    point_ns: u64,
    /// Nanoseconds in which all come back.
    all_ns: u64,
}

/// There are not so many points.
enum Short {
    /// There are after this.
    Until(Duration),
    /// There never are.
    Never,
}

impl From<Short> for Refusal {
    fn from(short: Short) -> Self {
        match short {
            Short::Until(wait) => refusal::address(wait),
            Short::Never => refusal::too_much_proving(),
        }
    }
}

impl Addresses {
    pub(super) fn new(options: &RateLimits, ticks: &Ticks) -> Self {
        let (per_second, at_once) = (options.address_points_per_second, options.address_points);
        let (of_many, max) = (options.addresses_of_many, options.addresses_max);
        Self {
            each: Points::new(per_second, at_once, max, ticks),
            many: Points::new(
                per_second.saturating_mul(of_many),
                at_once.saturating_mul(of_many),
                max,
                ticks,
            ),
            told: AtomicBool::new(false),
        }
    }

    /// Takes points of an address, and of the network that it lies in.
    pub(super) fn take(
        &self,
        address: Option<IpAddr>,
        purpose: Purpose,
        points: NonZeroU32,
    ) -> Result<(), Refusal> {
        self.whose(address).try_for_each(|(theirs, key)| Ok(theirs.take((key, purpose), points)?))
    }

    /// Refuses what could not be paid for now, and takes nothing.
    pub(super) fn look(
        &self,
        address: Option<IpAddr>,
        purpose: Purpose,
        points: NonZeroU32,
    ) -> Result<(), Refusal> {
        self.whose(address).try_for_each(|(theirs, key)| Ok(theirs.look((key, purpose), points)?))
    }

    /// Whose points pay for who comes from there: the address's, and those of all in its network.
    fn whose(&self, address: Option<IpAddr>) -> impl Iterator<Item = (&Points, u64)> {
        let each = address.map(|address| (&self.each, address::key(address)));
        let many = address.map_or_else(|| Some(self.unknown()), address::network);
        each.into_iter().chain(many.map(|network| (&self.many, network)))
    }

    fn unknown(&self) -> u64 {
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "it is not known from which addresses requests come, so all share what some may: serve with \
                 `into_make_service_with_connect_info`, or see what the trusted proxies say"
            );
        }
        UNKNOWN
    }

    /// Forgets those that have all their points again, and gives back the memory.
    pub(super) fn tidy(&self) {
        for points in [&self.each, &self.many] {
            points.limited.retain_recent();
            points.limited.shrink_to_fit();
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.each.limited.len()
    }

    /// Takes points under a number of an address.
    #[cfg(test)]
    pub(super) fn take_of(&self, number: u64, points: NonZeroU32) -> bool {
        self.each.take((number, Purpose::Proving), points).is_ok()
    }
}

impl Points {
    fn new(per_second: NonZeroU32, at_once: NonZeroU32, keys_max: usize, ticks: &Ticks) -> Self {
        let times = Capped::new(keys_max, ticks.clone());
        let quota = Quota::per_second(per_second).allow_burst(at_once);
        let point_ns = u64::try_from(quota.replenish_interval().as_nanos()).unwrap_or(u64::MAX).max(1);
        Self {
            limited: RateLimiter::new(quota, times.clone(), ticks.clone()),
            times,
            ticks: ticks.clone(),
            point_ns,
            all_ns: point_ns.saturating_mul(u64::from(at_once.get())),
        }
    }

    fn take(&self, key: Key, points: NonZeroU32) -> Result<(), Short> {
        match self.limited.check_key_n(&key, points) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => Err(Short::Until(until.wait_time_from(self.ticks.nanos()))),
            Err(_) => Err(Short::Never),
        }
    }

    fn look(&self, key: Key, points: NonZeroU32) -> Result<(), Short> {
        let wanted_ns = self.point_ns.saturating_mul(u64::from(points.get()));
        let short_ns = self.times.ahead_ns(&key).saturating_add(wanted_ns).saturating_sub(self.all_ns);
        if short_ns == 0 { Ok(()) } else { Err(Short::Until(Duration::from_nanos(short_ns))) }
    }
}
