//! Jobs: every company once, with what came of it, through a restart too.

use super::super::gate::{Answers, Gate};
use super::{Platform, us};
use crate::engine::{Closing, Engine, Suspension};
use crate::error::{Error, ErrorCode};
use crate::id::{JobId, TenantId};
use crate::model::{Job, JobStatus, JobTask, TenantStatus, Tier};
use crate::platform::{NewJob, NewTenant, TenantFilter};
use crate::rows::{OutboxRow, tag};
use crate::storage::{KeyRing, MasterKey, MasterKeySource, StoreKind, StoreOptions, open_store};
use crate::tenant::each;
use crate::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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
    let engine = platform.engine().clone();
    // It stands at its first company until the engine closes.
    let turn = engine.0.platform.records.lock().await;
    let (job, _) = engine.begin_job(&us(), task, ids.clone(), None).await.unwrap();
    let closing = tokio::spawn({
        let engine = engine.clone();
        async move { engine.close().await }
    });
    while !engine.0.jobs.is_closed() {
        tokio::task::yield_now().await;
    }
    drop(turn);
    closing.await.unwrap();
    drop(engine);
    let (engine, _folder) = platform.again().await;
    let kept = engine.job(job.id).unwrap();
    assert_eq!((kept.status, kept.total), (JobStatus::Running, 120));
    assert!(kept.done <= 1, "{kept:?}");
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
async fn a_job_over_a_filter_is_one_job_however_the_companies_stand_when_it_is_asked_again() {
    let platform = Platform::new().await;
    let engine = platform.engine();
    let ids = companies(engine, 2).await;
    let active = || TenantFilter { status: Some(vec![TenantStatus::Active]), ..TenantFilter::default() };
    let key = Some("night".to_owned());
    let (job, _) = engine.begin_job(&us(), suspension(), active(), key.clone()).await.unwrap();
    assert_eq!(over(engine, job.id).await.total, 3);
    // Lost answers are asked for again, when nobody is active any more.
    let (again, is_new) = engine.begin_job(&us(), suspension(), active(), key.clone()).await.unwrap();
    assert_eq!((again.id, is_new), (job.id, false));
    let other = engine.begin_job(&us(), suspension(), ids, key).await.unwrap_err();
    assert_eq!(other.code(), ErrorCode::Conflict);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_of_suspensions_opens_no_company_that_was_closed() {
    let platform = Platform::new().await;
    let engine = platform.engine();
    let ids = companies(engine, 2).await;
    let how = Suspension { reads: false, reason: None };
    engine.suspend_tenant(&us(), ids[0], how, None).await.unwrap();
    engine.close_tenant(&us(), ids[1], Closing::default(), None).await.unwrap();
    let (job, _) = engine.begin_job(&us(), JobTask::Resume, ids.clone(), None).await.unwrap();
    assert_eq!(over(engine, job.id).await.failed, 1);
    let status = |id| engine.tenant_by_id(id).unwrap().status;
    assert_eq!([status(ids[0]), status(ids[1])], [TenantStatus::Active, TenantStatus::Closed]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_nobody_knows_to_be_saved_is_found_again_and_not_begun_twice() {
    let platform = Platform::new().await;
    let Platform { world, folder, .. } = platform;
    let id = world.founded.tenant.id;
    world.engine.close().await;
    let source = MasterKeySource::File(world.engine.0.folder.master_key());
    let keys = KeyRing::new(world.engine.0.folder.tenant_keys(), MasterKey::load(&source).unwrap());
    let path = world.engine.0.folder.platform();
    drop(world);
    let gate = Gate::around(open_store(StoreKind::Sled, &path, &StoreOptions::default()).unwrap());
    let kept = crate::platform::Platform::open(gate.clone(), &keys).await.unwrap();
    let new = || NewJob {
        task: suspension(),
        root: None,
        key: None,
        which: vec![id].into(),
        scope: Some([1; 32]),
        input: [2; 32],
    };
    let now = Timestamp::from_millis(1);
    gate.set(Answers::Lost);
    assert_eq!(kept.add_job(new(), now).await.map(drop).unwrap_err().code(), ErrorCode::Unavailable);
    gate.set(Answers::Given);
    // The companies of the first were saved, and its head was not tried; of the next try both are.
    let (first, _) = kept.add_job(new(), now).await.unwrap();
    assert_eq!((kept.add_job(new(), now).await.unwrap().0.id, kept.jobs.all().len()), (first.id, 1));
    // Its end is saved, and that is not known.
    gate.set(Answers::Lost);
    assert!(kept.cancel_job(first.id, now).await.is_err());
    gate.set(Answers::Given);
    assert_eq!(kept.jobs.get(first.id).unwrap().status, JobStatus::Running);
    let (again, is_new) = kept.add_job(new(), now).await.unwrap();
    assert_eq!((again.id, again.status, is_new), (first.id, JobStatus::Canceled, false));
    // A head that memory does not know of is read, and found.
    kept.jobs.forget(first.id);
    gate.set(Answers::Lost);
    assert!(kept.add_job(NewJob { scope: None, ..new() }, now).await.is_err());
    gate.set(Answers::Given);
    assert_eq!(kept.add_job(new(), now).await.unwrap().0.id, first.id);
    kept.close().await;
    drop(folder);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_fails_for_a_moment_is_asked_again_and_a_job_that_cannot_go_on_holds_up_no_other() {
    let platform = Platform::new().await;
    let engine = platform.engine();
    let asked = AtomicUsize::new(0);
    let answer = engine.0.jobs.insist(|| async {
        match asked.fetch_add(1, Ordering::SeqCst) {
            0 | 1 => Err(Error::unavailable("the disk is full")),
            _ => Ok(7),
        }
    });
    assert_eq!((answer.await.unwrap(), asked.load(Ordering::SeqCst)), (7, 3));
    let ids = companies(engine, 1).await;
    let turn = engine.0.platform.records.lock().await;
    let (stuck, _) = engine.begin_job(&us(), suspension(), ids.clone(), None).await.unwrap();
    let (next, _) = engine.begin_job(&us(), suspension(), ids, None).await.unwrap();
    engine.0.platform.give_up_job(stuck.id, engine.clock().now()).await;
    drop(turn);
    assert_eq!(over(engine, next.id).await.status, JobStatus::Done);
    assert_eq!(engine.job(stuck.id).unwrap().status, JobStatus::Failed);
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
    let turn = engine.0.platform.records.lock().await;
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
