//! Golden files of what those who run the platform keep.

use super::samples::{at, key, logged, uuid};
use super::{Actor, EventBody, check};
use crate::event::Subject;
use crate::id::{ApiKeyId, JobId, MemberId, RootId, TeamId, TenantId};
use crate::identity::{ApiKeyRecord, Holder};
use crate::model::{
    Founding, Job, JobFault, JobItem, JobStatus, JobTask, Lifecycle, Placement, Seq, Tenant, TenantStatus,
    Tier, Untold,
};
use crate::rows::{JobRow, PlatformKey};

fn lifecycle() -> Lifecycle {
    Lifecycle {
        since: at(1),
        reason: Some("An invoice is open".into()),
        reads: true,
        grace_until: Some(at(9)),
        before: None,
    }
}

fn closed() -> Tenant {
    Tenant {
        name: "Acme".into(),
        status: TenantStatus::Closed,
        updated_at: at(1),
        version: 3,
        lifecycle: Some(lifecycle()),
        region: Some("eu-central".into()),
        founding: Some(Founding {
            scope: Some([23; 32].into()),
            input: [24; 32].into(),
            admin: Some(MemberId::from_uuid(uuid(4))),
            team: Some(TeamId::from_uuid(uuid(2))),
            seq: Seq(4),
            root: None,
        }),
        ..Tenant::new(TenantId::from_uuid(uuid(13)), "acme", Tier::Basic, Placement::Shard(0), at(0))
    }
}

/// One that was suspended when it was closed, by an operator who had founded it.
fn closed_and_untold() -> Tenant {
    let root = Some(RootId::from_uuid(uuid(15)));
    let suspended = Lifecycle { grace_until: None, ..lifecycle() };
    Tenant {
        lifecycle: Some(Lifecycle { before: Some(Box::new(suspended)), ..lifecycle() }),
        founding: closed().founding.map(|founding| Founding { root, ..founding }),
        untold: Some(Untold { before: TenantStatus::Suspended, root }),
        ..closed()
    }
}

fn job(task: JobTask) -> JobRow {
    JobRow::Head(Job {
        id: JobId::from_uuid(uuid(25)),
        task,
        root: Some(RootId::from_uuid(uuid(15))),
        status: JobStatus::Canceled,
        total: 3,
        done: 2,
        failed: 1,
        created_at: at(0),
        finished_at: Some(at(1)),
        scope: Some([23; 32].into()),
        input: [24; 32].into(),
        key: None,
    })
}

#[test]
fn what_the_platform_keeps_is_stored_as_ever() {
    check("tenant_closed", &closed());
    check("tenant_closed_and_untold", &closed_and_untold());
    let holder = Holder::Root { root: RootId::from_uuid(uuid(15)) };
    check("platform_key", &PlatformKey { record: ApiKeyRecord { holder, ..key() } });
    check("job_suspend", &job(JobTask::Suspend { reads: true, reason: Some("An invoice is open".into()) }));
    let JobRow::Head(by_key) = job(JobTask::Resume) else { unreachable!("a head") };
    let (status, key) = (JobStatus::Failed, Some(ApiKeyId::from_uuid(uuid(27))));
    check("job_failed", &JobRow::Head(Job { status, key, ..by_key }));
    check("job_resume", &job(JobTask::Resume));
    check("job_retier", &job(JobTask::Retier { tier: Tier::Premium }));
    let (subject, text) = ("Maintenance".into(), "On Sunday.".into());
    check("job_announce", &job(JobTask::Announce { subject, text }));
    let fault = JobFault { code: "REJECTED".into(), message: "acme is closed".into() };
    let tried = JobItem { tenant: TenantId::from_uuid(uuid(13)), at: Some(at(1)), fault: Some(fault) };
    let waits = JobItem { tenant: TenantId::from_uuid(uuid(26)), at: None, fault: None };
    check("job_items", &JobRow::Items(vec![tried, waits]));
}

#[test]
fn what_the_platform_says_in_a_log_is_stored_as_ever() {
    let root = Actor::Root(RootId::from_uuid(uuid(15)));
    let changed = EventBody::TenantStatusChanged {
        before: TenantStatus::Suspended,
        after: TenantStatus::Closed,
        lifecycle: Some(Box::new(lifecycle())),
    };
    check("event_tenant_status_changed", &logged(root, Subject::Tenant, changed));
    let told = EventBody::Announced { subject: "Maintenance".into(), text: "On Sunday.".into() };
    check("event_announced", &logged(root, Subject::Tenant, told));
    let invited = EventBody::FirstAdminInvited { admin: MemberId::from_uuid(uuid(4)) };
    check("event_first_admin_invited", &logged(root, Subject::Tenant, invited));
}
