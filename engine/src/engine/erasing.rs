//! Erasing a tenant: its data key first, then everything that was sealed with it or made from it.
//!
//! The record says so before anything else, from when on nobody reaches it, and goes last: what is interrupted in between is
//! taken up again. Without its key nothing of the tenant opens, whatever a disk or a backup still holds of it.

use super::undertakings::came_to;
use super::{Engine, to_the_end};
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::model::{Placement, Tenant, Undertaking};
use crate::storage::{Place, remove_folder, traces_of};
use crate::tenant::in_background;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// So long a letter that is on its way is waited for: longer than any is by itself.
const LETTER_MAX: Duration = Duration::from_secs(6 * 60);

/// What came of erasing a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureReport {
    /// The tenant.
    pub tenant: TenantId,
    /// Its name at sign-in, which is free from now on.
    pub slug: String,
    /// Where its data lay.
    pub placement: Placement,
    /// What was found and removed.
    pub removed: Vec<Remains>,
    /// Names in the data folder that were looked at afterwards: none of them is the tenant's.
    pub looked_at: u64,
    /// Whether it had been begun before.
    pub resumed: bool,
    /// How long it took.
    pub took: Duration,
}

/// What there is of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remains {
    /// Its data key. Overwritten, then removed.
    Key,
    /// Its rows and its log.
    Rows,
    /// Its search index: words, unsealed.
    Index,
    /// The checkpoint of its view.
    Checkpoint,
    /// Its attachments and outgoing mail.
    Files,
}

impl Remains {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Rows => "rows",
            Self::Index => "index",
            Self::Checkpoint => "checkpoint",
            Self::Files => "files",
        }
    }
}

impl Engine {
    /// Erases a tenant for ever, and looks afterwards that nothing is left. From the first moment nobody reaches it; its
    /// slug is free when it is done. Interrupted, it goes on when the engine is opened next, or this is called again.
    ///
    /// It is the platform's affair: the embedding program says who may, and that it is meant.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for a tenant that is not there; `UNAVAILABLE` when something could not be removed: call it again.
    pub async fn erase_tenant(&self, tenant: TenantId) -> Result<ErasureReport> {
        let engine = self.clone();
        to_the_end(Box::pin(async move { engine.erase(tenant).await })).await
    }

    /// The tenants that are being erased. To everybody else they are not there.
    #[must_use]
    pub fn tenants_being_erased(&self) -> Vec<Arc<Tenant>> {
        self.0.platform.records_where(Tenant::is_being_erased)
    }

    pub(super) async fn erase(&self, id: TenantId) -> Result<ErasureReport> {
        self.erase_telling(id, |_| ()).await
    }

    /// The same. `told` hears of it when all but the record is gone: whoever looks finds the record, or what was told.
    pub(super) async fn erase_telling(
        &self,
        id: TenantId,
        told: impl FnOnce(&ErasureReport) + Send,
    ) -> Result<ErasureReport> {
        let missing = || Error::not_found(format!("tenant {id}"));
        let began = Instant::now();
        let known = self.0.platform.record(id).ok_or_else(missing)?;
        let _turn = self.0.undertakings.turn().await?;
        let report = ErasureReport {
            tenant: id,
            slug: known.slug.clone(),
            placement: known.placement.clone(),
            removed: Vec::new(),
            looked_at: 0,
            resumed: known.is_being_erased(),
            took: Duration::ZERO,
        };
        if self.0.platform.record(id).is_none() {
            // Somebody else has finished it meanwhile.
            return if report.resumed { Ok(report) } else { Err(missing()) };
        }
        let record = self.amend(id, Tenant::begin_erasing).await?;
        came_to(id, "announced");
        let tell = |removed, looked_at| {
            let (placement, took) = (record.placement.clone(), began.elapsed());
            let report = ErasureReport { placement, removed, looked_at, took, ..report };
            told(&report);
            report
        };
        let erased = self.erase_announced(&record, tell).await;
        if erased.is_err() {
            self.0.undertakings.wake();
        }
        let report = erased?;
        tracing::info!(tenant.id = %id, duration_ms = report.took.as_millis(), "a tenant was erased");
        Ok(report)
    }

