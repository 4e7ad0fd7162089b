//! Operators of the platform look into a company.

use super::Timed;
use crate::command::access::UpdateAccess;
use crate::command::issue::CreateIssue;
use crate::command::member::{AddMember, UpdateMember};
use crate::command::visit::EndVisit;
use crate::command::workflow::{
    NewState, PublishWorkflow, SaveWorkflowDraft, StartMigration, StrayCounts, WorkflowContent,
};
use crate::context::{Client, OpContext, Operator, Principal};
use crate::engine::{ColleagueChange, NewApiKey, NewPlatformKey, NewVisit};
use crate::error::ErrorCode;
use crate::event::{Actor, EventBody};
use crate::id::{MemberId, RootId, TenantId};
use crate::identity::{Password, SecretText};
use crate::limits::Limits;
use crate::model::{KeyScope, Role, StateCategory, Tier};

async fn root(timed: &Timed) -> RootId {
    let password = Password::new("an operators passphrase".into());
    timed.engine().create_root("root@platform.test", "Rolf", password).await.unwrap()
}

fn asking(timed: &Timed, scope: KeyScope, minutes: u32) -> NewVisit {
    let reason = "They asked us why a search finds nothing".to_owned();
    NewVisit { tenant: timed.world.founded.tenant.id, reason, scope, minutes }
}

