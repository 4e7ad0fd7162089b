//! Which tenants have mail waiting, and whose turn it is.
//!
//! A tenant has one message on its way at a time and then stands at the end of the line again, so that none waits behind
//! another's thousands. Only places are kept here, and counts of what became of mail; the messages lie in the tenants'
//! stores. It does not know who sends.

use crate::id::{MailId, TenantId};
use crate::outbox::{MailCounts, MailFate};
use crate::rows::{self, tag};
use crate::storage::Scan;
use crate::time::{Clock, Timestamp};
use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// The longest that nobody looks whether something is due: the clock may be set.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Messages that were sent and could not be removed, that are remembered.
const UNREMOVED_MAX: usize = 1_024;

/// See the module. It holds a few hundred bytes for each tenant that has mail waiting.
#[derive(Debug, Default)]
pub(crate) struct Outboxes {
    lines: Mutex<Lines>,
    changed: Notify,
    /// Told when somebody's turn has ended.
    back: Notify,
    sent: AtomicU64,
    deferred: AtomicU64,
    lost: AtomicU64,
}

#[derive(Debug, Default)]
struct Lines {
    tenants: FxHashMap<TenantId, Tenant>,
    ready: VecDeque<TenantId>,
    later: BTreeSet<(Timestamp, TenantId)>,
    unremoved: FxHashSet<MailId>,
}

#[derive(Debug)]
struct Tenant {
    place: Place,
    /// The last message that was looked at in this walk through the outbox.
    after: Option<MailId>,
    /// When the first is due of those that are not yet.
    soonest: Option<Timestamp>,
    /// Something was written while the tenant had its turn.
    rung: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Ready,
    Out,
    Later(Timestamp),
}

