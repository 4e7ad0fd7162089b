//! Keys come in byte order, in pages, within exact bounds.

use std::ops::Bound;

use super::*;

/// Keys whose bytes are awkward at the ends of prefixes.
const AWKWARD: [&[u8]; 10] =
    [b"", b"\x00", b"\x00\x00", b"a", b"a\x00", b"a\xFF", b"a\xFF\xFF", b"b", b"\xFF", b"\xFF\xFF\xFF"];

async fn awkward<B: Candidate>() -> (tempfile::TempDir, Arc<dyn Store>, TenantId) {
    let (folder, store) = fresh::<B>();
    // Neighbours on both sides, so that overrunning the tenant's own keys would show.
    let id = tenant(0xFF);
    for id in [id, tenant(0xFE), tenant(0x100)] {
        let puts = AWKWARD.iter().map(|key| (row(key), bytes(key))).collect();
        committed(store.commit(Commit { puts, ..Commit::new(id) }).await);
    }
    (folder, store, id)
}

async fn keys(store: &Arc<dyn Store>, id: TenantId, scan: Scan) -> Vec<Vec<u8>> {
    let page = store.scan(id, scan).await.unwrap();
    page.entries
        .into_iter()
        .map(|(key, value)| {
            assert_eq!(key[1..], value[..]);
            key[1..].to_vec()
        })
        .collect()
}

pub(super) async fn a_scan_goes_both_ways_in_byte_order<B: Candidate>() {
    let (_folder, store, id) = awkward::<B>().await;
    let mut expected: Vec<Vec<u8>> = AWKWARD.iter().map(|key| key.to_vec()).collect();
    expected.sort();
    assert_eq!(keys(&store, id, Scan::prefix(b"D")).await, expected);
    assert_eq!(keys(&store, id, Scan::range(Bound::Unbounded, Bound::Unbounded)).await, expected);
    expected.reverse();
    assert_eq!(keys(&store, id, Scan::prefix(b"D").backward()).await, expected);
}

pub(super) async fn a_prefix_of_all_ones_ends_where_it_should<B: Candidate>() {
    let (_folder, store, id) = awkward::<B>().await;
    for prefix in AWKWARD {
        let mut expected: Vec<Vec<u8>> =
            AWKWARD.iter().filter(|key| key.starts_with(prefix)).map(|key| key.to_vec()).collect();
        expected.sort();
        assert_eq!(keys(&store, id, Scan::prefix(&row(prefix))).await, expected, "{prefix:?}");
        expected.reverse();
        assert_eq!(keys(&store, id, Scan::prefix(&row(prefix)).backward()).await, expected, "{prefix:?}");
    }
    // A tenant whose own id is all ones has no key above it.
    let last = TenantId::from_uuid(Uuid::max());
    committed(store.commit(rows(last, &[("z", "z")])).await);
    let everything = Scan::range(Bound::Unbounded, Bound::Unbounded);
    assert_eq!(keys(&store, last, everything.backward()).await, [b"z"]);
}

pub(super) async fn pages_continue_where_they_stopped<B: Candidate>() {
    let (_folder, store, id) = awkward::<B>().await;
    for backward in [false, true] {
        let mut scan = Scan::prefix(b"D").limit(3);
        if backward {
            scan = scan.backward();
        }
        let (mut found, mut pages) = (Vec::new(), 0);
        loop {
            let page = store.scan(id, scan.clone()).await.unwrap();
            pages += 1;
            assert!(page.entries.len() <= 3);
            found.extend(page.entries.iter().map(|(key, _)| key.clone()));
            if !page.more {
                break;
            }
            scan = scan.after(found.last().unwrap());
        }
        assert_eq!((found.len(), pages), (10, 4));
        assert!(found.windows(2).all(|pair| (pair[0] < pair[1]) != backward));
    }
    assert_eq!(store.scan(id, Scan::prefix(b"D").limit(0)).await.unwrap(), Page::default());
    assert!(!store.scan(id, Scan::prefix(b"D").limit(10)).await.unwrap().more);
}

pub(super) async fn a_page_is_bounded_in_bytes_too<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let id = tenant(1);
    for batch in 0..6 {
        let puts = (0..16).map(|n| (row(format!("{batch}-{n:02}")), Bytes::from(vec![1; 60_000])));
        committed(store.commit(Commit { puts: puts.collect(), ..Commit::new(id) }).await);
    }
    let page = store.scan(id, Scan::prefix(b"D")).await.unwrap();
    let bytes: usize = page.entries.iter().map(|(_, value)| value.len()).sum();
    assert!(page.more && bytes <= PAGE_BYTES_MAX + 60_000 && page.entries.len() > 60);
}

pub(super) async fn bounds_are_kept_exactly<B: Candidate>() {
    let (_folder, store, id) = awkward::<B>().await;
    let mut sorted = AWKWARD.to_vec();
    sorted.sort();
    for (low, from) in sorted.iter().enumerate() {
        for (high, to) in sorted.iter().enumerate() {
            for (open_low, open_high) in [(false, false), (false, true), (true, false), (true, true)] {
                let lower = if open_low { Bound::Excluded(row(from)) } else { Bound::Included(row(from)) };
                let upper = if open_high { Bound::Excluded(row(to)) } else { Bound::Included(row(to)) };
                let first = low + usize::from(open_low);
                let end = (high + usize::from(!open_high)).max(first);
                let expected = &sorted[first.min(sorted.len())..end.min(sorted.len())];
                let scan = Scan::range(lower, upper);
                assert_eq!(keys(&store, id, scan.clone()).await, expected);
                assert_eq!(keys(&store, id, scan.backward()).await.len(), expected.len());
            }
        }
    }
}

pub(super) async fn many_keys_are_read_in_the_order_asked_for<B: Candidate>() {
    let (_folder, store) = fresh::<B>();
    let id = tenant(1);
    committed(store.commit(rows(id, &[("a", "1"), ("b", "2")])).await);
    let values = store.get_many(id, &[row("b"), row("x"), row("a"), row("b")]).await.unwrap();
    assert_eq!(values, [Some(bytes("2")), None, Some(bytes("1")), Some(bytes("2"))]);
    assert!(store.get_many(id, &[]).await.unwrap().is_empty());
}
