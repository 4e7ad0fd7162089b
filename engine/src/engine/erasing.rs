//! Erasing a tenant: its data key first, then everything that was sealed with it or made from it.
//!
//! The record says so before anything else, and goes last: what is interrupted in between is taken up again. Without its
//! key nothing of the tenant opens, whatever a disk or a backup still holds of it.

use super::placement::at;
use super::{Engine, to_the_end};
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::model::{Placement, Tenant, Undertaking};
use crate::storage::{Place, StorageError, remove_folder};
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
        let missing = || Error::not_found(format!("tenant {id}"));
        let began = Instant::now();
        let known = self.0.platform.record(id).ok_or_else(missing)?;
        let _turn = self.0.removals.turn().await;
        let resumed = known.is_being_erased();
        let report = |removed| ErasureReport {
            tenant: id,
            slug: known.slug.clone(),
            placement: known.placement.clone(),
            removed,
            resumed,
            took: began.elapsed(),
        };
        if self.0.platform.record(id).is_none() {
            // Somebody else has finished it meanwhile.
            return if resumed { Ok(report(Vec::new())) } else { Err(missing()) };
        }
        // What a move has left is no longer known once the record says that the tenant is being erased.
        self.tidy(id).await?;
        let record = self.amend(id, |record| record.undertaking = Some(Undertaking::Erasing)).await?;
        at(id, "announced");
        let removed = self.remove_all_of(&record).await?;
        self.expect_nothing_of(&record).await?;
        let founding = self.0.platform.founding.lock().await;
        self.0.platform.remove_tenant(&record).await?;
        drop(founding);
        self.0.tenants.remove(id);
        at(id, "erased");
        tracing::info!(tenant.id = %id, duration_ms = began.elapsed().as_millis(), "a tenant was erased");
        Ok(ErasureReport { placement: record.placement.clone(), ..report(removed) })
    }

    async fn remove_all_of(&self, record: &Tenant) -> Result<Vec<Remains>> {
        let (id, tenants, place) = (record.id, &self.0.tenants, Place::of(record.id, &record.placement));
        let mut removed = Vec::new();
        let mut note = |there, what| {
            if there {
                removed.push(what)
            }
        };
        tenants.residence(record).live_in(None).await;
        tenants.forget(id).await;
        at(id, "forgotten");
        note(!tenants.keys.is_gone(id).await?, Remains::Key);
        tenants.keys.destroy(id).await?;
        at(id, "key destroyed");
        note(!tenants.stores.is_clear(place, id).await?, Remains::Rows);
        tenants.stores.clear(place, id).await?;
        at(id, "rows removed");
        note(remove(self.index_of(id)).await?, Remains::Index);
        at(id, "index removed");
        note(self.0.shared.checkpoints.remove(id).await?, Remains::Checkpoint);
        // A letter that is on its way may become a file yet.
        let quiet = tokio::time::timeout(LETTER_MAX, self.0.shared.outboxes.quiet(id)).await;
        quiet
            .map_err(|_| Error::unavailable("a letter of the company is on its way: erase it again later"))?;
        let mut had_files = false;
        for folder in self.files_of(id) {
            had_files |= remove(folder).await?;
        }
        note(had_files, Remains::Files);
        at(id, "files removed");
        Ok(removed)
    }

    /// Looks that nothing is left: what the answer says is what is there.
    async fn expect_nothing_of(&self, record: &Tenant) -> Result<()> {
        let (id, tenants) = (record.id, &self.0.tenants);
        let rows_gone = tenants.stores.is_clear(Place::of(id, &record.placement), id).await?;
        let key_gone = tenants.keys.is_gone(id).await?;
        let [blobs, mail] = self.files_of(id);
        let paths = [self.index_of(id), self.0.shared.checkpoints.path(id), blobs, mail];
        let files_gone = blocking(move || Ok(paths.iter().all(|path| !path.exists()))).await?;
        if rows_gone && key_gone && files_gone {
            return Ok(());
        }
        let left = format!("rows gone: {rows_gone}, key gone: {key_gone}, files gone: {files_gone}");
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

async fn remove(folder: PathBuf) -> Result<bool> {
    blocking(move || remove_folder(&folder)).await
}

async fn blocking(work: impl FnOnce() -> Result<bool, StorageError> + Send + 'static) -> Result<bool> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(Error::internal)??)
}
