//! Jobs: one change of many companies, done one after the other by one task, with what came of it for each.
//!
//! Every change says what is to be, so that a part of a job may be done again when a process ended in its middle. It does
//! not know what a change is: the engine's own functions do it.

use super::provision::NamedRequest;
use super::{Engine, Inner, Suspension, to_the_end};
use crate::command::{self, Command, World};
use crate::context::Operator;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::{JobId, TenantId};
use crate::model::{Job, JobItem, JobStatus, JobTask, KeyScope, Role};
use crate::outbox::OutboxMail;
use crate::platform::{NewJob, PART};
use parking_lot::Mutex;
use rustc_hash::FxHashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use tokio::task::JoinHandle;

/// Characters of the line in which a company is told something.
const SUBJECT_CHARS_MAX: usize = 200;

/// Bytes of the text that a company is told.
const TEXT_BYTES_MAX: usize = 16 * 1024;

/// Super admins of one company who are told by mail.
const TOLD_MAX: usize = 50;

/// The name of the template of the mail that tells a company something.
pub const ANNOUNCEMENT_TEMPLATE: &str = "announcement";

/// The task that does the jobs, while there are any.
#[derive(Default)]
pub(super) struct Runner {
    task: Mutex<Option<JoinHandle<()>>>,
    closed: AtomicBool,
}

impl Runner {
    /// Lets the task finish the company it is at, and starts no other.
    pub(super) async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let task = self.task.lock().take();
        if let Some(task) = task {
            // A task that has panicked has said so itself.
            let _ = task.await;
        }
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

impl Engine {
    /// Begins a job: this change of these companies, each once, in their order. Asked again by the same operator under the
    /// same name, it answers the job that was begun; true for a new one.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key that only reads, `INVALID_INPUT` for a change that cannot be made or for too many companies,
    /// `CONFLICT` when too many jobs wait or the name stands for another, `UNAVAILABLE` when it could not be saved.
    pub async fn begin_job(
        &self,
        by: &Operator,
        task: JobTask,
        mut tenants: Vec<TenantId>,
        name: Option<String>,
    ) -> Result<(Arc<Job>, bool)> {
        by.expect(KeyScope::Write, "change companies in bulk")?;
        let task = checked(task)?;
        let mut seen = FxHashSet::default();
        tenants.retain(|tenant| seen.insert(*tenant));
        let NamedRequest { scope, input } =
            NamedRequest::of(self, (by, "job"), name.as_deref(), &(&task, &tenants))?;
        let (engine, root, now) = (self.clone(), by.root(), self.clock().now());
        to_the_end(async move {
            let new = NewJob { task, root, tenants, scope, input };
            let (job, is_new) = engine.0.platform.add_job(new, now).await?;
            engine.resume_jobs();
            Ok((job, is_new))
        })
        .await
    }

    /// Goes on with the jobs that are not done: to be called once when a server starts. Does nothing while they are done.
    pub fn resume_jobs(&self) {
        let mut task = self.0.jobs.task.lock();
        let at_work = task.as_ref().is_some_and(|task| !task.is_finished());
        // The task ends under this lock when it finds nothing to do, so a new job is never missed.
        if !at_work && !self.0.jobs.is_closed() && self.0.platform.jobs.next().is_some() {
            *task = Some(tokio::spawn(work(Arc::downgrade(&self.0))));
        }
    }

    /// All jobs that are kept, the newest first.
    #[must_use]
    pub fn jobs(&self) -> Vec<Arc<Job>> {
        self.0.platform.jobs.all()
    }

    /// The job with this id.
    #[must_use]
    pub fn job(&self, id: JobId) -> Option<Arc<Job>> {
        self.0.platform.jobs.get(id)
    }

    /// Companies of a job behind so many of them, at most `limit`, in their order. What came of one is told when its part
    /// of a hundred is done.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the platform's store cannot be read.
    pub async fn job_items(&self, id: JobId, after: u32, limit: u32) -> Result<Vec<JobItem>> {
        let mut items = Vec::new();
        let (limit, mut skipped) = (limit.min(1_000) as usize, (after % PART) as usize);
        for part in after / PART.. {
            let found = self.0.platform.job_part(id, part).await?;
            if found.is_empty() {
                break;
            }
            items.extend(found.into_iter().skip(skipped));
            skipped = 0;
            if items.len() >= limit {
                break;
            }
        }
        items.truncate(limit);
        Ok(items)
    }

