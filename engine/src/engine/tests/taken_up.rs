//! What was begun with a company as a whole comes to its end while the engine runs, whatever fails, and keeps nobody waiting.

use super::cx;
use super::founding::names;
use super::gate::Answers;
use super::lost::{until, waits};
use super::placement::{found, gated, open};
use crate::engine::{Destination, Engine};
use crate::error::ErrorCode;
use crate::id::TenantId;
use crate::model::{Placement, Tier, Undertaking};
use crate::platform::NewTenant;
use crate::storage::StoreKind;
use std::time::Duration;

/// Longer than anything takes here, and shorter than what would be waited for.
const DEADLINE: Duration = Duration::from_secs(120);

async fn finished(engine: &Engine) {
    tokio::time::timeout(DEADLINE, engine.finished()).await.unwrap();
}

fn placement(engine: &Engine, tenant: TenantId) -> Placement {
    engine.0.platform.tenant(tenant).unwrap().placement.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_begun_by_a_write_that_was_not_confirmed_comes_to_its_end_though_nobody_asks_again() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, gate) = gated(folder.path()).await;
    let keys = names(folder.path(), "keys/tenants");
    let new = || NewTenant::new("acme", "Acme").with_team("ENG");
    gate.plan(0, Answers::Lost, Answers::Given);
    let unknown = engine.create_tenant(new()).await.unwrap_err();
    assert_eq!(unknown.code(), ErrorCode::Unavailable);
    finished(&engine).await;
    assert!(
        engine.0.platform.records_where(|_| true).is_empty(),
        "what was begun is removed, and its name free"
    );
    let founded = engine.create_tenant(new()).await.unwrap();
    let id = founded.tenant.id;

    gate.plan(0, Answers::Lost, Answers::Given);
    let unknown = engine.set_tier(cx(&founded), Tier::Platinum).await.unwrap_err();
    assert_eq!(unknown.code(), ErrorCode::Unavailable);
    finished(&engine).await;
    assert_eq!(placement(&engine, id), Placement::Dedicated, "it lives where its tier does");

    gate.plan(0, Answers::Lost, Answers::Given);
    let unknown = engine.erase_tenant(id).await.unwrap_err();
    assert_eq!(unknown.code(), ErrorCode::Unavailable);
    finished(&engine).await;
    assert!(engine.0.platform.record(id).is_none());
    assert_eq!(names(folder.path(), "keys/tenants"), keys);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_founding_that_was_not_confirmed_is_written_once_more_before_anybody_sees_it() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, gate) = gated(folder.path()).await;
    // The first write says that it has begun, the second that it is done.
    gate.plan(1, Answers::Lost, Answers::Dropped);
    engine.create_tenant(NewTenant::new("acme", "Acme")).await.unwrap_err();
    // It can be read, and nothing can be written.
    let again = engine.create_tenant(NewTenant::new("acme", "Acme")).await.unwrap_err();
    assert_eq!(again.code(), ErrorCode::Unavailable, "{again}");
    assert!(engine.tenant_by_slug("acme").is_none(), "a power cut would undo it");
    gate.set(Answers::Given);
    finished(&engine).await;
    let founded = engine.tenant_by_slug("acme").unwrap();
    assert!(engine.check(founded.id).await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_that_cannot_be_erased_keeps_no_other_from_moving_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), StoreKind::Fjall).await;
    engine.take_up_pausing_for(Duration::from_secs(3_600));
    let stuck = found(&engine, "a-stuck-one", Tier::Basic).await.tenant.id;
    std::fs::write(folder.path().join("shards").join("05"), "no folder").unwrap();
    let copying = Undertaking::Copying { to: Placement::Shard(5), due: None };
    engine.amend(stuck, |record| record.undertaking = Some(copying)).await.unwrap();
    engine.erase_tenant(stuck).await.unwrap_err();
    let other = found(&engine, "other", Tier::Basic).await;
    let tiers = [Tier::Platinum, Tier::Basic, Tier::Platinum];
    for (tier, place) in
        tiers.into_iter().zip([Placement::Dedicated, Placement::Shard(0)].into_iter().cycle())
    {
        engine.set_tier(cx(&other), tier).await.unwrap();
        let moved = async {
            while placement(&engine, other.tenant.id) != place {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(DEADLINE, moved).await.unwrap();
    }
    assert!(engine.tenants_being_erased().iter().any(|tenant| tenant.id == stuck), "which waits for an hour");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_does_not_wait_for_a_letter_of_a_company_that_is_being_erased() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), StoreKind::Fjall).await;
    let id = found(&engine, "acme", Tier::Basic).await.tenant.id;
    let outboxes = engine.0.shared.outboxes.clone();
    outboxes.ring(id);
    let letter = outboxes.turn(engine.clock()).await;
    assert_eq!(letter.tenant(), id);
    let mut erasing = tokio::spawn({
        let engine = engine.clone();
        async move { engine.erase_tenant(id).await }
    });
    until(async || engine.0.tenants.keys.is_gone(id).await.unwrap()).await;
    assert!(waits(&mut erasing).await, "the letter may become a file yet");
    tokio::time::timeout(DEADLINE, engine.close()).await.unwrap();
    let stopped = tokio::time::timeout(DEADLINE, erasing).await.unwrap().unwrap().unwrap_err();
    assert_eq!(stopped.code(), ErrorCode::Unavailable);
    drop((letter, engine));
    let engine = open(folder.path(), StoreKind::Fjall).await;
    finished(&engine).await;
    assert!(engine.0.platform.record(id).is_none(), "it goes on at the next start");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_move_that_happens_ends_the_wish_to_have_a_company_where_its_tier_lives() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), StoreKind::Fjall).await;
    let new = NewTenant::new("acme", "Acme").with_tier(Tier::Platinum).with_placement(Placement::Shard(0));
    let founded = engine.create_tenant(new).await.unwrap();
    let id = founded.tenant.id;
    let elsewhere = || Destination::At(Placement::Shard(5));
    let due = || engine.amend(id, |record| record.undertaking = Some(Undertaking::Due));
    due().await.unwrap();
    let residence = engine.0.tenants.residence(&founded.tenant);
    let held = residence.pause().await;
    engine.move_tenant(id, elsewhere()).await.unwrap_err();
    drop(held);
    finished(&engine).await;
    assert_eq!(placement(&engine, id), Placement::Dedicated, "it is still to go home");

    due().await.unwrap();
    engine.move_tenant(id, elsewhere()).await.unwrap();
    finished(&engine).await;
    assert_eq!(placement(&engine, id), Placement::Shard(5), "who moved it has decided");
}
