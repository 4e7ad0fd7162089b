//! Sessions as their owners see them.

use super::{PASSWORD, Timed, corporate};
use crate::command::member::UpdateMember;
use crate::command::session::RevokeSessions;
use crate::context::OpContext;
use crate::engine::{Client, NewPassword, SignIn, SignedIn};
use crate::error::ErrorCode;
use crate::id::SessionId;
use crate::identity::Password;
use crate::limits::Limits;
use crate::model::{KeyScope, MemberStatus, Role};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_listed_with_what_used_them_and_ended_one_by_one() {
    let timed = Timed::new().await;
    let (first, second) = (timed.sign_in("uwe").await, timed.sign_in("uwe").await);
    timed.pass(300);
    let client = Client {
        agent: "a phone\r\nX-Evil: 1".into(),
        address: Some([192, 0, 2, 9].into()),
        ..Client::default()
    };
    let first = timed.engine().refresh(first.refresh.expose(), client).await.unwrap();
    let sessions =
        timed.engine().sessions(&OpContext::new(timed.principal(timed.uwe)), timed.uwe).await.unwrap();
    assert_eq!(sessions.len(), 2);
    let phone = &sessions[1];
    assert_eq!((phone.agent.as_str(), phone.address.as_deref()), ("a phoneX-Evil: 1", Some("192.0.2.9")));
    assert_eq!((phone.used_at.millis(), phone.created_at.millis()), (timed.now(), timed.now() - 300_000));

    let end = |by, session| {
        let revoke = RevokeSessions::new(timed.uwe, Some(session), None);
        timed.engine().revoke_sessions(timed.cx(by), revoke)
    };
    let una = timed.member("una").await;
    assert_eq!(end(una, phone.id).await.unwrap_err().code(), ErrorCode::Forbidden);
    end(timed.uwe, phone.id).await.unwrap();
    assert_eq!(timed.events(1).await, ["session.revoked"]);
    assert!(!timed.is_in(&first).await && timed.is_in(&second).await);
    assert!(timed.engine().refresh(first.refresh.expose(), "").await.is_err());
    end(timed.ana(), sessions[0].id).await.unwrap();
    assert!(!timed.is_in(&second).await);
    for gone in [phone.id, SessionId::generate()] {
        assert_eq!(end(timed.uwe, gone).await.unwrap_err().code(), ErrorCode::NotFound);
    }
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_of_somebody_else_is_no_session_of_mine() {
    let timed = Timed::new().await;
    timed.member("una").await;
    let (hers, his) = (timed.sign_in("una").await, timed.sign_in("uwe").await);
    let una = timed.engine().authenticate(hers.access.expose()).await.unwrap().session.unwrap();
    let revoke = RevokeSessions::new(timed.uwe, Some(una), None);
    let error = timed.engine().revoke_sessions(timed.cx(timed.uwe), revoke).await.unwrap_err();
    assert_eq!(error.message(), format!("session {una} was not found"));
    assert!(timed.is_in(&hers).await && timed.is_in(&his).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_others_are_ended_at_once_and_it_lasts() {
    let timed = Timed::new().await;
    let mine = timed.sign_in("uwe").await;
    let others = [timed.sign_in("uwe").await, timed.sign_in("uwe").await];
    let here = timed.engine().authenticate(mine.access.expose()).await.unwrap();
    let revoke = RevokeSessions::new(timed.uwe, None, here.session);
    let done = timed.engine().revoke_sessions(timed.cx(timed.uwe), revoke).await.unwrap();
    assert_eq!(done.events.len(), 2);
    assert!(timed.engine().unload(timed.world.founded.tenant.id).await.unwrap());
    assert!(timed.is_in(&mine).await);
    for other in &others {
        assert!(!timed.is_in(other).await);
    }
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_too_many_ends_the_oldest() {
    let timed =
        Timed::with(|builder| builder.limits(Limits { sessions_per_member_max: 2, ..Limits::default() }))
            .await;
    let first = timed.sign_in("uwe").await;
    let (second, third) = (timed.sign_in("uwe").await, timed.sign_in("uwe").await);
    assert!(!timed.is_in(&first).await && timed.is_in(&second).await && timed.is_in(&third).await);
    assert!(timed.engine().refresh(first.refresh.expose(), "a browser").await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_key_nobody_sees_or_ends_sessions() {
    let timed = Timed::new().await;
    let key = timed.principal(timed.ana()).limited_to(KeyScope::Admin);
    let seen = timed.engine().sessions(&OpContext::new(key.clone()), timed.ana()).await.unwrap_err();
    assert_eq!(seen.code(), ErrorCode::Forbidden);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn suspension_and_a_smaller_role_act_at_the_next_request() {
    let timed = Timed::new().await;
    let tokens = timed.sign_in("uwe").await;
    let change = |status, role| {
        let update = UpdateMember {
            member: timed.uwe,
            if_version: None,
            name: None,
            role,
            status,
            locale: None,
            time_zone: None,
        };
        timed.engine().execute(timed.cx(timed.ana()), update)
    };
    change(None, Some(Role::Admin)).await.unwrap();
    assert!(timed.is_in(&tokens).await, "more rights end nothing");
    change(None, Some(Role::User)).await.unwrap();
    assert!(!timed.is_in(&tokens).await);
    let again = timed.engine().refresh(tokens.refresh.expose(), "a browser").await.unwrap();
    assert!(timed.is_in(&again).await);
    change(Some(MemberStatus::Suspended), None).await.unwrap();
    assert!(!timed.is_in(&again).await);
    assert!(timed.engine().refresh(again.refresh.expose(), "a browser").await.is_err());
    assert!(timed.try_sign_in("uwe", PASSWORD, None).await.is_err());
    let sessions =
        timed.engine().sessions(&OpContext::new(timed.principal(timed.ana())), timed.uwe).await.unwrap();
    assert!(sessions.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_that_signs_in_elsewhere_lets_its_super_admins_in_by_password() {
    use crate::command::access::UpdateAccess;
    let timed = Timed::new().await;
    let closed = || UpdateAccess { password_sign_in: Some(false), ..UpdateAccess::default() };
    let alone = timed.engine().update_access(timed.cx(timed.ana()), closed()).await.unwrap_err();
    assert_eq!((alone.code(), alone.field()), (ErrorCode::Rejected, Some("passwordSignIn")));
    timed.engine().execute(timed.cx(timed.ana()), corporate()).await.unwrap();
    let (uwes, anas) = (timed.sign_in("uwe").await, timed.sign_in("ana").await);
    timed.engine().update_access(timed.cx(timed.ana()), closed()).await.unwrap();
    assert!(!timed.is_in(&uwes).await && timed.is_in(&anas).await, "who came by password is out at once");
    assert!(timed.engine().refresh(uwes.refresh.expose(), "a browser").await.is_err());
    assert!(timed.try_sign_in("uwe", PASSWORD, None).await.is_err());
    let (tenant, email) = ("acme".into(), "ana@acme.test".into());
    let password = Password::new(PASSWORD.into());
    let sign_in = SignIn { tenant, email, password, client: Client::default() };
    assert!(matches!(timed.engine().sign_in(sign_in).await.unwrap(), SignedIn::Tokens(_)));
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_sets_ones_own_password_with_the_present_one_alone() {
    let timed = Timed::new().await;
    let new = |present: Option<&str>| NewPassword {
        password: Password::new("another long passphrase".into()),
        present: present.map(|text| Password::new(text.into())),
        client: Client::default(),
    };
    let set = |present, cx| timed.engine().set_password(cx, timed.uwe, new(present));
    for present in [None, Some("not the password")] {
        let refused = set(present, timed.cx(timed.uwe)).await.unwrap_err();
        assert_eq!((refused.code(), refused.field()), (ErrorCode::InvalidInput, Some("currentPassword")));
    }
    let again = || timed.cx(timed.uwe).with_idempotency_key(Some("k".into()));
    assert!(!set(Some(PASSWORD), again()).await.unwrap().replayed);
    assert!(set(Some(PASSWORD), again()).await.unwrap().replayed, "repeated, it has the answer it had");
    assert!(timed.try_sign_in("uwe", "another long passphrase", None).await.is_ok());
    set(None, timed.cx(timed.ana())).await.unwrap();
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_ones_present_password_is_slowed_down() {
    let timed = Timed::new().await;
    let mut answers = Vec::new();
    for _ in 0..20 {
        let new = NewPassword {
            password: Password::new("another long passphrase".into()),
            present: Some(Password::new("a guess of the present one".into())),
            client: Some([192, 0, 2, 1].into()).into(),
        };
        answers
            .push(timed.engine().set_password(timed.cx(timed.uwe), timed.uwe, new).await.unwrap_err().code());
    }
    assert_eq!(answers.iter().filter(|code| **code == ErrorCode::InvalidInput).count(), 5);
    assert!(answers[5..].iter().all(|code| *code == ErrorCode::RateLimited));
}
