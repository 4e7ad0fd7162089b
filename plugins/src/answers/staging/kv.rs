//! The plugin's own memory during one call: what is stored, with what the call has written over it.
//!
//! Nothing is stored here. What was written, and what was expected, goes with the call's other effects; expectations are
//! looked at again then, for others may have written meanwhile.

use super::load::Load;
use super::shelf::Shelf;
use crate::automation::rows::{self, Counts, KvEntry};
use crate::host::wit::kv::{Entry, Expectation};
use crate::host::wit::{Error, Quota};
use mortise_engine::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use uuid::Uuid;

/// Entries of one installation.
const KEYS_MAX: u64 = 100_000;

/// Pages that one scan reads at most: entries that have ended, or are deleted in this call, are passed over.
const PAGES_MAX: usize = 100;

/// What a call has done to the memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KvWrites {
    /// What becomes of each key; none: it goes.
    pub(crate) writes: BTreeMap<String, Option<KvEntry>>,
    /// What must still be stored: the revision, or nothing.
    pub(crate) expected: BTreeMap<String, Option<Uuid>>,
    /// Keys under which an entry is stored that has an end, which is a row more that goes.
    pub(crate) ends: BTreeSet<String>,
    /// When the call was: what had ended by then, was not there.
    pub(crate) at: Option<Timestamp>,
}

/// A key that is set, or deleted (false).
pub(crate) type KvChange = (String, bool);

impl KvWrites {
    /// What becomes of the keys.
    pub(crate) fn changes(&self) -> Vec<KvChange> {
        self.writes.iter().map(|(key, entry)| (key.clone(), entry.is_some())).collect()
    }

    /// Whether nothing was written.
    pub(crate) fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// Whether something was written beside what was deleted.
    pub(crate) fn grows(&self) -> bool {
        self.writes.values().any(Option::is_some)
    }

    /// What it takes of a batch of the store.
    pub(super) fn load(&self) -> Load {
        self.writes.iter().map(|(key, entry)| self.load_of(key, entry.as_ref())).sum()
    }

    /// What one of them takes: the entry, where its end is found, and where that of the earlier one was.
    fn load_of(&self, key: &str, entry: Option<&KvEntry>) -> Load {
        let value = entry.map_or(0, |entry| entry.value.len());
        let ends = entry.is_some_and(|entry| entry.ends_at.is_some());
        let rows = usize::from(ends) + usize::from(self.ends.contains(key));
        Load::record(key.len().saturating_add(value)) + std::iter::repeat_n(Load::record(0), rows).sum()
    }
}

/// The memory as one call sees it.
#[derive(Debug)]
pub(crate) struct KvView {
    now: Timestamp,
    bytes_max: u64,
    /// What there would be after this call; none until something is written.
    counts: Option<Counts>,
    pub(super) written: KvWrites,
    /// What of the batch there is for its writes.
    pub(super) room: Load,
    /// The last refusal was for want of room there.
    pub(super) batch_is_full: bool,
}

impl KvView {
    pub(crate) fn new(now: Timestamp, bytes_max: u64) -> Self {
        let written = KvWrites { at: Some(now), ..KvWrites::default() };
        Self { now, bytes_max, counts: None, written, room: Load::MAX, batch_is_full: false }
    }

    pub(crate) async fn get(&self, shelf: &dyn Shelf, key: &str) -> Result<Option<Entry>, Error> {
        let found = self.current(shelf, key).await?;
        Ok(found.map(|entry| told(key, entry)))
    }

    pub(crate) async fn set(
        &mut self,
        shelf: &dyn Shelf,
        key: &str,
        value: Vec<u8>,
        expect: &Expectation,
        ttl_seconds: Option<u32>,
    ) -> Result<String, Error> {
        let now = self.current(shelf, key).await?;
        self.expect(key, now.as_ref(), expect)?;
        let counts = self.make_room(shelf, key, now.as_ref(), value.len()).await?;
        let ends_at = ttl_seconds.map(|seconds| self.now.plus_millis(i64::from(seconds) * 1000));
        let entry = KvEntry { value, revision: Uuid::now_v7(), ends_at };
        let revision = entry.revision.simple().to_string();
        self.write(shelf, key, Some(entry)).await?;
        self.counts = Some(counts);
        Ok(revision)
    }

