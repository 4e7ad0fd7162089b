//! The bytes of plugins' code: there as they were uploaded, or not at all.

use super::*;
use crate::engine::{Destination, PluginsAllowed};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_are_read_as_they_were_uploaded_wherever_the_company_lives() {
    for kind in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let engine = open(folder.path(), kind).await;
        let founded = found(&engine, "acme", Tier::Platinum).await;
        let tenant = founded.tenant.id;
        let (small, large) = (bytes(1), bytes(1_300_000));
        upload(&engine, &founded, "1", &small).await;
        upload(&engine, &founded, "2", &large).await;
        let head = engine.head(tenant).await.unwrap();
        upload(&engine, &founded, "2", &large).await;
        assert_eq!(engine.head(tenant).await.unwrap(), head, "it was there");
        let id = engine.install_plugin(cx(&founded), install(&large, true)).await.unwrap();
        let id = id.installation().unwrap();
        keep(&engine.plugin_room(tenant, id).await.unwrap(), "kv/a", &large[..200_000]).await;
        engine.move_tenant(tenant, Destination::At(Placement::Dedicated)).await.unwrap();
        is_clean(&engine, tenant).await;
        engine.close().await;
        drop(engine);

        let engine = open(folder.path(), kind).await;
        for bytes in [&small, &large] {
            let read = engine.plugin_bytes(tenant, Digest::of(bytes)).await.unwrap();
            assert!(*read == **bytes, "{} bytes", bytes.len());
        }
        let room = engine.plugin_room(tenant, id).await.unwrap();
        assert!(room.get(b"kv/a").await.unwrap().unwrap() == large[..200_000]);
        is_clean(&engine, tenant).await;
        assert_eq!(engine.tenants_with_plugins(), [tenant], "and it is known without loading it");
        engine.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_not_what_was_looked_at_are_neither_taken_nor_given() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let (engine, tenant) = (&world.engine, world.founded.tenant.id);
    let bytes = bytes(200_000);
    let other = PluginCode { digest: Digest::of(b"other"), ..code("1", &bytes, acting()) };
    let refused = engine.upload_plugin(world.cx(), other, bytes.clone()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Internal);
    assert_eq!(rows_beside(engine, tenant).await, (0, 0));

    upload(engine, &world.founded, "1", &bytes).await;
    let (digest, live) = (Digest::of(&bytes), engine.live(tenant).await.unwrap());
    let mut batch = Batch::new();
    batch.insert(rows::plugin_part(digest, 1), &PluginPart { bytes: b"forged".to_vec() }).unwrap();
    live.store().commit(batch).await;
    let error = engine.plugin_bytes(tenant, digest).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Internal);
    let report = engine.check(tenant).await.unwrap();
    assert!(report.differences.iter().any(|found| found.contains("acme.sweeper 1")), "{report:#?}");
    let mut batch = Batch::new();
    batch.delete(rows::plugin_part(digest, 1));
    live.store().commit(batch).await;
    assert_eq!(engine.plugin_bytes(tenant, digest).await.unwrap_err().code(), ErrorCode::Internal);
    let unknown = engine.plugin_bytes(tenant, Digest::of(b"unknown")).await.unwrap_err();
    assert_eq!(unknown.code(), ErrorCode::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_upload_and_a_rehearsal_write_nothing_and_removed_code_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), StoreKind::Fjall).await;
    let founded = found(&engine, "acme", Tier::Basic).await;
    let (tenant, bytes) = (founded.tenant.id, bytes(100_000));
    let code = code("1", &bytes, acting());
    let refused = engine.upload_plugin(cx(&founded), code.clone(), bytes.clone()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::EntitlementExceeded);
    assert_eq!(engine.plugins_allowed(tenant), PluginsAllowed::default());
    engine.set_tier(cx(&founded), Tier::Premium).await.unwrap();
    assert_eq!(engine.plugins_allowed(tenant), PluginsAllowed { curated: true, own: false });
    engine.set_tier(cx(&founded), Tier::Platinum).await.unwrap();
    assert!(engine.plugins_allowed(tenant).allows(PluginOrigin::Own));
    let rehearsal = OpContext { dry_run: true, ..cx(&founded) };
    assert_eq!(engine.upload_plugin(rehearsal, code, bytes.clone()).await.unwrap().events.len(), 1);
    assert_eq!(rows_beside(&engine, tenant).await, (0, 0));

    upload(&engine, &founded, "1", &bytes).await;
    let rehearsal = OpContext { dry_run: true, ..cx(&founded) };
    let digest = Digest::of(&bytes);
    engine.remove_plugin_code(rehearsal, digest).await.unwrap();
    assert_eq!(rows_beside(&engine, tenant).await, (3, 0));
    engine.remove_plugin_code(cx(&founded), digest).await.unwrap();
    assert_eq!(rows_beside(&engine, tenant).await, (0, 0));
    assert_eq!(engine.plugin_bytes(tenant, digest).await.unwrap_err().code(), ErrorCode::NotFound);
    upload(&engine, &founded, "1", &bytes).await;
    assert!(*engine.plugin_bytes(tenant, digest).await.unwrap() == *bytes);
    is_clean(&engine, tenant).await;
}
