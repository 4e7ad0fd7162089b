//! Installations that begin to act, or run other code: what is known of them, and what is written with that.

use super::*;
use crate::command::plugin::UpgradeInstallation;

#[tokio::test]
async fn one_that_may_have_requests_to_send_is_among_those_that_act() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), StoreKind::Fjall).await;
    let founded = found(&engine, "acme", Tier::Platinum).await;
    let tenant = founded.tenant.id;
    let bytes = bytes(1_000);
    // It is asked about changes alone, and what was staged before may be there.
    let hooks = PluginHooks { next_states: true, ..PluginHooks::default() };
    let granted =
        PluginPermissions { http: vec!["hooks.example.com".into()], ..PluginPermissions::default() };
    let code = PluginCode { permissions: granted.clone().into(), ..code("1", &bytes, hooks) };
    engine.upload_plugin(cx(&founded), code, bytes.clone()).await.unwrap();
    let install = InstallPlugin { granted, enable: true, ..InstallPlugin::of(Digest::of(&bytes)) };
    engine.install_plugin(cx(&founded), install).await.unwrap();
    assert_eq!(engine.tenants_with_plugins(), [tenant]);
    assert!(engine.plugins_rest(tenant).await.unwrap());
    engine.close().await;
    drop(engine);
    let engine = open(folder.path(), StoreKind::Fjall).await;
    assert_eq!(engine.tenants_with_plugins(), [tenant], "known without loading it");
}

#[tokio::test]
async fn what_a_plugin_keeps_of_its_upgrade_is_there_with_it_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), StoreKind::Fjall).await;
    let founded = found(&engine, "acme", Tier::Platinum).await;
    let tenant = founded.tenant.id;
    let id = installed(&engine, &founded, true).await;
    let second = bytes(2_000);
    upload(&engine, &founded, "2", &second).await;
    let upgrade = |if_version| UpgradeInstallation {
        if_version,
        records: vec![PluginRecord::Entry(id, b"moved".to_vec(), Some(vec![2]))],
        ..UpgradeInstallation::to(id, Digest::of(&second), asks())
    };
    let room = engine.plugin_room(tenant, id).await.unwrap();
    let refused = engine.upgrade_installation(cx(&founded), upgrade(Some(7))).await.unwrap_err();
    assert_eq!((refused.code(), room.get(b"moved").await.unwrap()), (ErrorCode::Conflict, None));
    let rehearsal = OpContext { dry_run: true, ..cx(&founded) };
    engine.upgrade_installation(rehearsal, upgrade(None)).await.unwrap();
    assert_eq!(room.get(b"moved").await.unwrap(), None);
    engine.upgrade_installation(cx(&founded), upgrade(None)).await.unwrap();
    assert_eq!(room.get(b"moved").await.unwrap(), Some(vec![2]));
    is_clean(&engine, tenant).await;
}

#[tokio::test]
async fn code_that_a_rehearsal_brings_along_counts_there_alone() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), StoreKind::Fjall).await;
    let founded = found(&engine, "acme", Tier::Platinum).await;
    let bytes = bytes(1_000);
    let brings = Some(Box::new(code("1", &bytes, acting())));
    let install = InstallPlugin { brings, ..install(&bytes, true) };
    let rehearsal = OpContext { dry_run: true, ..cx(&founded) };
    assert!(engine.install_plugin(rehearsal, install.clone()).await.unwrap().installation().is_some());
    let refused = engine.install_plugin(cx(&founded), install).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::NotFound);
    assert!(engine.tenants_with_plugins().is_empty());
}
