//! All or nothing, and only when the conditions hold.

use super::*;

pub(super) async fn a_batch_is_written_whole<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let id = tenant(1);
    let batch: Vec<_> = (0..100).map(|n| (row(format!("k{n:03}")), bytes(format!("v{n}")))).collect();
    let commit = Commit { puts: batch.clone(), ..Commit::new(id) };
    committed(store.commit(commit).await);
    let page = store.scan(id, Scan::prefix(b"D")).await.unwrap();
    assert_eq!(page.entries, batch);
    assert!(!page.more);
}

pub(super) async fn a_failed_condition_writes_nothing_and_names_itself<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let id = tenant(1);
    committed(store.commit(rows(id, &[("here", "1")])).await);
    let absent = Condition::Absent(row("gone"));
    for wrong in [
        Condition::Absent(row("here")),
        Condition::Present(row("gone")),
        Condition::ValueIs(row("here"), bytes("2")),
        Condition::ValueIs(row("gone"), bytes("")),
    ] {
        let commit =
            Commit { conditions: vec![absent.clone(), wrong], ..rows(id, &[("here", "9"), ("new", "9")]) };
        assert_eq!(conflict(store.commit(commit).await), Conflict::Condition { index: 1 });
    }
    assert_eq!(store.get(id, &row("here")).await.unwrap(), Some(bytes("1")));
    assert_eq!(store.get(id, &row("new")).await.unwrap(), None);
    let right = vec![absent, Condition::Present(row("here")), Condition::ValueIs(row("here"), bytes("1"))];
    committed(store.commit(Commit { conditions: right, ..rows(id, &[("here", "2")]) }).await);
    assert_eq!(store.get(id, &row("here")).await.unwrap(), Some(bytes("2")));
}

pub(super) async fn conditions_see_the_commits_queued_before_them<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let id = tenant(1);
    let mut tickets = Vec::new();
    for n in 0..50 {
        let once = Commit { conditions: vec![Condition::Absent(row("once"))], ..rows(id, &[("once", "x")]) };
        tickets.push((n, store.submit(once).await));
    }
    let mut winners = Vec::new();
    for (n, ticket) in tickets {
        if let CommitOutcome::Committed { .. } = ticket.await {
            winners.push(n);
        }
    }
    assert_eq!(winners, [0]);
}

pub(super) async fn removals_come_before_writes<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let id = tenant(1);
    committed(store.commit(rows(id, &[("a", "1"), ("b", "1")])).await);
    let commit = Commit { deletes: vec![row("a"), row("b"), row("never")], ..rows(id, &[("a", "2")]) };
    committed(store.commit(commit).await);
    assert_eq!(store.get(id, &row("a")).await.unwrap(), Some(bytes("2")));
    assert_eq!(store.get(id, &row("b")).await.unwrap(), None);
}

pub(super) async fn a_cleared_prefix_takes_its_keys_and_no_others<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let (id, neighbour) = (tenant(1), tenant(2));
    let keys = [("p", "1"), ("p\u{1}", "1"), ("pz", "1"), ("o", "1"), ("q", "1")];
    committed(store.commit(rows(neighbour, &keys)).await);
    // The last key and the clear share a group, so the clear must see what is not in the tree yet.
    let first = store.submit(rows(id, &keys)).await;
    let second = store.submit(Commit { clears: vec![row("p")], ..rows(id, &[("pnew", "2")]) }).await;
    committed(first.await);
    committed(second.await);
    let page = store.scan(id, Scan::prefix(b"D")).await.unwrap();
    let left: Vec<_> = page.entries.into_iter().map(|(key, _)| key).collect();
    assert_eq!(left, [row("o"), row("pnew"), row("q")]);
    assert_eq!(store.scan(neighbour, Scan::prefix(b"D")).await.unwrap().entries.len(), 5);
}

pub(super) async fn a_too_large_batch_is_refused_with_its_limit<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let id = tenant(1);
    let put = |key: Vec<u8>, size: usize| (key, Bytes::from(vec![7; size]));
    let many: Vec<_> = (0..=BATCH_KEYS_MAX).map(|n| put(row(format!("{n}")), 1)).collect();
    let heavy: Vec<_> = (0..20).map(|n| put(row(format!("{n}")), 60_000)).collect();
    for (puts, limit) in [
        (many, BATCH_KEYS_MAX),
        (heavy, BATCH_BYTES_MAX),
        (vec![put(row("a"), VALUE_BYTES_MAX + 1)], VALUE_BYTES_MAX),
        (vec![put(row("k".repeat(KEY_BYTES_MAX)), 1)], KEY_BYTES_MAX),
    ] {
        match refused(store.commit(Commit { puts, ..Commit::new(id) }).await) {
            StorageError::TooLarge { limit: named, size, .. } => assert!(named == limit && size > limit),
            other => panic!("expected TooLarge, got {other}"),
        }
    }
    let largest = vec![put(row("k".repeat(KEY_BYTES_MAX - 1)), VALUE_BYTES_MAX)];
    committed(store.commit(Commit { puts: largest, ..Commit::new(id) }).await);
}

pub(super) async fn the_logs_and_the_epochs_key_space_cannot_be_written_as_rows<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let id = tenant(1);
    for key in [Key::log(1).to_vec(), Key::epoch().to_vec(), b"x".to_vec(), Vec::new()] {
        let put = Commit { puts: vec![(key.clone(), bytes("x"))], ..Commit::new(id) };
        let delete = Commit { deletes: vec![key.clone()], ..Commit::new(id) };
        let clear = Commit { clears: vec![key], ..Commit::new(id) };
        for commit in [put, delete, clear] {
            assert!(matches!(refused(store.commit(commit).await), StorageError::Forbidden { .. }));
        }
    }
}
