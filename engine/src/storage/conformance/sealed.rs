//! Tenants are apart, and stored bytes open only where and as they were written.

use super::*;

/// A record as the engine would have one.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub(super) struct Text(#[n(0)] pub(super) String);

impl Record for Text {
    const KIND: u8 = 1;
    const VERSION: u8 = 1;
}

/// A tenant's sealed view with a key of its own.
pub(super) fn view(store: &Arc<dyn Store>, id: TenantId) -> TenantStore {
    TenantStore::new(Arc::clone(store), id, DataKey::generate().unwrap())
}

pub(super) fn text_key(name: &str) -> Key {
    Key::record(b't').text_last(name)
}

pub(super) async fn put(view: &TenantStore, name: &str, text: &str) {
    let mut batch = Batch::new();
    batch.put(text_key(name), &Text(text.to_owned())).unwrap();
    committed(view.commit(batch).await);
}

pub(super) async fn tenants_do_not_see_their_neighbours<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    // Ids that differ in one bit, at the ends of their byte ranges.
    let ids = [tenant(0xFE), tenant(0xFF), tenant(0x100), tenant(0xFFFF), tenant(0x1_0000)];
    let views: Vec<_> = ids.iter().map(|id| view(&store, *id)).collect();
    for (number, one) in views.iter().enumerate() {
        put(one, "shared name", &format!("text {number}")).await;
        let mut batch = Batch::following(HeadCondition { epoch: 0, after: 0 });
        batch.log(format!("event {number}").into_bytes());
        committed(one.commit(batch).await);
    }
    for (number, one) in views.iter().enumerate() {
        let page = one.scan::<Text>(Scan::prefix(b"D")).await.unwrap();
        assert_eq!(page.entries.len(), 1);
        assert_eq!(page.entries[0].1, Text(format!("text {number}")));
        assert_eq!(one.changes(0, 10).await.unwrap(), [(1, format!("event {number}").into_bytes())]);
    }
}

pub(super) async fn a_moved_or_swapped_value_does_not_open<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let (id, other) = (tenant(1), tenant(2));
    let (one, two) = (view(&store, id), view(&store, other));
    put(&one, "a", "first").await;
    put(&one, "b", "second").await;
    put(&two, "a", "elsewhere").await;
    let stored = store.get_many(id, &[text_key("a").to_vec(), text_key("b").to_vec()]).await.unwrap();
    let [Some(a), Some(b)] = &stored[..] else { panic!("both are stored") };
    let swap = vec![(text_key("a").to_vec(), b.clone()), (text_key("b").to_vec(), a.clone())];
    committed(store.commit(Commit { puts: swap, ..Commit::new(id) }).await);
    for name in ["a", "b"] {
        let error = one.get::<Text>(&text_key(name)).await.unwrap_err();
        assert!(matches!(error, StorageError::Corrupt { .. }), "{error}");
    }
    let moved = vec![(text_key("a").to_vec(), a.clone())];
    committed(store.commit(Commit { puts: moved, ..Commit::new(other) }).await);
    assert!(matches!(two.get::<Text>(&text_key("a")).await, Err(StorageError::Corrupt { .. })));
}

pub(super) async fn a_flipped_byte_is_an_error_that_names_the_kind_and_no_content<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let id = tenant(1);
    let one = view(&store, id);
    put(&one, "secret name", "secret text").await;
    put(&one, "sound", "sound").await;
    let key = text_key("secret name").to_vec();
    let mut stored = store.get(id, &key).await.unwrap().unwrap().to_vec();
    let middle = stored.len() / 2;
    stored[middle] ^= 0x10;
    committed(store.commit(Commit { puts: vec![(key, stored.into())], ..Commit::new(id) }).await);
    let error = one.get::<Text>(&text_key("secret name")).await.unwrap_err();
    assert!(matches!(&error, StorageError::Corrupt { what } if what == "a row of kind 0x74"), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
    assert!(one.scan::<Text>(Scan::prefix(b"D")).await.is_err());
    assert!(one.get::<Text>(&text_key("sound")).await.unwrap().is_some());
}

pub(super) async fn no_plain_text_reaches_the_disk<B: Candidate>() {
    let (folder, store) = fresh::<B>();
    let one = view(&store, tenant(1));
    let canary = "canary-in-a-coal-mine";
    put(&one, "k", canary).await;
    put(&one, "large", &canary.repeat(5_000)).await;
    let mut batch = Batch::following(HeadCondition { epoch: 0, after: 0 });
    batch.log(canary.as_bytes().to_vec());
    committed(one.commit(batch).await);
    store.close().await;
    let mut folders = vec![folder.path().to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let content = std::fs::read(&path).unwrap();
                let found = content.windows(canary.len()).any(|window| window == canary.as_bytes());
                assert!(!found, "{}", path.display());
            }
        }
    }
}

pub(super) async fn an_erased_tenant_leaves_nothing_and_its_neighbours_everything<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let (gone, kept) = (tenant(2), tenant(3));
    for id in [gone, kept] {
        store.fence(id).await.unwrap();
        let mut tickets = Vec::new();
        for after in 0..1_500 {
            let put = vec![(row(format!("{after}")), bytes("x"))];
            tickets.push(store.submit(Commit { puts: put, ..record(id, 1, after, "r") }).await);
        }
        for ticket in tickets {
            committed(ticket.await);
        }
    }
    store.erase_tenant(gone).await.unwrap();
    let everything = || Scan::range(std::ops::Bound::Unbounded, std::ops::Bound::Unbounded);
    assert!(store.scan(gone, everything()).await.unwrap().entries.is_empty());
    assert_eq!(store.head(gone).await.unwrap(), Head::default());
    assert_eq!(conflict(store.commit(record(gone, 1, 1_500, "late")).await), Conflict::Fenced { epoch: 0 });
    assert_eq!(store.scan(kept, everything()).await.unwrap().entries.len(), 3_001);
    assert_eq!(store.head(kept).await.unwrap(), Head { epoch: 1, seq: 1_500 });
    store.erase_tenant(gone).await.unwrap();
}
