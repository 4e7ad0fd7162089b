//! Where tenants live, and how one moves: it is copied while it works, and only for the last of it do writes wait.
//!
//! 1. Its record says that a copy is being made, and where.
//! 2. All is copied. What is written meanwhile is noted and copied again, until little is left.
//! 3. Writes wait. The rest is copied, both logs end alike, and the record says where the tenant lives from now on.
//! 4. Every handle leads there, and writes go on.
//! 5. What was left behind is removed, and the record says nothing of it any more.
//!
//! Each step is durable before the next. Cut off in front of the end of the third, the tenant lives where it did, and the
//! copy is thrown away; behind it, it has moved. This module does not know what is copied.

use super::{Engine, to_the_end};
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::model::{Housing, Placement, Tenant, Tier, Undertaking};
use crate::storage::{Copied, Place, Residence, copy_all, copy_touched};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Rounds of copying again what was written meanwhile, before writes wait for the rest.
const ROUNDS_MAX: usize = 10;

/// With at most so many keys left, writes wait for them: some milliseconds.
const FEW: usize = 200;

/// With more keys left than so many, the tenant is too busy to be moved: writes would wait for long.
const LEFT_MAX: usize = 5_000;

/// Writes wait no longer for the rest to be copied; then they go on where they were.
const PAUSE_MAX: Duration = Duration::from_secs(3);

/// How often it is asked where a tenant lives when saving that has failed, and the pause in between.
const ASKED_MAX: usize = 60;
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// Where a tenant is to be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// To where tenants of its tier live; nowhere if it is among them.
    Home,
    /// To where tenants of this tier live; nowhere if it is among them.
    HomeOf(Tier),
    /// To this place.
    At(Placement),
}

/// What came of a move.
#[derive(Debug, Clone)]
pub struct Moved {
    /// The tenant's record.
    pub tenant: Arc<Tenant>,
    /// Where it lived.
    pub from: Placement,
    /// Where it lives; the same when there was nothing to do.
    pub to: Placement,
    /// Entries that were copied, those that were copied again counted again.
    pub entries: u64,
    /// Bytes of their sealed values and keys.
    pub bytes: u64,
    /// How long writes waited.
    pub paused: Duration,
    /// How long all of it took.
    pub took: Duration,
}

impl Engine {
    /// Moves a tenant to another store while it works. Reads go on; writes wait some milliseconds at the end, three
    /// seconds at most. Moves take turns. Interrupted, it has moved or it has not, and nothing is lost.
    ///
    /// It is the platform's affair: the embedding program says who may.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for a tenant that is not there; `UNAVAILABLE` when a store fails, or the tenant writes more than can be
    /// copied beside it: it lives where it did.
    pub async fn move_tenant(&self, tenant: TenantId, to: Destination) -> Result<Moved> {
        let engine = self.clone();
        to_the_end(Box::pin(async move { engine.relocate(tenant, &to).await })).await
    }

    /// Where tenants of each tier live.
    #[must_use]
    pub fn housing(&self) -> &Housing {
        &self.0.housing
    }

    /// How many stores of tenants are open.
    #[must_use]
    pub fn stores_open(&self) -> usize {
        self.0.tenants.stores.open_count()
    }

    /// A place for one more tenant of this tier.
    pub(super) fn home_for(&self, tier: Tier) -> Placement {
        self.0.platform.place_in(self.0.housing.of(tier))
    }

    fn destination(&self, tenant: &Tenant, to: &Destination) -> Placement {
        let tier = match to {
            Destination::At(placement) => return placement.clone(),
            Destination::HomeOf(tier) => *tier,
            Destination::Home => tenant.tier,
        };
        match self.0.housing.of(tier).holds(&tenant.placement) {
            true => tenant.placement.clone(),
            false => self.home_for(tier),
        }
    }

    pub(super) async fn relocate(&self, id: TenantId, to: &Destination) -> Result<Moved> {
        let _turn = self.0.removals.turn().await;
        self.tidy(id).await?;
        let began = Instant::now();
        let record = self.0.platform.tenant(id).ok_or_else(|| Error::not_found(format!("tenant {id}")))?;
        let (from, to) = (record.placement.clone(), self.destination(&record, to));
        if from == to {
            if record.undertaking == Some(Undertaking::Due) {
                self.amend(id, |record| record.undertaking = None).await?;
            }
            let (paused, took) = (Duration::ZERO, began.elapsed());
            return Ok(Moved { tenant: record, from, to, entries: 0, bytes: 0, paused, took });
        }
        let residence = self.0.tenants.residence(&record);
        let carried = self.carry(&record, &residence, &to).await;
        residence.unwatch();
        // Whatever came of it: the copy, or what was left behind.
        let tidied = self.tidy(id).await;
        if let Err(error) = &tidied {
            tracing::warn!(tenant.id = %id, ?error, "a second copy of a tenant is still there; it is removed at the next start");
        }
        let (copied, paused) = carried?;
        let tenant = self.0.platform.tenant(id).ok_or_else(|| Error::not_found(format!("tenant {id}")))?;
        let took = began.elapsed();
        tracing::info!(tenant.id = %id, %from, %to, entries = copied.entries,
            paused_ms = paused.as_millis(), duration_ms = took.as_millis(), "a tenant has moved");
        Ok(Moved { tenant, from, to, entries: copied.entries, bytes: copied.bytes, paused, took })
    }

