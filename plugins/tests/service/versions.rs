//! Upgrades and the way back.

use crate::world::{World, digest, puppet_as};
use mortise_engine::ErrorCode;
use mortise_engine::model::Tier;
use mortise_plugins::service::{NewInstallation, Upgrade};
use serde_json::json;

const NARROWER: &[(&str, &str)] =
    &[("http = [\"hooks.example.com\", \"*.example.org\"]", "http = [\"hooks.example.com\"]")];

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_asks_for_more_is_granted_first_and_can_be_rolled_back() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let (one, two) = (puppet_as("1.0.0", NARROWER), puppet_as("1.1.0", &[]));
    let first =
        world.installed(&company, one.clone(), |new| NewInstallation { enabled: true, ..new }).await.unwrap();
    let uploaded = Box::pin(world.plugins.upload(company.cx(), two.clone())).await.unwrap();
    assert_eq!(uploaded.upgrades, Some(first.id));
    let changes = world.plugins.upgrade_preview(&company.us, first.id, digest(&two)).await.unwrap();
    let said: Vec<_> = changes.iter().map(|c| (c.permission().key(), c.widens())).collect();
    assert_eq!(said, [("http:*.example.org".to_owned(), true)]);
    let to = Upgrade::to(digest(&two));
    let error = Box::pin(world.plugins.upgrade(company.cx(), first.id, to.clone())).await.unwrap_err();
    assert_eq!((error.code(), error.field()), (ErrorCode::Rejected, Some("grant")));
    assert!(error.message().contains("*.example.org"), "{error}");
    let granted = Upgrade { grant: true, ..to };
    let done = Box::pin(world.plugins.upgrade(company.cx(), first.id, granted)).await.unwrap();
    assert_eq!(done.events, ["plugin.upgraded"]);
    let (second, changes) = done.what;
    assert_eq!((second.code_version.as_str(), changes.len()), ("1.1.0", 1));
    assert_eq!(second.granted.http.len(), 2);
    let back = world.plugins.roll_back(company.cx(), first.id, None).await.unwrap();
    assert_eq!((back.digest, back.granted.http.len()), (digest(&one), 1));
    let error = world.plugins.roll_back(company.cx(), first.id, None).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Rejected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_fails_as_it_is_told_of_the_upgrade_does_not_come() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let script = json!({ "script": { "on-lifecycle": [["permanent", "entries of an unknown form"]] } });
    let installed = world.installed(&company, puppet_as("1.0.0", &[]), |new| NewInstallation {
        settings: script,
        enabled: true,
        ..new
    });
    let first = installed.await.unwrap();
    assert!(first.is_enabled(), "only an upgrade is held back");
    let two = puppet_as("1.1.0", &[]);
    Box::pin(world.plugins.upload(company.cx(), two.clone())).await.unwrap();
    let upgrade = Upgrade { grant: true, ..Upgrade::to(digest(&two)) };
    let error = Box::pin(world.plugins.upgrade(company.cx(), first.id, upgrade)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Rejected);
    assert!(error.message().contains("entries of an unknown form"), "{error}");
    let reader = world.engine.reader(&company.us).await.unwrap();
    assert_eq!(reader.installation(first.id).unwrap().code_version, "1.0.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_version_is_of_one_code() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    Box::pin(world.plugins.upload(company.cx(), puppet_as("1.0.0", &[]))).await.unwrap();
    let again = Box::pin(world.plugins.upload(company.cx(), puppet_as("1.0.0", &[]))).await.unwrap();
    assert!(again.known);
    let error = Box::pin(world.plugins.upload(company.cx(), puppet_as("1.0.0", NARROWER))).await.unwrap_err();
    assert_eq!((error.code(), error.field()), (ErrorCode::Conflict, Some("version")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_keeps_when_it_is_told_is_there_when_it_is_asked() {
    let world = World::new().await;
    let script = json!({
        "on-lifecycle": [["kv-set", "told", "a finch"]],
        "validate": [["kv-get", "told"]],
    });
    let (company, installation) = world.played("acme", script).await;
    world.create(&company, "Login fails").await.unwrap();
    let page = world.runs(&company, installation.id).await;
    let logs: Vec<_> = page.runs.iter().flat_map(|run| &run.logs).map(|log| log.message.as_str()).collect();
    assert!(logs.contains(&"kv-get: ok a finch"), "{logs:?}");
}
