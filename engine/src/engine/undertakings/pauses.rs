//! How long it is waited before what failed is tried again: each thing by itself, so that one that fails keeps no other
//! waiting.
//!
//! It does not know what is tried.

use rustc_hash::FxHashMap;
use std::hash::Hash;
use std::time::Duration;
use tokio::time::Instant;

/// See the module.
pub(super) struct Pauses<K> {
    first: Duration,
    running: FxHashMap<K, Pause>,
}

struct Pause {
    length: Duration,
    until: Instant,
}

impl<K: Copy + Eq + Hash> Pauses<K> {
    /// Pauses of which each is so long at first, and twice as long after each failure.
    pub(super) fn beginning_with(first: Duration) -> Self {
        Self { first, running: FxHashMap::default() }
    }

    /// It has failed: it is not to be tried before this.
    pub(super) fn failed(&mut self, what: K, now: Instant, longest: Duration) -> Instant {
        let length = self.running.get(&what).map_or(self.first, |before| before.length.saturating_mul(2));
        let length = length.min(longest);
        let until = now + length;
        self.running.insert(what, Pause { length, until });
        until
    }

    /// It has not failed, or is not to be tried any more.
    pub(super) fn end(&mut self, what: K) {
        self.running.remove(&what);
    }

    /// What it is waited for, if it is not to be tried yet.
    pub(super) fn until(&self, what: K, now: Instant) -> Option<Instant> {
        self.running.get(&what).map(|pause| pause.until).filter(|until| *until > now)
    }

    /// When to look at it: at the end of its pause, or soon.
    pub(super) fn next(&self, what: K, now: Instant) -> Instant {
        self.until(what, now).unwrap_or_else(|| now + self.first)
    }

    /// Forgets those that nobody goes on with.
    pub(super) fn retain(&mut self, goes_on: impl Fn(K) -> bool) {
        self.running.retain(|what, _| goes_on(*what));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Trial;
    use super::*;
    use crate::id::TenantId;

    #[test]
    fn each_waits_twice_as_long_after_every_failure_up_to_its_bound_and_keeps_no_other_waiting() {
        let (first, longest) = (Duration::from_secs(1), Duration::from_secs(5));
        let (mut pauses, now) = (Pauses::beginning_with(first), Instant::now());
        let one = Trial::Tenant(TenantId::generate());
        let lengths = [1, 2, 4, 5, 5].map(Duration::from_secs);
        assert_eq!(lengths.map(|_| pauses.failed(one, now, longest) - now), lengths);
        assert_eq!(pauses.until(one, now), Some(now + longest));
        assert_eq!(pauses.until(one, now + longest), None, "then it is tried");
        let other = Trial::Tenant(TenantId::generate());
        assert_eq!((pauses.until(other, now), pauses.next(other, now)), (None, now + first));
        pauses.end(one);
        assert_eq!(pauses.failed(one, now, longest), now + first);
    }

    #[test]
    fn a_tenant_that_cannot_be_moved_is_looked_after_all_the_same() {
        let (mut pauses, now) = (Pauses::beginning_with(Duration::from_secs(1)), Instant::now());
        let id = TenantId::generate();
        let until = pauses.failed(Trial::Home(id), now, Duration::from_secs(60));
        assert_eq!(pauses.until(Trial::Tenant(id), now), None);
        pauses.retain(|known| known == Trial::Home(id));
        assert_eq!(pauses.until(Trial::Home(id), now), Some(until));
        pauses.retain(|_| false);
        assert_eq!(pauses.until(Trial::Home(id), now), None);
    }
}
