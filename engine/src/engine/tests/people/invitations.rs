//! People are asked to join, and join.

use super::super::PASSWORD;
use super::super::sign_in::{Timed, corporate};
use super::{code, seats, set};
use crate::command::access::UpdateAccess;
use crate::command::invitation::WithdrawInvitation;
use crate::command::member::{HandOver, UpdateMember};
use crate::context::{OpContext, Principal};
use crate::engine::NewInvitation;
use crate::error::{ErrorCode, Result};
use crate::event::Subject;
use crate::id::{InvitationId, MemberId};
use crate::identity::Password;
use crate::limits::Limits;
use crate::model::{InvitationStatus, KeyScope, MemberStatus, Role};

/// A week and an hour, in seconds.
const LONGER_THAN_A_LINK: i64 = (7 * 24 + 1) * 60 * 60;

async fn invite(timed: &Timed, email: &str) -> Result<InvitationId> {
    let new = NewInvitation { email: email.into(), name: Some("Ida".into()), role: Role::Admin };
    let done = timed.engine().invite(timed.cx(timed.ana()), new).await?;
    Ok(done
        .subjects
        .iter()
        .find_map(|s| if let Subject::Invitation(id) = s { Some(*id) } else { None })
        .unwrap())
}

/// The token of the letter that was written last.
pub(super) async fn newest_token(timed: &Timed) -> String {
    let mail = timed.outbox().await.pop().unwrap();
    assert_eq!(mail.template, "invitation");
    mail.values.iter().find(|(name, _)| name == "token").unwrap().1.clone()
}

pub(super) async fn accept(timed: &Timed, token: &str) -> Result<MemberId> {
    let password = Password::new(PASSWORD.to_owned());
    timed.engine().accept_invitation(token, "Ida Ido", password).await.map(|joined| joined.member)
}

