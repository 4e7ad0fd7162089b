//! A company that is erased is gone, for everybody and from every file.

use super::{PASSWORD, cx};
use crate::command::comment::CreateComment;
use crate::command::issue::CreateIssue;
use crate::context::Principal;
use crate::engine::{Engine, Founded, Remains, SignIn};
use crate::error::ErrorCode;
use crate::filter::Filter;
use crate::id::{CommentId, TenantId};
use crate::identity::Password;
use crate::model::{Placement, Undertaking};
use crate::platform::{FirstAdmin, NewTenant};
use crate::query::{IssuePageRequest, LiveQuery, Window};
use crate::storage::{KeyRing, MasterKey, MasterKeySource, Place, StoreKind};
use crate::workflow::Flow;
use std::path::Path;

const KINDS: [StoreKind; 2] = [StoreKind::Sled, StoreKind::Fjall];

/// Words that stand nowhere else.
const CANARY: &str = "bullfinch";

async fn found(engine: &Engine, slug: &str, placement: Placement) -> Founded {
    let admin = FirstAdmin {
        email: format!("{CANARY}@{slug}.test"),
        name: "Ana".into(),
        password: Some(Password::new(PASSWORD.to_owned())),
    };
    let new = NewTenant::new(slug, slug).with_team("ENG").with_admin(admin).with_placement(placement);
    let founded = engine.create_tenant(new).await.unwrap();
    for n in 0..30 {
        let description = Some(format!("{CANARY} ").repeat(n));
        let title = format!("The {CANARY} of {slug} {n}");
        let command = CreateIssue { title, description, ..CreateIssue::in_team(founded.team.unwrap()) };
        engine.execute(cx(&founded), command).await.unwrap();
    }
    engine.indexed(founded.tenant.id).await.unwrap();
    engine.save_checkpoint(founded.tenant.id).await.unwrap();
    founded
}

/// As `MailFolder` does.
fn write_a_letter(engine: &Engine, tenant: TenantId) {
    let letters = engine.0.folder.mail().join(tenant.uuid().to_string());
    std::fs::create_dir_all(&letters).unwrap();
    std::fs::write(letters.join("mail_1.eml"), CANARY).unwrap();
}

/// Files below a folder that hold these bytes.
fn holding(folder: &Path, wanted: &[u8]) -> Vec<std::path::PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read(&path).unwrap().windows(wanted.len()).any(|bytes| bytes == wanted) {
                found.push(path);
            }
        }
    }
    found
}

