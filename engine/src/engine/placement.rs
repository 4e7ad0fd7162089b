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

use super::undertakings::came_to;
use super::{Engine, to_the_end};
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::model::{Housing, Placement, Tenant, Tier, Undertaking};
use crate::storage::{Copied, Place, Residence, Store, StoresUse, copy_all, copy_touched};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Rounds of copying again what was written meanwhile, before writes wait for the rest.
const ROUNDS_MAX: usize = 10;

/// With at most so many keys left, writes wait for them: some milliseconds.
const FEW: usize = 200;

/// With more keys left than so many, the tenant is too busy to be moved: writes would wait for long.
const LEFT_MAX: usize = 5_000;

/// Writes wait no longer until the platform's store is told where the tenant lives; then they go on where they were.
const PAUSE_MAX: Duration = Duration::from_secs(3);

/// How often it is asked where a tenant lives when saving that has failed, and the pause in between. Then the tenant lives
/// nowhere until that is known.
const ASKED_MAX: usize = 10;
const ASKED_EVERY: Duration = Duration::from_millis(if cfg!(test) { 10 } else { 1_000 });

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

impl Destination {
    /// The home and the placement that a new tenant asks for which is to live there.
    #[must_use]
    pub fn of_new(self) -> (Option<Tier>, Option<Placement>) {
        match self {
            Self::Home => (None, None),
            Self::HomeOf(tier) => (Some(tier), None),
            Self::At(placement) => (None, Some(placement)),
        }
    }
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
    /// seconds at most and then as long as the platform's store takes for one write. Moves take turns. Interrupted, it has
    /// moved or it has not, and nothing is lost.
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

    /// How stores of tenants come and go.
    #[must_use]
    pub fn stores_use(&self) -> StoresUse {
        self.0.tenants.stores.usage()
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
        let _turn = self.0.undertakings.turn().await?;
        self.tidy(id).await?;
        let began = Instant::now();
        let record = self.known_tenant(id)?;
        let goes_home = *to == Destination::Home;
        let (from, to) = (record.placement.clone(), self.destination(&record, to));
        if from == to {
            if record.undertaking == Some(Undertaking::Due) {
                self.amend(id, |record| record.undertaking = None).await?;
            }
            let (paused, took) = (Duration::ZERO, began.elapsed());
            return Ok(Moved { tenant: record, from, to, entries: 0, bytes: 0, paused, took });
        }
        let residence = self.0.tenants.residence(&record);
        let carried = self.carry(&record, &residence, (&to, goes_home)).await;
        residence.unwatch();
        // Whatever came of it: the copy, or what was left behind.
        let tidied = self.tidy(id).await;
        if let Err(error) = &tidied {
            tracing::warn!(tenant.id = %id, ?error, "a second copy of a tenant is still there; trying again until it is removed");
        }
        self.0.undertakings.wake();
        let (copied, paused) = carried?;
        let tenant = self.known_tenant(id)?;
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
        (to, goes_home): (&Placement, bool),
    ) -> Result<(Copied, Duration)> {
        let (id, stores) = (record.id, &self.0.tenants.stores);
        let begin = |record: &mut Tenant| {
            let due = record.is_due();
            record.undertaking = Some(Undertaking::Copying { to: to.clone(), due: due.then_some(true) });
        };
        self.amend(id, begin).await?;
        came_to(id, "announced");
        let target = Place::of(id, to);
        // Something may be left there of a move that was interrupted when another folder was at hand.
        stores.clear(target, id).await?;
        let from = stores.enter(Place::of(id, &record.placement)).await?;
        let into = stores.enter(target).await?;
        tokio::time::timeout(PAUSE_MAX, residence.watch()).await.map_err(|_| too_busy())?;
        let goes_on = || !self.0.undertakings.is_stopped();
        let mut copied = copy_all(from.store(), into.store(), id, goes_on).await?;
        came_to(id, "copied");
        for _ in 0..ROUNDS_MAX {
            let touched = residence.take_touched()?;
            let few = touched.len() <= FEW;
            copied += copy_touched(from.store(), into.store(), id, touched).await?;
            if few {
                break;
            }
        }
        let (rest, paused) =
            self.hand_over(record, residence, (to, goes_home), (from.store(), into.store())).await?;
        copied += rest;
        Ok((copied, paused))
    }

