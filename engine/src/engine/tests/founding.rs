//! Companies that are not founded to the end leave nothing behind.

use super::create;
use super::placement::{found, open};
use crate::error::ErrorCode;
use crate::model::{Tier, Undertaking};
use crate::platform::NewTenant;
use crate::storage::StoreKind;
use std::path::Path;

/// What lies in a folder of the data.
pub(super) fn names(folder: &Path, sub: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join(sub)).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_that_cannot_be_founded_leaves_neither_key_nor_store_nor_name() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), StoreKind::Fjall).await;
    let before = names(folder.path(), "keys/tenants");
    std::fs::remove_dir(folder.path().join("dedicated")).unwrap();
    std::fs::write(folder.path().join("dedicated"), "no folder").unwrap();
    let new = || NewTenant::new("acme", "Acme").with_tier(Tier::Platinum);
    engine.create_tenant(new()).await.unwrap_err();
    assert_eq!(names(folder.path(), "keys/tenants"), before);
    // Whoever asks again is not told that it is somebody's.
    let again = engine.create_tenant(new()).await.unwrap_err();
    assert_eq!(again.code(), ErrorCode::Unavailable, "{again}");
    std::fs::remove_file(folder.path().join("dedicated")).unwrap();
    std::fs::create_dir(folder.path().join("dedicated")).unwrap();
    engine.finished().await;
    engine.create_tenant(new()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_founded_to_the_end_is_removed_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), StoreKind::Fjall).await;
    let before = names(folder.path(), "keys/tenants");
    let founded = found(&engine, "acme", Tier::Platinum).await;
    create(&engine, &founded, "One").await;
    engine.amend(founded.tenant.id, |record| record.undertaking = Some(Undertaking::Founding)).await.unwrap();
    assert!(engine.tenants().is_empty() && engine.tenant_by_slug("acme").is_none());
    engine.close().await;
    drop(engine);
    let engine = open(folder.path(), StoreKind::Fjall).await;
    engine.finished().await;
    assert_eq!(names(folder.path(), "keys/tenants"), before);
    assert_eq!(names(folder.path(), "dedicated"), Vec::<String>::new());
    found(&engine, "acme", Tier::Platinum).await;
}
