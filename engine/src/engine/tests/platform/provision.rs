//! Companies are founded by request, once for each request, and nobody of the platform becomes one of their people.

use super::{PASSWORD, Platform, us};
use crate::command::issue::CreateIssue;
use crate::command::member::UpdateMember;
use crate::context::{OpContext, Operator, Principal};
use crate::engine::{NewColleague, NewPlatformKey, Suspension};
use crate::error::ErrorCode;
use crate::identity::Password;
use crate::model::{KeyScope, MemberStatus, Role};
use crate::platform::{FirstAdmin, NewTenant};

fn globex(password: Option<&str>) -> NewTenant {
    let admin = FirstAdmin {
        email: "hank@globex.test".into(),
        name: "Hank".into(),
        password: password.map(|text| Password::new(text.into())),
    };
    NewTenant::new("globex", "Globex").with_team("OPS").with_admin(admin)
}

async fn operator(platform: &Platform) -> Operator {
    let engine = platform.engine();
    let password = Password::new(PASSWORD.into());
    let root = engine.create_root("root@platform.test", "Root", password).await.unwrap();
    let (name, scope) = ("console".to_owned(), KeyScope::Admin);
    let new = NewPlatformKey { root, name, scope, expires_at: None, networks: Vec::new() };
    let (_, text) = engine.create_platform_key(new).await.unwrap();
    engine.authenticate_operator(text.expose(), None).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_request_founds_one_company_however_often_it_is_sent() {
    let platform = Platform::new().await;
    let key = Some("order-4711".to_owned());
    let both = founded_twice_at_once(&platform, key.clone()).await;
    let ids: Vec<_> = both.iter().map(|done| done.founded.tenant.id).collect();
    assert_eq!(ids[0], ids[1]);
    assert_eq!(both.iter().filter(|done| done.founded.replayed).count(), 1);
    let engine = platform.engine();
    let other = NewTenant::new("initech", "Initech");
    let conflict = engine.provision_tenant(&us(), other, key.clone()).await.unwrap_err();
    assert_eq!((conflict.code(), conflict.field()), (ErrorCode::Conflict, Some("idempotencyKey")));
    let taken = engine.provision_tenant(&us(), globex(None), None).await.unwrap_err();
    assert_eq!((taken.code(), taken.field()), (ErrorCode::Conflict, Some("slug")));
    let (engine, _folder) = platform.again().await;
    let again = engine.provision_tenant(&us(), globex(None), key).await.unwrap();
    assert_eq!((again.founded.tenant.id, again.founded.replayed), (ids[0], true));
    engine.close().await;
}

async fn founded_twice_at_once(platform: &Platform, key: Option<String>) -> Vec<crate::engine::Provisioned> {
    let (by, engine) = (us(), platform.engine());
    let (first, second) = tokio::join!(
        engine.provision_tenant(&by, globex(None), key.clone()),
        engine.provision_tenant(&by, globex(None), key),
    );
    vec![first.unwrap(), second.unwrap()]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_super_admin_chooses_their_password_and_then_no_link_is_given() {
    let platform = Platform::new().await;
    let engine = platform.engine();
    let key = Some("order-1".to_owned());
    let done = engine.provision_tenant(&us(), globex(None), key.clone()).await.unwrap();
    let (id, first) = (done.founded.tenant.id, done.invitation.unwrap());
    let second = engine.renew_invitation(&us(), id).await.unwrap();
    engine.suspend_tenant(&us(), id, Suspension::default(), None).await.unwrap();
    engine.resume_tenant(&us(), id, None).await.unwrap();
    platform.pass(1);
    let chosen = || Password::new("chosen by Hank himself".into());
    engine.reset_password(second.token.expose(), chosen()).await.unwrap();
    let late = engine.reset_password(first.token.expose(), chosen()).await.unwrap_err();
    assert_eq!(late.code(), ErrorCode::Unauthenticated, "the other link has ended with it");
    let refused = engine.renew_invitation(&us(), id).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Rejected);
    let again = engine.provision_tenant(&us(), globex(None), key).await.unwrap();
    assert!(again.founded.replayed && again.invitation.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_the_platform_has_kept_ends_with_the_first_work_in_the_company() {
    let platform = Platform::new().await;
    let engine = platform.engine();
    let done = engine.provision_tenant(&us(), globex(None), None).await.unwrap();
    let (id, link) = (done.founded.tenant.id, done.invitation.unwrap());
    let hank = Principal::trusted_member(id, done.founded.admin.unwrap());
    let create = CreateIssue { title: "Secret".into(), ..CreateIssue::in_team(done.founded.team.unwrap()) };
    engine.execute(OpContext::new(hank), create).await.unwrap();
    let password = Password::new("chosen by the platform".into());
    let refused = engine.reset_password(link.token.expose(), password).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Unauthenticated);
    assert_eq!(engine.renew_invitation(&us(), id).await.unwrap_err().code(), ErrorCode::Rejected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_brings_another_password_is_another_request() {
    let platform = Platform::new().await;
    let (engine, key) = (platform.engine(), Some("order-2".to_owned()));
    let done = engine.provision_tenant(&us(), globex(Some(PASSWORD)), key.clone()).await.unwrap();
    assert!(done.invitation.is_none());
    let again = engine.provision_tenant(&us(), globex(Some(PASSWORD)), key.clone()).await.unwrap();
    assert!(again.founded.replayed && again.invitation.is_none());
    let other = engine.provision_tenant(&us(), globex(Some("another passphrase")), key).await.unwrap_err();
    assert_eq!(other.code(), ErrorCode::Conflict);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_the_platform_puts_down_takes_part_when_the_company_says_so() {
    let platform = Platform::new().await;
    let engine = platform.engine();
    let (by, id) = (operator(&platform).await, platform.world.founded.tenant.id);
    let new = |reason: &str| NewColleague {
        email: "bo@acme.test".into(),
        name: "Bo".into(),
        role: Role::SuperAdmin,
        reason: reason.into(),
    };
    let short = engine.add_colleague(&by, id, new("help")).await.unwrap_err();
    assert_eq!(short.field(), Some("reason"));
    let bo = engine.add_colleague(&by, id, new("ticket 4711: nobody can sign in")).await.unwrap();
    let live = engine.live(id).await.unwrap();
    let member = live.directory().member(bo).cloned().unwrap();
    assert_eq!((member.role, member.status), (Role::SuperAdmin, MemberStatus::Suspended));
    let as_bo = Principal::trusted_member(id, bo);
    assert!(engine.reader(&as_bo).await.is_err());
    let visits: Vec<_> = live.directory().visits().cloned().collect();
    assert_eq!(visits.len(), 1, "the refused one has not begun");
    assert!(visits[0].ended_at.is_some() && visits[0].reason.contains("4711"));
    let twice = engine.add_colleague(&by, id, new("ticket 4711: nobody can sign in")).await.unwrap_err();
    assert_eq!((twice.code(), twice.field()), (ErrorCode::Conflict, Some("email")));
    let ana = Principal::trusted_member(id, platform.world.founded.admin.unwrap());
    let status = Some(MemberStatus::Active);
    let admit = UpdateMember { status, ..UpdateMember::of(bo) };
    engine.execute(OpContext::new(ana), admit).await.unwrap();
    assert!(engine.reader(&as_bo).await.is_ok());
}