    /// Copies the rest while writes wait, and says where the tenant lives from now on.
    async fn hand_over(
        &self,
        record: &Tenant,
        residence: &Residence,
        (to, goes_home): (&Placement, bool),
        (from, into): (&dyn Store, &dyn Store),
    ) -> Result<(Copied, Duration)> {
        // First the turn at the platform's records, which others may hold for longer than writes should wait.
        let turn = self.0.platform.records_turn().await?;
        let (id, began) = (record.id, Instant::now());
        // One end for all that writes wait for here: those that have begun, and the rest.
        let end = tokio::time::Instant::now() + PAUSE_MAX;
        let paused = tokio::time::timeout_at(end, residence.pause()).await.map_err(|_| too_busy())?;
        came_to(id, "paused");
        let rest = async {
            let touched = residence.take_touched()?;
            if touched.len() > LEFT_MAX {
                return Err(too_busy());
            }
            let copied = copy_touched(from, into, id, touched).await?;
            let ends = tokio::try_join!(from.head(id), into.head(id))?;
            if ends.0 == ends.1 {
                Ok(copied)
            } else {
                Err(Error::internal("the copy of a tenant ends elsewhere"))
            }
        };
        let copied = tokio::time::timeout_at(end, rest).await.map_err(|_| too_busy())??;
        came_to(id, "agreed");
        self.save_place(record, residence, (to, goes_home)).await?;
        came_to(id, "placed");
        residence.live_in(Some(Place::of(id, to)));
        drop(paused);
        let waited = began.elapsed();
        drop(turn);
        came_to(id, "resumed");
        Ok((copied, waited))
    }

    /// Says in the record where the tenant lives from now on. While it is not known whether that was saved, nobody may
    /// write: the tenant then lives nowhere.
    async fn save_place(
        &self,
        before: &Tenant,
        residence: &Residence,
        (to, goes_home): (&Placement, bool),
    ) -> Result<()> {
        let id = before.id;
        let place = |record: &mut Tenant| {
            // Whoever has moved it elsewhere ends the wish to have it where its tier lives. Another tier may have been sold
            // meanwhile: then it moves on.
            let is_wished = goes_home || record.tier != before.tier;
            let due = is_wished && record.is_due();
            let due = (due && !self.0.housing.of(record.tier).holds(to)).then_some(true);
            record.placement = to.clone();
            record.undertaking = Some(Undertaking::Leaving { from: before.placement.clone(), due });
            record.version = record.version.saturating_add(1);
            record.updated_at = self.clock().now();
        };
        let Err(error) = self.amend_in_turn(id, place).await else { return Ok(()) };
        for _ in 0..ASKED_MAX {
            if self.0.undertakings.is_stopped() {
                break;
            }
            // Read again, and written once more: what is read after a failed sync may stand in memory alone.
            if let Ok(record) = self.amend_in_turn(id, |_| ()).await {
                return if record.placement == *to { Ok(()) } else { Err(error) };
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "the store is being reopened, and gives no sign when it is"
            )]
            tokio::time::sleep(ASKED_EVERY).await;
        }
        residence.live_in(None);
        tracing::error!(tenant.id = %id, ?error,
            "it is not known where a company lives: it is read and written again when the platform's store is back");
        Err(error)
    }

    /// Removes what a move has left: a copy that was not finished, or what was left behind. For who has the turn.
    pub(super) async fn tidy(&self, id: TenantId) -> Result<()> {
        let moves = |undertaking: &Undertaking| {
            matches!(undertaking, Undertaking::Copying { .. } | Undertaking::Leaving { .. })
        };
        let record = {
            let _turn = self.0.platform.records_turn().await?;
            let record = self.0.platform.record(id);
            if !record.is_some_and(|record| record.undertaking.as_ref().is_some_and(moves)) {
                return Ok(());
            }
            // Written once more before anything is removed on its strength, as in `save_place`.
            self.amend_in_turn(id, |_| ()).await?
        };
        // It may live nowhere, because that was not known for a while.
        let (own, residence) = (Place::of(id, &record.placement), self.0.tenants.residence(&record));
        residence.live_in(Some(own));
        self.0.undertakings.unless_stopped(residence.moved_out()).await?;
        let left =
            record.undertaking.as_ref().and_then(Undertaking::elsewhere).map(|left| Place::of(id, left));
        if let Some(left) = left.filter(|left| *left != own) {
            self.0.tenants.stores.clear(left, id).await?;
        }
        came_to(id, "left");
        let done = |record: &mut Tenant| {
            let due = record.is_due();
            record.undertaking = due.then_some(Undertaking::Due);
        };
        self.amend(id, done).await?;
        came_to(id, "done");
        Ok(())
    }
}

fn too_busy() -> Error {
    Error::unavailable(
        "the company writes more than can be copied beside it: it stays where it is; try again later",
    )
}
