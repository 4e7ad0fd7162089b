//! Plugins as the engine keeps them: their rooms, their secrets, and whose act by themselves.

mod started;
mod uploads;

use super::{World, cx};
use crate::audit::{AuditFilter, Format};
use crate::command::comment::CreateComment;
use crate::command::plugin::{
    DisableInstallation, EnableInstallation, InstallPlugin, RemoveInstallation, SetSecret,
};
use crate::context::{OpContext, Principal};
use crate::draft::PluginRecord;
use crate::engine::{Engine, ExportOptions, Founded, PluginRoom};
use crate::error::ErrorCode;
use crate::id::{InstallationId, TenantId};
use crate::model::{
    Digest, Installation, Placement, PluginCode, PluginHooks, PluginOrigin, PluginPermissions, Seq, Tier,
};
use crate::platform::NewTenant;
use crate::rows::{self, FollowerCursor, PluginPart};
use crate::storage::{Batch, Scan, StoreKind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const KINDS: [StoreKind; 2] = [StoreKind::Sled, StoreKind::Fjall];

/// Words that stand nowhere else.
const CANARY: &str = "bullfinch";

async fn open(folder: &Path, kind: StoreKind) -> Engine {
    Engine::builder(folder).store(kind).open().await.unwrap()
}

async fn found(engine: &Engine, slug: &str, tier: Tier) -> Founded {
    let new = NewTenant::new(slug, slug).with_team("ENG").with_tier(tier);
    engine.create_tenant(new.with_placement(Placement::Shard(0))).await.unwrap()
}

/// So many bytes that are no two alike.
fn bytes(n: usize) -> Arc<[u8]> {
    let mut bytes = vec![0; n];
    blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes.into()
}

fn code(version: &str, bytes: &[u8], hooks: PluginHooks) -> PluginCode {
    PluginCode {
        digest: Digest::of(bytes),
        plugin: "acme.sweeper".into(),
        name: "Sweeper".into(),
        version: version.into(),
        origin: PluginOrigin::Own,
        bytes: bytes.len() as u64,
        manifest: Arc::default(),
        hooks: hooks.into(),
        permissions: asks().into(),
        uploader: None,
        uploaded_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        removed_at: None,
    }
}

fn asks() -> PluginPermissions {
    PluginPermissions { secrets: vec!["token".into()], ..PluginPermissions::default() }
}

fn acting() -> PluginHooks {
    PluginHooks { events: vec!["issue.*".into()], ..PluginHooks::default() }
}

async fn upload(engine: &Engine, founded: &Founded, version: &str, bytes: &Arc<[u8]>) {
    engine.upload_plugin(cx(founded), code(version, bytes, acting()), bytes.clone()).await.unwrap();
}

fn install(bytes: &[u8], enable: bool) -> InstallPlugin {
    InstallPlugin { granted: asks(), enable, ..InstallPlugin::of(Digest::of(bytes)) }
}

/// A company with a plugin of these bytes.
async fn installed(engine: &Engine, founded: &Founded, enable: bool) -> InstallationId {
    let bytes = bytes(1_000);
    upload(engine, founded, "1", &bytes).await;
    let done = engine.install_plugin(cx(founded), install(&bytes, enable)).await.unwrap();
    done.installation().unwrap()
}

async fn keep(room: &PluginRoom, name: &str, value: &[u8]) {
    let record = PluginRecord::Entry(room.installation(), name.into(), Some(value.to_vec()));
    room.write(vec![record]).await.unwrap();
}

async fn names(room: &PluginRoom, prefix: &str) -> Vec<String> {
    let entries = room.scan(prefix.as_bytes(), None, 1_000).await.unwrap();
    entries.into_iter().map(|(name, _)| String::from_utf8(name).unwrap()).collect()
}

/// How many rows of plugins' bytes and of what is kept for them lie in a company's store.
async fn rows_beside(engine: &Engine, tenant: TenantId) -> (usize, usize) {
    let live = engine.live(tenant).await.unwrap();
    let count = |tag| live.store().count(Scan::prefix(&rows::all(tag)));
    (count(rows::tag::PLUGIN_PART).await.unwrap(), count(rows::tag::PLUGIN_ENTRY).await.unwrap())
}

async fn is_clean(engine: &Engine, tenant: TenantId) {
    let report = engine.check(tenant).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_are_apart_whatever_names_are_made_up() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), StoreKind::Fjall).await;
    let (acme, other) =
        (found(&engine, "acme", Tier::Platinum).await, found(&engine, "other", Tier::Platinum).await);
    let (one, foreign) = (installed(&engine, &acme, false).await, installed(&engine, &other, false).await);
    let second = bytes(77);
    let named = PluginCode { plugin: "acme.other".into(), ..code("1", &second, acting()) };
    engine.upload_plugin(cx(&acme), named, second.clone()).await.unwrap();
    let two =
        engine.install_plugin(cx(&acme), install(&second, false)).await.unwrap().installation().unwrap();
    let tenant = acme.tenant.id;
    let missing = engine.plugin_room(tenant, foreign).await.unwrap_err();
    assert_eq!(missing.code(), ErrorCode::NotFound, "another company's");
    let (first, second) =
        (engine.plugin_room(tenant, one).await.unwrap(), engine.plugin_room(tenant, two).await.unwrap());
    for name in ["a", "b/1", "b/2", "b/3", "\u{7f}"] {
        keep(&first, name, name.as_bytes()).await;
        keep(&second, name, b"the second's").await;
    }
    assert_eq!(first.get(b"a").await.unwrap().unwrap(), b"a");
    assert_eq!(names(&first, "b/").await, ["b/1", "b/2", "b/3"]);
    assert_eq!(names(&first, "").await.len(), 5);
    let behind = |after: &'static [u8]| first.scan(b"b/", Some(after), 2);
    assert_eq!(behind(b"b/1").await.unwrap()[0].0, b"b/2");
    assert_eq!(behind(b"a").await.unwrap()[0].0, b"b/1", "a place before the range is its beginning");
    assert!(behind(b"c").await.unwrap().is_empty());
    assert!(behind(&[0xff; 40]).await.unwrap().is_empty());
    assert_eq!(behind(b"").await.unwrap().len(), 2);

    let entry = |of, name: &[u8], value: usize| PluginRecord::Entry(of, name.to_vec(), Some(vec![0; value]));
    let part = PluginRecord::Part(Digest::of(b"x"), 0, None);
    for (record, code) in [
        (entry(two, b"a", 1), ErrorCode::Internal),
        (part, ErrorCode::Internal),
        (entry(one, b"", 1), ErrorCode::InvalidInput),
        (entry(one, &[b'x'; 401], 1), ErrorCode::InvalidInput),
        (entry(one, b"x", 512 * 1024 + 1), ErrorCode::InvalidInput),
    ] {
        let both = vec![entry(one, b"good", 1), record];
        assert_eq!(first.write(both).await.unwrap_err().code(), code);
    }
    let many = (0..101).map(|n: u8| entry(one, &[n + 1], 1)).collect();
    assert_eq!(first.write(many).await.unwrap_err().code(), ErrorCode::InvalidInput);
    assert_eq!(first.get(b"good").await.unwrap(), None, "all or none");
    first.write(vec![entry(one, b"x", 512 * 1024), entry(one, &[b'x'; 400], 1)]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_installation_leaves_nothing_and_what_an_interruption_left_is_swept() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let (engine, tenant) = (&world.engine, world.founded.tenant.id);
    let id = installed(engine, &world.founded, true).await;
    let room = engine.plugin_room(tenant, id).await.unwrap();
    let follower = Installation::follower_of(id);
    room.write(vec![PluginRecord::Place(follower.clone(), Seq(3))]).await.unwrap();
    for n in 0..120 {
        keep(&room, &format!("kv/{n}"), b"value").await;
    }
    assert_eq!(engine.follow(tenant, &follower).await.unwrap().at(), Seq(3));
    assert_eq!(rows_beside(engine, tenant).await, (1, 120));
    let early = engine.forget_installation(tenant, id).await.unwrap_err();
    assert_eq!(early.code(), ErrorCode::Rejected);
    engine.remove_installation(world.cx(), RemoveInstallation { id }).await.unwrap();
    assert_eq!(rows_beside(engine, tenant).await, (1, 0));
    let live = engine.live(tenant).await.unwrap();
    assert_eq!(
        live.store().get::<FollowerCursor>(&rows::follower(&follower)).await.unwrap().map(|c| c.seq),
        None
    );
    assert_eq!(engine.plugin_room(tenant, id).await.unwrap_err().code(), ErrorCode::NotFound);

    // Who had the room wrote once more, and an upload was interrupted.
    keep(&room, "late", b"value").await;
    let mut batch = Batch::new();
    for part in 0..3 {
        let lost = rows::plugin_part(Digest::of(b"lost"), part);
        batch.insert(lost, &PluginPart { bytes: vec![0; 10] }).unwrap();
    }
    live.store().commit(batch).await;
    assert_eq!(rows_beside(engine, tenant).await, (4, 1));
    live.sweep().await.unwrap();
    assert_eq!(rows_beside(engine, tenant).await, (1, 0), "the code itself stays");
    is_clean(engine, tenant).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_stand_in_no_event_and_in_no_export() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let (engine, tenant) = (&world.engine, world.founded.tenant.id);
    let id = installed(engine, &world.founded, false).await;
    let set = |value: &str| SetSecret { id, name: "token".into(), value: value.into(), hosts: None };
    let named = || OpContext { idempotency_key: Some("once".into()), ..world.cx() };
    engine.set_plugin_secret(named(), set(CANARY)).await.unwrap();
    assert!(engine.set_plugin_secret(named(), set(CANARY)).await.unwrap().replayed);
    let other = engine.set_plugin_secret(named(), set("sparrow")).await.unwrap_err();
    assert_eq!(other.code(), ErrorCode::Conflict);
    let room = engine.plugin_room(tenant, id).await.unwrap();
    assert_eq!(room.get(b"secret/token").await.unwrap().unwrap(), CANARY.as_bytes());

    let live = engine.live(tenant).await.unwrap();
    let log = live.store().changes(0, 1_000).await.unwrap();
    assert!(log.len() > 3);
    let holds = |bytes: &[u8]| bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
    assert!(!log.iter().any(|(_, record)| holds(record)));
    let reader = engine.reader(&Principal::trusted_system(tenant)).await.unwrap();
    let events = reader.events(Seq(0), 1_000).await.unwrap();
    assert!(!format!("{events:?}").contains(CANARY));
    for format in [Format::Csv, Format::JsonLines] {
        let options =
            ExportOptions { filter: AuditFilter::default(), format, proof: format == Format::JsonLines };
        let mut export = engine.export_audit(&world.cx(), options, None).await.unwrap();
        let mut text = String::new();
        while let Some(part) = export.next().await.unwrap() {
            text.push_str(&part);
        }
        assert!(
            text.contains("plugin.updated") && text.contains("token") && !text.contains(CANARY),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_manage_plugins_sees_none() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let (engine, tenant) = (&world.engine, world.founded.tenant.id);
    let id = installed(engine, &world.founded, true).await;
    let admin = Principal::trusted_member(tenant, world.founded.admin.unwrap());
    assert_eq!(engine.installations(&admin).await.unwrap().len(), 1);
    let reader = engine.reader(&admin).await.unwrap();
    assert_eq!((reader.installations().len(), reader.plugin_codes().len()), (1, 1));
    let plugin = reader.installation(id).unwrap();

    // Its own member is a user.
    let user = Principal::trusted_member(tenant, plugin.member);
    assert_eq!(engine.installations(&user).await.unwrap_err().code(), ErrorCode::Forbidden);
    let reader = engine.reader(&user).await.unwrap();
    assert!(reader.installations().is_empty() && reader.installation(id).is_none());
    assert!(reader.plugin_codes().is_empty() && reader.plugin_code(plugin.digest).is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bell_tells_of_companies_in_which_plugins_act_and_of_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), StoreKind::Fjall).await;
    let (acme, other) =
        (found(&engine, "acme", Tier::Platinum).await, found(&engine, "other", Tier::Platinum).await);
    let (tenant, bell) = (acme.tenant.id, engine.plugin_bell());
    let id = installed(&engine, &acme, false).await;
    assert!(engine.tenants_with_plugins().is_empty(), "none takes part yet");
    let silent = async || tokio::time::timeout(Duration::from_millis(50), bell.next()).await.is_err();
    super::create(&engine, &acme, "One").await;
    assert!(silent().await);

    let done = engine.enable_installation(cx(&acme), EnableInstallation { id }).await.unwrap();
    assert_eq!((engine.tenants_with_plugins(), bell.next().await), (vec![tenant], tenant));
    let installations = engine.installations(&Principal::trusted_system(tenant)).await.unwrap();
    assert_eq!(installations[0].acts_after.next(), done.seq);
    super::create(&engine, &other, "One").await;
    assert!(silent().await);
    let issue = super::create(&engine, &acme, "Two").await;
    let comment = CreateComment { id: None, issue: issue.into(), body: "Said".into(), parent: None };
    engine.execute(cx(&acme), comment).await.unwrap();
    assert_eq!(bell.next().await, tenant);
    assert!(silent().await, "once for both");
    assert!(engine.plugins_rest(tenant).await.unwrap(), "it acts");
    engine.close().await;
    drop((engine, bell));

    let engine = open(folder.path(), StoreKind::Fjall).await;
    let bell = engine.plugin_bell();
    assert_eq!((engine.tenants_with_plugins(), engine.memory().tenants), (vec![tenant], 0));
    super::create(&engine, &acme, "Three").await;
    assert_eq!(bell.next().await, tenant);
    engine.execute(cx(&acme), DisableInstallation { id, reason: None }).await.unwrap();
    assert_eq!(bell.next().await, tenant, "its host hears of that");
    assert!(!engine.plugins_rest(tenant).await.unwrap());
    assert!(engine.tenants_with_plugins().is_empty());
    super::create(&engine, &acme, "Four").await;
    let silent = tokio::time::timeout(Duration::from_millis(50), bell.next()).await.is_err();
    assert!(silent);
    is_clean(&engine, tenant).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_company_leaves_no_plugin_and_its_room_is_shut() {
    for kind in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let engine = open(folder.path(), kind).await;
        let (acme, other) =
            (found(&engine, "acme", Tier::Platinum).await, found(&engine, "other", Tier::Platinum).await);
        let (id, kept) = (installed(&engine, &acme, true).await, installed(&engine, &other, true).await);
        let room = engine.plugin_room(acme.tenant.id, id).await.unwrap();
        keep(&room, "kv/a", CANARY.as_bytes()).await;
        engine.erase_tenant(acme.tenant.id).await.unwrap();
        let late = PluginRecord::Entry(id, b"late".to_vec(), Some(vec![1]));
        room.write(vec![late]).await.unwrap_err();
        room.get(b"kv/a").await.unwrap_err();
        assert_eq!(engine.tenants_with_plugins(), [other.tenant.id]);
        let place = crate::storage::Place::of(acme.tenant.id, &Placement::Shard(0));
        assert!(engine.0.tenants.stores.is_clear(place, acme.tenant.id).await.unwrap());
        engine.plugin_room(other.tenant.id, kept).await.unwrap();
        is_clean(&engine, other.tenant.id).await;
    }
}
