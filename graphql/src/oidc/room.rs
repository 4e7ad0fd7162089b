//! How much of our sending one company may take: a provider that answers slowly, or not at all, keeps only those waiting who
//! come by it.
//!
//! It does not know what is sent.

use mortise_engine::id::TenantId;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;

/// People of one company who are on their way at once; further ones are told to begin again.
const PER_COMPANY: usize = 4;

/// Who is on the way, by company.
#[derive(Debug, Default)]
pub(super) struct Room(Mutex<FxHashMap<TenantId, usize>>);

/// A place on the way; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    room: &'a Room,
    tenant: TenantId,
}

impl Room {
    /// A place, if the company has one left.
    pub(super) fn enter(&self, tenant: TenantId) -> Option<Place<'_>> {
        let mut taken = self.0.lock();
        let count = taken.entry(tenant).or_default();
        if *count >= PER_COMPANY {
            return None;
        }
        *count += 1;
        Some(Place { room: self, tenant })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut taken = self.room.0.lock();
        let left = taken.get(&self.tenant).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            taken.remove(&self.tenant);
        } else {
            taken.insert(self.tenant, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_that_takes_its_places_leaves_those_of_others_and_none_behind() {
        let (room, one, other) = (Room::default(), TenantId::generate(), TenantId::generate());
        let places: Vec<_> = (0..PER_COMPANY).map(|_| room.enter(one).unwrap()).collect();
        assert!(room.enter(one).is_none());
        assert!(room.enter(other).is_some());
        drop(places);
        assert!(room.0.lock().is_empty());
        assert!(room.enter(one).is_some());
    }
}