async fn status(timed: &Timed, id: InvitationId) -> InvitationStatus {
    let live = timed.engine().live(timed.world.founded.tenant.id).await.unwrap();
    live.directory().invitation(id).unwrap().status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_invited_joins_by_the_link_once_and_signs_in() {
    let timed = Timed::new().await;
    assert_eq!(seats(&timed).await, 2);
    let id = invite(&timed, " Ida@Acme.test ").await.unwrap();
    assert_eq!(seats(&timed).await, 3, "an open invitation holds a seat");
    let token = newest_token(&timed).await;
    let weak = timed.engine().accept_invitation(&token, "Ida", Password::new("short".into())).await;
    assert_eq!(code(weak), ErrorCode::InvalidInput);
    let member = accept(&timed, &token).await.unwrap();
    assert_eq!((seats(&timed).await, status(&timed, id).await), (3, InvitationStatus::Accepted));
    assert_eq!(code(accept(&timed, &token).await), ErrorCode::Unauthenticated, "a link is good once");
    let live = timed.engine().live(timed.world.founded.tenant.id).await.unwrap();
    let joined = live.directory().member(member).cloned().unwrap();
    assert_eq!((joined.name.as_str(), joined.role), ("Ida Ido", Role::Admin));
    drop(live);
    timed.sign_in("ida").await;
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_was_sent_again_withdrawn_or_is_old_opens_nothing() {
    let timed = Timed::new().await;
    let id = invite(&timed, "ida@acme.test").await.unwrap();
    let first = newest_token(&timed).await;
    assert_eq!(code(invite(&timed, "IDA@acme.test").await), ErrorCode::Conflict);
    timed.pass(60);
    timed.engine().resend_invitation(timed.cx(timed.ana()), id).await.unwrap();
    let second = newest_token(&timed).await;
    assert_ne!(first, second);
    assert_eq!(code(accept(&timed, &first).await), ErrorCode::Unauthenticated);
    timed.pass(LONGER_THAN_A_LINK);
    assert_eq!(seats(&timed).await, 2, "one whose time is over holds no seat");
    assert_eq!(code(accept(&timed, &second).await), ErrorCode::Unauthenticated);
    timed.engine().resend_invitation(timed.cx(timed.ana()), id).await.unwrap();
    let third = newest_token(&timed).await;
    let withdraw = || timed.engine().execute(timed.cx(timed.ana()), WithdrawInvitation { invitation: id });
    withdraw().await.unwrap();
    assert!(withdraw().await.unwrap().events.is_empty(), "withdrawn twice is withdrawn");
    assert_eq!(code(accept(&timed, &third).await), ErrorCode::Unauthenticated);
    let again = timed.engine().resend_invitation(timed.cx(timed.ana()), id).await;
    assert_eq!(code(again), ErrorCode::Rejected);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_joins_by_another_way_ends_the_invitation() {
    let timed = Timed::new().await;
    let id = invite(&timed, "ida@acme.test").await.unwrap();
    let token = newest_token(&timed).await;
    let ida = timed.member("ida").await;
    assert_eq!((seats(&timed).await, status(&timed, id).await), (3, InvitationStatus::Accepted));
    assert_eq!(code(accept(&timed, &token).await), ErrorCode::Unauthenticated);
    assert_eq!(code(invite(&timed, "ida@acme.test").await), ErrorCode::Conflict);
    assert_ne!(ida, timed.uwe);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_gets_a_few_letters_in_a_day_whichever_invitation_they_belong_to() {
    let timed = Timed::new().await;
    let resend = |id| timed.engine().resend_invitation(timed.cx(timed.ana()), id);
    let id = invite(&timed, "ida@acme.test").await.unwrap();
    for _ in 0..3 {
        resend(id).await.unwrap();
    }
    timed.engine().execute(timed.cx(timed.ana()), WithdrawInvitation { invitation: id }).await.unwrap();
    let id = invite(&timed, "ida@acme.test").await.unwrap();
    let letters = timed.outbox().await.len();
    assert_eq!(code(resend(id).await), ErrorCode::Rejected);
    assert_eq!(timed.outbox().await.len(), letters);
    invite(&timed, "ido@acme.test").await.unwrap();
    timed.pass(24 * 60 * 60 + 1);
    resend(id).await.unwrap();
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_letters_of_a_day_count_also_those_of_one_invitation() {
    let limits = Limits { invitations_per_day_max: 3, invitations_max: 1, ..Limits::default() };
    let timed = Timed::with(|builder| builder.limits(limits)).await;
    let id = invite(&timed, "ida@acme.test").await.unwrap();
    let resend = || timed.engine().resend_invitation(timed.cx(timed.ana()), id);
    resend().await.unwrap();
    resend().await.unwrap();
    assert_eq!(code(resend().await), ErrorCode::Rejected);
    timed.pass(24 * 60 * 60 + 1);
    resend().await.unwrap();
    assert_eq!(code(invite(&timed, "ido@acme.test").await), ErrorCode::Rejected, "one may be open");
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_was_invited_anew_keeps_one_invitation() {
    let timed = Timed::new().await;
    let first = invite(&timed, "ida@acme.test").await.unwrap();
    timed.pass(LONGER_THAN_A_LINK);
    let second = invite(&timed, "ida@acme.test").await.unwrap();
    let resend = timed.engine().resend_invitation(timed.cx(timed.ana()), first).await;
    assert_eq!((code(resend), seats(&timed).await), (ErrorCode::Conflict, 3));
    accept(&timed, &newest_token(&timed).await).await.unwrap();
    assert_eq!((seats(&timed).await, status(&timed, second).await), (3, InvitationStatus::Accepted));
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_that_ended_long_ago_is_let_go() {
    let timed = Timed::new().await;
    let old = invite(&timed, "ida@acme.test").await.unwrap();
    timed.pass(60 * 24 * 60 * 60);
    let kept = invite(&timed, "ido@acme.test").await.unwrap();
    assert_eq!(status(&timed, old).await, InvitationStatus::Open, "not long ago enough");
    timed.pass(60 * 24 * 60 * 60);
    invite(&timed, "ina@acme.test").await.unwrap();
    let live = timed.engine().live(timed.world.founded.tenant.id).await.unwrap();
    let there = |id| live.directory().invitation(id).is_some();
    assert_eq!((there(old), there(kept)), (false, true));
    drop(live);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_let_nobody_in_any_more_has_let_nobody_in() {
    let timed = Timed::new().await;
    let sue = timed.member("sue").await;
    let role = |role| UpdateMember { role: Some(role), ..UpdateMember::of(sue) };
    let run = |command| timed.engine().execute(timed.cx(timed.ana()), command);
    run(role(Role::SuperAdmin)).await.unwrap();
    let ask = async |email: &str, role| {
        let new = NewInvitation { email: email.into(), name: None, role };
        timed.engine().invite(timed.cx(sue), new).await.unwrap();
        newest_token(&timed).await
    };
    let (leader, user) =
        (ask("ida@acme.test", Role::SuperAdmin).await, ask("ido@acme.test", Role::User).await);
    run(role(Role::User)).await.unwrap();
    assert_eq!(
        code(accept(&timed, &leader).await),
        ErrorCode::Unauthenticated,
        "only who leads makes a leader"
    );
    run(set(sue, MemberStatus::Suspended)).await.unwrap();
    assert_eq!(code(accept(&timed, &user).await), ErrorCode::Unauthenticated);
    run(set(sue, MemberStatus::Active)).await.unwrap();
    accept(&timed, &user).await.unwrap();
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_passwords_open_no_door_nobody_joins_with_one() {
    let timed = Timed::new().await;
    let id = invite(&timed, "ida@acme.test").await.unwrap();
    let token = newest_token(&timed).await;
    timed.engine().execute(timed.cx(timed.ana()), corporate()).await.unwrap();
    let no_passwords =
        |open| UpdateAccess { if_version: None, second_factor_required: None, password_sign_in: Some(open) };
    timed.engine().execute(timed.cx(timed.ana()), no_passwords(false)).await.unwrap();
    assert_eq!(code(accept(&timed, &token).await), ErrorCode::Rejected);
    assert_eq!(status(&timed, id).await, InvitationStatus::Open);
    timed.engine().execute(timed.cx(timed.ana()), no_passwords(true)).await.unwrap();
    accept(&timed, &token).await.unwrap();
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_accept_at_once_are_one_member() {
    let timed = Timed::new().await;
    invite(&timed, "ida@acme.test").await.unwrap();
    let token = newest_token(&timed).await;
    let both = tokio::join!(accept(&timed, &token), accept(&timed, &token));
    let joined = [both.0, both.1].into_iter().filter(Result::is_ok).count();
    assert_eq!((joined, seats(&timed).await), (1, 3));
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_super_admins_invite() {
    let timed = Timed::new().await;
    let new = || NewInvitation { email: "ida@acme.test".into(), name: None, role: Role::User };
    assert_eq!(code(timed.engine().invite(timed.cx(timed.uwe), new()).await), ErrorCode::Forbidden);
    let leads = Principal::trusted_member(timed.world.founded.tenant.id, timed.ana());
    let by_key = OpContext::new(leads.limited_to(KeyScope::Admin));
    assert_eq!(code(timed.engine().invite(by_key.clone(), new()).await), ErrorCode::Forbidden);
    let over = timed.engine().execute(by_key, HandOver { to: timed.uwe }).await;
    assert_eq!(code(over), ErrorCode::Forbidden, "no key lets people in, or makes a super admin");
    let id = invite(&timed, "ida@acme.test").await.unwrap();
    let resend = timed.engine().resend_invitation(timed.cx(timed.uwe), id).await;
    assert_eq!(code(resend), ErrorCode::Forbidden);
    let withdraw = timed.engine().execute(timed.cx(timed.uwe), WithdrawInvitation { invitation: id }).await;
    assert_eq!(code(withdraw), ErrorCode::Forbidden);
    assert_eq!(timed.outbox().await.len(), 1);
    timed.check().await;
}
