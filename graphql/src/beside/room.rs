//! How many are served at once beside the endpoint: all companies together, and each.
//!
//! It does not know with what.

use mortise_engine::id::TenantId;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Those who are served, by company.
#[derive(Debug)]
pub struct Room {
    taken: Mutex<FxHashMap<TenantId, usize>>,
    at_once: usize,
    per_company: usize,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The company has all that are its.
    Company,
    /// All companies together have all there are.
    All,
}

/// A place among them; it is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    room: Arc<Room>,
    tenant: TenantId,
}

impl Room {
    /// Room for so many of all companies together, and of each.
    #[must_use]
    pub fn new(at_once: usize, per_company: usize) -> Arc<Self> {
        Arc::new(Self { taken: Mutex::default(), at_once, per_company })
    }

    /// A place for a company.
    ///
    /// # Errors
    ///
    /// There is none; that of the company is said first.
    pub fn enter(self: &Arc<Self>, tenant: TenantId) -> Result<Place, Full> {
        let mut taken = self.taken.lock();
        let all: usize = taken.values().sum();
        let here = taken.get(&tenant).copied().unwrap_or_default();
        if here >= self.per_company {
            return Err(Full::Company);
        }
        if all >= self.at_once {
            return Err(Full::All);
        }
        taken.insert(tenant, here + 1);
        Ok(Place { room: self.clone(), tenant })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.room.taken.lock();
        match taken.get(&self.tenant).copied() {
            Some(count) if count > 1 => taken.insert(self.tenant, count - 1),
            _ => taken.remove(&self.tenant),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_takes_its_places_and_leaves_none_behind() {
        let (room, one) = (Room::new(8, 2), TenantId::generate());
        let places: Vec<_> = (0..2).map(|_| room.enter(one).unwrap()).collect();
        assert_eq!(room.enter(one).unwrap_err(), Full::Company);
        let others: Vec<_> = (0..8).filter_map(|_| room.enter(TenantId::generate()).ok()).collect();
        assert_eq!(room.enter(TenantId::generate()).unwrap_err(), Full::All);
        assert_eq!(others.len() + places.len(), 8);
        drop((places, others));
        assert!(room.taken.lock().is_empty());
    }
}
