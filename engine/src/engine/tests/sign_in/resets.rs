//! Passwords that were forgotten.

use super::{PASSWORD, Timed};
use crate::error::ErrorCode;
use crate::identity::Password;
use crate::limits::Limits;
use std::time::Duration;

const NEW: &str = "another long passphrase";

/// Asks for a link, and waits until it is in the outbox.
pub(in crate::engine::tests) async fn link(timed: &Timed, email: &str) -> String {
    let before = timed.outbox().await.len();
    timed.engine().request_password_reset("acme", email, None).await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        let mails = timed.outbox().await;
        if mails.len() > before {
            let mail = mails.last().unwrap();
            assert_eq!((mail.template.as_str(), mail.to.as_str()), ("password_reset", "uwe@acme.test"));
            return mail.values.iter().find(|(name, _)| name == "token").unwrap().1.clone();
        }
        assert!(tokio::time::Instant::now() < deadline, "no mail was written");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_sets_a_password_once_and_ends_every_session() {
    let timed = Timed::new().await;
    let before = timed.sign_in("uwe").await;
    let token = link(&timed, "Uwe@acme.test").await;
    timed.pass(1);
    let weak = timed.engine().reset_password(&token, Password::new("short".into())).await.unwrap_err();
    assert_eq!((weak.code(), weak.field()), (ErrorCode::InvalidInput, Some("password")));
    timed.engine().reset_password(&token, Password::new(NEW.into())).await.unwrap();
    assert!(!timed.is_in(&before).await);
    assert!(timed.engine().refresh(before.refresh.expose(), "a browser").await.is_err());
    assert!(timed.try_sign_in("uwe", PASSWORD, None).await.is_err());
    assert!(timed.try_sign_in("uwe", NEW, None).await.is_ok());
    let again = timed.engine().reset_password(&token, Password::new(NEW.into())).await.unwrap_err();
    assert_eq!(again.code(), ErrorCode::Unauthenticated);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_links_one_is_used_and_all_are_over() {
    let timed = Timed::new().await;
    let (first, second) = (link(&timed, "uwe@acme.test").await, link(&timed, "uwe@acme.test").await);
    timed.pass(1);
    let (one, two) = tokio::join!(
        timed.engine().reset_password(&second, Password::new(NEW.into())),
        timed.engine().reset_password(&second, Password::new(PASSWORD.into()))
    );
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1);
    let other = timed.engine().reset_password(&first, Password::new(NEW.into())).await.unwrap_err();
    assert_eq!(other.code(), ErrorCode::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_is_good_for_an_hour_and_opens_nothing_else() {
    let timed = Timed::new().await;
    let token = link(&timed, "uwe@acme.test").await;
    assert!(timed.engine().authenticate(&token).await.is_err());
    assert!(timed.engine().fetch_tokens(&token, "challenge", "".into()).await.is_err());
    assert!(timed.engine().answer_challenge(&token, "000000", "".into()).await.is_err());
    timed.pass(3600);
    assert!(timed.engine().reset_password(&token, Password::new(NEW.into())).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_nobody_has_gets_the_same_answer_and_no_mail() {
    let timed = Timed::new().await;
    for (company, email) in [("acme", "nobody@acme.test"), ("nowhere", "uwe@acme.test"), ("acme", "")] {
        assert!(timed.engine().request_password_reset(company, email, None).await.is_ok());
    }
    link(&timed, "uwe@acme.test").await;
    assert_eq!(timed.outbox().await.len(), 1);
}

/// Waits until nothing is on its way into the outbox.
pub(super) async fn settled(timed: &Timed) {
    let room = &timed.engine().0.resets;
    let all = u32::try_from(crate::engine::builder::RESETS_AT_ONCE).unwrap();
    drop(room.acquire_many(all).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_sent_mail_without_end_and_whether_they_are_there_is_not_told() {
    let timed = Timed::new().await;
    for email in ["uwe@acme.test", "nobody@acme.test"] {
        for n in 0..50 {
            let from = Some([192, 0, 2, n].into());
            timed.engine().request_password_reset("acme", email, from).await.unwrap();
            settled(&timed).await;
        }
    }
    assert_eq!(timed.outbox().await.len(), 3);
    timed.pass(3600);
    timed.engine().request_password_reset("acme", "uwe@acme.test", None).await.unwrap();
    settled(&timed).await;
    assert_eq!(timed.outbox().await.len(), 4, "one more an hour later");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_asks_for_many_addresses_waits_and_keeps_nobody_else_waiting() {
    let timed = Timed::new().await;
    let ask = async |email: &str, from: [u8; 4]| {
        timed.engine().request_password_reset("acme", email, Some(from.into())).await.map_err(|e| e.code())
    };
    let mut answers = Vec::new();
    for n in 0..2_000 {
        answers.push(ask(&format!("{n}@acme.test"), [192, 0, 2, 1]).await);
    }
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 20);
    assert!(answers[20..].iter().all(|answer| *answer == Err(ErrorCode::RateLimited)));
    settled(&timed).await;
    ask("uwe@acme.test", [192, 0, 2, 2]).await.unwrap();
    settled(&timed).await;
    assert_eq!(timed.outbox().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_nobody_sends_is_swept_in_the_end() {
    let timed = Timed::new().await;
    link(&timed, "uwe@acme.test").await;
    let live = timed.engine().live(timed.world.founded.tenant.id).await.unwrap();
    live.sweep().await.unwrap();
    assert_eq!(timed.outbox().await.len(), 1);
    timed.pass(Limits::default().mail_kept_ms / 100);
    live.sweep().await.unwrap();
    assert_eq!(timed.outbox().await.len(), 0);
}