impl Outboxes {
    /// Counts what became of a message.
    pub(crate) fn note(&self, fate: &MailFate) {
        let count = match fate {
            MailFate::Sent => &self.sent,
            MailFate::Later(..) => &self.deferred,
            MailFate::Lost(_) => &self.lost,
            MailFate::NotTried => return,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// What became of messages so far.
    pub(crate) fn counts(&self) -> MailCounts {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        MailCounts {
            sent: count(&self.sent),
            deferred: count(&self.deferred),
            lost: count(&self.lost),
            companies_waiting: self.lines.lock().tenants.len(),
        }
    }

    /// A tenant has mail to be sent.
    pub(crate) fn ring(&self, tenant: TenantId) {
        self.lines.lock().ring(tenant);
        self.changed.notify_one();
    }

    /// A tenant may have mail to be sent: it is looked for at this time.
    pub(crate) fn look_at(&self, tenant: TenantId, at: Timestamp) {
        self.lines.lock().look_at(tenant, at);
        self.changed.notify_one();
    }

    /// The turn of the tenant that has waited longest; waits for one.
    pub(crate) async fn turn(self: &Arc<Self>, clock: &Clock) -> Turn {
        loop {
            let now = clock.now();
            let due = match self.lines.lock().take(now) {
                Ok((tenant, after, more)) => {
                    if more {
                        self.changed.notify_one();
                    }
                    let (outboxes, soonest) = (self.clone(), None);
                    return Turn { outboxes, tenant, after, soonest, settled: false };
                }
                Err(due) => due,
            };
            let wait = due.map_or(LOOK_EVERY, |due| {
                let ms = due.millis().saturating_sub(now.millis());
                LOOK_EVERY.min(Duration::from_millis(u64::try_from(ms).unwrap_or_default()))
            });
            drop(tokio::time::timeout(wait, self.changed.notified()).await);
        }
    }

    /// Waits until no message of a tenant is on its way, and takes it out of the line. For a tenant that nobody finds any
    /// more: whoever gets a turn for it finds nothing to send.
    pub(crate) async fn quiet(&self, tenant: TenantId) {
        loop {
            let mut back = std::pin::pin!(self.back.notified());
            back.as_mut().enable();
            if self.lines.lock().leave(tenant) {
                return;
            }
            back.await;
        }
    }

    /// Remembers a message that was sent and is still there, so that it is not sent again by this process.
    pub(crate) fn sent_but_there(&self, mail: MailId) {
        let mut lines = self.lines.lock();
        if lines.unremoved.len() < UNREMOVED_MAX {
            lines.unremoved.insert(mail);
        }
    }

    /// Whether a message was sent and is only to be removed.
    pub(crate) fn was_sent(&self, mail: MailId) -> bool {
        self.lines.lock().unremoved.contains(&mail)
    }

    /// A message is removed.
    pub(crate) fn removed(&self, mail: MailId) {
        self.lines.lock().unremoved.remove(&mail);
    }
}

impl Lines {
    fn ring(&mut self, id: TenantId) {
        match self.tenants.get_mut(&id) {
            None => {
                let tenant = Tenant { place: Place::Out, after: None, soonest: None, rung: false };
                self.tenants.insert(id, tenant);
                self.stand(id);
            }
            Some(tenant) => match tenant.place {
                Place::Ready => {}
                Place::Out => tenant.rung = true,
                Place::Later(at) => {
                    self.later.remove(&(at, id));
                    self.stand(id);
                }
            },
        }
    }

    fn look_at(&mut self, id: TenantId, at: Timestamp) {
        match self.tenants.get_mut(&id) {
            None => {
                let tenant = Tenant { place: Place::Out, after: None, soonest: None, rung: false };
                self.tenants.insert(id, tenant);
                self.wait(id, at);
            }
            Some(Tenant { place: Place::Later(known), .. }) if *known <= at => {}
            Some(Tenant { place: Place::Later(known), .. }) => {
                let known = *known;
                self.later.remove(&(known, id));
                self.wait(id, at);
            }
            Some(tenant) => tenant.soonest = sooner(tenant.soonest, Some(at)),
        }
    }

    /// Puts a tenant at the end of the line.
    fn stand(&mut self, id: TenantId) {
        if let Some(tenant) = self.tenants.get_mut(&id) {
            tenant.place = Place::Ready;
            self.ready.push_back(id);
        }
    }

    /// Takes a tenant out of the line, unless it has its turn.
    fn leave(&mut self, id: TenantId) -> bool {
        match self.tenants.get(&id).map(|tenant| tenant.place) {
            Some(Place::Out) => return false,
            Some(Place::Later(at)) => {
                self.later.remove(&(at, id));
            }
            Some(Place::Ready) => self.ready.retain(|ready| *ready != id),
            None => {}
        }
        self.tenants.remove(&id);
        true
    }

    /// The tenant whose turn it is, from where its outbox is to be read on, and whether more tenants wait; or when there
    /// will be one.
    fn take(&mut self, now: Timestamp) -> Result<(TenantId, Option<MailId>, bool), Option<Timestamp>> {
        while let Some((at, id)) = self.later.first().copied().filter(|(at, _)| *at <= now) {
            self.later.remove(&(at, id));
            self.stand(id);
        }
        let first = self.ready.pop_front().and_then(|id| Some((id, self.tenants.get_mut(&id)?)));
        let Some((id, tenant)) = first else { return Err(self.later.first().map(|(at, _)| *at)) };
        tenant.place = Place::Out;
        Ok((id, tenant.after, !self.ready.is_empty()))
    }

    /// A tenant waits until a time.
    fn wait(&mut self, id: TenantId, at: Timestamp) {
        if let Some(tenant) = self.tenants.get_mut(&id) {
            tenant.place = Place::Later(at);
            self.later.insert((at, id));
        }
    }
}

/// A tenant's turn. Dropped without a word, the tenant stands at the end of the line again, and goes on at the same message.
#[derive(Debug)]
pub(crate) struct Turn {
    outboxes: Arc<Outboxes>,
    tenant: TenantId,
    after: Option<MailId>,
    soonest: Option<Timestamp>,
    settled: bool,
}

impl Turn {
    /// Whose turn it is.
    pub(crate) const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The message behind which the outbox is to be read on.
    pub(crate) const fn after(&self) -> Option<MailId> {
        self.after
    }

    /// A message is not due before this.
    pub(crate) fn not_before(&mut self, at: Timestamp) {
        self.soonest = Some(self.soonest.map_or(at, |soonest| soonest.min(at)));
    }

    /// The turn ends with this message; the next one goes on behind it.
    pub(crate) fn go_on_after(self, mail: MailId) {
        self.settle(|lines, turn| {
            if let Some(tenant) = lines.tenants.get_mut(&turn.tenant) {
                tenant.after = Some(mail);
                tenant.soonest = sooner(tenant.soonest, turn.soonest);
            }
            lines.stand(turn.tenant);
        });
    }

    /// The outbox was read to its end. The tenant stands in line again when there is more.
    pub(crate) fn finish(self) {
        self.settle(|lines, turn| {
            let Some(tenant) = lines.tenants.get_mut(&turn.tenant) else { return };
            tenant.after = None;
            let soonest = sooner(tenant.soonest.take(), turn.soonest);
            if std::mem::take(&mut tenant.rung) {
                tenant.soonest = soonest;
                lines.stand(turn.tenant);
            } else if let Some(at) = soonest {
                lines.wait(turn.tenant, at);
            } else {
                lines.tenants.remove(&turn.tenant);
            }
        });
    }

    /// Something is wrong with the tenant's outbox: it is read from its beginning at this time.
    pub(crate) fn pause_until(self, at: Timestamp) {
        self.settle(|lines, turn| {
            if let Some(tenant) = lines.tenants.get_mut(&turn.tenant) {
                (tenant.after, tenant.soonest, tenant.rung) = (None, None, false);
            }
            lines.wait(turn.tenant, at);
        });
    }

    fn settle(mut self, settle: impl FnOnce(&mut Lines, &Self)) {
        self.settled = true;
        let outboxes = self.outboxes.clone();
        settle(&mut outboxes.lines.lock(), &self);
        outboxes.changed.notify_one();
        outboxes.back.notify_waiters();
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.settled {
            self.outboxes.lines.lock().stand(self.tenant);
            self.outboxes.changed.notify_one();
            self.outboxes.back.notify_waiters();
        }
    }
}

/// The messages of a tenant that wait, in the order in which they were written.
pub(crate) fn waiting_mail() -> Scan {
    use std::ops::Bound::{Excluded, Included};
    Scan::range(Included(rows::all(tag::OUTBOX).into()), Excluded(rows::all_lost_mail().into()))
}

fn sooner(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

#[cfg(test)]
mod tests;
