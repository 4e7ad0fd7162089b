//! How a company shows itself, when it is cut off in the middle of a change and when it is agreed rather than bought.

use super::World;
use crate::command::branding::UpdateBranding;
use crate::engine::Engine;
use crate::error::ErrorCode;
use crate::model::{EntitlementKey, EntitlementValue, Tier};

fn named(name: &str) -> UpdateBranding {
    UpdateBranding { product_name: Some(Some(name.to_owned())), ..UpdateBranding::default() }
}

fn product(engine: &Engine) -> String {
    let tenant = engine.tenant_by_slug("acme").unwrap();
    engine.page_look(Some(&tenant)).product
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_that_was_cut_off_behind_its_log_is_brought_up_to_it() {
    for reopened in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let world = World::found(folder.path()).await;
        world.engine.update_branding(world.cx(), named("First")).await.unwrap();
        let live = world.engine.live(world.founded.tenant.id).await.unwrap();
        world.engine.begin_look(&live).await.unwrap();
        live.execute(&world.cx(), &named("Second")).await.unwrap();
        // Here the process ends: the log says one thing and the record another.
        assert_eq!(product(&world.engine), "First");
        if reopened {
            drop(live);
            world.engine.close().await;
            drop(world);
            let engine = Engine::builder(folder.path()).open().await.unwrap();
            let brought_up = async {
                while product(&engine) != "Second" {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(std::time::Duration::from_secs(60), brought_up).await.unwrap();
            engine.close().await;
        } else {
            let next = UpdateBranding { powered_by: Some(Some(false)), ..UpdateBranding::default() };
            world.engine.update_branding(world.cx(), next).await.unwrap();
            let tenant = world.engine.tenant_by_slug("acme").unwrap();
            let own = tenant.branding.clone().unwrap();
            assert_eq!((own.product_name.as_deref(), own.powered_by), (Some("Second"), Some(false)));
            assert_eq!((own.version(), own.begun), (3, None), "the next change decides on what the log says");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rehearsal_and_another_company_wait_for_no_change_of_a_look() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let live = world.engine.live(world.founded.tenant.id).await.unwrap();
    let _turn = live.look_turn().await;
    let patient = std::time::Duration::from_secs(60);
    let rehearsal = world.engine.update_branding(world.cx().with_dry_run(true), named("X"));
    assert_eq!(tokio::time::timeout(patient, rehearsal).await.unwrap().unwrap().events.len(), 1);
    let new = crate::platform::NewTenant::new("other", "Other").with_tier(Tier::Platinum);
    let founded = tokio::time::timeout(patient, world.engine.create_tenant(new)).await.unwrap().unwrap();
    let other = world.engine.update_branding(super::cx(&founded), named("Y"));
    tokio::time::timeout(patient, other).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_that_was_agreed_is_as_good_as_one_that_was_bought() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found_as(Engine::builder(folder.path()), Tier::Basic).await;
    let refused = world.engine.update_branding(world.cx(), named("Own")).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::EntitlementExceeded);
    assert!(refused.exceeded().is_some(), "it says what would lift it");
    let agree = async |allowed| {
        let value = Some((EntitlementValue::Flag(allowed), None));
        world.engine.override_entitlement(world.cx(), EntitlementKey::WhiteLabel, value).await.unwrap();
    };
    agree(true).await;
    world.engine.update_branding(world.cx(), named("Own")).await.unwrap();
    assert_eq!(product(&world.engine), "Own");
    agree(false).await;
    assert_eq!(product(&world.engine), "Mortise");
}
