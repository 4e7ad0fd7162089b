//! Companies are suspended, opened again, closed and erased.

use super::{DAY_MS, PASSWORD, Platform, sign_in, us};
use crate::command::issue::CreateIssue;
use crate::context::{OpContext, Principal};
use crate::engine::{Closing, Engine, SignedIn, Suspension};
use crate::error::ErrorCode;
use crate::event::EventBody;
use crate::id::TenantId;
use crate::model::{Lifecycle, Seq, Tenant, TenantStatus, Untold};
use crate::platform::NewTenant;
use std::time::Duration;

fn with_reads(reads: bool) -> Suspension {
    Suspension { reads, reason: Some("an invoice is open".into()) }
}

fn code<T>(result: crate::error::Result<T>) -> Option<ErrorCode> {
    result.err().map(|error| error.code())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_company_is_looked_at_if_that_was_said_and_changed_by_nobody() {
    let platform = Platform::new().await;
    let (engine, founded) = (platform.engine(), &platform.world.founded);
    let id = founded.tenant.id;
    let ana = Principal::trusted_member(id, founded.admin.unwrap());
    let create = || CreateIssue { title: "One".into(), ..CreateIssue::in_team(platform.world.team) };
    platform.world.issue(None).await;

    let held = engine.suspend_tenant(&us(), id, with_reads(true), Some(1)).await.unwrap();
    assert_eq!((held.status, held.version), (TenantStatus::Suspended, 2));
    assert!(engine.reader(&ana).await.unwrap().issue(&"ENG-1".parse().unwrap()).await.unwrap().is_some());
    for who in [ana.clone(), Principal::trusted_system(id)] {
        let refused = engine.execute(OpContext::new(who), create()).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Forbidden);
        assert!(refused.message().contains("not in use at present"), "{refused}");
    }

    let held = engine.suspend_tenant(&us(), id, with_reads(false), None).await.unwrap();
    assert_eq!(held.version, 3);
    assert_eq!(code(engine.reader(&ana).await), Some(ErrorCode::Forbidden));
    assert!(engine.reader(&Principal::trusted_system(id)).await.is_ok(), "the platform's own program looks");
    let again = engine.suspend_tenant(&us(), id, with_reads(false), None).await.unwrap();
    assert_eq!(again.version, 3, "what is so already stays as it is");
    assert_eq!(
        code(engine.suspend_tenant(&us(), id, with_reads(true), Some(1)).await),
        Some(ErrorCode::Conflict)
    );

    engine.resume_tenant(&us(), id, None).await.unwrap();
    assert!(engine.execute(OpContext::new(ana), create()).await.is_ok());
    let reader = engine.reader(&Principal::trusted_system(id)).await.unwrap();
    let told: Vec<_> = reader
        .events(Seq(0), 100)
        .await
        .unwrap()
        .into_iter()
        .filter_map(|event| event.body)
        .filter(|body| matches!(body, EventBody::TenantStatusChanged { .. }))
        .map(|body| body.name())
        .collect();
    assert_eq!(told, ["tenant.suspended", "tenant.suspended", "tenant.resumed"]);
    assert!(engine.check(id).await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn why_nobody_gets_in_is_said_to_who_knows_the_password_alone() {
    let platform = Platform::new().await;
    let (engine, id) = (platform.engine(), platform.world.founded.tenant.id);
    let SignedIn::Tokens(tokens) = sign_in(engine, PASSWORD).await.unwrap() else { panic!() };
    engine.suspend_tenant(&us(), id, with_reads(false), None).await.unwrap();
    let refused = sign_in(engine, PASSWORD).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Forbidden);
    assert!(refused.message().contains("acme is suspended (an invoice is open)"), "{refused}");
    let stranger = sign_in(engine, "a wrong passphrase").await.unwrap_err();
    assert_eq!(stranger.code(), ErrorCode::Unauthenticated);
    assert!(!stranger.message().contains("suspended"), "{stranger}");
    let token = tokens.refresh.expose();
    assert_eq!(code(engine.refresh(token, "a browser").await), Some(ErrorCode::Unauthenticated));
    engine.resume_tenant(&us(), id, None).await.unwrap();
    assert!(engine.refresh(token, "a browser").await.is_ok(), "it was not spent meanwhile");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_company_comes_back_while_its_grace_lasts_and_is_erased_after() {
    let platform = Platform::new().await;
    let (engine, founded) = (platform.engine(), &platform.world.founded);
    let id = founded.tenant.id;
    let closing = || Closing { grace_days: 2, reason: None };
    let refused = engine.erase_closed_tenant(&us(), id, "acme").await;
    assert_eq!(code(refused), Some(ErrorCode::Rejected), "it is not closed");
    engine.close_tenant(&us(), id, closing(), None).await.unwrap();
    let ana = Principal::trusted_member(id, founded.admin.unwrap());
    assert_eq!(code(engine.reader(&ana).await), Some(ErrorCode::Forbidden));
    assert_eq!(
        code(engine.suspend_tenant(&us(), id, with_reads(true), None).await),
        Some(ErrorCode::Rejected)
    );
    platform.pass(2 * DAY_MS - 1);
    assert_eq!(code(engine.erase_closed_tenant(&us(), id, "acme").await), Some(ErrorCode::Rejected));
    assert!(engine.tenants_to_erase().is_empty());
    assert_eq!(engine.resume_tenant(&us(), id, None).await.unwrap().status, TenantStatus::Active);

    engine.close_tenant(&us(), id, closing(), None).await.unwrap();
    platform.pass(2 * DAY_MS);
    assert_eq!(code(engine.resume_tenant(&us(), id, None).await), Some(ErrorCode::Rejected));
    assert_eq!(engine.tenants_to_erase().iter().map(|tenant| tenant.id).collect::<Vec<_>>(), [id]);
    let wrong = engine.erase_closed_tenant(&us(), id, "globex").await;
    assert_eq!(code(wrong), Some(ErrorCode::InvalidInput));
    engine.erase_closed_tenant(&us(), id, "acme").await.unwrap();
    assert!(engine.tenant_by_slug("acme").is_none());
    assert_eq!(code(engine.reader(&ana).await), Some(ErrorCode::Unauthenticated));
    let (engine, _folder) = platform.again().await;
    assert!(engine.tenants().is_empty());
    engine.close().await;
}

/// What the company's log says of how it stands.
async fn told(engine: &Engine, id: TenantId) -> Vec<&'static str> {
    let reader = engine.reader(&Principal::trusted_system(id)).await.unwrap();
    let events = reader.events(Seq(0), 100).await.unwrap().into_iter();
    let bodies = events.filter_map(|event| event.body);
    bodies
        .filter(|body| matches!(body, EventBody::TenantStatusChanged { .. }))
        .map(|body| body.name())
        .collect()
}

/// Waits until the company's log says all of it.
async fn until_told(engine: &Engine, id: TenantId) {
    let look = async {
        while engine.tenant_by_id(id).unwrap().untold.is_some() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), look).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_that_is_closed_anew_while_its_erasure_waits_is_not_erased() {
    let platform = Platform::new().await;
    let (engine, id) = (platform.engine(), platform.world.founded.tenant.id);
    engine.close_tenant(&us(), id, Closing { grace_days: 0, reason: None }, None).await.unwrap();
    let turn = engine.0.undertakings.turn().await;
    let erasing = tokio::spawn({
        let engine = engine.clone();
        async move { engine.erase_closed_tenant(&us(), id, "acme").await }
    });
    // It has begun, and waits for another company to be moved or erased.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    engine.close_tenant(&us(), id, Closing { grace_days: 30, reason: None }, None).await.unwrap();
    drop(turn);
    assert_eq!(code(erasing.await.unwrap()), Some(ErrorCode::Rejected));
    assert_eq!(engine.tenant_by_slug("acme").unwrap().status, TenantStatus::Closed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_that_stands_still_is_asked_for_again() {
    let platform = Platform::new().await;
    let (engine, id) = (platform.engine(), platform.world.founded.tenant.id);
    engine.close_tenant(&us(), id, Closing { grace_days: 0, reason: None }, None).await.unwrap();
    assert!(!engine.condemn(id, "acme").await.unwrap());
    assert!(engine.tenant_by_slug("acme").is_none());
    assert_eq!(code(engine.resume_tenant(&us(), id, None).await), Some(ErrorCode::NotFound));
    assert!(engine.erase_closed_tenant(&us(), id, "acme").await.unwrap().resumed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_was_suspended_when_it_was_closed_is_suspended_when_it_is_opened() {
    let platform = Platform::new().await;
    let (engine, id) = (platform.engine(), platform.world.founded.tenant.id);
    engine.suspend_tenant(&us(), id, with_reads(true), None).await.unwrap();
    let held = engine.tenant_by_id(id).unwrap().lifecycle.clone();
    for days in [2, 3] {
        engine.close_tenant(&us(), id, Closing { grace_days: days, reason: None }, None).await.unwrap();
    }
    let opened = engine.resume_tenant(&us(), id, None).await.unwrap();
    assert_eq!((opened.status, &opened.lifecycle), (TenantStatus::Suspended, &held));
    let opened = engine.resume_tenant(&us(), id, None).await.unwrap();
    assert_eq!((opened.status, &opened.lifecycle), (TenantStatus::Active, &None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_is_held_back_though_its_own_writes_stand_still() {
    let platform = Platform::new().await;
    let (engine, founded) = (platform.engine(), &platform.world.founded);
    let id = founded.tenant.id;
    let ana = Principal::trusted_member(id, founded.admin.unwrap());
    let residence = engine.0.tenants.residence(&founded.tenant);
    let paused = residence.pause().await;
    let held = engine.suspend_tenant(&us(), id, with_reads(false), None).await.unwrap();
    assert_eq!(held.status, TenantStatus::Suspended);
    assert_eq!(code(engine.reader(&ana).await), Some(ErrorCode::Forbidden));
    engine.create_tenant(NewTenant::new("globex", "Globex")).await.unwrap();
    drop(paused);
    until_told(engine, id).await;
    assert_eq!(told(engine, id).await, ["tenant.suspended"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_process_did_not_come_to_say_is_said_once_when_the_company_is_loaded() {
    let platform = Platform::new().await;
    let (engine, id) = (platform.engine(), platform.world.founded.tenant.id);
    let held =
        Lifecycle { since: engine.clock().now(), reason: None, reads: true, grace_until: None, before: None };
    let untold = Some(Untold { before: TenantStatus::Active, root: None });
    // As it is behind the record, and in front of the log.
    let record = Tenant {
        status: TenantStatus::Suspended,
        lifecycle: Some(held),
        untold,
        ..Tenant::clone(&engine.tenant_by_id(id).unwrap())
    };
    engine.0.platform.save_tenant(record.clone()).await.unwrap();
    let (engine, folder) = platform.again().await;
    assert!(engine.reader(&Principal::trusted_system(id)).await.is_ok(), "it is loaded");
    until_told(&engine, id).await;
    assert_eq!(told(&engine, id).await, ["tenant.suspended"]);
    // As it is behind the log, and in front of the mark's end.
    engine.0.platform.save_tenant(record).await.unwrap();
    while !engine.unload(id).await.unwrap() {
        tokio::task::yield_now().await;
    }
    assert!(engine.reader(&Principal::trusted_system(id)).await.is_ok());
    until_told(&engine, id).await;
    assert_eq!(told(&engine, id).await, ["tenant.suspended"]);
    engine.close().await;
    drop(folder);
}
