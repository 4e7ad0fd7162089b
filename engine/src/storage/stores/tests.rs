//! Stores come and go, and nobody who works with one notices.

use super::*;
use crate::storage::{Commit, CommitOutcome, FolderOptions, StoreKind};
use bytes::Bytes;
use std::path::Path;

const KINDS: [StoreKind; 2] = [StoreKind::Sled, StoreKind::Fjall];

fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(uuid::Uuid::from_u128(number))
}

fn own(number: u128) -> Place {
    Place::Dedicated(tenant(number))
}

/// The stores of a new folder, of which so many may be open.
fn stores(folder: &Path, kind: StoreKind, open_max: usize) -> (DataFolder, Arc<Stores>) {
    let data = DataFolder::open(folder, &FolderOptions { kind, ..FolderOptions::default() }).unwrap();
    let stores = Stores::new(&data, &StoreOptions::default(), open_max);
    (data, Arc::new(stores))
}

async fn put(lease: &Lease, id: TenantId, value: &str) {
    let puts = vec![(b"Dkey".to_vec(), Bytes::copy_from_slice(value.as_bytes()))];
    let outcome = lease.store().commit(Commit { puts, ..Commit::new(id) }).await;
    assert!(matches!(outcome, CommitOutcome::Committed { .. }), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_that_was_least_lately_used_makes_room_and_comes_back_with_all_it_had() {
    for kind in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let (_data, stores) = stores(folder.path(), kind, 2);
        for round in 0..2 {
            for n in 0..5 {
                let lease = stores.enter(own(n)).await.unwrap();
                let found = lease.store().get(tenant(n), b"Dkey").await.unwrap();
                assert_eq!(found.is_some(), round > 0, "{n}");
                put(&lease, tenant(n), "value").await;
                assert!(stores.open_count() <= 2);
            }
        }
        stores.enter(own(3)).await.unwrap();
        stores.enter(own(0)).await.unwrap();
        assert!(stores.slot(own(3)).open.lock().is_some(), "it was used after the other");
        stores.close().await;
        assert_eq!(stores.open_count(), 0);
        assert!(matches!(stores.enter(own(0)).await, Err(StorageError::Unavailable { .. })));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_in_use_is_never_closed_and_who_waits_in_vain_hears_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let (_data, stores) = stores(folder.path(), StoreKind::Fjall, 1);
    let held = stores.enter(own(1)).await.unwrap();
    stores.close_idle(Duration::ZERO).await;
    let refused = stores.enter(own(2)).await.map(drop).unwrap_err().to_string();
    assert!(refused.contains("stores_open_max"), "{refused}");
    put(&held, tenant(1), "still here").await;
    let waiting = tokio::spawn({
        let stores = stores.clone();
        async move { stores.enter(own(2)).await.map(drop) }
    });
    tokio::task::yield_now().await;
    drop(held);
    waiting.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_stores_of_one_tenant_are_closed_and_shared_ones_stay() {
    let folder = tempfile::tempdir().unwrap();
    let (_data, stores) = stores(folder.path(), StoreKind::Fjall, 10);
    for n in 0..3 {
        put(&stores.enter(own(n)).await.unwrap(), tenant(n), "value").await;
    }
    put(&stores.enter(Place::Shard(7)).await.unwrap(), tenant(9), "value").await;
    stores.close_idle(Duration::from_secs(3_600)).await;
    assert_eq!(stores.open_count(), 4);
    let held = stores.enter(own(1)).await.unwrap();
    stores.close_idle(Duration::ZERO).await;
    assert_eq!(stores.open_count(), 2, "the shared one and the one in use");
    drop(held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_ask_at_once_for_few_places_all_get_their_turn() {
    let folder = tempfile::tempdir().unwrap();
    let (_data, stores) = stores(folder.path(), StoreKind::Fjall, 2);
    let work = (0..24_u128).map(|n| {
        let stores = stores.clone();
        tokio::spawn(async move {
            let id = tenant(n % 6);
            for _ in 0..3 {
                let lease = loop {
                    // The wait is short in tests: whoever was refused asks again, as a person would.
                    match stores.enter(Place::Dedicated(id)).await {
                        Ok(lease) => break lease,
                        Err(error) => assert!(error.to_string().contains("stores_open_max"), "{error}"),
                    }
                };
                put(&lease, id, "value").await;
            }
        })
    });
    for work in work.collect::<Vec<_>>() {
        work.await.unwrap();
    }
    assert!(stores.open_count() <= 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_that_is_removed_leaves_nothing_and_its_neighbours_everything() {
    for kind in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let (data, stores) = stores(folder.path(), kind, 10);
        for place in [own(1), Place::Shard(3)] {
            for n in [1, 2] {
                put(&stores.enter(place).await.unwrap(), tenant(n), "value").await;
            }
            assert!(!stores.is_clear(place, tenant(1)).await.unwrap());
            stores.clear(place, tenant(1)).await.unwrap();
            assert!(stores.is_clear(place, tenant(1)).await.unwrap());
            stores.clear(place, tenant(1)).await.unwrap();
        }
        assert!(!stores.is_clear(Place::Shard(3), tenant(2)).await.unwrap());
        assert!(!data.dedicated(tenant(1)).exists());
    }
}

/// Stores that open only when they are let.
fn held_back(folder: &Path, open_max: usize) -> (Arc<Stores>, std::sync::mpsc::SyncSender<()>) {
    let (let_open, may_open) = std::sync::mpsc::sync_channel(1);
    let (may_open, paths) = (Mutex::new(may_open), StorePaths::in_folder(folder.to_owned()));
    let places = paths.clone();
    let opener = move |place| {
        may_open.lock().recv().map_err(|_| StorageError::unavailable("told not to open"))?;
        open_store(StoreKind::Fjall, &places.of(place), &StoreOptions::default())
    };
    let capabilities = capabilities_of(StoreKind::Fjall);
    (Arc::new(Stores::opened_by(Box::new(opener), paths, capabilities, open_max)), let_open)
}

async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_goes_away_while_a_store_opens_leaves_the_turn_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (stores, let_open) = held_back(folder.path(), 1);
    let asking = tokio::spawn({
        let stores = stores.clone();
        async move { stores.enter(own(1)).await.map(drop) }
    });
    while stores.room.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    asking.abort();
    drop(asking.await);
    assert_eq!(stores.room.available_permits(), 0, "it opens, and takes room");
    let clearing = tokio::spawn({
        let stores = stores.clone();
        async move { stores.clear(own(1), tenant(1)).await }
    });
    assert!(stores.enter(own(1)).await.is_err(), "so nobody else opens it");
    assert!(!clearing.is_finished());
    let_open.send(()).unwrap();
    soon(clearing).await.unwrap().unwrap();
    assert!(stores.is_clear(own(1), tenant(1)).await.unwrap());
    assert_eq!((stores.usage().opened, stores.open_count()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_who_wait_for_one_store_are_refused_when_the_wait_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let (stores, let_open) = held_back(folder.path(), 1);
    let began = Instant::now();
    let opening = tokio::spawn({
        let stores = stores.clone();
        async move { stores.enter(own(1)).await.map(drop) }
    });
    while stores.room.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    let waiting = (0..20).map(|_| {
        let stores = stores.clone();
        tokio::spawn(async move { stores.enter(own(2)).await.map(drop) })
    });
    for waiting in waiting.collect::<Vec<_>>() {
        let refused = waiting.await.unwrap().unwrap_err().to_string();
        assert!(refused.contains("stores_open_max"), "{refused}");
    }
    assert!(began.elapsed() < 10 * ROOM_WAIT, "together, and not one after the other: {:?}", began.elapsed());
    assert_eq!(stores.usage().refused, 20);
    drop(let_open);
    assert!(opening.await.unwrap().is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_does_not_open_is_not_tried_again_at_once_and_closes_no_other_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let (_data, stores) = stores(folder.path(), StoreKind::Fjall, 1);
    let path = folder.path().join("dedicated");
    std::fs::write(path.join(tenant(1).uuid().to_string()), "no folder").unwrap();
    assert!(stores.enter(own(1)).await.is_err());
    put(&stores.enter(own(2)).await.unwrap(), tenant(2), "value").await;
    let again = stores.enter(own(1)).await.map(drop).unwrap_err().to_string();
    assert!(again.contains("did not open a moment ago"), "{again}");
    assert!(stores.slot(own(2)).open.lock().is_some(), "the other one is still open");
}
