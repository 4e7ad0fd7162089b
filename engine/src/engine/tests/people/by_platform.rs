//! What those who run the platform do to a company's people: they close doors and open none that they have not closed.

use super::super::sign_in::Timed;
use super::invitations::{accept, newest_token};
use super::{code, set};
use crate::command::service::CreateServiceAccount;
use crate::context::Operator;
use crate::engine::{ColleagueChange, NewColleague, NewInvitation, NewPlatformKey};
use crate::error::{ErrorCode, Result};
use crate::event::Actor;
use crate::id::MemberId;
use crate::identity::Password;
use crate::model::{KeyScope, Member, MemberStatus, Role, Seq};
use std::sync::Arc;

const WHY: &str = "ticket 4711: they asked for it";

async fn operator(timed: &Timed) -> Operator {
    let password = Password::new("an operators passphrase".into());
    let root = timed.engine().create_root("root@platform.test", "Rolf", password).await.unwrap();
    let (name, scope) = ("console".to_owned(), KeyScope::Admin);
    let new = NewPlatformKey { root, name, scope, expires_at: None, networks: Vec::new() };
    let (_, key) = timed.engine().create_platform_key(new).await.unwrap();
    timed.engine().authenticate_operator(key.expose(), None).await.unwrap()
}

async fn change(
    timed: &Timed,
    by: &Operator,
    member: MemberId,
    change: ColleagueChange,
) -> Result<Arc<Member>> {
    let whom = (timed.world.founded.tenant.id, member);
    timed.engine().change_colleague(by, whom, change, WHY.to_owned()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_suspended_by_the_platform_is_let_in_by_it_again_and_nobody_else_is() {
    use ColleagueChange::{Reactivate, Suspend};
    let timed = Timed::new().await;
    let by = operator(&timed).await;
    let tokens = timed.sign_in("uwe").await;
    let suspended = change(&timed, &by, timed.uwe, Suspend).await.unwrap();
    assert_eq!((suspended.status, suspended.suspended_by), (MemberStatus::Suspended, by.root()));
    assert!(!timed.is_in(&tokens).await);
    let back = change(&timed, &by, timed.uwe, Reactivate).await.unwrap();
    assert_eq!((back.status, back.suspended_by), (MemberStatus::Active, None));

    // Whom the company has suspended, the platform does not let in, whatever it did before or does in between.
    let by_ana = |status| timed.engine().execute(timed.cx(timed.ana()), set(timed.uwe, status));
    change(&timed, &by, timed.uwe, Suspend).await.unwrap();
    by_ana(MemberStatus::Suspended).await.unwrap();
    assert_eq!(code(change(&timed, &by, timed.uwe, Reactivate).await), ErrorCode::Forbidden);
    change(&timed, &by, timed.uwe, Suspend).await.unwrap();
    assert_eq!(code(change(&timed, &by, timed.uwe, Reactivate).await), ErrorCode::Forbidden);
    by_ana(MemberStatus::Active).await.unwrap();
    change(&timed, &by, timed.uwe, Suspend).await.unwrap();
    change(&timed, &by, timed.uwe, ColleagueChange::Remove).await.unwrap();
    assert_eq!(code(change(&timed, &by, timed.uwe, Reactivate).await), ErrorCode::Forbidden);

    let (email, name, role) = ("bo@acme.test".to_owned(), "Bo".to_owned(), Role::User);
    let new = NewColleague { email, name, role, reason: WHY.to_owned() };
    let bo = timed.engine().add_colleague(&by, timed.world.founded.tenant.id, new).await.unwrap();
    change(&timed, &by, bo, Suspend).await.unwrap();
    assert_eq!(code(change(&timed, &by, bo, Reactivate).await), ErrorCode::Forbidden);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_platform_makes_no_super_admin_and_leaves_no_company_without_one() {
    let timed = Timed::new().await;
    let by = operator(&timed).await;
    let role = ColleagueChange::Role;
    assert_eq!(change(&timed, &by, timed.uwe, role(Role::Admin)).await.unwrap().role, Role::Admin);
    change(&timed, &by, timed.uwe, ColleagueChange::Suspend).await.unwrap();
    let raised = change(&timed, &by, timed.uwe, role(Role::SuperAdmin)).await;
    assert_eq!(code(raised), ErrorCode::Forbidden, "nor one who takes part again later");
    for change_of_ana in [role(Role::User), ColleagueChange::Suspend, ColleagueChange::Remove] {
        assert_eq!(code(change(&timed, &by, timed.ana(), change_of_ana).await), ErrorCode::Rejected);
    }
    let tenant = timed.world.founded.tenant.id;
    let account = |role| CreateServiceAccount { id: None, name: "Deployer".into(), role };
    let made = timed.engine().add_service_account(&by, tenant, account(Role::SuperAdmin), WHY.into()).await;
    assert_eq!(code(made), ErrorCode::Forbidden);
    let made =
        timed.engine().add_service_account(&by, tenant, account(Role::User), WHY.into()).await.unwrap();
    assert!(made.is_service() && made.is_active());
    // A super admin who was suspended by the platform comes back as one: nobody is made anything.
    timed.engine().execute(timed.cx(timed.ana()), set(timed.uwe, MemberStatus::Active)).await.unwrap();
    let promote = crate::command::member::UpdateMember {
        role: Some(Role::SuperAdmin),
        ..crate::command::member::UpdateMember::of(timed.uwe)
    };
    timed.engine().execute(timed.cx(timed.ana()), promote).await.unwrap();
    change(&timed, &by, timed.uwe, ColleagueChange::Suspend).await.unwrap();
    let back = change(&timed, &by, timed.uwe, ColleagueChange::Reactivate).await.unwrap();
    assert!(back.leads());
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_invited_by_the_platform_joins_and_waits_for_the_company() {
    let timed = Timed::new().await;
    let (by, tenant) = (operator(&timed).await, timed.world.founded.tenant.id);
    let new = |email: &str| NewInvitation { email: email.into(), name: None, role: Role::SuperAdmin };
    let invite = |email| timed.engine().invite_colleague(&by, tenant, new(email), WHY.to_owned());
    invite("ida@acme.test").await.unwrap();
    let ida = accept(&timed, &newest_token(&timed).await).await.unwrap();
    let live = timed.engine().live(tenant).await.unwrap();
    assert_eq!(live.directory().member(ida).unwrap().status, MemberStatus::Suspended);
    assert!(timed.try_sign_in("ida", super::PASSWORD, None).await.is_err());
    assert_eq!(code(change(&timed, &by, ida, ColleagueChange::Reactivate).await), ErrorCode::Forbidden);
    timed.engine().execute(timed.cx(timed.ana()), set(ida, MemberStatus::Active)).await.unwrap();
    timed.sign_in("ida").await;

    // Whom a super admin invites again is theirs.
    let ivo = invite("ivo@acme.test").await.unwrap();
    timed.engine().resend_invitation(timed.cx(timed.ana()), ivo).await.unwrap();
    let ivo = accept(&timed, &newest_token(&timed).await).await.unwrap();
    assert!(live.directory().member(ivo).unwrap().is_active());
    drop(live);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_act_stands_in_the_log_between_the_ends_of_a_visit_that_says_why() {
    let timed = Timed::new().await;
    let (by, tenant) = (operator(&timed).await, timed.world.founded.tenant.id);
    let live = timed.engine().live(tenant).await.unwrap();
    let before = live.applied();
    let short = (tenant, timed.uwe);
    let short = timed.engine().change_colleague(&by, short, ColleagueChange::Suspend, "because".into()).await;
    assert_eq!(short.unwrap_err().field(), Some("reason"));
    let nobody = change(&timed, &by, MemberId::generate(), ColleagueChange::Suspend).await;
    assert_eq!(code(nobody), ErrorCode::NotFound);
    assert_eq!(live.applied(), before, "what is refused for that begins no visit");
    change(&timed, &by, timed.uwe, ColleagueChange::Suspend).await.unwrap();
    let told = live.events(Seq(before.0), 10).await.unwrap();
    let told: Vec<_> = told.iter().map(|event| (event.body.as_ref().unwrap().name(), event.actor)).collect();
    let root = Actor::Root(by.root().unwrap());
    assert_eq!(told, [("visit.began", root), ("member.updated", root), ("visit.ended", root)]);
    drop(live);
    timed.check().await;
}
