//! Jobs as they are kept: their heads in memory, their companies in the store, in parts of a hundred.
//!
//! It does not know how the work of a job is done.

use super::{Platform, TenantSelection};
use crate::error::{Error, Result};
use crate::id::{ApiKeyId, JobId, RootId, TenantId};
use crate::model::{Job, JobItem, JobStatus, JobTask};
use crate::rows::{self, JobRow};
use crate::storage::{Batch, Scan, TenantStore};
use crate::time::Timestamp;
use minicbor::bytes::ByteArray;
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Companies of one part of a job.
pub(crate) const PART: u32 = 100;

/// Rows that one batch writes or removes: a part with many refusals may take two.
const ROWS_PER_BATCH: usize = 20;

/// Companies of one job.
const TENANTS_MAX: usize = 50_000;

/// Jobs that are not done yet.
const OPEN_MAX: usize = 20;

/// Jobs that are kept; then the oldest that is over leaves.
const KEPT_MAX: usize = 500;

/// See the module.
#[derive(Default)]
pub(crate) struct Jobs {
    heads: RwLock<BTreeMap<JobId, Arc<Job>>>,
    /// Held while a head is changed.
    turn: tokio::sync::Mutex<()>,
    /// It is not known whether a head was saved: they are read again before another is begun or ended.
    doubtful: AtomicBool,
}

/// A job to be kept.
pub(crate) struct NewJob {
    pub(crate) task: JobTask,
    pub(crate) root: Option<RootId>,
    pub(crate) key: Option<ApiKeyId>,
    pub(crate) which: TenantSelection,
    /// The hash of who asks, and of the name they gave to the request.
    pub(crate) scope: Option<[u8; 32]>,
    /// The hash of what is asked.
    pub(crate) input: [u8; 32],
}

impl Jobs {
    pub(super) async fn read(store: &TenantStore) -> Result<Self> {
        Ok(Self { heads: RwLock::new(Self::heads_in(store).await?), ..Self::default() })
    }

    async fn heads_in(store: &TenantStore) -> Result<BTreeMap<JobId, Arc<Job>>> {
        let mut heads = BTreeMap::new();
        let mut scan = Scan::prefix(&rows::job_heads()).limit(PART as usize);
        loop {
            let page = store.scan::<JobRow>(scan.clone()).await?;
            let last = page.entries.last().map(|(key, _)| key.clone());
            for (_, row) in page.entries {
                if let JobRow::Head(job) = row {
                    heads.insert(job.id, Arc::new(job));
                }
            }
            match last {
                Some(last) if page.more => scan = scan.after(&last),
                _ => return Ok(heads),
            }
        }
    }

    /// The job with this id.
    pub(crate) fn get(&self, id: JobId) -> Option<Arc<Job>> {
        self.heads.read().get(&id).cloned()
    }

    /// All jobs, the newest first.
    pub(crate) fn all(&self) -> Vec<Arc<Job>> {
        self.heads.read().values().rev().cloned().collect()
    }

    /// The oldest job that is not done yet.
    pub(crate) fn next(&self) -> Option<Arc<Job>> {
        self.heads.read().values().find(|job| job.status == JobStatus::Running).cloned()
    }

    fn open(&self) -> usize {
        self.heads.read().values().filter(|job| job.status == JobStatus::Running).count()
    }

    #[cfg(test)]
    pub(crate) fn forget(&self, id: JobId) {
        self.heads.write().remove(&id);
    }

    fn put(&self, job: &Arc<Job>) {
        self.heads.write().insert(job.id, job.clone());
    }

    /// What the same request has made before.
    fn made_before(&self, new: &NewJob) -> Result<Option<Arc<Job>>> {
        let Some(scope) = new.scope else { return Ok(None) };
        let heads = self.heads.read();
        match heads.values().find(|job| job.scope.is_some_and(|of| *of == scope)) {
            Some(job) if *job.input == new.input => Ok(Some(job.clone())),
            Some(_) => {
                let message = "this idempotency key was used for another job: use a new key for a new one";
                Err(Error::conflict(message).with_field("idempotencyKey"))
            }
            None => Ok(None),
        }
    }

    /// The oldest job that is over, when there are too many to keep.
    fn surplus(&self) -> Option<Arc<Job>> {
        let heads = self.heads.read();
        let over = heads.values().find(|job| job.status != JobStatus::Running);
        over.filter(|_| heads.len() > KEPT_MAX).cloned()
    }
}

impl Platform {
    /// Keeps a new job; or answers the one that the same request has made before. True for a new one.
    pub(crate) async fn add_job(&self, new: NewJob, now: Timestamp) -> Result<(Arc<Job>, bool)> {
        let _turn = self.jobs.turn.lock().await;
        self.read_jobs_again_if_doubtful().await?;
        if let Some(before) = self.jobs.made_before(&new)? {
            return Ok((before, false));
        }
        // Only now: what a filter meets may have changed since the same was asked.
        let tenants = new.which.settle(self);
        let count = tenants.len();
        if count == 0 || count > TENANTS_MAX {
            let message = format!("{count} companies are selected: a job has 1 to {TENANTS_MAX}");
            return Err(Error::invalid("select", message));
        }
        if self.jobs.open() >= OPEN_MAX {
            return Err(Error::conflict(format!(
                "{OPEN_MAX} jobs wait already: let one of them finish first"
            )));
        }
        let id = JobId::generate();
        // The companies first: what has no head is no job.
        self.put_parts(id, &tenants).await?;
        let head = Job {
            id,
            task: new.task,
            root: new.root,
            status: JobStatus::Running,
            total: u32::try_from(count).unwrap_or(u32::MAX),
            done: 0,
            failed: 0,
            created_at: now,
            finished_at: None,
            scope: new.scope.map(ByteArray::from),
            input: new.input.into(),
            key: new.key,
        };
        let head = self.put_head(head).await?;
        self.forget_oldest_job().await;
        Ok((head, true))
    }

