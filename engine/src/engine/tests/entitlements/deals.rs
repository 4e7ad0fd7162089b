//! What is sold to a company, by whom, and what holds when that is asked late, in the middle of other work, or for the last time.

use super::{World, refused};
use crate::context::{OpContext, Principal};
use crate::engine::Engine;
use crate::error::ErrorCode;
use crate::id::RootId;
use crate::model::{EntitlementKey, EntitlementOverride, EntitlementValue, KeyScope, Tenant, Tier};
use crate::platform::NewTenant;
use crate::storage::StoreKind;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_repeated_late_brings_no_former_tier_back() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found_as(Engine::builder(folder.path()), Tier::Basic).await;
    let sell = |key: &str, tier| {
        let cx = world.cx().with_idempotency_key(Some(key.to_owned()));
        world.engine.set_tier(cx, tier)
    };
    assert_eq!(sell("up", Tier::Premium).await.unwrap().tier, Tier::Premium);
    assert_eq!(sell("down", Tier::Basic).await.unwrap().tier, Tier::Basic);
    assert_eq!(sell("up", Tier::Premium).await.unwrap().tier, Tier::Basic);
    assert_eq!(sell("up again", Tier::Premium).await.unwrap().tier, Tier::Premium);
    world.is_whole().await;
    world.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_finds_a_record_that_is_not_as_the_log_sold_it() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found_as(Engine::builder(folder.path()), Tier::Basic).await;
    let record = world.engine.known_tenant(world.founded.tenant.id).unwrap();
    let agreed =
        EntitlementOverride { key: EntitlementKey::Users, value: EntitlementValue::Unlimited, until: None };
    let bought = Tenant { tier: Tier::Platinum, overrides: Some(vec![agreed]), ..Tenant::clone(&record) };
    world.engine.save_record(bought).await.unwrap();
    let report = world.engine.check(record.id).await.unwrap();
    assert_eq!(report.differences.len(), 2, "{report:?}");
    world.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_sells_nothing_however_far_it_reaches() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found_as(Engine::builder(folder.path()), Tier::Basic).await;
    let tenant = world.founded.tenant.id;
    for who in [
        Principal::visitor(tenant, RootId::generate(), KeyScope::Read),
        Principal::visitor(tenant, RootId::generate(), KeyScope::Admin),
        Principal::trusted_system(tenant).limited_to(KeyScope::Admin),
    ] {
        let sold = world.engine.set_tier(OpContext::new(who.clone()), Tier::Platinum).await;
        assert_eq!(sold.unwrap_err().code(), ErrorCode::Forbidden, "{who:?}");
        let cx = OpContext::new(who);
        let agreed = world.engine.override_entitlement(cx, EntitlementKey::Users, None).await;
        assert_eq!(agreed.unwrap_err().code(), ErrorCode::Forbidden);
    }
    world.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_calls_of_a_day_are_for_super_admins() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found_as(Engine::builder(folder.path()), Tier::Basic).await;
    let tenant = world.founded.tenant.id;
    world.agree(EntitlementKey::SessionCallsPerDay, 40).await;
    let person = Principal::trusted_member(tenant, world.member(1).await.unwrap());
    let admin = Principal::trusted_member(tenant, world.founded.admin.unwrap());
    for used in 1..=38 {
        let calls = world.engine.count_call(&person).await.unwrap().unwrap();
        assert_eq!((calls.limit, calls.used), (Some(38), used));
    }
    let error = world.engine.count_call(&person).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::RateLimited);
    assert!(error.message().contains("38 of 40"), "{error:?}");
    assert!(error.message().contains("kept for super admins"), "{error:?}");
    for used in 39..=40 {
        let calls = world.engine.count_call(&admin).await.unwrap().unwrap();
        assert_eq!((calls.limit, calls.used), (Some(40), used));
    }
    assert_eq!(world.engine.count_call(&admin).await.unwrap_err().code(), ErrorCode::RateLimited);
    world.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_more_issues_than_the_tier_includes_has_room_for_none_and_needs_none() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found_as(Engine::builder(folder.path()), Tier::Basic).await;
    for _ in 0..3 {
        world.issue(None).await;
    }
    world.agree(EntitlementKey::Issues, 2).await;
    let tenant = world.founded.tenant.id;
    world.engine.expect_room_for_issues(tenant, 0).await.unwrap();
    let error = world.engine.expect_room_for_issues(tenant, 1).await.unwrap_err();
    refused(&error, EntitlementKey::Issues, 2, 3);
    world.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_company_cannot_be_written_it_is_told_what_it_has_and_the_platform_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found_as(Engine::builder(folder.path()), Tier::Basic).await;
    let (engine, tenant) = (&world.engine, world.founded.tenant.id);
    let live = engine.live(tenant).await.unwrap();
    let (sold, others) = live
        .quiet(async || {
            let (engine, cx) = (engine.clone(), world.cx());
            let sold = tokio::spawn(async move { engine.set_tier(cx, Tier::Premium).await });
            for _ in 0..1_000 {
                tokio::task::yield_now().await;
            }
            let others = async {
                assert_eq!(world.used(EntitlementKey::Issues).await, Some(0));
                world.engine.create_tenant(NewTenant::new("other", "Other")).await.unwrap();
            };
            Ok((sold, tokio::time::timeout(std::time::Duration::from_secs(60), others).await))
        })
        .await
        .unwrap();
    others.expect("they do not wait for this company's writer");
    assert_eq!(sold.await.unwrap().unwrap().tier, Tier::Premium);
    drop(live);
    world.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_erased_company_not_even_its_calls_are_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found_as(Engine::builder(folder.path()), Tier::Basic).await;
    let tenant = world.founded.tenant.id;
    let person = Principal::trusted_member(tenant, world.founded.admin.unwrap());
    world.engine.count_call(&person).await.unwrap();
    world.engine.erase_tenant(tenant).await.unwrap();
    world.engine.close().await;
    drop(world);
    let engine = Engine::builder(folder.path()).store(StoreKind::Fjall).open().await.unwrap();
    let now = engine.clock().now();
    let made = engine.0.platform.calls.made(tenant, crate::entitlement::day_of(now)).await.unwrap();
    assert_eq!(made, [0, 0]);
    engine.close().await;
}
