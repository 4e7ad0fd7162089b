//! The language and the time zone of a tenant.

use super::World;
use crate::command::issue::CreateIssue;
use crate::context::{OpContext, Principal};
use crate::engine::Engine;
use crate::error::ErrorCode;
use crate::filter::{Anchor, Compare, Filter, Moment, Offset, Test, TimeField, Unit, When};
use crate::id::TenantId;
use crate::model::SearchLanguage;
use crate::platform::{NewTenant, TenantSettings};
use crate::storage::StoreKind;
use crate::time::{Clock, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

fn zone(name: &str) -> TenantSettings {
    TenantSettings { time_zone: Some(Some(name.into())), ..TenantSettings::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_said_at_the_founding_or_later_and_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let first = world.founded.tenant.id;
    let new = NewTenant::new("globex", "Globex")
        .with_language(SearchLanguage::German)
        .with_time_zone("europe/BERLIN");
    let second = world.engine.create_tenant(new).await.unwrap().tenant;
    let said = |tenant: &crate::model::Tenant| (tenant.language, tenant.time_zone.clone(), tenant.version);
    let berlin = Some("Europe/Berlin".to_owned());
    assert_eq!(said(&second), (Some(SearchLanguage::German), berlin, 1));

    let settings = TenantSettings { language: Some(Some(SearchLanguage::French)), ..zone("Asia/Tokyo") };
    let changed = world.engine.set_tenant_settings(first, settings.clone()).await.unwrap();
    let tokyo = Some("Asia/Tokyo".to_owned());
    assert_eq!(said(&changed), (Some(SearchLanguage::French), tokyo.clone(), 2));
    let again = world.engine.set_tenant_settings(first, settings).await.unwrap();
    assert_eq!(again.version, 2, "what is so already stays as it is");
    let away = TenantSettings { time_zone: Some(None), ..TenantSettings::default() };
    let away = world.engine.set_tenant_settings(second.id, away).await.unwrap();
    assert_eq!(said(&away), (Some(SearchLanguage::German), None, 2));
    world.engine.close().await;
    drop(world);

    let engine = Engine::builder(folder.path()).open().await.unwrap();
    let principal = Principal::trusted_system(first);
    let tenant = engine.reader(&principal).await.unwrap().tenant().clone();
    assert_eq!(said(&tenant), (Some(SearchLanguage::French), tokyo, 2));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_so_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let tenant = world.founded.tenant.id;
    for name in ["", "Berlin", "Europe/Nowhere", "+02:00", "../etc/passwd", "Etc/Unknown"] {
        let error = world.engine.set_tenant_settings(tenant, zone(name)).await.unwrap_err();
        assert_eq!((error.code(), error.field()), (ErrorCode::InvalidInput, Some("timeZone")), "{name}");
        let new = NewTenant::new("globex", "Globex").with_time_zone(name);
        assert_eq!(world.engine.create_tenant(new).await.unwrap_err().code(), ErrorCode::InvalidInput);
    }
    let stale = TenantSettings { if_version: Some(7), ..zone("UTC") };
    let error = world.engine.set_tenant_settings(tenant, stale).await.unwrap_err();
    assert_eq!((error.code(), error.field()), (ErrorCode::Conflict, Some("ifVersion")));
    let error = world.engine.set_tenant_settings(TenantId::generate(), zone("UTC")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
    world.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn days_begin_where_the_tenant_is() {
    let folder = tempfile::tempdir().unwrap();
    let hand = Arc::new(AtomicI64::new(0));
    let clock = Clock::from_fn({
        let hand = hand.clone();
        move || Timestamp::from_millis(hand.load(Ordering::Relaxed))
    });
    let set = |at: &str| hand.store(at.parse::<Timestamp>().unwrap().millis(), Ordering::Relaxed);
    set("2026-06-10T23:30:00Z");
    let engine = Engine::builder(folder.path()).store(StoreKind::Fjall).clock(clock).open().await.unwrap();
    let founded = engine.create_tenant(NewTenant::new("acme", "Acme").with_team("ENG")).await.unwrap();
    let us = Principal::trusted_system(founded.tenant.id);
    let command = CreateIssue { title: "Late".into(), ..CreateIssue::in_team(founded.team.unwrap()) };
    engine.execute(OpContext::new(us.clone()), command).await.unwrap();
    set("2026-06-11T09:00:00Z");
    let start = Moment { anchor: Anchor::StartOf(Unit::Day), offset: Offset::NONE };
    let today = Filter::Test(Test::Time(TimeField::Created, Compare::Gte(When::Relative(start))));
    // Half past eleven at night in UTC is the next day in Berlin.
    let reader = engine.reader(&us).await.unwrap();
    assert_eq!(reader.count(&today).await.unwrap(), 0);
    engine.set_tenant_settings(founded.tenant.id, zone("Europe/Berlin")).await.unwrap();
    assert_eq!(reader.count(&today).await.unwrap(), 1, "whoever asks from then on");
    assert_eq!(reader.refreshed().tenant().time_zone.as_deref(), Some("Europe/Berlin"));
    engine.close().await;
}
