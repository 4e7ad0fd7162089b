//! Who tried what they may not.

use super::{of_kind, page};
use crate::audit::AuditFilter;
use crate::command::label::CreateLabel;
use crate::context::Client;
use crate::engine::tests::sign_in::Timed;
use crate::error::ErrorCode;
use crate::event::Actor;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_super_admins_read_the_audit_log_and_who_tried_stands_in_it() {
    let timed = Timed::new().await;
    let refused = page(&timed, timed.uwe, AuditFilter::default()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Forbidden);
    let label = CreateLabel { id: None, name: "ui".into(), color: None, description: None, team: None };
    timed.engine().execute(timed.cx(timed.uwe), label).await.unwrap_err();
    let mut told: Vec<_> = of_kind(&timed, "action.refused").await;
    told.sort_by(|a, b| a.details[0].to.cmp(&b.details[0].to));
    let words: Vec<_> = told.iter().map(|entry| entry.details[0].to.as_deref().unwrap()).collect();
    assert_eq!(words, ["ReadAudit", "labelCreate"]);
    assert!(
        told.iter().all(|entry| entry.actor == Some(Actor::Member(timed.uwe)) && entry.request.is_some())
    );
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_refused_early_stands_there_with_their_address_and_their_request() {
    let timed = Timed::new().await;
    let request = Uuid::now_v7();
    let client =
        Client { agent: "curl".into(), address: Some([192, 0, 2, 7].into()), request: Some(request) };
    let cx = timed.cx(timed.uwe).with_client(client);
    timed.engine().sessions(&cx, timed.ana()).await.unwrap_err();
    timed.engine().second_factor(&cx, timed.ana()).await.unwrap_err();
    timed.engine().reset_second_factor(cx.clone(), timed.ana()).await.unwrap_err();
    timed.engine().visits(&cx).await.unwrap_err();
    let told = of_kind(&timed, "action.refused").await;
    assert!(!told.is_empty());
    for entry in told {
        assert_eq!(entry.address.as_deref(), Some("192.0.2.7"));
        assert_eq!(entry.request, Some(request));
    }
}
