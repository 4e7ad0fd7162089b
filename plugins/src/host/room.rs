//! Who may run now: so many calls at once, of kinds and of groups of companies that do not take each other's places, and so
//! many of one company. It knows nothing of guests.

use super::budget::Places;
use super::config::HostConfig;
use super::task::Task;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

/// All places. What may wait never stands in the way of somebody's request, nor does what a board shows.
pub(super) struct Rooms {
    premium: Kinds,
    platinum: Kinds,
}

/// Places of a group of companies, by what they are for.
struct Kinds {
    workflow: Room,
    boards: Room,
    other: Room,
}

impl Rooms {
    /// As many as the configuration says.
    pub(super) fn new(config: &HostConfig) -> Self {
        let kinds = || Kinds {
            workflow: Room::new(
                config.workflow_calls,
                config.workflow_calls_per_company,
                config.workflow_wait,
            ),
            boards: Room::new(config.board_calls, config.board_calls_per_company, config.workflow_wait),
            other: Room::new(config.other_calls, config.other_calls_per_company, config.other_wait),
        };
        Self { premium: kinds(), platinum: kinds() }
    }

    /// Where this waits for its turn.
    pub(super) fn of(&self, places: Places, task: &Task) -> &Room {
        let kinds = match places {
            Places::Premium => &self.premium,
            Places::Platinum => &self.platinum,
        };
        match task {
            Task::Amend { .. } | Task::Validate { .. } => &kinds.workflow,
            Task::NextStates { .. } => &kinds.boards,
            Task::Event(_) | Task::Tick(_) | Task::Request(_) | Task::Lifecycle(_) => &kinds.other,
        }
    }
}

/// Places of one kind.
pub(super) struct Room {
    all: Arc<Semaphore>,
    each: usize,
    wait: Duration,
    companies: Arc<Companies>,
}

/// Companies that run or wait now, and nobody else.
type Companies = Mutex<FxHashMap<String, Company>>;

struct Company {
    places: Arc<Semaphore>,
    visits: usize,
}

/// A place, taken until it is dropped.
pub(super) struct Place {
    _all: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
    _visit: Visit,
}

/// Keeps a company's entry while somebody of it is here.
struct Visit {
    companies: Arc<Companies>,
    company: String,
}

impl Room {
    /// `all` places, `each` for one company, and how long one waits.
    pub(super) fn new(all: usize, each: usize, wait: Duration) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), each, wait, companies: Arc::default() }
    }

    /// Takes a place, or says how long it waited in vain.
    pub(super) async fn enter(&self, company: &str) -> Result<Place, Duration> {
        let deadline = Instant::now() + self.wait;
        let (visit, places) = self.visit(company);
        // Its own first: a company that waits for itself must not hold a place that others could have.
        let own = timeout_at(deadline, places.acquire_owned()).await;
        let Ok(Ok(own)) = own else { return Err(self.wait) };
        let all = timeout_at(deadline, Arc::clone(&self.all).acquire_owned()).await;
        let Ok(Ok(all)) = all else { return Err(self.wait) };
        Ok(Place { _all: all, _own: own, _visit: visit })
    }

    fn visit(&self, company: &str) -> (Visit, Arc<Semaphore>) {
        let mut companies = self.companies.lock();
        let entry = companies
            .entry(String::from(company))
            .or_insert_with(|| Company { places: Arc::new(Semaphore::new(self.each)), visits: 0 });
        entry.visits += 1;
        let places = Arc::clone(&entry.places);
        (Visit { companies: Arc::clone(&self.companies), company: String::from(company) }, places)
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut companies = self.companies.lock();
        if let Some(entry) = companies.get_mut(&self.company) {
            entry.visits = entry.visits.saturating_sub(1);
            if entry.visits == 0 {
                companies.remove(&self.company);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_company_does_not_take_the_places_of_another_and_leaves_nothing_behind() {
        let room = Room::new(3, 2, Duration::from_millis(20));
        let first = room.enter("a").await.ok().unwrap();
        let second = room.enter("a").await.ok().unwrap();
        assert!(room.enter("a").await.is_err());
        let other = room.enter("b").await.ok().unwrap();
        assert!(room.enter("c").await.is_err(), "all three are taken");
        drop(first);
        assert!(room.enter("c").await.is_ok());
        drop((second, other));
        assert!(room.companies.lock().is_empty());
        assert_eq!(room.all.available_permits(), 3);
    }
}
