//! What is written down of who got in, and who did not.

use super::{address, of_kind, page};
use crate::audit::{AuditActor, AuditFilter};
use crate::context::Client;
use crate::engine::tests::PASSWORD;
use crate::engine::tests::sign_in::resets::link;
use crate::engine::tests::sign_in::{Timed, corporate};
use crate::engine::{AuditRequest, NewApiKey, NewVisit, SignIn, Vouched};
use crate::error::ErrorCode;
use crate::event::{Actor, Subject};
use crate::identity::Password;
use crate::model::KeyScope;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_and_out_and_failing_to_are_written_down_with_who_and_from_where() {
    let timed = Timed::new().await;
    let request = Uuid::now_v7();
    let client = Client { agent: "a browser".into(), address: address(7), request: Some(request) };
    let sign_in = |email: &str, password: &str| SignIn {
        tenant: "acme".into(),
        email: email.into(),
        password: Password::new(password.into()),
        client: client.clone(),
    };
    timed.engine().sign_in(sign_in("uwe@acme.test", PASSWORD)).await.unwrap();
    for email in ["uwe@acme.test", "uwe@acme.test", "my secret passphrase"] {
        timed.engine().sign_in(sign_in(email, "wrong")).await.unwrap_err();
    }
    let began = of_kind(&timed, "session.began").await.remove(0);
    assert_eq!((began.actor, began.request), (Some(Actor::Member(timed.uwe)), Some(request)));
    assert_eq!((began.address.as_deref(), began.agent.as_deref()), (Some("192.0.2.7"), Some("a browser")));
    let failed = of_kind(&timed, "sign_in").await;
    let mut told: Vec<_> = failed.iter().map(|entry| (entry.subject, entry.count)).collect();
    told.sort_by_key(|(subject, _)| subject.is_none());
    assert_eq!(told, [(Some(Subject::Member(timed.uwe)), 2), (None, 1)]);
    assert!(failed.iter().all(|entry| entry.actor.is_none() && entry.request == Some(request)));
    let all = format!("{:?}", page(&timed, timed.ana(), AuditFilter::default()).await.unwrap());
    assert!(!all.contains("my secret passphrase"), "what was typed may be a password in the wrong field");
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_says_why() {
    let timed = Timed::new().await;
    let (one, other) = (timed.sign_in("uwe").await, timed.sign_in("uwe").await);
    timed.engine().sign_out(one.refresh.expose(), "a browser").await.unwrap();
    timed.engine().refresh(other.refresh.expose(), "a browser").await.unwrap();
    timed.pass(60);
    timed.engine().refresh(other.refresh.expose(), "a thief").await.unwrap_err();
    let kinds: Vec<_> = of_kind(&timed, "session").await.iter().map(|e| (e.kind, e.actor)).collect();
    let uwe = Some(Actor::Member(timed.uwe));
    let told =
        [("session.stolen", None), ("session.ended", uwe), ("session.began", uwe), ("session.began", uwe)];
    assert_eq!(kinds, told);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_told_when_they_are_used_first_on_a_day_and_when_they_are_refused() {
    let timed = Timed::new().await;
    let new = NewApiKey { scope: KeyScope::Read, ..NewApiKey::new(timed.uwe, "ci") };
    let (done, secret) = timed.engine().create_api_key(timed.cx(timed.uwe), new).await.unwrap();
    for _ in 0..50 {
        timed.engine().authenticate_from(secret.expose(), address(1)).await.unwrap();
    }
    timed.engine().authenticate_from(secret.expose(), address(2)).await.unwrap();
    let Some(Subject::Key(id)) = done.subjects.first().copied() else { panic!("no key") };
    timed.engine().revoke_api_key(timed.cx(timed.uwe), id).await.unwrap();
    timed.engine().authenticate_from(secret.expose(), address(1)).await.unwrap_err();
    let told = of_kind(&timed, "key").await;
    let mut kinds: Vec<_> = told.iter().map(|entry| entry.kind).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["key.created", "key.refused", "key.revoked", "key.used", "key.used"]);
    let by_key = AuditFilter { actor: Some(AuditActor::Key(id)), ..AuditFilter::default() };
    assert_eq!(page(&timed, timed.ana(), by_key).await.unwrap().len(), 2);
    let from = AuditFilter { address: Some("192.0.2.2/32".parse().unwrap()), ..AuditFilter::default() };
    assert_eq!(page(&timed, timed.ana(), from).await.unwrap().len(), 1);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_that_is_over_is_told_when_it_is_shown_and_a_link_is_no_visit() {
    let timed = Timed::new().await;
    let link = link(&timed, "uwe@acme.test").await;
    timed.engine().authenticate(&link).await.unwrap_err();
    let password = Password::new("an operators passphrase".into());
    let root = timed.engine().create_root("root@platform.test", "Rolf", password).await.unwrap();
    let tenant = timed.world.founded.tenant.id;
    let reason = "They asked us why a search finds nothing".to_owned();
    let new = NewVisit { tenant, reason, scope: KeyScope::Read, minutes: 30 };
    let (visit, token) = timed.engine().begin_visit(root, new).await.unwrap();
    timed.pass(30 * 60);
    timed.engine().authenticate(token.expose()).await.unwrap_err();
    let told = of_kind(&timed, "visit.refused").await;
    let about: Vec<_> = told.iter().map(|entry| entry.subject).collect();
    assert_eq!(about, [Some(Subject::Session(visit.id))]);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_for_the_log_itself_and_may_not_stands_in_the_audit_log() {
    let timed = Timed::new().await;
    let reader = timed.engine().reader(&timed.principal(timed.uwe)).await.unwrap();
    let refused = reader.events(crate::model::Seq(0), 10).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Forbidden);
    let told = of_kind(&timed, "action.refused").await.remove(0);
    assert_eq!(told.actor, Some(Actor::Member(timed.uwe)));
    assert_eq!(told.details[0].to.as_deref(), Some("ReadAudit"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_goes_away_while_the_audit_log_is_read_takes_nothing_with_them() {
    let timed = Timed::new().await;
    timed.try_sign_in("uwe", "wrong", address(9)).await.unwrap_err();
    let request = AuditRequest { first: 10, ..AuditRequest::default() };
    let cx = timed.cx(timed.ana());
    let mut asked = Box::pin(timed.engine().audit(&cx, request));
    std::future::poll_fn(|cx| {
        let _ = asked.as_mut().poll(cx);
        std::task::Poll::Ready(())
    })
    .await;
    drop(asked);
    let failed = of_kind(&timed, "sign_in.failed").await;
    assert_eq!(failed.iter().map(|entry| entry.count).sum::<u32>(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_uses_what_and_which_request_it_was_is_told_of_every_way_in_and_out() {
    let timed = Timed::new().await;
    let client = Client { agent: "a browser".into(), address: address(7), request: Some(Uuid::now_v7()) };
    let engine = timed.engine();
    let sign_in = async || {
        let (tenant, email) = ("acme".into(), "uwe@acme.test".into());
        let password = Password::new(PASSWORD.into());
        engine.sign_in(SignIn { tenant, email, password, client: client.clone() }).await.unwrap()
    };
    let crate::engine::SignedIn::Tokens(tokens) = sign_in().await else { panic!() };
    let session = engine.authenticate(tokens.access.expose()).await.unwrap().session.unwrap();
    engine.sign_out_session(&timed.principal(timed.uwe), session, client.clone()).await.unwrap();
    engine.refresh(tokens.refresh.expose(), client.clone()).await.unwrap_err();
    let crate::engine::SignedIn::Tokens(tokens) = sign_in().await else { panic!() };
    engine.sign_out(tokens.refresh.expose(), client.clone()).await.unwrap();
    let wrong = Password::new("not the password".into());
    engine.disable_second_factor(timed.cx(timed.uwe), wrong, client.clone()).await.unwrap_err();
    let done = engine.execute(timed.cx(timed.ana()), corporate()).await.unwrap();
    let Some(Subject::Provider(provider)) = done.subjects.first().copied() else { panic!("no provider") };
    let stranger = Vouched {
        subject: "42".into(),
        verified_email: Some("eve@evil.test".into()),
        name: None,
        domain: None,
        challenge: String::new(),
    };
    let tenant = timed.world.founded.tenant.id;
    engine.sign_in_by_provider(tenant, provider, stranger, client.clone()).await.unwrap_err();
    for kind in ["session.began", "session.ended", "session.refused", "password.failed", "sign_in.failed"] {
        let told = of_kind(&timed, kind).await;
        assert!(!told.is_empty(), "{kind}");
        for entry in told {
            let is = (entry.address.as_deref(), entry.agent.as_deref(), entry.request);
            assert_eq!(is, (Some("192.0.2.7"), Some("a browser"), client.request), "{kind}");
        }
    }
    timed.check().await;
}
