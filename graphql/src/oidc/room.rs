//! How much of our sending one company may take: a provider that answers slowly, or not at all, keeps only those waiting who
//! come by it.
//!
//! It does not know what is sent.

use mortise_engine::id::TenantId;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// People of one company who are on their way at once.
const PER_COMPANY: usize = 4;

/// People of one company who wait for a place besides; further ones are told to begin again.
const WAITING: usize = 32;

/// How long somebody waits for a place.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who is on the way, by company.
#[derive(Debug)]
pub(super) struct Room {
    lines: Mutex<FxHashMap<TenantId, Line>>,
    patience: Duration,
}

impl Default for Room {
    fn default() -> Self {
        Self { lines: Mutex::default(), patience: PATIENCE }
    }
}

#[derive(Debug)]
struct Line {
    places: Arc<Semaphore>,
    /// Who is there or waits.
    people: usize,
}

/// A place in a company's line; it is left when this is dropped.
#[derive(Debug)]
struct InLine<'a> {
    room: &'a Room,
    tenant: TenantId,
}

/// A place on the way; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    _line: InLine<'a>,
    _place: OwnedSemaphorePermit,
}

impl Room {
    /// A place, as soon as the company has one left; none when too many wait, or it takes too long.
    pub(super) async fn enter(&self, tenant: TenantId) -> Option<Place<'_>> {
        let (line, places) = self.queue(tenant)?;
        let place = tokio::time::timeout(self.patience, places.acquire_owned()).await.ok()?.ok()?;
        Some(Place { _line: line, _place: place })
    }

    fn queue(&self, tenant: TenantId) -> Option<(InLine<'_>, Arc<Semaphore>)> {
        let mut lines = self.lines.lock();
        let new = || Line { places: Arc::new(Semaphore::new(PER_COMPANY)), people: 0 };
        let line = lines.entry(tenant).or_insert_with(new);
        if line.people >= PER_COMPANY + WAITING {
            return None;
        }
        line.people += 1;
        Some((InLine { room: self, tenant }, line.places.clone()))
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        let mut lines = self.room.lines.lock();
        let left = lines.get_mut(&self.tenant).map_or(0, |line| {
            line.people = line.people.saturating_sub(1);
            line.people
        });
        if left == 0 {
            lines.remove(&self.tenant);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_company_that_takes_its_places_leaves_those_of_others_and_none_behind() {
        let (mut room, one, other) = (Room::default(), TenantId::generate(), TenantId::generate());
        room.patience = Duration::from_millis(50);
        let mut places = Vec::new();
        for _ in 0..PER_COMPANY {
            places.push(room.enter(one).await.unwrap());
        }
        assert!(room.enter(one).await.is_none(), "nobody leaves while one waits");
        assert!(room.enter(other).await.is_some());
        let (next, ()) = tokio::join!(room.enter(one), async { drop(places.pop()) });
        assert!(next.is_some(), "who waits gets the place of who leaves");
        drop((places, next));
        assert!(room.lines.lock().is_empty());
    }

    #[tokio::test]
    async fn so_many_wait_and_no_more() {
        let (room, tenant) = (Room::default(), TenantId::generate());
        let lines: Vec<_> = (0..PER_COMPANY + WAITING).map(|_| room.queue(tenant).unwrap()).collect();
        assert!(room.queue(tenant).is_none());
        drop(lines);
        assert!(room.enter(tenant).await.is_some());
    }
}
