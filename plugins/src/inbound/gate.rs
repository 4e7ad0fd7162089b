//! Who may come in at an address: so many a second, and so many at once of it, of a company, and of all.
//!
//! An address that was changed is another one here: whoever still has it takes nothing from those who have the new one.

use super::address::Address;
use crate::bucket::{Buckets, Rate};
use mortise_engine::id::{InstallationId, TenantId};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Addresses whose requests are counted.
const COUNTED_MAX: usize = 10_000;

/// Requests to one address: ten a second over a while, sixty at once.
const RATE: Rate = Rate { per_minute: 600, burst: 60 };

/// Requests that are there at once, from before their bodies are read until they are answered: all, those of a company, and
/// those to one address. Each may have a body of a mebibyte.
const AT_ONCE: usize = 64;
const AT_ONCE_PER_COMPANY: usize = 16;
const AT_ONCE_PER_ADDRESS: usize = 8;

/// An installation, and what changes when its address does.
type Which = (InstallationId, [u8; 8]);

/// See the module. Clones are the same gate.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Mutex<Inside>>);

#[derive(Debug)]
struct Inside {
    counted: Buckets<Which>,
    all: usize,
    of_company: FxHashMap<TenantId, usize>,
    of_address: FxHashMap<Which, usize>,
}

/// Why somebody does not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shut {
    /// Too many came to this address of late: after this one may.
    Counted(Duration),
    /// Too many of this address, or of its company, are there.
    Theirs,
    /// Too many are there.
    All,
}

/// A place of one request; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    gate: Gate,
    tenant: TenantId,
    which: Which,
}

impl Default for Gate {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Inside {
            counted: Buckets::new(COUNTED_MAX),
            all: 0,
            of_company: FxHashMap::default(),
            of_address: FxHashMap::default(),
        })))
    }
}

impl Gate {
    /// Counts a request, and gives it a place.
    pub(super) fn enter(&self, address: &Address) -> Result<Place, Shut> {
        let (tenant, which) = (address.tenant, (address.installation, address.salt));
        let (mut inside, now) = (self.0.lock(), Instant::now());
        inside.counted.may_begin(&which, RATE, now).map_err(|empty| Shut::Counted(empty.wait))?;
        inside.counted.spend(&which, RATE, 1, now);
        let count = |there: Option<&usize>| there.copied().unwrap_or_default();
        if count(inside.of_address.get(&which)) >= AT_ONCE_PER_ADDRESS
            || count(inside.of_company.get(&tenant)) >= AT_ONCE_PER_COMPANY
        {
            return Err(Shut::Theirs);
        }
        if inside.all >= AT_ONCE {
            return Err(Shut::All);
        }
        inside.all += 1;
        *inside.of_company.entry(tenant).or_default() += 1;
        *inside.of_address.entry(which).or_default() += 1;
        Ok(Place { gate: self.clone(), tenant, which })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.gate.0.lock();
        inside.all = inside.all.saturating_sub(1);
        leave(&mut inside.of_company, &self.tenant);
        leave(&mut inside.of_address, &self.which);
    }
}

fn leave<K: Hash + Eq>(there: &mut FxHashMap<K, usize>, key: &K) {
    if let Some(count) = there.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            there.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> Address {
        Address { tenant: TenantId::generate(), installation: InstallationId::generate(), salt: [1; 8] }
    }

    #[test]
    fn an_address_has_its_places_a_company_has_its_own_and_nothing_is_left_behind() {
        let (gate, one) = (Gate::default(), address());
        let enter = |address: &Address| gate.enter(address);
        let mut places: Vec<_> = (0..AT_ONCE_PER_ADDRESS).map(|_| enter(&one).unwrap()).collect();
        assert_eq!(enter(&one).unwrap_err(), Shut::Theirs);
        places.pop();
        places.push(enter(&one).unwrap());
        let another = || Address { installation: InstallationId::generate(), ..one };
        places.extend((AT_ONCE_PER_ADDRESS..AT_ONCE_PER_COMPANY).map(|_| enter(&another()).unwrap()));
        assert_eq!(enter(&another()).unwrap_err(), Shut::Theirs);
        places.extend((AT_ONCE_PER_COMPANY..AT_ONCE).map(|_| enter(&address()).unwrap()));
        assert_eq!(enter(&address()).unwrap_err(), Shut::All);
        drop(places);
        let inside = gate.0.lock();
        assert_eq!((inside.all, inside.of_company.len(), inside.of_address.len()), (0, 0, 0));
    }

    #[test]
    fn who_has_an_address_of_before_takes_nothing_from_who_has_the_new_one() {
        let (gate, new) = (Gate::default(), address());
        let old = Address { salt: [2; 8], ..new };
        let refused = (0..1_000).find_map(|_| gate.enter(&old).err());
        assert!(matches!(refused, Some(Shut::Counted(_))), "{refused:?}");
        assert!(gate.enter(&new).is_ok());
    }
}
