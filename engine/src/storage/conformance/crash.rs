//! Closing, dropping and copying a store, and opening it again.

use super::*;

/// Copies a store's folder as a power cut right now would leave the files' visible content.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

async fn write(store: &Arc<dyn Store>, range: std::ops::Range<u64>) {
    for after in range {
        let key = row(format!("{:05}", after + 1));
        let puts = vec![(key, bytes((after + 1).to_string()))];
        committed(store.commit(Commit { puts, ..record(tenant(1), 0, after, "r") }).await);
    }
}

async fn holds(store: &Arc<dyn Store>, count: u64) {
    assert_eq!(store.head(tenant(1)).await.unwrap().seq, count);
    let page = store.scan(tenant(1), Scan::prefix(b"D")).await.unwrap();
    assert_eq!(page.entries.len() as u64, count);
    for (seq, (key, value)) in (1..=count).zip(page.entries) {
        assert_eq!((key, value), (row(format!("{seq:05}")), bytes(seq.to_string())));
    }
    assert_eq!(store.changes(tenant(1), 0, 10_000).await.unwrap().len() as u64, count);
}

pub(super) async fn a_reopened_store_has_everything<B: Candidate>() {
    let (folder, store) = fresh::<B>();
    write(&store, 0..100).await;
    store.close().await;
    let store = open::<B>(folder.path());
    holds(&store, 100).await;
    write(&store, 100..150).await;
    store.close().await;
    holds(&open::<B>(folder.path()), 150).await;
}

pub(super) async fn a_copy_taken_after_an_answer_has_the_commit<B: Candidate>() {
    let (folder, store) = fresh::<B>();
    for (round, count) in [(0, 1), (1, 30), (2, 200)] {
        let seq = store.head(tenant(1)).await.unwrap().seq;
        write(&store, seq..count).await;
        let place = tempfile::tempdir().unwrap();
        copy(folder.path(), place.path());
        let copied = open::<B>(place.path());
        holds(&copied, count).await;
        write(&copied, count..count + 5).await;
        holds(&copied, count + 5).await;
        assert!(round < 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sled_snapshot_cut_off_while_being_written_does_not_keep_the_store_shut() {
    let (folder, store) = fresh::<SledBackend>();
    write(&store, 0..50).await;
    store.close().await;
    // Named as the newest snapshot, as a full disk leaves it behind.
    std::fs::write(folder.path().join("sled/snap.7FFFFFFFFFFFFFFF.generating"), b"cut").unwrap();
    holds(&open::<SledBackend>(folder.path()), 50).await;
}

pub(super) async fn a_store_that_was_only_dropped_is_complete<B: Candidate>() {
    let (folder, store) = fresh::<B>();
    write(&store, 0..20).await;
    // Queued and not yet answered: dropping must finish it.
    let ticket = store.submit(record(tenant(2), 0, 0, "last words")).await;
    drop(store);
    committed(ticket.await);
    let store = open::<B>(folder.path());
    holds(&store, 20).await;
    assert_eq!(store.changes(tenant(2), 0, 10).await.unwrap(), [(1, bytes("last words"))]);
}

pub(super) async fn a_second_open_is_refused_after_a_bounded_wait_naming_the_holder<B: Candidate>() {
    let (folder, store) = fresh::<B>();
    let wait = Duration::from_millis(200);
    let started = std::time::Instant::now();
    let second = EmbeddedStore::<B>::open(folder.path(), wait, opener(folder.path()));
    let error = second.err().unwrap().to_string();
    assert!(started.elapsed() >= wait && started.elapsed() < wait * 20);
    assert!(error.contains(&format!("(pid {})", std::process::id())), "{error}");
    assert!(error.contains("stop it or choose another --data"), "{error}");
    write(&store, 0..1).await;
    store.close().await;
    holds(&open::<B>(folder.path()), 1).await;
}

pub(super) async fn a_closed_store_answers_unavailable<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    write(&store, 0..1).await;
    store.close().await;
    store.close().await;
    assert!(matches!(store.get(tenant(1), b"D").await, Err(StorageError::Unavailable { .. })));
    assert!(matches!(store.fence(tenant(1)).await, Err(StorageError::Unavailable { .. })));
    let outcome = store.commit(record(tenant(1), 0, 1, "x")).await;
    assert!(matches!(outcome, CommitOutcome::Retry { .. }), "{outcome:?}");
}

pub(super) async fn figures_count_commits_and_bytes<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    write(&store, 0..10).await;
    let stats = store.stats().await.unwrap();
    assert_eq!((stats.commits, stats.groups, stats.failures), (10, 10, 0));
    assert!(stats.bytes_on_disk > 1_000);
    let capabilities = store.capabilities();
    assert_eq!(capabilities.backend, B::NAME);
    assert_eq!(capabilities.value_bytes_max, VALUE_BYTES_MAX);
}