    /// All behind the announcement. `tell` is given what was removed, and how many names were looked at afterwards.
    async fn erase_announced(
        &self,
        record: &Tenant,
        tell: impl FnOnce(Vec<Remains>, u64) -> ErasureReport + Send,
    ) -> Result<ErasureReport> {
        let removed = self.remove_all_of(record).await?;
        let looked_at = self.expect_nothing_of(record).await?;
        let report = tell(removed, looked_at);
        let turn = self.0.platform.records.lock().await;
        self.0.platform.remove_tenant(record).await?;
        drop(turn);
        self.0.tenants.remove(record.id);
        came_to(record.id, "erased");
        Ok(report)
    }

    /// Removes all there is of a tenant that was not founded to the end, its record last. Asked while holding `records`.
    pub(super) async fn abandon(&self, record: &Tenant) -> Result<()> {
        self.remove_all_of(record).await?;
        self.expect_nothing_of(record).await?;
        self.0.platform.remove_tenant(record).await?;
        self.0.tenants.remove(record.id);
        Ok(())
    }

    /// What there is of a tenant, its data key first. What was found.
    async fn remove_all_of(&self, record: &Tenant) -> Result<Vec<Remains>> {
        let (id, tenants, undertakings) = (record.id, &self.0.tenants, &self.0.undertakings);
        let mut removed = Vec::new();
        let mut note = |there, what| {
            if there {
                removed.push(what)
            }
        };
        // At once, whoever holds it; then nobody can load it again, and who still reads its store is waited for.
        tenants.give_up(id);
        let residence = tenants.residence(record);
        residence.live_in(None);
        undertakings.unless_stopped(residence.moved_out()).await?;
        tenants.forget(id).await;
        came_to(id, "forgotten");
        note(!tenants.keys.is_gone(id).await?, Remains::Key);
        tenants.keys.destroy(id).await?;
        came_to(id, "key destroyed");
        let mut had_rows = false;
        for place in places(record) {
            undertakings.expect_going_on()?;
            had_rows |= !tenants.stores.is_clear(place, id).await?;
            tenants.stores.clear(place, id).await?;
        }
        note(had_rows, Remains::Rows);
        came_to(id, "rows removed");
        undertakings.expect_going_on()?;
        note(remove(self.index_of(id)).await?, Remains::Index);
        came_to(id, "index removed");
        note(self.0.shared.checkpoints.remove(id).await?, Remains::Checkpoint);
        // A letter that is on its way may become a file yet.
        let quiet = tokio::time::timeout(LETTER_MAX, self.0.shared.outboxes.quiet(id));
        let quiet = undertakings.unless_stopped(quiet).await?;
        quiet
            .map_err(|_| Error::unavailable("a letter of the company is on its way: erase it again later"))?;
        let mut had_files = false;
        for folder in self.files_of(id) {
            undertakings.expect_going_on()?;
            had_files |= remove(folder).await?;
        }
        note(had_files, Remains::Files);
        came_to(id, "files removed");
        Ok(removed)
    }

    /// Looks that nothing is left: what the answer says is what is there. How many names were looked at.
    async fn expect_nothing_of(&self, record: &Tenant) -> Result<u64> {
        let (id, tenants, root) = (record.id, &self.0.tenants, self.0.folder.root().to_owned());
        let mut rows_gone = true;
        for place in places(record) {
            rows_gone &= tenants.stores.is_clear(place, id).await?;
        }
        let traces = in_background(move || Ok(traces_of(&root, id)?)).await?;
        if rows_gone && traces.paths.is_empty() {
            return Ok(traces.looked_at);
        }
        let left = format!("rows gone: {rows_gone}, still there: {:?}", traces.paths);
        Err(Error::unavailable("something of the company is still there: erase it again").with_source(left))
    }

    fn index_of(&self, id: TenantId) -> PathBuf {
        self.0.shared.index_folder.join(id.uuid().to_string())
    }

    /// Where a tenant's attachments and its outgoing mail lie.
    fn files_of(&self, id: TenantId) -> [PathBuf; 2] {
        let own = id.uuid().to_string();
        [self.0.folder.blobs().join(&own), self.0.folder.mail().join(&own)]
    }
}

/// Where rows of a tenant may lie.
fn places(record: &Tenant) -> impl Iterator<Item = Place> {
    let also = record.undertaking.as_ref().and_then(Undertaking::elsewhere);
    [Some(&record.placement), also].into_iter().flatten().map(|placement| Place::of(record.id, placement))
}

async fn remove(folder: PathBuf) -> Result<bool> {
    in_background(move || Ok(remove_folder(&folder)?)).await
}