    pub(crate) async fn delete(&mut self, shelf: &dyn Shelf, key: &str) -> Result<bool, Error> {
        let Some(now) = self.current(shelf, key).await? else { return Ok(false) };
        let mut counts = self.counts(shelf).await?;
        counts.kv_bytes = counts.kv_bytes.saturating_sub(size(key, now.value.len()));
        counts.kv_keys = counts.kv_keys.saturating_sub(1);
        self.write(shelf, key, None).await?;
        self.counts = Some(counts);
        Ok(true)
    }

    /// Writes it, if it fits into the batch in place of what this call wrote there before.
    async fn write(&mut self, shelf: &dyn Shelf, key: &str, entry: Option<KvEntry>) -> Result<(), Error> {
        if !self.written.writes.contains_key(key) {
            let stored = self.stored(shelf, key).await?;
            if stored.is_some_and(|stored| stored.ends_at.is_some()) {
                self.written.ends.insert(key.to_owned());
            }
        }
        let before = self.written.writes.insert(key.to_owned(), entry);
        let fits = self.written.load().within(self.room, Quota::KvKeys, Quota::KvBytes);
        self.batch_is_full = fits.is_err();
        if fits.is_err() {
            match before {
                Some(before) => self.written.writes.insert(key.to_owned(), before),
                None => self.written.writes.remove(key),
            };
        }
        fits.map_err(Error::QuotaExceeded)
    }

    pub(crate) async fn scan(
        &self,
        shelf: &dyn Shelf,
        prefix: &str,
        limit: usize,
        after: Option<&str>,
    ) -> Result<Vec<Entry>, Error> {
        let (stored_prefix, mut after) = (rows::at_text(rows::KV, prefix), after.map(str::to_owned));
        let mut found = Vec::new();
        for _ in 0..PAGES_MAX {
            let behind = after.as_deref().map(|key| rows::at_text(rows::KV, key));
            let page = shelf.scan(&stored_prefix, behind.as_deref(), limit.max(1)).await.map_err(failed)?;
            let stored: Vec<(String, KvEntry)> = page.iter().map(read).collect::<Result<_, _>>()?;
            // A page may be short where entries are large: the end is where there is none.
            let last = stored.last().map(|(key, _)| key.clone());
            self.merge(stored, prefix, (after.as_deref(), last.as_deref()), &mut found);
            if found.len() >= limit || last.is_none() {
                break;
            }
            after = last;
        }
        found.truncate(limit);
        Ok(found)
    }

    /// What is stored, and what was written in the same stretch of keys, in order.
    fn merge(
        &self,
        stored: Vec<(String, KvEntry)>,
        prefix: &str,
        (after, last): (Option<&str>, Option<&str>),
        found: &mut Vec<Entry>,
    ) {
        let mut merged: BTreeMap<String, KvEntry> = stored.into_iter().collect();
        let from = after.map_or(Bound::Included(prefix), |after| {
            if after < prefix { Bound::Included(prefix) } else { Bound::Excluded(after) }
        });
        let written = self.written.writes.range::<str, _>((from, Bound::Unbounded));
        let written = written.take_while(|(key, _)| key.starts_with(prefix));
        for (key, entry) in written.filter(|(key, _)| last.is_none_or(|last| key.as_str() <= last)) {
            match entry {
                Some(entry) => merged.insert(key.clone(), entry.clone()),
                None => merged.remove(key),
            };
        }
        let there = merged.into_iter().filter(|(_, entry)| !entry.is_over(self.now));
        found.extend(there.map(|(key, entry)| told(&key, entry)));
    }

    /// The entry as this call sees it.
    async fn current(&self, shelf: &dyn Shelf, key: &str) -> Result<Option<KvEntry>, Error> {
        if let Some(written) = self.written.writes.get(key) {
            return Ok(written.clone());
        }
        Ok(self.stored(shelf, key).await?.filter(|entry| !entry.is_over(self.now)))
    }

    /// The entry as it is stored, though it may have ended.
    async fn stored(&self, shelf: &dyn Shelf, key: &str) -> Result<Option<KvEntry>, Error> {
        let bytes = shelf.get(&rows::at_text(rows::KV, key)).await.map_err(failed)?;
        bytes.map(|bytes| rows::decode::<KvEntry>(&bytes)).transpose().map_err(failed)
    }

