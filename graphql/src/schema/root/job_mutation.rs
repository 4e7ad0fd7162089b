//! Jobs are begun and ended.

use super::choose::TenantSelection;
use super::job::Job;
use super::tenant_mutation::TenantSuspendInput;
use super::{Asked, answered};
use crate::error::Result;
use crate::schema::payload::UserError;
use crate::schema::scalar;
use crate::schema::word::Tier;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use mortise_engine::model::{self, JobTask};
use std::sync::Arc;

/// What companies are told.
#[derive(InputObject)]
pub(super) struct AnnouncementInput {
    /// In a line of at most 200 characters.
    subject: String,
    /// At length, at most 16 KiB of plain text.
    text: String,
}

/// The answer about a job.
#[derive(SimpleObject)]
pub(super) struct JobPayload {
    /// Whether it was done, or already was so. False exactly when there are `userErrors`.
    success: bool,
    /// The job, which goes on by itself: ask `job` how far it has come. Null when it was refused.
    job: Option<Job>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

impl JobPayload {
    fn answer(done: mortise_engine::Result<Arc<model::Job>>) -> Result<Self> {
        let (job, user_errors) = answered(done)?;
        Ok(Self { success: user_errors.is_empty(), job: job.map(|job| Job::from(&*job)), user_errors })
    }
}

/// Begins a job.
async fn begin(
    ctx: &Context<'_>,
    task: JobTask,
    select: TenantSelection,
    key: Option<String>,
) -> Result<JobPayload> {
    let asked = Asked::of(ctx)?;
    let done = asked.engine.begin_job(asked.operator, task, select.settle()?, key).await;
    JobPayload::answer(done.map(|(job, _)| job))
}

/// Mutations of jobs.
#[derive(Default)]
pub(super) struct JobMutation;

#[Object]
impl JobMutation {
    /// Suspends companies, one after the other. Needs `WRITE`.
    async fn tenants_suspend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] select: TenantSelection,
        #[graphql(desc = "How.", default)] input: TenantSuspendInput,
        #[graphql(
            desc = "A name for this one job: asked again under it, it answers the job that was begun."
        )]
        idempotency_key: Option<String>,
    ) -> Result<JobPayload> {
        let task = JobTask::Suspend { reads: input.reads, reason: input.reason };
        begin(ctx, task, select, idempotency_key).await
    }

    /// Opens companies again that are suspended, one after the other; those that are closed refuse. Needs `WRITE`.
    async fn tenants_resume(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] select: TenantSelection,
        #[graphql(
            desc = "A name for this one job: asked again under it, it answers the job that was begun."
        )]
        idempotency_key: Option<String>,
    ) -> Result<JobPayload> {
        begin(ctx, JobTask::Resume, select, idempotency_key).await
    }

    /// Sells another tier to companies, one after the other. Needs `WRITE`.
    async fn tenants_retier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] select: TenantSelection,
        #[graphql(desc = "What they buy.")] tier: Tier,
        #[graphql(
            desc = "A name for this one job: asked again under it, it answers the job that was begun."
        )]
        idempotency_key: Option<String>,
    ) -> Result<JobPayload> {
        begin(ctx, JobTask::Retier { tier: tier.into() }, select, idempotency_key).await
    }

    /// Tells companies something: their super admins by mail, and all in their log. Needs `WRITE`.
    async fn tenants_announce(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] select: TenantSelection,
        #[graphql(desc = "What.")] input: AnnouncementInput,
        #[graphql(
            desc = "A name for this one job: asked again under it, it answers the job that was begun."
        )]
        idempotency_key: Option<String>,
    ) -> Result<JobPayload> {
        let task = JobTask::Announce { subject: input.subject, text: input.text };
        begin(ctx, task, select, idempotency_key).await
    }

    /// Ends a job after the company it is at. What was done stays. Needs `WRITE`.
    async fn job_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The job: global id, `job_…`.")] id: ID,
    ) -> Result<JobPayload> {
        let asked = Asked::of(ctx)?;
        JobPayload::answer(asked.engine.cancel_job(asked.operator, scalar::id("id", &id)?).await)
    }
}
