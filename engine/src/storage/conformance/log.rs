//! The log: dense numbers, one writer, the order of submission.

use super::*;

pub(super) async fn sequence_numbers_are_dense_and_changes_come_in_order<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let id = tenant(1);
    assert_eq!(store.head(id).await.unwrap(), Head::default());
    assert!(store.changes(id, 0, 10).await.unwrap().is_empty());
    let two = Commit { log: vec![bytes("one"), bytes("two")], ..record(id, 0, 0, "") };
    assert_eq!(committed(store.commit(two).await), 2);
    // Across a byte of the big-endian number.
    for after in 2..300 {
        let commit = record(id, 0, after, &format!("r{}", after + 1));
        let ticket = store.submit(commit).await;
        if after == 299 {
            assert_eq!(committed(ticket.await), 300);
        }
    }
    assert_eq!(store.head(id).await.unwrap(), Head { epoch: 0, seq: 300 });
    let all = store.changes(id, 0, 1_000).await.unwrap();
    assert!(all.iter().map(|(seq, _)| *seq).eq(1..=300));
    assert_eq!(all[255].1, bytes("r256"));
    let some = store.changes(id, 254, 3).await.unwrap();
    assert_eq!(some.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [255, 256, 257]);
    assert!(store.changes(id, 300, 10).await.unwrap().is_empty());
    assert!(store.changes(id, u64::MAX, 10).await.unwrap().is_empty());
}

pub(super) async fn a_commit_on_an_old_head_is_refused_with_the_new_one<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let id = tenant(1);
    committed(store.commit(record(id, 0, 0, "first")).await);
    let moved = Conflict::Moved { head: Head { epoch: 0, seq: 1 } };
    assert_eq!(conflict(store.commit(record(id, 0, 0, "again")).await), moved);
    assert_eq!(conflict(store.commit(record(id, 0, 7, "too far")).await), moved);
    let stale_row = Commit { log: Vec::new(), ..record(id, 0, 0, "") };
    assert_eq!(
        conflict(store.commit(Commit { puts: vec![(row("a"), bytes("x"))], ..stale_row }).await),
        moved
    );
    assert_eq!(store.changes(id, 0, 10).await.unwrap(), [(1, bytes("first"))]);
}

pub(super) async fn a_fenced_writer_is_refused<B: Candidate>() {
    let (folder, store) = fresh::<B>();
    let id = tenant(1);
    let first = store.fence(id).await.unwrap();
    assert_eq!(first, Head { epoch: 1, seq: 0 });
    committed(store.commit(record(id, 1, 0, "first writer")).await);
    let second = store.fence(id).await.unwrap();
    assert_eq!(second, Head { epoch: 2, seq: 1 });
    assert_eq!(conflict(store.commit(record(id, 1, 1, "late")).await), Conflict::Fenced { epoch: 2 });
    assert_eq!(conflict(store.commit(record(id, 3, 1, "early")).await), Conflict::Fenced { epoch: 2 });
    store.close().await;
    let store = open::<B>(folder.path());
    assert_eq!(store.head(id).await.unwrap(), Head { epoch: 2, seq: 1 });
    assert_eq!(conflict(store.commit(record(id, 1, 1, "late")).await), Conflict::Fenced { epoch: 2 });
    assert_eq!(committed(store.commit(record(id, 2, 1, "second writer")).await), 2);
}

pub(super) async fn a_log_record_without_a_head_is_refused<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let commit = Commit { head: None, ..record(tenant(1), 0, 0, "x") };
    assert!(matches!(refused(store.commit(commit).await), StorageError::Forbidden { .. }));
}

pub(super) async fn sixty_four_submitters_on_one_tenant_commit_in_order<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let id = tenant(1);
    // The writer's part: numbers are handed out and submitted under one lock, answers are awaited outside it.
    let writer = Arc::new(tokio::sync::Mutex::new(0_u64));
    let mut clients = Vec::new();
    for client in 0..64 {
        let (store, writer) = (Arc::clone(&store), Arc::clone(&writer));
        clients.push(tokio::spawn(async move {
            for turn in 0..20 {
                let (expected, ticket) = {
                    let mut after = writer.lock().await;
                    let text = format!("{}", *after + 1);
                    let commit = Commit {
                        puts: vec![(row(format!("{client}-{turn}")), bytes(&text))],
                        ..record(id, 0, *after, &text)
                    };
                    *after += 1;
                    (*after, store.submit(commit).await)
                };
                assert_eq!(committed(ticket.await), expected);
            }
        }));
    }
    for client in clients {
        client.await.unwrap();
    }
    let log = store.changes(id, 0, 2_000).await.unwrap();
    assert_eq!(log.len(), 1_280);
    assert!(log.iter().all(|(seq, text)| *text == bytes(seq.to_string())));
    assert_eq!(store.scan(id, Scan::prefix(b"D")).await.unwrap().entries.len(), 1_280);
    let stats = store.stats().await.unwrap();
    assert_eq!(stats.commits, 1_280);
    assert!(stats.groups < 1_280, "{} groups: commits must share syncs", stats.groups);
}

pub(super) async fn a_pipeline_commits_in_the_order_of_submission<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let id = tenant(1);
    let mut tickets = Vec::new();
    for after in 0..200 {
        tickets.push(
            store
                .submit(Commit {
                    puts: vec![(row("last"), bytes(after.to_string()))],
                    ..record(id, 0, after, "r")
                })
                .await,
        );
    }
    for (after, ticket) in (0..).zip(tickets) {
        assert_eq!(committed(ticket.await), after + 1);
    }
    assert_eq!(store.get(id, &row("last")).await.unwrap(), Some(bytes("199")));
}

pub(super) async fn tenants_share_a_group_without_sharing_a_head<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let mut tickets = Vec::new();
    for after in 0..10 {
        for number in 1..=20 {
            tickets.push((after, store.submit(record(tenant(number), 0, after, "r")).await));
        }
    }
    for (after, ticket) in tickets {
        assert_eq!(committed(ticket.await), after + 1);
    }
    for number in 1..=20 {
        assert_eq!(store.head(tenant(number)).await.unwrap().seq, 10);
    }
}

pub(super) async fn a_log_that_is_taken_over_goes_on_where_it_ended<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let id = tenant(1);
    assert_eq!(store.head(id).await.unwrap(), Head::default());
    let epoch = (Key::epoch().to_vec(), Some(bytes(3_u64.to_be_bytes())));
    let log = (1..=2).map(|seq| (Key::log(seq).to_vec(), Some(bytes("moved"))));
    store.adopt(id, log.chain([epoch]).collect()).await.unwrap();
    assert_eq!(store.head(id).await.unwrap(), Head { epoch: 3, seq: 2 });
    assert_eq!(committed(store.commit(record(id, 3, 2, "here")).await), 3);
    store.adopt(id, vec![(Key::log(3).to_vec(), None)]).await.unwrap();
    assert_eq!(store.head(id).await.unwrap(), Head { epoch: 3, seq: 2 });
    let too_much = vec![(row("x"), Some(Bytes::from(vec![0; ADOPTED_BYTES_MAX])))];
    assert!(matches!(store.adopt(id, too_much).await, Err(StorageError::TooLarge { .. })));
}