    fn expect(&mut self, key: &str, now: Option<&KvEntry>, expect: &Expectation) -> Result<(), Error> {
        let shown = || now.map(|entry| entry.revision.simple().to_string()).unwrap_or_default();
        let holds = match expect {
            Expectation::Anything => return Ok(()),
            Expectation::Absent => now.is_none(),
            Expectation::At(revision) => now.is_some() && shown() == *revision,
        };
        if !holds {
            return Err(Error::Conflict(shown()));
        }
        // What this call wrote itself needs no second look.
        if !self.written.writes.contains_key(key) {
            self.written.expected.insert(key.to_owned(), now.map(|entry| entry.revision));
        }
        Ok(())
    }

    /// What there would be with this entry.
    async fn make_room(
        &mut self,
        shelf: &dyn Shelf,
        key: &str,
        now: Option<&KvEntry>,
        bytes: usize,
    ) -> Result<Counts, Error> {
        self.batch_is_full = false;
        let mut counts = self.counts(shelf).await?;
        let before = now.map_or(0, |entry| size(key, entry.value.len()));
        counts.kv_bytes = counts.kv_bytes.saturating_sub(before).saturating_add(size(key, bytes));
        counts.kv_keys = counts.kv_keys.saturating_add(u64::from(now.is_none()));
        if counts.kv_bytes > self.bytes_max {
            return Err(Error::QuotaExceeded(Quota::KvBytes));
        }
        if counts.kv_keys > KEYS_MAX {
            return Err(Error::QuotaExceeded(Quota::KvKeys));
        }
        Ok(counts)
    }

    async fn counts(&self, shelf: &dyn Shelf) -> Result<Counts, Error> {
        if let Some(counts) = self.counts {
            return Ok(counts);
        }
        let bytes = shelf.get(rows::COUNTS).await.map_err(failed)?;
        bytes.map_or(Ok(Counts::default()), |bytes| rows::decode(&bytes)).map_err(failed)
    }
}

/// Bytes that an entry counts.
pub(crate) fn size(key: &str, value: usize) -> u64 {
    (key.len() as u64).saturating_add(value as u64)
}

fn told(key: &str, entry: KvEntry) -> Entry {
    Entry { key: key.to_owned(), value: entry.value, revision: entry.revision.simple().to_string() }
}

fn read((name, bytes): &(Vec<u8>, Vec<u8>)) -> Result<(String, KvEntry), Error> {
    let key = name.strip_prefix(rows::KV).and_then(|key| std::str::from_utf8(key).ok());
    let entry = rows::decode::<KvEntry>(bytes).map_err(failed)?;
    Ok((key.unwrap_or_default().to_owned(), entry))
}

fn failed(error: mortise_engine::Error) -> Error {
    tracing::warn!(?error, "a plugin's memory cannot be read");
    Error::Unavailable(1_000)
}

#[cfg(test)]
mod tests {
    use super::super::shelf::Heap;
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn stored(heap: &Heap, key: &str, value: &str, ends_at: Option<i64>) -> String {
        let ends_at = ends_at.map(Timestamp::from_millis);
        let entry = KvEntry { value: value.into(), revision: Uuid::now_v7(), ends_at };
        heap.0.lock().insert(rows::at_text(rows::KV, key), rows::encode(&entry));
        entry.revision.simple().to_string()
    }

    async fn keys(
        view: &KvView,
        heap: &Heap,
        prefix: &str,
        limit: usize,
        after: Option<&str>,
    ) -> Vec<String> {
        let found = view.scan(heap, prefix, limit, after).await.unwrap();
        found.into_iter().map(|entry| entry.key).collect()
    }

