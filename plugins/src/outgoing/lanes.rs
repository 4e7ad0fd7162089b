//! How many requests of one tenant are on their way at once, so that no tenant keeps others from the outside.
//!
//! A tenant is kept only while it has requests. It does not know what is sent.

use mortise_engine::id::TenantId;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Lanes of all tenants.
#[derive(Debug)]
pub(crate) struct Lanes {
    each: usize,
    waiting_max: usize,
    tenants_max: usize,
    tenants: Arc<Mutex<HashMap<TenantId, Tenant>>>,
}

#[derive(Debug)]
struct Tenant {
    lanes: Arc<Semaphore>,
    /// Requests that have a lane or wait for one.
    inside: usize,
}

/// No lane, and no place to wait for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many requests of this company are on their way")]
pub(crate) struct LanesFull;

/// A request's lane, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lane {
    _permit: OwnedSemaphorePermit,
    _place: Place,
}

/// One of the requests that are inside, however it ends.
#[derive(Debug)]
struct Place {
    tenant: TenantId,
    tenants: Arc<Mutex<HashMap<TenantId, Tenant>>>,
}

impl Lanes {
    /// So many lanes for each tenant, so many requests that wait for one, and so many tenants at once.
    #[must_use]
    pub(crate) fn new(each: usize, waiting_max: usize, tenants_max: usize) -> Self {
        let tenants = Arc::new(Mutex::new(HashMap::new()));
        Self { each: each.clamp(1, Semaphore::MAX_PERMITS), waiting_max, tenants_max, tenants }
    }

    /// Waits for a lane of this tenant. Its caller bounds the time; to drop the wait is to give it up.
    ///
    /// # Errors
    ///
    /// [`LanesFull`], at once.
    pub(crate) async fn enter(&self, tenant: TenantId) -> Result<Lane, LanesFull> {
        let (lanes, place) = self.place(tenant)?;
        let permit = lanes.acquire_owned().await.map_err(|_| LanesFull)?;
        Ok(Lane { _permit: permit, _place: place })
    }

    /// Tenants that have requests on their way.
    #[cfg(test)]
    pub(super) fn tenants(&self) -> usize {
        self.tenants.lock().len()
    }

    fn place(&self, tenant: TenantId) -> Result<(Arc<Semaphore>, Place), LanesFull> {
        let mut tenants = self.tenants.lock();
        if !tenants.contains_key(&tenant) && tenants.len() >= self.tenants_max {
            return Err(LanesFull);
        }
        let new = || Tenant { lanes: Arc::new(Semaphore::new(self.each)), inside: 0 };
        let entry = tenants.entry(tenant).or_insert_with(new);
        if entry.inside >= self.each.saturating_add(self.waiting_max) {
            return Err(LanesFull);
        }
        entry.inside += 1;
        Ok((entry.lanes.clone(), Place { tenant, tenants: self.tenants.clone() }))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut tenants = self.tenants.lock();
        if let Some(entry) = tenants.get_mut(&self.tenant) {
            entry.inside = entry.inside.saturating_sub(1);
            if entry.inside == 0 {
                tenants.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of a future that is asked once.
    fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
        let mut future = std::pin::pin!(future);
        match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
            std::task::Poll::Ready(value) => Some(value),
            std::task::Poll::Pending => None,
        }
    }

    #[tokio::test]
    async fn a_tenant_has_its_own_lanes_and_nobody_elses() {
        let lanes = Lanes::new(2, 1, 10);
        let (one, other) = (TenantId::generate(), TenantId::generate());
        let first = lanes.enter(one).await.unwrap();
        let _second = lanes.enter(one).await.unwrap();
        {
            let mut third = Box::pin(lanes.enter(one));
            assert!(at_once(&mut third).is_none(), "it waits");
            assert_eq!(at_once(lanes.enter(one)).unwrap().unwrap_err(), LanesFull, "and a fourth may not");
            assert!(lanes.enter(other).await.is_ok());
            drop(first);
            assert!(at_once(&mut third).unwrap().is_ok());
        }
        assert_eq!(lanes.tenants(), 1);
    }

    #[tokio::test]
    async fn who_gives_up_waiting_leaves_nothing_behind() {
        let lanes = Lanes::new(1, 5, 10);
        let tenant = TenantId::generate();
        let held = lanes.enter(tenant).await.unwrap();
        for _ in 0..20 {
            let mut waits = Box::pin(lanes.enter(tenant));
            assert!(at_once(&mut waits).is_none());
        }
        drop(held);
        assert_eq!(lanes.tenants(), 0);
        assert!(at_once(lanes.enter(tenant)).unwrap().is_ok());
    }

    #[tokio::test]
    async fn so_many_tenants_at_once() {
        let lanes = Lanes::new(1, 0, 2);
        let held = [
            lanes.enter(TenantId::generate()).await.unwrap(),
            lanes.enter(TenantId::generate()).await.unwrap(),
        ];
        assert!(lanes.enter(TenantId::generate()).await.is_err());
        drop(held);
        assert!(lanes.enter(TenantId::generate()).await.is_ok());
    }
}
