//! A tenant is copied while it is written, and nothing is missing in the copy.

use super::*;
use crate::storage::copying::{copy_all, copy_touched};
use crate::storage::{
    BATCH_KEYS_MAX, Conflict, DataFolder, FolderOptions, HeadCondition, StoreKind, StoreOptions,
};
use std::time::Duration;
use tempfile::TempDir;

struct Moving {
    stores: Arc<Stores>,
    residence: Arc<Residence>,
    id: TenantId,
    _data: DataFolder,
    _folder: TempDir,
}

const FROM: Place = Place::Shard(0);
const TO: Place = Place::Shard(1);

impl Moving {
    fn new(kind: StoreKind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::open(folder.path(), &FolderOptions { kind, ..FolderOptions::default() });
        let data = data.unwrap();
        let stores = Arc::new(Stores::new(&data, &StoreOptions::default(), 4));
        let id = TenantId::from_uuid(uuid::Uuid::from_u128(7));
        let residence = Arc::new(Residence::new(id, stores.clone(), FROM));
        Self { stores, residence, id, _data: data, _folder: folder }
    }

    fn commit(&self, after: u64, key: &str, value: &str) -> Commit {
        let puts = vec![([b"D", key.as_bytes()].concat(), Bytes::copy_from_slice(value.as_bytes()))];
        let head = Some(HeadCondition { epoch: 1, after });
        Commit { head, log: vec![Bytes::from_static(b"event")], puts, ..Commit::new(self.id) }
    }

    async fn write(&self, after: u64, key: &str, value: &str) {
        let outcome = self.residence.commit(self.commit(after, key, value)).await;
        assert!(matches!(outcome, CommitOutcome::Committed { .. }), "{outcome:?}");
    }

    async fn all(&self, place: Place) -> Vec<(Vec<u8>, Bytes)> {
        let lease = self.stores.enter(place).await.unwrap();
        let page = lease.store().scan(self.id, Scan::prefix(&[])).await.unwrap();
        assert!(!page.more);
        page.entries
    }

    async fn copy_touched(&self) {
        let (from, to) = (self.stores.enter(FROM).await.unwrap(), self.stores.enter(TO).await.unwrap());
        let touched = self.residence.take_touched().unwrap();
        copy_touched(from.store(), to.store(), self.id, touched).await.unwrap();
    }

    async fn copy_all(&self) {
        let (from, to) = (self.stores.enter(FROM).await.unwrap(), self.stores.enter(TO).await.unwrap());
        copy_all(from.store(), to.store(), self.id, || true).await.unwrap();
    }
}