    #[tokio::test]
    async fn a_call_sees_what_it_wrote() {
        let (heap, mut view) = (Heap::default(), KvView::new(NOW, 1_000));
        for key in ["a/1", "a/2", "a/4", "b"] {
            stored(&heap, key, "old", None);
        }
        stored(&heap, "a/3", "over", Some(999_999));
        view.set(&heap, "a/5", b"new".to_vec(), &Expectation::Anything, None).await.unwrap();
        view.set(&heap, "a/1", b"new".to_vec(), &Expectation::Anything, Some(5)).await.unwrap();
        assert!(view.delete(&heap, "a/2").await.unwrap());
        assert!(!view.delete(&heap, "a/2").await.unwrap(), "gone for this call");
        assert!(!view.delete(&heap, "a/3").await.unwrap(), "it has ended");
        assert_eq!(keys(&view, &heap, "a/", 100, None).await, ["a/1", "a/4", "a/5"]);
        assert_eq!(keys(&view, &heap, "a/", 1, None).await, ["a/1"]);
        assert_eq!(keys(&view, &heap, "a/", 1, Some("a/1")).await, ["a/4"]);
        assert_eq!(keys(&view, &heap, "a/", 9, Some("a/4")).await, ["a/5"]);
        assert_eq!(keys(&view, &heap, "", 9, None).await, ["a/1", "a/4", "a/5", "b"]);
        assert_eq!(view.get(&heap, "a/1").await.unwrap().unwrap().value, b"new");
        assert_eq!(view.get(&heap, "a/3").await.unwrap(), None);
        assert_eq!(view.written.writes.len(), 3);
    }

    #[tokio::test]
    async fn expectations_hold_now_and_are_kept_for_later() {
        let (heap, mut view) = (Heap::default(), KvView::new(NOW, 1_000));
        let revision = stored(&heap, "k", "v", None);
        let refused = view.set(&heap, "k", vec![], &Expectation::Absent, None).await;
        assert_eq!(refused, Err(Error::Conflict(revision.clone())));
        let refused = view.set(&heap, "none", vec![], &Expectation::At("x".into()), None).await;
        assert_eq!(refused, Err(Error::Conflict(String::new())));
        let next = view.set(&heap, "k", vec![1], &Expectation::At(revision), None).await.unwrap();
        view.set(&heap, "k", vec![2], &Expectation::At(next), None).await.unwrap();
        view.set(&heap, "new", vec![], &Expectation::Absent, None).await.unwrap();
        let expected: Vec<_> = view.written.expected.iter().map(|(k, r)| (k.as_str(), r.is_some())).collect();
        assert_eq!(expected, [("k", true), ("new", false)]);
    }

    #[tokio::test]
    async fn there_is_a_bound() {
        let (heap, mut view) = (Heap::default(), KvView::new(NOW, 10));
        let mut set = async |key: &str, bytes: usize| {
            view.set(&heap, key, vec![0; bytes], &Expectation::Anything, None).await.is_ok()
        };
        assert!(set("a", 5).await);
        assert!(!set("b", 5).await, "twelve bytes");
        assert!(set("b", 3).await);
        assert!(set("a", 2).await);
        assert!(set("b", 6).await, "what was overwritten counts no more");
        assert!(view.delete(&heap, "a").await.unwrap());
        let counts = view.counts.unwrap();
        assert_eq!((counts.kv_bytes, counts.kv_keys), (7, 1));
    }

    #[tokio::test]
    async fn what_fits_into_one_batch_can_be_written_and_no_more() {
        let (heap, mut view) = (Heap::default(), KvView::new(NOW, 1 << 30));
        let anything = Expectation::Anything;
        let full = Err(Error::QuotaExceeded(Quota::KvKeys));
        for n in 0..45 {
            view.set(&heap, &format!("k{n}"), vec![1], &anything, Some(60)).await.unwrap();
        }
        // Each is an entry and an end. What is written again takes the place of what was.
        assert_eq!(view.set(&heap, "one more", vec![1], &anything, None).await, full);
        assert!(view.batch_is_full);
        assert_eq!(view.get(&heap, "one more").await.unwrap(), None);
        view.set(&heap, "k0", vec![2], &anything, None).await.unwrap();
        view.set(&heap, "one more", vec![1], &anything, None).await.unwrap();
        // One that is stored with an end takes that along.
        stored(&heap, "old", "v", Some(2_000_000));
        view.set(&heap, "k1", vec![2], &anything, None).await.unwrap();
        assert_eq!(view.delete(&heap, "old").await, Err(Error::QuotaExceeded(Quota::KvKeys)));
        view.set(&heap, "k2", vec![2], &anything, None).await.unwrap();
        assert!(view.delete(&heap, "old").await.unwrap());
    }
}
