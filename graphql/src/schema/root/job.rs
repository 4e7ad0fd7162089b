//! Jobs: changes of many companies, how far they have come, and what came of them.

use super::Asked;
use super::page::{self, PageInfo};
use super::word::{JobKind, JobStatus};
use crate::error::Result;
use crate::schema::page::{PAGE_SIZE_DEFAULT, size};
use crate::schema::scalar::{self, DateTime};
use crate::schema::word::Tier;
use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use mortise_engine::model::{self, JobTask};
use mortise_engine::{Error, id::JobId};
use std::sync::Arc;

/// A change of many companies, done one after the other.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Job {
    /// The global id, `job_…`.
    id: ID,
    /// What it does to each.
    kind: JobKind,
    /// The tier that it sells.
    tier: Option<Tier>,
    /// The reason or the subject that it gives.
    subject: Option<String>,
    /// How far it has come.
    status: JobStatus,
    /// Companies.
    total: u32,
    /// Companies that were tried.
    done: u32,
    /// Companies among them that were left as they were, and why.
    failed: u32,
    /// The operator who asked for it, `root_…`.
    operator_id: Option<ID>,
    /// When it was asked for.
    created_at: DateTime,
    /// When it ended.
    finished_at: Option<DateTime>,
    #[graphql(skip)]
    own_id: JobId,
}

impl From<&model::Job> for Job {
    fn from(job: &model::Job) -> Self {
        let (tier, subject) = match &job.task {
            JobTask::Suspend { reason, .. } => (None, reason.clone()),
            JobTask::Resume => (None, None),
            JobTask::Retier { tier } => (Some((*tier).into()), None),
            JobTask::Announce { subject, .. } => (None, Some(subject.clone())),
        };
        Self {
            id: scalar::global(job.id),
            kind: JobKind::from(&job.task),
            tier,
            subject,
            status: job.status.into(),
            total: job.total,
            done: job.done,
            failed: job.failed,
            operator_id: job.root.map(scalar::global),
            created_at: DateTime(job.created_at),
            finished_at: job.finished_at.map(DateTime),
            own_id: job.id,
        }
    }
}

/// One company of a job.
#[derive(SimpleObject)]
pub(super) struct JobItem {
    /// The company, `ten_…`.
    tenant_id: ID,
    /// The name people type at sign-in there; null when it is there no more.
    slug: Option<String>,
    /// When it was tried; null when it was not yet.
    at: Option<DateTime>,
    /// Why it was left as it was: the code, such as `REJECTED`; null when it was done.
    error_code: Option<String>,
    /// Why, in a sentence.
    error: Option<String>,
}

/// A page of a job's companies.
#[derive(SimpleObject)]
pub(super) struct JobItemConnection {
    /// The companies, in their order.
    nodes: Vec<JobItem>,
    /// Where the page lies.
    page_info: PageInfo,
}

/// A page of jobs.
#[derive(SimpleObject)]
pub(super) struct JobConnection {
    /// The jobs, the newest first.
    nodes: Vec<Job>,
    /// Where the page lies.
    page_info: PageInfo,
}

#[ComplexObject]
impl Job {
    /// Its companies, with what came of each.
    async fn items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
        #[graphql(desc = "The cursor behind which the page begins.")] after: Option<String>,
    ) -> Result<JobItemConnection> {
        let engine = Asked::of(ctx)?.engine;
        let first = first.map_or(Ok(PAGE_SIZE_DEFAULT), |first| size("first", first, engine.limits()))?;
        let first = u32::try_from(first).unwrap_or(u32::MAX);
        let start = after.map_or(Ok(0), |text| text.parse::<u32>());
        let start = start.map_err(|_| Error::invalid("after", "`after` is not a cursor of this list"))?;
        let items = engine.job_items(self.own_id, start, first).await?;
        let end = start.saturating_add(u32::try_from(items.len()).unwrap_or(u32::MAX));
        let shown = |item: model::JobItem| {
            let (error_code, error) = item.fault.map(|fault| (fault.code, fault.message)).unzip();
            JobItem {
                tenant_id: scalar::global(item.tenant),
                slug: engine.tenant_by_id(item.tenant).map(|tenant| tenant.slug.clone()),
                at: item.at.map(DateTime),
                error_code,
                error,
            }
        };
        let page_info = PageInfo {
            has_next_page: end < self.total,
            end_cursor: Some(end.to_string()).filter(|_| !items.is_empty()),
        };
        Ok(JobItemConnection { nodes: items.into_iter().map(shown).collect(), page_info })
    }
}

/// Queries about jobs.
#[derive(Default)]
pub(super) struct JobQuery;

#[Object]
impl JobQuery {
    /// A job by global id; null when there is none.
    async fn job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id, `job_…`.")] id: ID,
    ) -> Result<Option<Job>> {
        let asked = Asked::of(ctx)?;
        Ok(asked.engine.job(scalar::id("id", &id)?).map(|job| Job::from(&*job)))
    }

    /// The jobs that are kept, the newest first: 500 and those that are not done.
    async fn jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
        #[graphql(desc = "The cursor behind which the page begins.")] after: Option<String>,
    ) -> Result<JobConnection> {
        let asked = Asked::of(ctx)?;
        // The newest first, so what lies before a cursor is newer.
        let before = |job: &Arc<model::Job>, id: &str| job.id.to_string().as_str() >= id;
        let limits = asked.engine.limits();
        let cut = page::cut(asked.engine.jobs(), (first, after), limits, |job| job.id.to_string(), before)?;
        Ok(JobConnection {
            nodes: cut.nodes.iter().map(|job| Job::from(&**job)).collect(),
            page_info: cut.page_info,
        })
    }
}
