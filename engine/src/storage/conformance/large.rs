//! Values too large for one key.

use super::sealed::{Text, put, text_key, view};
use super::*;

fn long(letter: char, bytes: usize) -> String {
    std::iter::repeat_n(letter, bytes).collect()
}

async fn parts(store: &Arc<dyn Store>, id: TenantId) -> usize {
    store.scan(id, Scan::prefix(b"P")).await.unwrap().entries.len()
}

pub(super) async fn a_large_record_comes_back_whole<B: Candidate>() {
    let (folder, store) = fresh::<B>();
    let key = DataKey::generate().unwrap();
    let one = TenantStore::new(Arc::clone(&store), tenant(1), key.clone());
    let sizes = [0, 1, 49_100, 49_152, 49_153, 98_304, 262_144, 700_000];
    for size in sizes {
        put(&one, &format!("{size}"), &long('x', size)).await;
    }
    store.close().await;
    let one = TenantStore::new(open::<B>(folder.path()), tenant(1), key);
    for size in sizes {
        let text = one.get::<Text>(&text_key(&format!("{size}"))).await.unwrap().unwrap();
        assert!(text.0.len() == size && text.0.bytes().all(|byte| byte == b'x'));
    }
    let keys: Vec<_> = sizes.iter().map(|size| text_key(&format!("{size}"))).collect();
    let many = one.get_many::<Text>(&keys).await.unwrap();
    assert!(many.iter().zip(sizes).all(|(text, size)| text.as_ref().unwrap().0.len() == size));
    let page = one.scan::<Text>(Scan::prefix(b"Dt")).await.unwrap();
    assert_eq!(page.entries.len(), sizes.len());
}

pub(super) async fn a_smaller_overwrite_and_a_delete_leave_no_parts<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let id = tenant(1);
    let one = view(&store, id);
    put(&one, "a", &long('x', 300_000)).await;
    assert_eq!(parts(&store, id).await, 7);
    put(&one, "a", &long('y', 100_000)).await;
    assert_eq!(parts(&store, id).await, 3);
    assert_eq!(one.get::<Text>(&text_key("a")).await.unwrap().unwrap().0, long('y', 100_000));
    put(&one, "a", "small").await;
    assert_eq!(parts(&store, id).await, 0);
    put(&one, "a", &long('z', 100_000)).await;
    let mut batch = Batch::new();
    batch.delete(text_key("a"));
    committed(one.commit(batch).await);
    assert_eq!(parts(&store, id).await, 0);
    assert_eq!(one.get::<Text>(&text_key("a")).await.unwrap(), None);
    let mut twice = Batch::new();
    twice.insert(text_key("a"), &Text(long('x', 300_000))).unwrap();
    twice.put(text_key("a"), &Text(long('y', 60_000))).unwrap();
    committed(one.commit(twice).await);
    assert_eq!(parts(&store, id).await, 2);
    assert_eq!(one.get::<Text>(&text_key("a")).await.unwrap().unwrap().0, long('y', 60_000));
}

pub(super) async fn a_large_log_record_comes_back_whole_in_both_directions<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let one = view(&store, tenant(1));
    let head = one.fence().await.unwrap();
    for after in 0..5 {
        let mut batch = Batch::following(HeadCondition { epoch: head.epoch, after });
        batch.log(long('e', 60_000 * (after as usize + 1)).into_bytes());
        assert_eq!(committed(one.commit(batch).await), after + 1);
    }
    let mut forward = one.changes(1, 3).await.unwrap();
    assert_eq!(
        forward.iter().map(|(seq, record)| (*seq, record.len())).collect::<Vec<_>>(),
        [(2, 120_000), (3, 180_000), (4, 240_000)]
    );
    forward.reverse();
    assert_eq!(one.changes_before(5, 3).await.unwrap(), forward);
    assert_eq!(one.changes_before(u64::MAX, 1).await.unwrap()[0].0, 5);
    assert!(one.changes_before(1, 3).await.unwrap().is_empty());
    assert!(one.changes_before(0, 3).await.unwrap().is_empty());
}

pub(super) async fn neighbouring_large_records_keep_their_own_parts<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let one = view(&store, tenant(1));
    // One key is a prefix of the other.
    let keys = [Key::record(b't').u8(1).build(), Key::record(b't').u8(1).u8(1).build()];
    for (key, letter) in keys.iter().zip(['a', 'b']) {
        let mut batch = Batch::new();
        batch.put(key.clone(), &Text(long(letter, 100_000))).unwrap();
        committed(one.commit(batch).await);
    }
    let mut batch = Batch::new();
    batch.delete(keys[0].clone());
    committed(one.commit(batch).await);
    assert_eq!(one.get::<Text>(&keys[1]).await.unwrap().unwrap().0, long('b', 100_000));
}

pub(super) async fn a_record_beyond_the_batch_limit_is_refused<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let one = view(&store, tenant(1));
    for sizes in [vec![1_100_000], vec![600_000, 600_000]] {
        let mut batch = Batch::new();
        for (number, size) in (0..).zip(sizes) {
            batch.put(Key::record(b't').u32(number).build(), &Text(long('x', size))).unwrap();
        }
        assert!(matches!(refused(one.commit(batch).await), StorageError::TooLarge { .. }));
    }
    assert_eq!(parts(&store, tenant(1)).await, 0);
}

pub(super) async fn a_large_record_read_while_it_is_overwritten_is_never_mixed<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let one = view(&store, tenant(1));
    put(&one, "a", &long('a', 150_000)).await;
    let writer = {
        let one = one.clone();
        tokio::spawn(async move {
            for turn in 0..30 {
                let letter = if turn % 2 == 0 { 'b' } else { 'a' };
                put(&one, "a", &long(letter, 150_000 - turn * 3_000)).await;
            }
        })
    };
    let mut reads = 0;
    while !writer.is_finished() {
        match one.get::<Text>(&text_key("a")).await {
            Ok(text) => {
                let text = text.unwrap().0;
                assert!(text.bytes().all(|byte| byte == text.as_bytes()[0]));
                reads += 1;
            }
            // Overwritten more often than a read tries again: refused, never mixed.
            Err(StorageError::Corrupt { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    writer.await.unwrap();
    assert!(reads > 0);
}
