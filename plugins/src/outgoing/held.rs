//! How many calls wait for the outside while they hold a place of the host, so that slow servers do not take all places.
//!
//! Who finds no room is told at once and comes again: to wait for it would hold the place just as long. It does not know what
//! is sent.

use crate::host::Places;
use mortise_engine::id::TenantId;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// Counts those that wait.
#[derive(Debug)]
pub(crate) struct Held {
    each: usize,
    all: usize,
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Companies that have any, and nobody else.
    companies: HashMap<TenantId, usize>,
    premium: usize,
    platinum: usize,
}

/// One that waits, until it is dropped.
#[derive(Debug)]
pub(crate) struct Hold {
    tenant: TenantId,
    places: Places,
    waiting: Arc<Mutex<Waiting>>,
}

impl Held {
    /// So many calls of one company, and so many of all companies that share [`Places`].
    #[must_use]
    pub(crate) fn new(each: usize, all: usize) -> Self {
        Self { each, all, waiting: Arc::default() }
    }

    /// Room for one more call that waits; none when there is none, at once.
    #[must_use]
    pub(crate) fn hold(&self, tenant: TenantId, places: Places) -> Option<Hold> {
        let mut waiting = self.waiting.lock();
        let own = waiting.companies.get(&tenant).copied().unwrap_or_default();
        let all = waiting.of(places);
        if own >= self.each || *all >= self.all {
            return None;
        }
        *all += 1;
        waiting.companies.insert(tenant, own + 1);
        Some(Hold { tenant, places, waiting: Arc::clone(&self.waiting) })
    }
}

impl Waiting {
    fn of(&mut self, places: Places) -> &mut usize {
        match places {
            Places::Premium => &mut self.premium,
            Places::Platinum => &mut self.platinum,
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut waiting = self.waiting.lock();
        let all = waiting.of(self.places);
        *all = all.saturating_sub(1);
        if let Some(own) = waiting.companies.get_mut(&self.tenant) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                waiting.companies.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_servers_of_one_company_or_of_one_tier_leave_room_for_others() {
        let held = Held::new(2, 3);
        let [a, b, c] = [(); 3].map(|()| TenantId::generate());
        let premium = |tenant| held.hold(tenant, Places::Premium);
        let first = premium(a).unwrap();
        let _second = premium(a).unwrap();
        assert!(premium(a).is_none(), "two of one company");
        let _third = premium(b).unwrap();
        assert!(premium(c).is_none(), "three of all");
        let platinum = held.hold(c, Places::Platinum).unwrap();
        drop(first);
        let last = premium(c).unwrap();
        assert!(premium(c).is_none());
        drop((platinum, last));
        assert_eq!(held.waiting.lock().companies.len(), 2, "nothing is kept of who does not wait");
    }
}