/// Files and folders that are named after a tenant.
fn named_after(folder: &Path, tenant: TenantId) -> Vec<std::path::PathBuf> {
    let name = tenant.uuid().to_string();
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().is_some_and(|own| own.to_string_lossy().contains(&name)) {
                found.push(path.clone());
            }
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_company_leaves_no_word_in_any_file_and_its_neighbours_everything() {
    for kind in KINDS {
        for placement in [Placement::Shard(0), Placement::Dedicated] {
            let folder = tempfile::tempdir().unwrap();
            let engine = Engine::builder(folder.path()).store(kind).open().await.unwrap();
            let neighbour = found(&engine, "other", Placement::Shard(0)).await.tenant.id;
            let gone = found(&engine, "acme", placement.clone()).await.tenant.id;
            let files = engine.0.folder.blobs().join(gone.uuid().to_string());
            std::fs::create_dir_all(&files).unwrap();
            std::fs::write(files.join("photo"), CANARY).unwrap();
            write_a_letter(&engine, gone);
            assert_eq!(
                holding(folder.path(), CANARY.as_bytes()).len(),
                2,
                "the scan finds them where they are"
            );
            assert!(named_after(folder.path(), gone).len() >= 5, "key, index, checkpoint, files and letters");

            let still_known = |_: &_| assert!(engine.0.platform.record(gone).is_some(), "or it is told");
            let erased = engine.erase_telling(gone, still_known).await.unwrap();
            let all =
                [Remains::Key, Remains::Rows, Remains::Index, Remains::Checkpoint, Remains::Files].to_vec();
            assert_eq!((erased.removed, erased.placement, erased.resumed), (all, placement.clone(), false));
            assert!(erased.looked_at > 10, "{} names", erased.looked_at);
            assert_eq!(engine.erase_tenant(gone).await.unwrap_err().code(), ErrorCode::NotFound);
            let report = engine.check(neighbour).await.unwrap();
            assert!(report.is_clean() && report.issues == 30, "{report:#?}");
            // Its own words are what is left of the neighbour's index; without that there are none.
            engine.erase_tenant(neighbour).await.unwrap();
            engine.close().await;
            assert_eq!(holding(folder.path(), CANARY.as_bytes()), Vec::<std::path::PathBuf>::new());
            assert_eq!(named_after(folder.path(), gone), Vec::<std::path::PathBuf>::new());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_first_moment_nobody_reaches_it_and_who_holds_it_gets_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::builder(folder.path()).store(StoreKind::Fjall).open().await.unwrap();
    let founded = found(&engine, "acme", Placement::Shard(0)).await;
    let id = founded.tenant.id;
    let us = Principal::trusted_system(id);
    let reader = engine.reader(&us).await.unwrap();
    let issue = reader.issue(&"ENG-1".parse().unwrap()).await.unwrap().unwrap();
    let (comment, body) = (CommentId::generate(), CANARY.to_owned());
    let command = CreateComment { id: Some(comment), issue: issue.id.into(), body, parent: None };
    engine.execute(cx(&founded), command).await.unwrap();
    let list = LiveQuery::new(&reader, Filter::everything()).await.unwrap();
    let directory = reader.directory().clone();
    let flow = Flow::of(&directory, &issue).unwrap();
    assert_eq!(reader.comments(&issue, None, 10).await.unwrap().0.len(), 1);
    assert_eq!((list.issues(&reader).len(), reader.followers(&flow)), (30, Some(30)));
    let follower = engine.follow(id, "test").await.unwrap();
    let live = engine.live(id).await.unwrap();
    engine.erase_tenant(id).await.unwrap();

    assert_eq!(engine.reader(&us).await.map(drop).unwrap_err().code(), ErrorCode::Unauthenticated);
    let command = CreateIssue { title: "Late".into(), ..CreateIssue::in_team(founded.team.unwrap()) };
    let refused = engine.execute(cx(&founded), command).await.map(drop).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Unauthenticated);
    assert!(follower.next(1).await.is_err());
    let window = Window::First(10, None);
    let request = IssuePageRequest { filter: Filter::everything(), sort: Vec::new(), window };
    assert_eq!(reader.issues(&request).await.map(drop).unwrap_err().code(), ErrorCode::Unavailable);
    assert!(reader.issue(&"ENG-1".parse().unwrap()).await.is_err());
    let refused = [
        reader.comments(&issue, None, 10).await.map(drop),
        reader.comment(comment).await.map(drop),
        reader.description(&issue).await.map(drop),
        reader.history(&issue, None, 10).await.map(drop),
        reader.relations(&issue).await.map(drop),
        reader.migration_plan(flow.workflow().id).map(drop),
    ];
    for refused in refused {
        let refused = refused.unwrap_err();
        assert_eq!(refused.message(), "this company is not here any more");
    }
    assert_eq!((list.issues(&reader).len(), reader.followers(&flow)), (0, Some(0)));
    assert!(live.save_checkpoint().await.is_err());
    assert!(live.reindex(&|_, _| {}).await.is_err());
    drop((reader, live));
    assert_eq!(named_after(folder.path(), id), Vec::<std::path::PathBuf>::new());
    let sign_in = |tenant: &str| SignIn {
        tenant: tenant.into(),
        email: format!("{CANARY}@acme.test"),
        password: Password::new(PASSWORD.to_owned()),
        client: "a browser".into(),
    };
    let gone = engine.sign_in(sign_in("acme")).await.map(drop).unwrap_err();
    let never = engine.sign_in(sign_in("never")).await.map(drop).unwrap_err();
    assert_eq!((gone.code(), gone.message()), (never.code(), never.message()));
    // Its name is free, and who takes it gets nothing of it.
    let next = found(&engine, "acme", Placement::Shard(0)).await;
    assert_ne!(next.tenant.id, id);
    assert_eq!(engine.check(next.tenant.id).await.unwrap().issues, 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_that_was_interrupted_goes_on_at_the_next_start() {
    for kind in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::builder(folder.path()).store(kind).open().await.unwrap();
        let id = found(&engine, "acme", Placement::Dedicated).await.tenant.id;
        let us = Principal::trusted_system(id);
        engine.reader(&us).await.unwrap();
        engine
            .amend(id, |record| record.undertaking = Some(Undertaking::Erasing { also: None }))
            .await
            .unwrap();
        let refused = engine.reader(&us).await.map(drop).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Unauthenticated, "though it is in memory");
        assert!(engine.tenant_by_slug("acme").is_none() && engine.tenants().is_empty());
        let taken = engine.create_tenant(NewTenant::new("acme", "Acme")).await.unwrap_err();
        assert_eq!(taken.code(), ErrorCode::Unavailable, "its name is free when all is gone");
        let source = MasterKeySource::File(engine.0.folder.master_key());
        let keys = KeyRing::new(engine.0.folder.tenant_keys(), MasterKey::load(&source).unwrap());
        keys.destroy(id).await.unwrap();
        engine.close().await;
        drop(engine);
        let engine = Engine::builder(folder.path()).open().await.unwrap();
        engine.finished().await;
        assert!(engine.tenants_being_erased().is_empty());
        assert!(engine.resumed_erasures().iter().any(|erased| erased.tenant == id && erased.resumed));
        engine.create_tenant(NewTenant::new("acme", "Acme")).await.unwrap();
        engine.close().await;
        assert_eq!(named_after(folder.path(), id), Vec::<std::path::PathBuf>::new());
        assert_eq!(holding(folder.path(), CANARY.as_bytes()), Vec::<std::path::PathBuf>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_was_being_moved_is_erased_in_both_places() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::builder(folder.path()).store(StoreKind::Fjall).open().await.unwrap();
    let id = found(&engine, "acme", Placement::Shard(0)).await.tenant.id;
    let stores = &engine.0.tenants.stores;
    let place = Place::of(id, &Placement::Dedicated);
    let half = vec![(b"Dhalf".to_vec(), Some(bytes::Bytes::from_static(CANARY.as_bytes())))];
    stores.enter(place).await.unwrap().store().adopt(id, half).await.unwrap();
    let copying = Undertaking::Copying { to: Placement::Dedicated, due: None };
    engine.amend(id, |record| record.undertaking = Some(copying)).await.unwrap();
    engine.erase_tenant(id).await.unwrap();
    assert!(stores.is_clear(place, id).await.unwrap());
    engine.close().await;
    assert_eq!(holding(folder.path(), CANARY.as_bytes()), Vec::<std::path::PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_goes_first_though_what_a_move_has_left_cannot_be_reached_and_the_rest_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::builder(folder.path()).store(StoreKind::Fjall).open().await.unwrap();
    let id = found(&engine, "acme", Placement::Shard(0)).await.tenant.id;
    let broken = folder.path().join("shards").join("05");
    std::fs::write(&broken, "no folder").unwrap();
    let copying = Undertaking::Copying { to: Placement::Shard(5), due: None };
    engine.amend(id, |record| record.undertaking = Some(copying)).await.unwrap();
    engine.erase_tenant(id).await.unwrap_err();
    assert!(engine.0.tenants.keys.is_gone(id).await.unwrap());
    assert!(engine.tenant_by_slug("acme").is_none());
    std::fs::remove_file(&broken).unwrap();
    engine.finished().await;
    assert!(engine.tenants_being_erased().is_empty());
    assert_eq!(named_after(folder.path(), id), Vec::<std::path::PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_gives_a_founding_up_removes_all_that_an_erasure_does() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::builder(folder.path()).store(StoreKind::Fjall).open().await.unwrap();
    let id = found(&engine, "acme", Placement::Dedicated).await.tenant.id;
    write_a_letter(&engine, id);
    let founding = engine.amend(id, |record| record.undertaking = Some(Undertaking::Founding)).await.unwrap();
    let turn = engine.0.platform.records.lock().await;
    engine.abandon(&founding).await.unwrap();
    drop(turn);
    assert_eq!(named_after(folder.path(), id), Vec::<std::path::PathBuf>::new());
    assert!(engine.0.platform.record(id).is_none());
}