async fn visit(timed: &Timed, scope: KeyScope) -> SecretText {
    let root = root(timed).await;
    timed.engine().begin_visit(root, asking(timed, scope, 30)).await.unwrap().1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_stands_in_the_companys_log_with_who_and_why() {
    let timed = Timed::new().await;
    let root = root(&timed).await;
    let (visit, _) = timed.engine().begin_visit(root, asking(&timed, KeyScope::Read, 30)).await.unwrap();
    let live = timed.engine().live(timed.world.founded.tenant.id).await.unwrap();
    let last = crate::model::Seq(live.applied().0 - 1);
    let event = live.events(last, 1).await.unwrap().remove(0);
    assert_eq!(event.actor, Actor::Root(root));
    let Some(EventBody::VisitBegan { visit: told }) = event.body else { panic!("{event:?}") };
    assert_eq!(*told, *visit);
    assert_eq!((told.root_name.as_str(), told.ends_at.millis()), ("Rolf", timed.now() + 30 * 60_000));
    let seen = timed.engine().visits(&OpContext::new(timed.principal(timed.ana()))).await.unwrap();
    assert_eq!(seen, [visit]);
    let by_uwe = timed.engine().visits(&OpContext::new(timed.principal(timed.uwe))).await.unwrap_err();
    assert_eq!(by_uwe.code(), ErrorCode::Forbidden);
    drop(live);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_reads_and_changes_nothing_unless_asked_and_never_how_people_sign_in() {
    let timed = Timed::new().await;
    for scope in [KeyScope::Read, KeyScope::Write] {
        let root = match timed.engine().root_by_email("Root@platform.test").await.unwrap() {
            Some(root) => root,
            None => root(&timed).await,
        };
        let (_, token) = timed.engine().begin_visit(root, asking(&timed, scope, 30)).await.unwrap();
        let visitor = timed.engine().authenticate(token.expose()).await.unwrap().principal;
        assert_eq!((visitor.member(), visitor.actor()), (None, Actor::Root(root)));
        assert!(timed.engine().reader(&visitor).await.is_ok());
        let cx = OpContext::new(visitor);
        let issue = CreateIssue { title: "By a visitor".into(), ..CreateIssue::in_team(timed.world.team) };
        let written = timed.engine().execute(cx.clone(), issue).await;
        assert_eq!(written.is_ok(), scope == KeyScope::Write, "{scope}");
        let key = timed.engine().create_api_key(cx.clone(), NewApiKey::new(timed.uwe, "mine")).await;
        let password = Password::new("another long passphrase".into());
        let refused = [
            key.map(drop).unwrap_err(),
            timed.engine().set_password(cx.clone(), timed.uwe, password).await.unwrap_err(),
            timed.engine().reset_second_factor(cx.clone(), timed.uwe).await.unwrap_err(),
            timed.engine().update_access(cx.clone(), UpdateAccess::default()).await.unwrap_err(),
            timed.engine().sessions(&cx, timed.uwe).await.unwrap_err(),
        ];
        assert!(refused.iter().all(|error| error.code() == ErrorCode::Forbidden), "{refused:?}");
    }
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_visitor_lets_be_moved_is_moved_in_the_visitors_name() {
    let timed = Timed::new().await;
    let (engine, tenant) = (timed.engine(), timed.world.founded.tenant.id);
    engine.set_tier(timed.world.cx(), Tier::Premium).await.unwrap();
    let issue = timed.world.issue(None).await;
    let root = root(&timed).await;
    let (_, token) = engine.begin_visit(root, asking(&timed, KeyScope::Admin, 30)).await.unwrap();
    let visitor = engine.authenticate(token.expose()).await.unwrap().principal;
    let workflow = engine.reader(&visitor).await.unwrap().directory().first_workflow().unwrap().id;
    let state = |key: &str, category| NewState {
        key: key.into(),
        name: key.into(),
        category,
        color: None,
        wip_limit: None,
    };
    let content = WorkflowContent {
        states: vec![state("open", StateCategory::Unstarted), state("closed", StateCategory::Completed)],
        initial: "open".into(),
        transitions: Vec::new(),
    };
    let (cx, if_version) = (OpContext::new(visitor), None);
    engine.execute(cx.clone(), SaveWorkflowDraft { workflow, if_version, content }).await.unwrap();
    engine.execute(cx.clone(), PublishWorkflow { workflow, if_version }).await.unwrap();
    let start = StartMigration { workflow, if_version, map: Vec::new(), strays: StrayCounts::default() };
    engine.migrate_workflow(cx, start).await.unwrap();
    engine.migrated(tenant, workflow).await.unwrap();
    let reader = engine.reader(&timed.principal(timed.ana())).await.unwrap();
    let row = reader.issues_by_id(&[issue]).await.unwrap().remove(0).unwrap();
    assert!(row.workflow_version.is_some());
    let event = reader.history(&row, None, 1).await.unwrap().remove(0);
    assert_eq!(event.actor, Actor::Root(root));
    assert_eq!(timed.events(1).await, ["workflow.migrated"]);
    drop(reader);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_by_itself() {
    let timed = Timed::new().await;
    let token = visit(&timed, KeyScope::Read).await;
    timed.pass(30 * 60 - 1);
    assert!(timed.engine().authenticate(token.expose()).await.is_ok());
    timed.pass(1);
    let over = timed.engine().authenticate(token.expose()).await.unwrap_err();
    assert_eq!(over.code(), ErrorCode::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_super_admin_ends_it_at_once_and_it_stays_ended() {
    let timed = Timed::new().await;
    let token = visit(&timed, KeyScope::Read).await;
    let id = timed.engine().visits(&OpContext::new(timed.principal(timed.ana()))).await.unwrap()[0].id;
    let by_uwe = timed.engine().execute(timed.cx(timed.uwe), EndVisit { visit: id }).await.unwrap_err();
    assert_eq!(by_uwe.code(), ErrorCode::Forbidden);
    timed.engine().execute(timed.cx(timed.ana()), EndVisit { visit: id }).await.unwrap();
    assert_eq!(timed.events(1).await, ["visit.ended"]);
    assert!(timed.engine().authenticate(token.expose()).await.is_err());
    assert!(timed.engine().unload(timed.world.founded.tenant.id).await.unwrap());
    assert!(timed.engine().authenticate(token.expose()).await.is_err());
    let again = timed.engine().end_visit(timed.world.founded.tenant.id, id).await.unwrap();
    assert_eq!(again.events.len(), 0);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_needs_an_operator_a_reason_and_an_end() {
    let timed = Timed::new().await;
    let root = root(&timed).await;
    let good = || asking(&timed, KeyScope::Read, 30);
    for (new, code, field) in [
        (NewVisit { reason: "look".into(), ..good() }, ErrorCode::InvalidInput, Some("reason")),
        (NewVisit { reason: " ".repeat(40), ..good() }, ErrorCode::InvalidInput, Some("reason")),
        (NewVisit { minutes: 0, ..good() }, ErrorCode::InvalidInput, Some("minutes")),
        (NewVisit { minutes: 481, ..good() }, ErrorCode::InvalidInput, Some("minutes")),
        (NewVisit { tenant: TenantId::generate(), ..good() }, ErrorCode::NotFound, None),
    ] {
        let error = timed.engine().begin_visit(root, new).await.map(drop).unwrap_err();
        assert_eq!((error.code(), error.field()), (code, field));
    }
    let nobody = timed.engine().begin_visit(RootId::generate(), good()).await.map(drop).unwrap_err();
    assert_eq!(nobody.code(), ErrorCode::Unauthenticated);
}

fn somebody(email: &str, role: Role) -> AddMember {
    AddMember { id: None, email: email.into(), name: "Somebody".into(), role, password_hash: None }
}

fn with_role(member: MemberId, role: Role) -> UpdateMember {
    UpdateMember { role: Some(role), ..UpdateMember::of(member) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_comes_of_a_visit_who_stays_when_it_is_over() {
    let timed = Timed::new().await;
    let token = visit(&timed, KeyScope::Admin).await;
    let visitor = timed.engine().authenticate(token.expose()).await.unwrap().principal;
    let cx = || OpContext::new(visitor.clone());
    let password = || Some(Password::new("another long passphrase".into()));
    let add = |role, password| timed.engine().add_member(cx(), somebody("new@acme.test", role), password);
    let refused = [
        add(Role::SuperAdmin, password()).await.unwrap_err(),
        add(Role::SuperAdmin, None).await.unwrap_err(),
        add(Role::User, None).await.unwrap_err(),
        timed.engine().execute(cx(), with_role(timed.uwe, Role::Admin)).await.unwrap_err(),
        timed.engine().execute(cx(), somebody("new@acme.test", Role::User)).await.unwrap_err(),
    ];
    assert!(refused.iter().all(|error| error.code() == ErrorCode::Forbidden), "{refused:?}");
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admins_key_adds_people_and_makes_nobody_a_super_admin_nor_anybody_a_password() {
    let timed = Timed::new().await;
    let new = NewApiKey::new(timed.ana(), "provisioning");
    let (_, key) = timed.engine().create_api_key(timed.cx(timed.ana()), new).await.unwrap();
    let by_key = timed.engine().authenticate(key.expose()).await.unwrap().principal;
    for limited in [by_key, timed.principal(timed.ana()).limited_to(KeyScope::Admin)] {
        let cx = || OpContext::new(limited.clone());
        let password = Some(Password::new("another long passphrase".into()));
        let email = format!("{}@acme.test", MemberId::generate());
        let add = somebody(&email, Role::User);
        let hashed = AddMember { password_hash: Some("$argon2id$".into()), ..add.clone() };
        let refused = [
            timed.engine().add_member(cx(), add.clone(), password).await.unwrap_err(),
            timed.engine().execute(cx(), hashed).await.unwrap_err(),
            timed.engine().execute(cx(), somebody(&email, Role::SuperAdmin)).await.unwrap_err(),
            timed.engine().execute(cx(), with_role(timed.uwe, Role::SuperAdmin)).await.unwrap_err(),
        ];
        assert!(refused.iter().all(|error| error.code() == ErrorCode::Forbidden), "{refused:?}");
        timed.engine().execute(cx(), add).await.unwrap();
        timed.engine().execute(cx(), with_role(timed.uwe, Role::Admin)).await.unwrap();
    }
    let system = OpContext::new(Principal::trusted_system(timed.world.founded.tenant.id));
    timed.engine().execute(system, with_role(timed.uwe, Role::SuperAdmin)).await.unwrap();
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_super_admin_who_was_suspended_is_not_let_in_again_by_a_key() {
    use crate::model::MemberStatus;
    let timed = Timed::new().await;
    let status =
        |status| UpdateMember { status: Some(status), role: None, ..with_role(timed.uwe, Role::User) };
    timed.engine().execute(timed.cx(timed.ana()), with_role(timed.uwe, Role::SuperAdmin)).await.unwrap();
    timed.engine().execute(timed.cx(timed.ana()), status(MemberStatus::Suspended)).await.unwrap();
    let key = timed.principal(timed.ana()).limited_to(KeyScope::Admin);
    let refused =
        timed.engine().execute(OpContext::new(key), status(MemberStatus::Active)).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Forbidden);
    timed.engine().execute(timed.cx(timed.ana()), status(MemberStatus::Active)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_who_signs_out_has_ended_their_visit_and_no_other() {
    let timed = Timed::new().await;
    let token = visit(&timed, KeyScope::Read).await;
    let visitor = timed.engine().authenticate(token.expose()).await.unwrap();
    let root = timed.engine().create_root(
        "other@platform.test",
        "Olga",
        Password::new("an operators passphrase".into()),
    );
    let (other, others) =
        timed.engine().begin_visit(root.await.unwrap(), asking(&timed, KeyScope::Read, 30)).await.unwrap();
    timed.engine().sign_out_session(&visitor.principal, other.id, "a browser").await.unwrap();
    assert!(timed.engine().authenticate(others.expose()).await.is_ok());
    timed.engine().sign_out_session(&visitor.principal, visitor.session.unwrap(), "a browser").await.unwrap();
    assert_eq!(timed.events(1).await, ["visit.ended"]);
    assert!(timed.engine().authenticate(token.expose()).await.is_err());
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn visits_are_remembered_and_so_they_have_a_bound() {
    let limits = Limits { visits_max: 1, ..Limits::default() };
    let timed = Timed::with(|builder| builder.limits(limits)).await;
    let root = root(&timed).await;
    timed.engine().begin_visit(root, asking(&timed, KeyScope::Read, 30)).await.unwrap();
    let second = timed.engine().begin_visit(root, asking(&timed, KeyScope::Read, 30)).await.map(drop);
    assert_eq!(second.unwrap_err().code(), ErrorCode::Rejected);
}

/// An operator with a platform key of this scope, who asks from somewhere.
async fn by_key(timed: &Timed, root: RootId, scope: KeyScope) -> Operator {
    let new = NewPlatformKey { root, name: "console".into(), scope, expires_at: None, networks: Vec::new() };
    let (_, key) = timed.engine().create_platform_key(new).await.unwrap();
    let operator = timed.engine().authenticate_operator(key.expose(), None).await.unwrap();
    let request = Some(uuid::Uuid::now_v7());
    operator.with_client(Client { agent: "a console".into(), address: "192.0.2.7".parse().ok(), request })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_begun_with_a_platform_key_needs_admin_and_is_over_when_the_key_is() {
    let timed = Timed::new().await;
    let root = root(&timed).await;
    let (write, admin) =
        (by_key(&timed, root, KeyScope::Write).await, by_key(&timed, root, KeyScope::Admin).await);
    let refused = timed.engine().visit_company(&write, asking(&timed, KeyScope::Read, 30)).await.map(drop);
    assert_eq!(refused.unwrap_err().code(), ErrorCode::Forbidden);
    let nobody = timed.engine().visit_company(&Operator::trusted(), asking(&timed, KeyScope::Read, 30)).await;
    assert_eq!(nobody.map(drop).unwrap_err().code(), ErrorCode::Forbidden, "an operator answers for a visit");
    let (visit, token) =
        timed.engine().visit_company(&admin, asking(&timed, KeyScope::Read, 30)).await.unwrap();
    let live = timed.engine().live(timed.world.founded.tenant.id).await.unwrap();
    let event = live.events(crate::model::Seq(live.applied().0 - 1), 1).await.unwrap().remove(0);
    assert_eq!((event.actor, Some(event.request)), (Actor::Root(root), admin.client().request));
    drop(live);
    assert!(timed.engine().authenticate(token.expose()).await.is_ok());
    timed.engine().revoke_platform_key(&Operator::trusted(), admin.key().unwrap()).await.unwrap();
    let over = timed.engine().authenticate(token.expose()).await.unwrap_err();
    assert_eq!(over.code(), ErrorCode::Unauthenticated);
    let tenant = timed.world.founded.tenant.id;
    let refused = timed.engine().leave_company(&write, tenant, visit.id).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Forbidden);
    let ended = timed.engine().leave_company(&Operator::trusted(), tenant, visit.id).await.unwrap();
    assert!(ended.ended_at.is_some());
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_platform_takes_a_lost_second_factor_away_in_the_companys_sight() {
    let timed = Timed::new().await;
    let admin = by_key(&timed, root(&timed).await, KeyScope::Admin).await;
    super::factors::enable(&timed, timed.uwe).await;
    let whom = (timed.world.founded.tenant.id, timed.uwe);
    let reason = "ticket 4711: the phone is lost".to_owned();
    let reset = ColleagueChange::ResetSecondFactor;
    timed.engine().change_colleague(&admin, whom, reset, reason).await.unwrap();
    assert_eq!(timed.events(3).await, ["visit.ended", "second_factor.disabled", "visit.began"]);
    timed.sign_in("uwe").await;
    timed.check().await;
}