    /// All but the last step. How much was copied, and for how long writes waited.
    async fn carry(
        &self,
        record: &Tenant,
        residence: &Residence,
        to: &Placement,
    ) -> Result<(Copied, Duration)> {
        let (id, stores) = (record.id, &self.0.tenants.stores);
        self.amend(id, |record| record.undertaking = Some(Undertaking::Copying { to: to.clone() })).await?;
        at(id, "announced");
        let target = Place::of(id, to);
        // Something may be left there of a move that was interrupted when another folder was at hand.
        stores.clear(target, id).await?;
        let from = stores.enter(Place::of(id, &record.placement)).await?;
        let into = stores.enter(target).await?;
        residence.watch().await;
        let goes_on = || !self.0.tenants.is_closed();
        let mut copied = copy_all(from.store(), into.store(), id, goes_on).await?;
        at(id, "copied");
        for _ in 0..ROUNDS_MAX {
            let touched = residence.take_touched()?;
            let few = touched.len() <= FEW;
            copied += copy_touched(from.store(), into.store(), id, touched).await?;
            if few {
                break;
            }
        }
        // First the turn at the platform's records, which others may hold for longer than writes should wait.
        let founding = self.0.platform.founding.lock().await;
        self.0.platform.read_again_if_doubtful().await?;
        let began = Instant::now();
        let paused = residence.pause().await;
        at(id, "paused");
        let rest = async {
            let touched = residence.take_touched()?;
            if touched.len() > LEFT_MAX {
                return Err(too_busy());
            }
            copied += copy_touched(from.store(), into.store(), id, touched).await?;
            let ends = tokio::try_join!(from.store().head(id), into.store().head(id))?;
            if ends.0 == ends.1 {
                Ok(())
            } else {
                Err(Error::internal("the copy of a tenant ends elsewhere"))
            }
        };
        tokio::time::timeout(PAUSE_MAX, rest).await.map_err(|_| too_busy())??;
        at(id, "agreed");
        self.save_place(record, residence, to).await?;
        at(id, "placed");
        residence.live_in(Some(target)).await;
        drop(paused);
        let waited = began.elapsed();
        drop(founding);
        at(id, "resumed");
        Ok((copied, waited))
    }

    /// Says in the record where the tenant lives from now on. While it is not known whether that was saved, nobody may
    /// write: the tenant then lives nowhere.
    async fn save_place(&self, before: &Tenant, residence: &Residence, to: &Placement) -> Result<()> {
        let id = before.id;
        let leaving = Undertaking::Leaving { from: before.placement.clone() };
        let place = |record: &mut Tenant| {
            record.placement = to.clone();
            record.undertaking = Some(leaving);
            record.version = record.version.saturating_add(1);
            record.updated_at = self.clock().now();
        };
        let Err(error) = self.amend_in_turn(id, place).await else { return Ok(()) };
        for _ in 0..ASKED_MAX {
            if self.0.tenants.is_closed() {
                break;
            }
            if self.0.platform.read_again_if_doubtful().await.is_ok() {
                let now = self.0.platform.record(id).map(|record| record.placement.clone());
                return if now.as_ref() == Some(to) { Ok(()) } else { Err(error) };
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "the store is being reopened, and gives no sign when it is"
            )]
            tokio::time::sleep(ASKED_EVERY).await;
        }
        residence.live_in(None).await;
        Err(error)
    }

    /// Changes what a tenant's record says of its place.
    pub(super) async fn amend(&self, id: TenantId, change: impl FnOnce(&mut Tenant)) -> Result<Arc<Tenant>> {
        let _turn = self.0.platform.founding.lock().await;
        self.amend_in_turn(id, change).await
    }

    /// The same, for who has the turn at the platform's records.
    async fn amend_in_turn(&self, id: TenantId, change: impl FnOnce(&mut Tenant)) -> Result<Arc<Tenant>> {
        self.0.platform.read_again_if_doubtful().await?;
        let record = self.0.platform.record(id).ok_or_else(|| Error::not_found(format!("tenant {id}")))?;
        let mut record = Tenant::clone(&record);
        change(&mut record);
        let record = self.0.platform.save_tenant(record).await?;
        if let Some(live) = self.0.tenants.loaded(id) {
            live.take_record(record.clone());
        }
        Ok(record)
    }

    /// Removes what a move has left: a copy that was not finished, or what was left behind. For who has the turn.
    pub(super) async fn tidy(&self, id: TenantId) -> Result<()> {
        let record = {
            let _turn = self.0.platform.founding.lock().await;
            self.0.platform.read_again_if_doubtful().await?;
            self.0.platform.record(id)
        };
        let Some(record) = record else { return Ok(()) };
        let place = match &record.undertaking {
            None | Some(Undertaking::Erasing | Undertaking::Due) => return Ok(()),
            Some(Undertaking::Copying { to }) => Place::of(id, to),
            Some(Undertaking::Leaving { from }) => Place::of(id, from),
        };
        // It may live nowhere, because that was not known for a while.
        let residence = self.0.tenants.residence(&record);
        residence.live_in(Some(Place::of(id, &record.placement))).await;
        self.0.tenants.stores.clear(place, id).await?;
        at(id, "left");
        self.amend(id, |record| record.undertaking = None).await?;
        at(id, "done");
        Ok(())
    }
}

/// How far a tenant has come: for the log, and for those who look what an interruption leaves behind.
pub(super) fn at(tenant: TenantId, step: &'static str) {
    tracing::debug!(tenant.id = %tenant, step, "moving or erasing a tenant");
}

fn too_busy() -> Error {
    Error::unavailable(
        "the company writes more than can be copied beside it: it stays where it is; try again later",
    )
}
