//! Jobs: one change of many companies, done one after the other by one task, with what came of it for each.
//!
//! Every change says what is to be, so that a company may be done again when a process ended before what came of it was
//! saved. It does not know what a change is: the engine's own functions do it.

use super::named_request::NamedRequest;
use super::{Engine, Inner, Suspension, to_the_end};
use crate::command::{self, Command, World};
use crate::context::Operator;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::{JobId, TenantId};
use crate::model::{Job, JobItem, JobStatus, JobTask, KeyScope, Role};
use crate::outbox::OutboxMail;
use crate::platform::{NewJob, PART, TenantSelection};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Characters of the line in which a company is told something.
const SUBJECT_CHARS_MAX: usize = 200;

/// Bytes of the text that a company is told.
const TEXT_BYTES_MAX: usize = 16 * 1024;

/// Super admins of one company who are told by mail.
const TOLD_MAX: usize = 50;

/// How often a store that fails is asked before a job is given up, and the pauses in between: some four minutes in all.
const TRIES_MAX: u32 = 16;
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// The name of the template of the mail that tells a company something.
pub const ANNOUNCEMENT_TEMPLATE: &str = "announcement";

/// The task that does the jobs, while there are any.
#[derive(Default)]
pub(super) struct Runner {
    task: Mutex<Option<JoinHandle<()>>>,
    closed: AtomicBool,
    closing: Notify,
}

impl Runner {
    /// Lets the task finish the company it is at, and starts no other.
    pub(super) async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.closing.notify_one();
        let task = self.task.lock().take();
        if let Some(task) = task {
            // A task that has panicked has said so itself.
            let _ = task.await;
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// What this answers in the end: a store that fails for a while is asked again, after pauses that grow.
    pub(super) async fn insist<T, F: Future<Output = Result<T>>>(&self, ask: impl Fn() -> F) -> Result<T> {
        let mut pause = PAUSE_MIN;
        for _ in 1..TRIES_MAX {
            match ask().await {
                Err(error) if !self.is_closed() => {
                    tracing::warn!(?error, "a job stands still for a moment");
                }
                answer => return answer,
            }
            // It ends early when the engine closes.
            let _ = tokio::time::timeout(pause, self.closing.notified()).await;
            pause = pause.saturating_mul(2).min(PAUSE_MAX);
        }
        ask().await
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
        which: impl Into<TenantSelection> + Send,
        name: Option<String>,
    ) -> Result<(Arc<Job>, bool)> {
        by.expect(KeyScope::Write, "change companies in bulk")?;
        let (task, which) = (checked(task)?, which.into());
        // By what was asked, not by what a filter meets at the moment: that changes as the job goes on.
        let NamedRequest { scope, input, .. } =
            NamedRequest::of(self, (by, "job"), name.as_deref(), &(&task, &which))?;
        let (engine, root, key, now) = (self.clone(), by.root(), by.key(), self.clock().now());
        to_the_end(async move {
            let new = NewJob { task, root, key, which, scope, input };
            let (job, is_new) = engine.0.platform.add_job(new, now).await?;
            engine.resume_jobs();
            Ok((job, is_new))
        })
        .await
    }

    /// Goes on with the jobs that are not done: to be called once when a server starts, from within the runtime. Does nothing
    /// while they are done.
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

    /// Companies of a job behind so many of them, at most `limit`, in their order, with what came of each.
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
            JobTask::Resume => self.end_suspension(&by, tenant).await.map(drop),
            JobTask::Retier { tier } => self.retier_tenant(&by, tenant, *tier).await.map(drop),
            JobTask::Announce { subject, text } => {
                self.known_tenant(tenant)?;
                let tell = Announce { subject: subject.clone(), text: text.clone() };
                // Once, though the company may come again.
                let cx = by.about(tenant).with_idempotency_key(Some(job.id.to_string()));
                self.execute(cx, tell).await.map(drop)
            }
        }
    }

    /// Does the part of a job at which it is. What came of a company is saved before the next is begun, so that after a
    /// crash one is done again at most. False when the engine closes.
    async fn do_part(&self, job: &Job) -> Result<bool> {
        let (runner, platform) = (&self.0.jobs, &self.0.platform);
        let part = job.done / PART;
        let mut items = runner.insist(|| platform.job_part(job.id, part)).await?;
        if items.is_empty() {
            return Err(Error::internal(format!("part {part} of {} is missing", job.id)));
        }
        for place in (job.done % PART) as usize.. {
            let goes_on = |job: Arc<Job>| job.status == JobStatus::Running;
            if runner.is_closed() || !self.job(job.id).is_some_and(goes_on) {
                break;
            }
            let Some(item) = items.get_mut(place) else { break };
            let done = self.do_one(job, item.tenant).await;
            let now = self.clock().now();
            item.at = Some(now);
            item.fault = done.as_ref().err().map(Into::into);
            let refused = done.is_err();
            runner.insist(|| platform.save_part(job.id, part, &items, refused, now)).await?;
        }
        Ok(!runner.is_closed())
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
            Err(error) if engine.0.jobs.is_closed() => {
                tracing::warn!(?error, job.id = %job.id, "a job goes on with the next start");
                return;
            }
            Err(error) => {
                tracing::error!(?error, job.id = %job.id, "a job cannot go on, and is given up");
                engine.0.platform.give_up_job(job.id, engine.clock().now()).await;
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
            draft.send(OutboxMail::of(ANNOUNCEMENT_TEMPLATE, to, values));
        }
        Ok(draft)
    }
}
