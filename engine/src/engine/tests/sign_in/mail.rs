//! Messages on their way out: once each, in their time, within bounds.

use super::{Timed, corporate};
use crate::command::provider::CreateProvider;
use crate::context::{OpContext, Principal};
use crate::engine::{Engine, WaitingMail};
use crate::error::{Error, ErrorCode};
use crate::id::TenantId;
use crate::limits::Limits;
use crate::outbox::MailFate;
use crate::time::Timestamp;
use std::time::Duration;

/// Adds an identity provider, of which the super admin is told.
async fn write(timed: &Timed, name: &str) -> Result<(), Error> {
    let create = CreateProvider {
        name: name.to_owned(),
        issuer: "https://login.example.com".to_owned(),
        domains: vec!["example.com".to_owned()],
        ..corporate()
    };
    let us = OpContext::new(Principal::trusted_system(tenant(timed)));
    timed.engine().execute(us, create).await.map(drop)
}

fn tenant(timed: &Timed) -> TenantId {
    timed.world.founded.tenant.id
}

async fn next(engine: &Engine) -> WaitingMail {
    tokio::time::timeout(Duration::from_secs(30), engine.next_mail()).await.unwrap()
}

async fn waiting(timed: &Timed) -> usize {
    timed.engine().mail_waiting(tenant(timed)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_comes_until_it_is_said_that_it_was_sent() {
    let timed = Timed::new().await;
    write(&timed, "Staff").await.unwrap();
    let engine = timed.engine();
    let first = next(engine).await;
    let id = first.id;
    assert_eq!((first.to.as_str(), first.template(), first.tries), ("ana@acme.test", "provider_added", 0));
    drop(first);
    let again = next(engine).await;
    assert_eq!(again.id, id);
    engine.settle_mail(again, MailFate::NotTried).await;
    let again = next(engine).await;
    let letter = engine.write_letter(&again, "https://issues.example.com").unwrap();
    assert_eq!(letter.subject.as_str(), "Another way to sign in to Acme");
    assert_eq!((again.id, waiting(&timed).await), (id, 1));
    engine.settle_mail(again, MailFate::Sent).await;
    assert_eq!(waiting(&timed).await, 0);
    assert_eq!(engine.lost_mail(tenant(&timed)).await.unwrap(), []);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_waits_lets_the_next_one_pass_and_comes_in_its_time() {
    let timed = Timed::new().await;
    write(&timed, "One").await.unwrap();
    write(&timed, "Two").await.unwrap();
    let engine = timed.engine();
    let one = next(engine).await;
    let (id, later) = (one.id, Timestamp::from_millis(timed.now()).plus_millis(5_000));
    engine.settle_mail(one, MailFate::Later(later, "full".to_owned())).await;
    let two = next(engine).await;
    assert_ne!(two.id, id);
    engine.settle_mail(two, MailFate::Sent).await;
    timed.pass(5);
    // Something new is written, so that nobody waits for the clock.
    write(&timed, "Three").await.unwrap();
    let three = next(engine).await;
    assert_eq!(three.tries, 0, "what is due goes on behind what was looked at");
    engine.settle_mail(three, MailFate::Sent).await;
    let one = next(engine).await;
    assert_eq!((one.id, one.tries), (id, 1));
    engine.settle_mail(one, MailFate::Lost("no such mailbox\r\n".to_owned())).await;
    let lost = engine.lost_mail(tenant(&timed)).await.unwrap();
    assert_eq!(
        (lost.len(), lost[0].id, lost[0].tries, lost[0].why.as_str()),
        (1, id, 1, "no such mailbox  ")
    );
    assert_eq!(waiting(&timed).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_whose_time_is_over_is_not_sent_and_its_token_is_gone() {
    let timed = Timed::new().await;
    timed.engine().request_password_reset("acme", "uwe@acme.test", None).await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while waiting(&timed).await == 0 {
        assert!(tokio::time::Instant::now() < deadline);
        tokio::task::yield_now().await;
    }
    timed.pass(3_600);
    write(&timed, "Staff").await.unwrap();
    assert_eq!(next(timed.engine()).await.template(), "provider_added", "the link is passed over");
    let lost = timed.engine().lost_mail(tenant(&timed)).await.unwrap();
    assert_eq!((lost.len(), lost[0].template.as_str()), (1, "password_reset"));
    assert!(timed.outbox().await.iter().all(|row| row.template != "password_reset" || row.values.is_empty()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outbox_and_what_is_remembered_of_lost_messages_have_bounds() {
    let limits = Limits { outbox_max: 2, mail_lost_max: 1, ..Limits::default() };
    let timed = Timed::with(|builder| builder.limits(limits)).await;
    write(&timed, "One").await.unwrap();
    write(&timed, "Two").await.unwrap();
    let refused = write(&timed, "Three").await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Unavailable);
    assert!(refused.message().contains("2 messages of this company wait"), "{refused}");
    for why in ["first", "second"] {
        let mail = next(timed.engine()).await;
        timed.engine().settle_mail(mail, MailFate::Lost(why.to_owned())).await;
    }
    let lost = timed.engine().lost_mail(tenant(&timed)).await.unwrap();
    assert_eq!(lost.iter().map(|mail| mail.why.as_str()).collect::<Vec<_>>(), ["second"]);
    // A full outbox is counted again after a while, not for each who asks.
    timed.pass(10);
    write(&timed, "Three").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_nobody_sends_are_swept_away() {
    let timed = Timed::new().await;
    write(&timed, "Staff").await.unwrap();
    let live = timed.engine().live(tenant(&timed)).await.unwrap();
    timed.pass(29 * 24 * 60 * 60);
    live.sweep().await.unwrap();
    assert_eq!(waiting(&timed).await, 1);
    timed.pass(2 * 24 * 60 * 60);
    live.sweep().await.unwrap();
    assert_eq!(waiting(&timed).await, 0);
}
