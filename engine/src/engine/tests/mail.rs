//! Mail between a change and who sends it: nobody is forgotten, and nothing goes out that was not written.

use super::World;
use super::gate::Answers;
use super::lost::{Gated, until, waits};
use crate::command::member::SendReset;
use crate::engine::mail::durable;
use crate::error::{ErrorCode, Result};
use crate::id::MailId;
use crate::identity::{OneTimeRecord, Purpose, SecretBytes, SecretText};
use crate::limits::Limits;
use crate::outbox::{MailFate, OutboxMail};
use crate::rows::{self, OutboxRow};
use crate::storage::{Batch, CommitOutcome};
use crate::tenant::{Committed, LiveTenant, Turn};
use std::sync::Arc;
use std::time::Duration;

impl Gated {
    /// A link for who forgot their password: a message, and no event.
    fn reset(&self) -> SendReset {
        let (tenant, member) = (self.founded.tenant.id, self.founded.admin.unwrap());
        let now = self.shared.clock.now().millis();
        let (record, _): (OneTimeRecord, SecretText) = OneTimeRecord::issue(
            tenant,
            Purpose::PasswordReset,
            member.uuid(),
            now,
            60_000,
            &SecretBytes::generate().unwrap(),
        );
        let bytes = minicbor::to_vec(&record).unwrap();
        let mail = OutboxMail { template: "password_reset", to: "ana@acme.test".into(), values: Vec::new() };
        SendReset { member, token: (record.id, bytes), mail }
    }

    async fn turn(&self) -> Turn {
        let turn = self.shared.outboxes.turn(&self.shared.clock);
        tokio::time::timeout(Duration::from_secs(60), turn).await.unwrap()
    }

    async fn nobody_has_mail(&self) -> bool {
        waits(self.shared.outboxes.turn(&self.shared.clock)).await
    }

    fn send(&self, live: &Arc<LiveTenant>) -> tokio::task::JoinHandle<Result<Committed>> {
        let (live, cx, command) = (live.clone(), self.cx(), self.reset());
        tokio::spawn(async move { live.execute(&cx, &command).await })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_rung_for_when_it_is_there_and_not_with_the_change_before_it() {
    let gated = Gated::new().await;
    let live = gated.load(false).await;
    gated.gate.set(Answers::Held);
    let before = gated.gate.submitted();
    let event = tokio::spawn({
        let (live, cx, command) = (live.clone(), gated.cx(), gated.create("one"));
        async move { live.execute(&cx, &command).await }
    });
    until(async || gated.gate.submitted() == before + 1).await;
    let mail = gated.send(&live);
    until(async || gated.gate.submitted() == before + 2).await;
    gated.gate.set(Answers::First(before + 1));
    event.await.unwrap().unwrap();
    assert!(gated.nobody_has_mail().await, "it is not known yet whether the message was written");
    gated.gate.set(Answers::Given);
    mail.await.unwrap().unwrap();
    assert_eq!(gated.turn().await.tenant(), gated.founded.tenant.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_write_had_an_unknown_outcome_is_found_when_the_company_is_loaded_again() {
    let gated = Gated::new().await;
    let live = gated.load(false).await;
    gated.gate.set(Answers::Lost);
    let lost = gated.send(&live).await.unwrap().map(drop).unwrap_err();
    assert_eq!(lost.code(), ErrorCode::Unavailable);
    assert!(gated.nobody_has_mail().await);
    gated.gate.set(Answers::Given);
    let _again = gated.load(true).await;
    assert_eq!(gated.turn().await.tenant(), gated.founded.tenant.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_can_be_read_and_may_not_be_on_disk_is_not_sent() {
    let gated = Gated::new().await;
    let id = MailId::generate();
    let row = OutboxRow {
        template: "password_reset".into(),
        to: "ana@acme.test".into(),
        values: Vec::new(),
        written_at: None,
        tried: None,
        lost_at: None,
    };
    let mut batch = Batch::new();
    batch.put(rows::outbox(id), &row).unwrap();
    assert!(matches!(gated.store.commit(batch).await, CommitOutcome::Committed { .. }));
    gated.gate.set(Answers::Lost);
    assert!(durable(&gated.store, id, row.clone()).await.is_err(), "its sync has failed");
    gated.gate.set(Answers::Given);
    assert!(durable(&gated.store, id, row.clone()).await.unwrap().is_some());
    let mut batch = Batch::new();
    batch.delete(rows::outbox(id));
    assert!(matches!(gated.store.commit(batch).await, CommitOutcome::Committed { .. }));
    assert!(durable(&gated.store, id, row).await.unwrap().is_none(), "it has gone with its change");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_on_their_way_count_against_what_may_wait() {
    let gated = Gated::limited(Limits { outbox_max: 2, ..Limits::default() }).await;
    let live = gated.load(false).await;
    gated.gate.set(Answers::Held);
    let before = gated.gate.submitted();
    let on_their_way = [gated.send(&live), gated.send(&live)];
    until(async || gated.gate.submitted() == before + 2).await;
    let full = gated.send(&live).await.unwrap().map(drop).unwrap_err();
    assert!(full.message().contains("2 messages of this company wait"), "{full}");
    gated.gate.set(Answers::Given);
    for sent in on_their_way {
        sent.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_is_erased_once_its_letter_is_no_longer_on_its_way_and_its_letters_go_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let World { engine, founded, .. } = World::found(folder.path()).await;
    engine.request_password_reset("acme", "ana@acme.test", None).await.unwrap();
    let mail = tokio::time::timeout(Duration::from_secs(60), engine.next_mail()).await.unwrap();
    let tenant = founded.tenant.id;
    let erasing = tokio::spawn({
        let engine = engine.clone();
        async move { engine.erase_tenant(tenant).await }
    });
    // Whoever brings it writes it now, behind the beginning of the erasure.
    until(async || engine.tenant_by_slug("acme").is_none()).await;
    let letters = folder.path().join("mail").join(tenant.uuid().to_string());
    std::fs::create_dir_all(&letters).unwrap();
    std::fs::write(letters.join("mail.eml"), "a secret").unwrap();
    assert!(!erasing.is_finished());
    engine.settle_mail(mail, MailFate::Sent).await;
    tokio::time::timeout(Duration::from_secs(60), erasing).await.unwrap().unwrap().unwrap();
    assert!(!letters.exists());
    assert_eq!(engine.mail_counts().companies_waiting, 0);
}
