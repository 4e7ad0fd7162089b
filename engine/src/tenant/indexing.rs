//! The queue of tenants whose search index lies behind their log.
//!
//! A few workers take the tenant that has waited longest, once it has waited long enough to gather some changes, or at
//! once when it has gathered many: ten thousand tenants that each change a little cost a commit each, not a commit a
//! change. This module knows no index: a tenant brings its own up to date.

use super::LiveTenant;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// A change waits at most so long for company before it is indexed.
const GATHERED_FOR: Duration = Duration::from_millis(500);

/// With so many changed issues a tenant is indexed at once.
const GATHERED_MAX: usize = 1_024;

/// After a failure a tenant is tried again so much later.
const RETRIED_AFTER: Duration = Duration::from_secs(5);

/// See the module. A tenant stands in each of the two lines about once, so they are bounded by the tenants in memory.
#[derive(Default)]
pub(crate) struct IndexQueue {
    lines: Mutex<Lines>,
    changed: Notify,
}

#[derive(Default)]
struct Lines {
    now: VecDeque<Weak<LiveTenant>>,
    later: VecDeque<(Instant, Weak<LiveTenant>)>,
}

impl IndexQueue {
    fn put(&self, due: Instant, tenant: Weak<LiveTenant>) {
        self.lines.lock().later.push_back((due, tenant));
        self.changed.notify_one();
    }

    fn hurry(&self, tenant: Weak<LiveTenant>) {
        self.lines.lock().now.push_back(tenant);
        self.changed.notify_one();
    }

    /// The next tenant to index; waits for one.
    async fn next(&self) -> Arc<LiveTenant> {
        loop {
            match self.take() {
                Ok(live) => return live,
                Err(None) => self.changed.notified().await,
                // Either it is time, or there is news.
                Err(Some(due)) => drop(tokio::time::timeout_at(due, self.changed.notified()).await),
            }
        }
    }

    /// The first tenant that is due and was not taken meanwhile; else when the next one will be.
    fn take(&self) -> Result<Arc<LiveTenant>, Option<Instant>> {
        let mut lines = self.lines.lock();
        loop {
            let tenant = match (lines.now.pop_front(), lines.later.front()) {
                (Some(tenant), _) => tenant,
                (None, Some((due, _))) if *due > Instant::now() => return Err(Some(*due)),
                (None, _) => lines.later.pop_front().map(|(_, tenant)| tenant).ok_or(None)?,
            };
            if let Some(live) = tenant.upgrade().filter(|live| live.search.leave_queue()) {
                return Ok(live);
            }
        }
    }

    /// Indexes one tenant after another, until the task is dropped.
    pub(crate) async fn work(self: Arc<Self>) {
        loop {
            let live = self.next().await;
            if let Err(error) = live.bring_index_up().await {
                let tenant = live.store().tenant();
                tracing::warn!(tenant.id = %tenant, ?error, "search index not brought up to date; trying again");
                if live.search.enter_queue() {
                    self.put(Instant::now() + RETRIED_AFTER, Arc::downgrade(&live));
                }
            }
        }
    }
}

impl LiveTenant {
    /// Sees to it that the index follows what is in the tail.
    pub(super) fn enqueue(&self) {
        let (search, queue) = (&self.search, &self.shared.index_queue);
        if search.enter_queue() {
            queue.put(Instant::now() + GATHERED_FOR, self.me.clone());
        }
        if search.tail.len() >= GATHERED_MAX && search.hurry() {
            queue.hurry(self.me.clone());
        }
    }
}