    /// Ends a job after the company it is at. What was done stays.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key that only reads, `NOT_FOUND`, `UNAVAILABLE` when it could not be saved.
    pub async fn cancel_job(&self, by: &Operator, id: JobId) -> Result<Arc<Job>> {
        by.expect(KeyScope::Write, "end a job")?;
        self.0.platform.cancel_job(id, self.clock().now()).await
    }

    /// Does one company of a job.
    async fn do_one(&self, job: &Job, tenant: TenantId) -> Result<()> {
        let by = Operator::of_job(job.root);
        match &job.task {
            JobTask::Suspend { reads, reason } => {
                let how = Suspension { reads: *reads, reason: reason.clone() };
                self.suspend_tenant(&by, tenant, how, None).await.map(drop)
            }
            JobTask::Resume => self.resume_tenant(&by, tenant, None).await.map(drop),
            JobTask::Retier { tier } => self.retier_tenant(&by, tenant, *tier).await.map(drop),
            JobTask::Announce { subject, text } => {
                self.known_tenant(tenant)?;
                let tell = Announce { subject: subject.clone(), text: text.clone() };
                // Once, though the part may be done again.
                let cx = by.about(tenant).with_idempotency_key(Some(job.id.to_string()));
                self.execute(cx, tell).await.map(drop)
            }
        }
    }

    /// Does the part of a job at which it is. False when it cannot be saved, or the engine closes.
    async fn do_part(&self, job: &Job) -> Result<bool> {
        let part = job.done / PART;
        let mut items = self.0.platform.job_part(job.id, part).await?;
        if items.is_empty() {
            return Err(Error::internal(format!("part {part} of {} is missing", job.id)));
        }
        for item in items.iter_mut().skip((job.done % PART) as usize) {
            let goes_on = |job: Arc<Job>| job.status == JobStatus::Running;
            if self.0.jobs.is_closed() || !self.job(job.id).is_some_and(goes_on) {
                break;
            }
            let done = self.do_one(job, item.tenant).await;
            item.at = Some(self.clock().now());
            item.fault = done.as_ref().err().map(Into::into);
            self.0.platform.count_in_job(job.id, item.fault.as_ref()).await;
        }
        if let Err(error) = self.0.platform.save_part(job.id, part, items, self.clock().now()).await {
            // It will be done again from where the store says it is.
            self.0.platform.recount_job(job).await;
            return Err(error);
        }
        Ok(!self.0.jobs.is_closed())
    }
}

/// Does jobs until there is none, the oldest first.
async fn work(engine: Weak<Inner>) {
    loop {
        let Some(engine) = engine.upgrade().map(Engine) else { return };
        let job = {
            // Whoever begins a job looks under the same lock whether this task goes on.
            let mut task = engine.0.jobs.task.lock();
            let Some(job) = engine.0.platform.jobs.next() else {
                *task = None;
                return;
            };
            job
        };
        match engine.do_part(&job).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::error!(?error, job.id = %job.id, "a job stands still; it goes on with the next start");
                return;
            }
        }
    }
}

/// The change, if it can be made.
fn checked(task: JobTask) -> Result<JobTask> {
    match task {
        JobTask::Announce { subject, text } => Ok(JobTask::Announce {
            subject: command::line("subject", "the subject", &subject, SUBJECT_CHARS_MAX)?,
            text: command::body("text", "the text", Some(&text), TEXT_BYTES_MAX)?
                .ok_or_else(|| Error::invalid("text", "the text is empty: say what they are to know"))?,
        }),
        other => Ok(other),
    }
}

/// Tells a company's super admins something, by mail and in its log.
#[derive(Debug, minicbor::Encode)]
struct Announce {
    #[n(0)]
    subject: String,
    #[n(1)]
    text: String,
}

impl Command for Announce {
    fn operation(&self) -> &'static str {
        "tenantAnnounce"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let mut draft = Draft::new();
        draft.announce(self.subject.clone(), self.text.clone());
        let admins = world.directory.members().filter(|m| m.is_active() && m.role == Role::SuperAdmin);
        for admin in admins.take(TOLD_MAX) {
            let Some(to) = admin.email.clone() else { continue };
            let values = [
                ("name", admin.name.as_str()),
                ("company", world.tenant.name.as_str()),
                ("company_slug", world.tenant.slug.as_str()),
                ("subject", self.subject.as_str()),
                ("text", self.text.as_str()),
            ];
            let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            draft.send(OutboxMail { template: ANNOUNCEMENT_TEMPLATE, to, values });
        }
        Ok(draft)
    }
}