async fn everything_that_is_written_beside_the_copy_is_in_it(kind: StoreKind) {
    const WRITES: u64 = 400;
    let moving = Arc::new(Moving::new(kind));
    moving.residence.fence(moving.id).await.unwrap();
    for n in 0..50 {
        moving.write(n, &format!("old {n}"), "before").await;
    }
    moving.residence.watch().await;
    let writing = tokio::spawn({
        let moving = moving.clone();
        async move {
            for n in 50..WRITES {
                moving.write(n, &format!("old {}", n % 60), &format!("{n}")).await;
                if n % 7 == 0 {
                    let deletes = vec![format!("Dold {}", n % 50).into_bytes()];
                    moving.residence.commit(Commit { deletes, ..Commit::new(moving.id) }).await;
                }
            }
        }
    });
    moving.copy_all().await;
    while !writing.is_finished() {
        moving.copy_touched().await;
    }
    writing.await.unwrap();
    let paused = moving.residence.pause().await;
    moving.copy_touched().await;
    assert_eq!(moving.all(FROM).await, moving.all(TO).await);
    moving.residence.live_in(Some(TO));
    drop(paused);
    moving.residence.unwatch();
    // The epoch and the log have come along: the writer goes on as if nothing had been.
    moving.write(WRITES, "new", "after").await;
    assert_eq!(moving.residence.head(moving.id).await.unwrap(), Head { epoch: 1, seq: WRITES + 1 });
    let late = moving.residence.commit(moving.commit(WRITES, "late", "")).await;
    assert!(matches!(late, CommitOutcome::Conflict(Conflict::Moved { .. })), "{late:?}");
    let before = moving.all(FROM).await;
    assert!(!before.iter().any(|(key, _)| key == b"Dnew"), "nothing is written where it lived");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everything_that_is_written_beside_the_copy_is_in_it_on_sled() {
    everything_that_is_written_beside_the_copy_is_in_it(StoreKind::Sled).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everything_that_is_written_beside_the_copy_is_in_it_on_fjall() {
    everything_that_is_written_beside_the_copy_is_in_it(StoreKind::Fjall).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_removed_beside_the_copy_is_not_in_it() {
    let moving = Moving::new(StoreKind::Fjall);
    let put = |key: &str| (key.as_bytes().to_vec(), Bytes::from_static(b"value"));
    let keys: Vec<_> = (0..BATCH_KEYS_MAX).map(|n| format!("Ppart {n:03}")).collect();
    let puts = keys.iter().map(|key| put(key)).chain([]).collect();
    moving.residence.commit(Commit { puts, ..Commit::new(moving.id) }).await;
    moving.residence.watch().await;
    moving.copy_all().await;
    let commit = Commit {
        clears: vec![b"Ppart ".to_vec()],
        puts: vec![put("Ppart 001"), put("Ppart 900")],
        ..Commit::new(moving.id)
    };
    moving.residence.commit(commit).await;
    moving.residence.fence(moving.id).await.unwrap();
    moving.copy_touched().await;
    let copied: Vec<_> = moving.all(TO).await.into_iter().map(|(key, _)| key).collect();
    assert_eq!(copied, [b"E".to_vec(), b"Ppart 001".to_vec(), b"Ppart 900".to_vec()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_it_is_paused_one_reads_and_writes_wait() {
    let moving = Arc::new(Moving::new(StoreKind::Fjall));
    moving.residence.fence(moving.id).await.unwrap();
    moving.write(0, "one", "1").await;
    let paused = moving.residence.pause().await;
    let waiting = tokio::spawn({
        let moving = moving.clone();
        async move { moving.write(1, "two", "2").await }
    });
    assert!(moving.residence.get(moving.id, b"Done").await.unwrap().is_some());
    assert_eq!(moving.residence.head(moving.id).await.unwrap().seq, 1);
    assert!(!waiting.is_finished());
    drop(paused);
    tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap().unwrap();
    assert_eq!(moving.residence.head(moving.id).await.unwrap().seq, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_lives_nowhere_answers_nothing_and_takes_nothing() {
    let moving = Moving::new(StoreKind::Fjall);
    moving.residence.live_in(None);
    assert!(matches!(moving.residence.head(moving.id).await, Err(StorageError::Unavailable { .. })));
    let outcome = moving.residence.commit(moving.commit(0, "one", "1")).await;
    assert!(matches!(outcome, CommitOutcome::Retry { .. }), "{outcome:?}");
    assert_eq!(moving.stores.open_count(), 0, "and nothing is opened for it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_call_in_the_store_it_has_left_holds_up_who_clears_that_and_nobody_else() {
    let moving = Arc::new(Moving::new(StoreKind::Fjall));
    moving.residence.fence(moving.id).await.unwrap();
    moving.write(0, "one", "1").await;
    moving.copy_all().await;
    let slow = moving.residence.enter().await.unwrap();
    moving.residence.live_in(Some(TO));
    let alone = tokio::spawn({
        let moving = moving.clone();
        async move { moving.residence.moved_out().await }
    });
    moving.write(1, "two", "2").await;
    assert_eq!(moving.residence.head(moving.id).await.unwrap().seq, 2);
    assert_eq!(slow.store().head(moving.id).await.unwrap().seq, 1, "it goes on where it was");
    assert!(!alone.is_finished());
    drop(slow);
    tokio::time::timeout(Duration::from_secs(60), alone).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_of_which_more_is_written_than_can_be_noted_is_not_moved() {
    let moving = Moving::new(StoreKind::Fjall);
    moving.residence.watch().await;
    let keys = (0..=TOUCHED_MAX).map(|n| format!("Pkey {n}").into_bytes()).collect();
    moving.residence.note(|| Touched { keys, ..Touched::default() });
    let refused = moving.residence.take_touched().unwrap_err().to_string();
    assert!(refused.contains("more is written"), "{refused}");
    moving.residence.watch().await;
    assert_eq!(moving.residence.take_touched().unwrap().len(), 0, "and the next try begins anew");
}