    async fn put_parts(&self, id: JobId, tenants: &[TenantId]) -> Result<()> {
        let parts: Vec<_> = (0_u32..).zip(tenants.chunks(PART as usize)).collect();
        for some in parts.chunks(ROWS_PER_BATCH) {
            let mut batch = Batch::new();
            for (number, part) in some {
                let fresh = |tenant: &TenantId| JobItem { tenant: *tenant, at: None, fault: None };
                let row = JobRow::Items(part.iter().map(fresh).collect());
                batch.put(rows::job_items(id, *number), &row)?;
            }
            self.commit_job(batch).await?;
        }
        Ok(())
    }

    async fn put_head(&self, head: Job) -> Result<Arc<Job>> {
        let mut batch = Batch::new();
        batch.put(rows::job_head(head.id), &JobRow::Head(head.clone()))?;
        self.commit_job(batch).await?;
        let head = Arc::new(head);
        self.jobs.put(&head);
        Ok(head)
    }

    /// A part of a job's companies.
    pub(crate) async fn job_part(&self, id: JobId, part: u32) -> Result<Vec<JobItem>> {
        match self.store.get::<JobRow>(&rows::job_items(id, part)).await? {
            Some(JobRow::Items(items)) => Ok(items),
            _ => Ok(Vec::new()),
        }
    }

    /// Saves what came of one more company of a job, with its part, and how far the job has come.
    pub(crate) async fn save_part(
        &self,
        id: JobId,
        part: u32,
        items: &[JobItem],
        refused: bool,
        now: Timestamp,
    ) -> Result<()> {
        let _turn = self.jobs.turn.lock().await;
        let Some(job) = self.jobs.get(id) else { return Ok(()) };
        let mut head = Job::clone(&job);
        head.done = head.done.saturating_add(1);
        head.failed = head.failed.saturating_add(u32::from(refused));
        if head.status == JobStatus::Running && head.done >= head.total {
            head.status = JobStatus::Done;
            head.finished_at = Some(now);
        }
        let mut batch = Batch::new();
        batch.put(rows::job_items(id, part), &JobRow::Items(items.to_vec()))?;
        batch.put(rows::job_head(id), &JobRow::Head(head.clone()))?;
        self.commit_job(batch).await?;
        self.jobs.put(&Arc::new(head));
        Ok(())
    }

    /// Ends a job that cannot go on, so that the others do. Where that cannot be saved, it is tried again at the next start.
    pub(crate) async fn give_up_job(&self, id: JobId, now: Timestamp) {
        let _turn = self.jobs.turn.lock().await;
        let Some(job) = self.jobs.get(id).filter(|job| job.status == JobStatus::Running) else { return };
        let failed = Job { status: JobStatus::Failed, finished_at: Some(now), ..Job::clone(&job) };
        if let Err(error) = self.put_head(failed.clone()).await {
            tracing::warn!(?error, job.id = %id, "that a job was given up is not saved");
            self.jobs.put(&Arc::new(failed));
        }
    }

    /// Ends a job where it is. One that is over stays as it is.
    pub(crate) async fn cancel_job(&self, id: JobId, now: Timestamp) -> Result<Arc<Job>> {
        let _turn = self.jobs.turn.lock().await;
        self.read_jobs_again_if_doubtful().await?;
        let job = self.jobs.get(id).ok_or_else(|| Error::not_found(format!("job {id}")))?;
        if job.status != JobStatus::Running {
            return Ok(job);
        }
        self.put_head(Job { status: JobStatus::Canceled, finished_at: Some(now), ..Job::clone(&job) }).await
    }

    async fn commit_job(&self, batch: Batch) -> Result<()> {
        self.commit(batch).await.inspect_err(|_| self.jobs.doubtful.store(true, Ordering::Release))
    }

    /// Reads the heads again when it is not known whether one was saved. Asked while holding the turn.
    async fn read_jobs_again_if_doubtful(&self) -> Result<()> {
        if !self.jobs.doubtful.load(Ordering::Acquire) {
            return Ok(());
        }
        let kept = Jobs::heads_in(&self.store).await?;
        let mut heads = self.jobs.heads.write();
        for (id, job) in kept {
            let is_news = heads
                .get(&id)
                .is_none_or(|known| known.status == JobStatus::Running && job.status != JobStatus::Running);
            if is_news {
                heads.insert(id, job);
            }
        }
        self.jobs.doubtful.store(false, Ordering::Release);
        Ok(())
    }

    async fn forget_oldest_job(&self) {
        let Some(old) = self.jobs.surplus() else { return };
        // The head goes first: without it nothing leads to the rest.
        let parts = (0..old.total.div_ceil(PART)).map(|part| rows::job_items(old.id, part));
        let keys: Vec<_> = std::iter::once(rows::job_head(old.id)).chain(parts).collect();
        for some in keys.chunks(ROWS_PER_BATCH) {
            let mut batch = Batch::new();
            some.iter().for_each(|key| batch.delete(key.clone()));
            if let Err(error) = self.commit(batch).await {
                tracing::warn!(?error, "an old job was not removed whole");
                return;
            }
            self.jobs.heads.write().remove(&old.id);
        }
    }
}
