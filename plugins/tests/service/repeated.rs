//! Requests that are sent again under their key, as a client does whose answer was lost.

use crate::world::{Company, World, puppet};
use mortise_engine::context::OpContext;
use mortise_engine::model::{InstallationStatus, Tier};
use mortise_plugins::service::NewInstallation;
use serde_json::json;

fn keyed(company: &Company) -> OpContext {
    company.cx().with_idempotency_key(Some("once".to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_that_is_sent_again_enables_nothing_that_was_disabled_meanwhile() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let uploaded = Box::pin(world.plugins.upload(company.cx(), puppet())).await.unwrap();
    let settings = json!({ "script": {} });
    let new = NewInstallation { settings, enabled: true, ..NewInstallation::of(&uploaded.code) };
    let first = Box::pin(world.plugins.install(keyed(&company), new.clone())).await.unwrap().what;
    assert!(first.is_enabled());
    world.plugins.disable(company.cx(), first.id, None).await.unwrap();
    let again = Box::pin(world.plugins.install(keyed(&company), new)).await.unwrap().what;
    assert_eq!((again.id, again.is_enabled()), (first.id, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_is_sent_again_gets_the_same_answer() {
    let world = World::new().await;
    let (company, installation) = world.played("acme", json!({})).await;
    let first = world.plugins.remove(keyed(&company), installation.id).await.unwrap().what;
    let again = world.plugins.remove(keyed(&company), installation.id).await.unwrap().what;
    assert_eq!((again.id, again.status), (first.id, first.status));
    let other = world.plugins.remove(company.cx(), installation.id).await.unwrap_err();
    assert_eq!(other.code(), mortise_engine::ErrorCode::NotFound, "under no key it is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_that_is_sent_again_is_the_same_rehearsed_and_removed() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let uploaded = Box::pin(world.plugins.upload(company.cx(), puppet())).await.unwrap();
    let new = || NewInstallation { enabled: true, ..NewInstallation::of(&uploaded.code) };
    let first = Box::pin(world.plugins.install(keyed(&company), new())).await.unwrap().what;
    let rehearsed = Box::pin(world.plugins.install(keyed(&company).with_dry_run(true), new())).await;
    assert_eq!(rehearsed.unwrap().what.id, first.id);
    world.plugins.remove(company.cx(), first.id).await.unwrap();
    let again = Box::pin(world.plugins.install(keyed(&company), new())).await.unwrap().what;
    assert_eq!((again.id, again.status), (first.id, InstallationStatus::Removed));
}
