//! A backend that fails: nobody hears a wrong answer, and the store comes back.

use std::sync::atomic::Ordering;

use super::faulty::{Fault, open_faulty};
use super::*;

/// A pause while the store works on its own: nothing says when it is done.
#[expect(clippy::disallowed_methods, reason = "polled within a bound, in a test")]
async fn pause(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

/// Waits, within a bound, for the store to come back, and answers the head.
async fn head_once_back(store: &Arc<dyn Store>, id: TenantId) -> Head {
    for _ in 0..500 {
        match store.head(id).await {
            Ok(head) => return head,
            Err(StorageError::Unavailable { .. }) => pause(20).await,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the store did not come back");
}

pub(super) async fn a_failed_sync_answers_indeterminate_to_all_and_the_store_comes_back<B: Candidate>() {
    let folder = tempfile::tempdir().unwrap();
    let (store, faults) = open_faulty::<B>(folder.path());
    let (one, two) = (tenant(1), tenant(2));
    committed(store.commit(record(one, 0, 0, "before")).await);
    faults.fail_next_commit(Fault::Before);
    let mut tickets = Vec::new();
    for after in 0..100 {
        tickets.push(store.submit(record(one, 0, after + 1, "lost")).await);
        tickets.push(store.submit(record(two, 0, after, "lost")).await);
    }
    let mut unknown = 0;
    for ticket in tickets {
        match ticket.await {
            CommitOutcome::Indeterminate { reason } => {
                assert!(reason.contains("told to fail"), "{reason}");
                unknown += 1;
            }
            // Submitted while the store was being reopened, or behind a record that was lost.
            CommitOutcome::Retry { .. } | CommitOutcome::Conflict(Conflict::Moved { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(unknown > 0);
    assert_eq!(head_once_back(&store, one).await.seq, 1);
    assert_eq!(head_once_back(&store, two).await.seq, 0);
    assert_eq!(committed(store.commit(record(one, 0, 1, "after")).await), 2);
    assert_eq!(store.changes(one, 0, 10).await.unwrap(), [(1, bytes("before")), (2, bytes("after"))]);
    assert_eq!(store.stats().await.unwrap().failures, 1);
}

pub(super) async fn a_commit_that_reached_the_disk_before_the_failure_is_found_by_its_head<B: Candidate>() {
    let folder = tempfile::tempdir().unwrap();
    let (store, faults) = open_faulty::<B>(folder.path());
    let id = tenant(1);
    faults.fail_next_commit(Fault::After);
    let outcome = store.commit(record(id, 0, 0, "arrived")).await;
    assert!(matches!(outcome, CommitOutcome::Indeterminate { .. }), "{outcome:?}");
    assert_eq!(head_once_back(&store, id).await.seq, 1);
    assert_eq!(store.changes(id, 0, 10).await.unwrap(), [(1, bytes("arrived"))]);
}

pub(super) async fn a_store_that_does_not_reopen_is_unavailable_until_it_does<B: Candidate>() {
    let folder = tempfile::tempdir().unwrap();
    let (store, faults) = open_faulty::<B>(folder.path());
    let id = tenant(1);
    faults.does_not_open.store(true, Ordering::SeqCst);
    faults.fail_next_commit(Fault::Before);
    let outcome = store.commit(record(id, 0, 0, "lost")).await;
    assert!(matches!(outcome, CommitOutcome::Indeterminate { .. }), "{outcome:?}");
    pause(100).await;
    let error = store.get(id, &row("a")).await.unwrap_err();
    assert!(matches!(error, StorageError::Unavailable { .. }), "{error}");
    let outcome = store.commit(record(id, 0, 0, "too early")).await;
    assert!(matches!(outcome, CommitOutcome::Retry { .. }), "{outcome:?}");
    faults.does_not_open.store(false, Ordering::SeqCst);
    assert_eq!(head_once_back(&store, id).await.seq, 0);
    assert_eq!(committed(store.commit(record(id, 0, 0, "at last")).await), 1);
}

pub(super) async fn a_panic_in_a_commit_or_a_read_does_not_cross<B: Candidate>() {
    let folder = tempfile::tempdir().unwrap();
    let (store, faults) = open_faulty::<B>(folder.path());
    let id = tenant(1);
    committed(store.commit(record(id, 0, 0, "before")).await);
    faults.fail_next_commit(Fault::Panic);
    let outcome = store.commit(record(id, 0, 1, "lost")).await;
    assert!(matches!(outcome, CommitOutcome::Indeterminate { .. }), "{outcome:?}");
    assert_eq!(head_once_back(&store, id).await.seq, 1);
    faults.read_panics.store(true, Ordering::SeqCst);
    let error = store.get(id, &row("a")).await.unwrap_err();
    assert!(
        matches!(&error, StorageError::Unavailable { reason } if reason.contains("told to panic")),
        "{error}"
    );
    while store.stats().await.unwrap().failures < 2 {
        pause(5).await;
    }
    assert_eq!(head_once_back(&store, id).await.seq, 1);
    faults.read_panics.store(true, Ordering::SeqCst);
    let conditions = vec![Condition::Present(row("a"))];
    let outcome = store.commit(Commit { conditions, ..record(id, 0, 1, "lost") }).await;
    // The panic came while its condition was read, so it is certain that nothing was written.
    assert!(matches!(outcome, CommitOutcome::Retry { .. }), "{outcome:?}");
    assert_eq!(head_once_back(&store, id).await.seq, 1);
    assert_eq!(committed(store.commit(record(id, 0, 1, "after")).await), 2);
}

pub(super) async fn closing_a_store_that_does_not_reopen_returns<B: Candidate>() {
    let folder = tempfile::tempdir().unwrap();
    let (store, faults) = open_faulty::<B>(folder.path());
    faults.does_not_open.store(true, Ordering::SeqCst);
    faults.fail_next_commit(Fault::Before);
    let outcome = store.commit(record(tenant(1), 0, 0, "lost")).await;
    assert!(matches!(outcome, CommitOutcome::Indeterminate { .. }), "{outcome:?}");
    tokio::time::timeout(Duration::from_secs(30), store.close()).await.unwrap();
    drop(store);
    let store = open::<B>(folder.path());
    assert_eq!(store.head(tenant(1)).await.unwrap(), Head::default());
}
