//! Requests of people who do not say who they are, while they are at work: so many of one address, and of all together,
//! so that neither one stranger nor all of them take the places of those who are known.
//!
//! It does not know how fast they come: that is the affair of their addresses' points.

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::sync::Arc;

use super::{options::RateLimits, refusal};
use crate::http::refusal::Refusal;

/// Who is at work. Addresses are remembered only while they are.
#[derive(Debug, Default)]
pub(super) struct Strangers(Mutex<AtWork>);

#[derive(Debug, Default)]
struct AtWork {
    all: u32,
    by_address: FxHashMap<u64, u32>,
}

/// A place of somebody unknown; it is free again when this is dropped.
pub(super) struct Place {
    strangers: Arc<Strangers>,
    address: Option<u64>,
}

impl Strangers {
    /// A place, if there is one left. Of an address that is not known only all together are bounded.
    pub(super) fn enter(
        self: &Arc<Self>,
        address: Option<u64>,
        options: &RateLimits,
    ) -> Result<Place, Refusal> {
        let mut at_work = self.0.lock();
        if at_work.all >= options.strangers_at_work_max {
            return Err(Refusal::unavailable("too many ask at once without saying who they are: try again"));
        }
        if let Some(address) = address {
            let of_address = at_work.by_address.get(&address).copied().unwrap_or_default();
            if of_address >= options.at_work_per_address_max {
                return Err(refusal::at_work(options.at_work_per_address_max));
            }
            at_work.by_address.insert(address, of_address.saturating_add(1));
        }
        at_work.all = at_work.all.saturating_add(1);
        Ok(Place { strangers: Arc::clone(self), address })
    }

    #[cfg(test)]
    pub(super) fn addresses(&self) -> usize {
        self.0.lock().by_address.len()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut at_work = self.strangers.0.lock();
        at_work.all = at_work.all.saturating_sub(1);
        let Some(address) = self.address else { return };
        let left = at_work.by_address.get(&address).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            at_work.by_address.remove(&address);
        } else {
            at_work.by_address.insert(address, left);
        }
    }
}
