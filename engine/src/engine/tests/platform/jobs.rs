//! Jobs: every company once, with what came of it, through a restart too.

use super::{Platform, us};
use crate::engine::{Closing, Engine};
use crate::error::ErrorCode;
use crate::id::{JobId, TenantId};
use crate::model::{Job, JobStatus, JobTask, TenantStatus, Tier};
use crate::platform::NewTenant;
use crate::rows::{OutboxRow, tag};
use crate::tenant::each;
use std::sync::Arc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

fn suspension() -> JobTask {
    JobTask::Suspend { reads: false, reason: None }
}

async fn companies(engine: &Engine, count: usize) -> Vec<TenantId> {
    let mut ids = Vec::new();
    for n in 0..count {
        let new = NewTenant::new(format!("company-{n:03}"), format!("Company {n}"));
        ids.push(engine.create_tenant(new).await.unwrap().tenant.id);
    }
    ids
}

/// The job, once it is over.
async fn over(engine: &Engine, id: JobId) -> Arc<Job> {
    let look = async {
        loop {
            let job = engine.job(id).unwrap();
            if job.status != JobStatus::Running {
                return job;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_says_what_came_of_each_company() {
    let platform = Platform::new().await;
    let engine = platform.engine();
    let mut ids = companies(engine, 3).await;
    engine.close_tenant(&us(), ids[1], Closing::default(), None).await.unwrap();
    ids.extend([TenantId::generate(), ids[0]]);
    let (job, is_new) = engine.begin_job(&us(), suspension(), ids.clone(), Some("k".into())).await.unwrap();
    assert!(is_new && job.total == 4, "the same company twice is one");
    let (again, is_new) = engine.begin_job(&us(), suspension(), ids.clone(), Some("k".into())).await.unwrap();
    assert_eq!((again.id, is_new), (job.id, false));
    let other = engine.begin_job(&us(), JobTask::Resume, ids.clone(), Some("k".into())).await.unwrap_err();
    assert_eq!(other.code(), ErrorCode::Conflict);
    let job = over(engine, job.id).await;
    assert_eq!((job.status, job.done, job.failed), (JobStatus::Done, 4, 2));
    let items = engine.job_items(job.id, 0, 10).await.unwrap();
    let codes: Vec<_> =
        items.iter().map(|item| item.fault.as_ref().map(|fault| fault.code.as_str())).collect();
    assert_eq!(codes, [None, Some("REJECTED"), None, Some("NOT_FOUND")]);
    assert!(items.iter().all(|item| item.at.is_some()));
    let status = |id| engine.tenant_by_id(id).unwrap().status;
    assert_eq!(
        [status(ids[0]), status(ids[1]), status(ids[2])],
        [TenantStatus::Suspended, TenantStatus::Closed, TenantStatus::Suspended]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_goes_on_where_a_process_has_ended() {
    let platform = Platform::new().await;
    let ids = companies(platform.engine(), 120).await;
    let task = JobTask::Retier { tier: Tier::Platinum };
    let (job, _) = platform.engine().begin_job(&us(), task, ids.clone(), None).await.unwrap();
    let (engine, _folder) = platform.again().await;
    let kept = engine.job(job.id).unwrap();
    assert_eq!(kept.total, 120);
    engine.resume_jobs();
    let done = over(&engine, job.id).await;
    assert_eq!((done.status, done.done, done.failed), (JobStatus::Done, 120, 0));
    assert!(ids.iter().all(|id| engine.tenant_by_id(*id).unwrap().tier == Tier::Platinum));
    let items = engine.job_items(job.id, 95, 1000).await.unwrap();
    assert_eq!(items.iter().map(|item| item.tenant).collect::<Vec<_>>(), ids[95..]);
    assert!(items.iter().all(|item| item.at.is_some() && item.fault.is_none()));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_companies_are_told_is_in_their_log_and_on_its_way_to_their_super_admins() {
    let platform = Platform::new().await;
    let (engine, id) = (platform.engine(), platform.world.founded.tenant.id);
    let task = |text: &str| JobTask::Announce { subject: "Maintenance".into(), text: text.into() };
    let empty = engine.begin_job(&us(), task(" "), vec![id], None).await.unwrap_err();
    assert_eq!(empty.field(), Some("text"));
    let (job, _) = engine.begin_job(&us(), task("On Sunday."), vec![id], None).await.unwrap();
    assert_eq!(over(engine, job.id).await.failed, 0);
    let live = engine.live(id).await.unwrap();
    let mut mails = Vec::new();
    each::<OutboxRow>(live.store(), tag::OUTBOX, |mail| mails.push((mail.to, mail.template))).await.unwrap();
    assert_eq!(mails, [("ana@acme.test".to_owned(), "announcement".to_owned())]);
    assert!(engine.check(id).await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_was_ended_leaves_the_rest_as_it_was() {
    let platform = Platform::new().await;
    let engine = platform.engine();
    let ids = companies(engine, 3).await;
    // Nobody's record is changed meanwhile: the job stands at its first company.
    let turn = engine.0.platform.founding.lock().await;
    let (job, _) = engine.begin_job(&us(), suspension(), ids.clone(), None).await.unwrap();
    engine.cancel_job(&us(), job.id).await.unwrap();
    drop(turn);
    let job = over(engine, job.id).await;
    assert_eq!(job.status, JobStatus::Canceled);
    let again = engine.cancel_job(&us(), job.id).await.unwrap();
    assert_eq!(again.finished_at, job.finished_at);
    let none = engine.cancel_job(&us(), JobId::generate()).await.unwrap_err();
    assert_eq!(none.code(), ErrorCode::NotFound);
    engine.close().await;
    for id in &ids[1..] {
        assert_eq!(engine.tenant_by_id(*id).unwrap().status, TenantStatus::Active);
    }
}
