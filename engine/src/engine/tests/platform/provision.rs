//! Companies are founded by request, once for each request, and nobody of the platform becomes one of their people.

use super::{DAY_MS, PASSWORD, Platform, us};
use crate::command::issue::CreateIssue;
use crate::command::member::UpdateMember;
use crate::context::{OpContext, Operator, Principal};
use crate::engine::{NewColleague, NewPlatformKey, Suspension};
use crate::error::ErrorCode;
use crate::event::{Actor, Subject};
use crate::id::ApiKeyId;
use crate::identity::Password;
use crate::model::{KeyScope, MemberStatus, Role, Seq, Tier};
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
async fn a_repeated_request_answers_its_company_and_tells_nothing_of_anybodys_password() {
    let platform = Platform::new().await;
    let (engine, key) = (platform.engine(), Some("order-2".to_owned()));
    let done = engine.provision_tenant(&us(), globex(Some(PASSWORD)), key.clone()).await.unwrap();
    assert!(done.invitation.is_none());
    let (id, hank) = (done.founded.tenant.id, done.founded.admin.unwrap());
    let changed = Password::new("changed by Hank himself".into());
    let cx = OpContext::new(Principal::trusted_system(id));
    engine.set_password(cx, hank, changed).await.unwrap();
    for guess in [PASSWORD, "changed by Hank himself", "another passphrase"] {
        let again = engine.provision_tenant(&us(), globex(Some(guess)), key.clone()).await.unwrap();
        assert_eq!((again.founded.tenant.id, again.founded.replayed), (id, true));
        assert!(again.invitation.is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_platform_does_before_anybody_has_come_leaves_the_first_super_admin_their_link() {
    let platform = Platform::new().await;
    let (by, engine) = (operator(&platform).await, platform.engine());
    let done = engine.provision_tenant(&by, globex(None), None).await.unwrap();
    let id = done.founded.tenant.id;
    let new = NewColleague {
        email: "bo@globex.test".into(),
        name: "Bo".into(),
        role: Role::SuperAdmin,
        reason: "ticket 4711: a second super admin".into(),
    };
    let bo = engine.add_colleague(&by, id, new).await.unwrap();
    let link = engine.renew_invitation(&by, id).await.unwrap();
    let former = done.invitation.unwrap();
    let chosen = || Password::new("chosen by Hank himself".into());
    let ended = engine.reset_password(former.token.expose(), chosen()).await.unwrap_err();
    assert_eq!(ended.code(), ErrorCode::Unauthenticated, "there is one link");
    let told = engine.live(id).await.unwrap().events(Seq(0), 100).await.unwrap();
    let told = told.into_iter().filter(|event| event.subject == Subject::Tenant);
    let told: Vec<_> = told.filter_map(|event| Some((event.body?.name(), event.actor))).collect();
    let invited = ("tenant.invited", Actor::Root(by.root().unwrap()));
    assert_eq!(told[told.len() - 2..], [invited, invited]);
    // Whoever is let in takes part, and then the platform has no link.
    let admit = UpdateMember { status: Some(MemberStatus::Active), ..UpdateMember::of(bo) };
    engine.execute(OpContext::new(Principal::trusted_system(id)), admit).await.unwrap();
    assert_eq!(engine.renew_invitation(&by, id).await.unwrap_err().code(), ErrorCode::Rejected);
    let late = engine.reset_password(link.token.expose(), chosen()).await.unwrap_err();
    assert_eq!(late.code(), ErrorCode::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_is_given_by_who_founded_the_company_or_by_admin_and_ten_times_a_day() {
    let platform = Platform::new().await;
    let (by, engine) = (operator(&platform).await, platform.engine());
    let others = engine.provision_tenant(&us(), globex(None), None).await.unwrap().founded.tenant.id;
    let sign_up = Operator::by_key(by.root().unwrap(), ApiKeyId::generate(), KeyScope::Write);
    let refused = engine.renew_invitation(&sign_up, others).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Forbidden);
    engine.renew_invitation(&by, others).await.unwrap();
    let own = NewTenant { slug: "initech".into(), ..globex(None) };
    let own = engine.provision_tenant(&sign_up, own, None).await.unwrap().founded.tenant.id;
    for _ in 1..10 {
        engine.renew_invitation(&sign_up, own).await.unwrap();
    }
    let refused = engine.renew_invitation(&sign_up, own).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::RateLimited);
    platform.pass(DAY_MS);
    engine.renew_invitation(&sign_up, own).await.unwrap();
    let nobody = engine.create_tenant(NewTenant::new("nobody", "Nobody")).await.unwrap().tenant.id;
    let refused = engine.renew_invitation(&by, nobody).await.unwrap_err();
    assert!(refused.message().contains("founded without a super admin"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_is_founded_where_it_was_said_that_it_lives() {
    let platform = Platform::new().await;
    let engine = platform.engine();
    let home = Some(Tier::Premium);
    let new = NewTenant { home, ..NewTenant::new("globex", "Globex") };
    let key = Some("order-3".to_owned());
    let done = engine.provision_tenant(&us(), new, key.clone()).await.unwrap();
    let placement = &done.founded.tenant.placement;
    assert!(engine.housing().of(Tier::Premium).holds(placement), "{placement}");
    assert!(!engine.housing().of(Tier::Basic).holds(placement), "{placement}");
    let other = NewTenant::new("globex", "Globex");
    let conflict = engine.provision_tenant(&us(), other, key).await.unwrap_err();
    assert_eq!(conflict.code(), ErrorCode::Conflict, "another home is another request");
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
