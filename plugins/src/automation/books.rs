//! What becomes of an installation's things after a call: its place, what waits, what was given up, its memory, and what is to
//! be sent; all written together with what the call staged, or not at all.
//!
//! One change of an installation's books is made at a time, so that counts are right and expectations hold. It does not know
//! why something is written.

use super::rows::{self, Counts, Dead, KvEntry, Out, Pending};
use super::ticks::TickRow;
use crate::answers::staging::kv::{KvWrites, size};
use crate::answers::staging::shelf::Shelf;
use mortise_engine::draft::PluginRecord;
use mortise_engine::id::InstallationId;
use mortise_engine::model::{Installation, Seq};
use mortise_engine::time::Timestamp;
use mortise_engine::{Error, Result};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::{Arc, Weak};

/// A change of one installation's books.
#[derive(Debug, Clone, Default)]
pub(crate) struct Books {
    /// It has come so far in the log.
    pub(crate) place: Option<Seq>,
    /// This waits no more.
    pub(crate) no_longer: Option<Seq>,
    /// This waits.
    pub(crate) waits: Option<Pending>,
    /// This was given up.
    pub(crate) given_up: Option<Dead>,
    /// When these schedules were last due.
    pub(crate) ticks: Vec<(String, TickRow)>,
    /// Its memory.
    pub(crate) kv: KvWrites,
    /// What is to be sent.
    pub(crate) out: Vec<Out>,
    /// What needs no sending any more.
    pub(crate) sent: Option<uuid::Uuid>,
    /// What is to be sent later.
    pub(crate) put_off: Option<Out>,
    /// These are dead no more.
    pub(crate) risen: Vec<Vec<u8>>,
    /// Names that lead nowhere any more.
    pub(crate) stale: Vec<Vec<u8>>,
}

impl Books {
    /// Whether they say nothing but how far the installation has come.
    pub(crate) fn is_place_alone(&self) -> bool {
        let nothing = self.no_longer.is_none()
            && self.waits.is_none()
            && self.given_up.is_none()
            && self.ticks.is_empty()
            && self.kv.is_empty()
            && self.stale.is_empty();
        nothing
            && self.out.is_empty()
            && self.sent.is_none()
            && self.put_off.is_none()
            && self.risen.is_empty()
    }

    /// The records that make this change, given what is stored now. Nobody else may change these books meanwhile.
    ///
    /// # Errors
    ///
    /// `CONFLICT` where the memory is not as the call expected, `ENTITLEMENT_EXCEEDED` where there is no room for it.
    pub(crate) async fn records(
        &self,
        id: InstallationId,
        shelf: &dyn Shelf,
        kv_bytes_max: u64,
    ) -> Result<Vec<PluginRecord>> {
        let stored = shelf.get(rows::COUNTS).await?;
        let before = stored.map_or(Ok(Counts::default()), |bytes| rows::decode::<Counts>(&bytes))?;
        let mut page = Page { id, counts: before, records: Vec::new() };
        self.waiting(&mut page);
        self.dead(&mut page, shelf).await?;
        self.memory(&mut page, shelf, kv_bytes_max).await?;
        self.sending(&mut page);
        if page.counts != before {
            let counts = rows::encode(&page.counts);
            page.put(rows::COUNTS.to_vec(), counts);
        }
        if let Some(place) = self.place {
            page.records.push(PluginRecord::Place(Installation::follower_of(id), place));
        }
        Ok(page.records)
    }

    fn waiting(&self, page: &mut Page) {
        if let Some(seq) = self.no_longer {
            page.remove(rows::at_seq(rows::PENDING, seq));
        }
        if let Some(row) = &self.waits {
            page.put(rows::at_seq(rows::PENDING, row.seq), rows::encode(row));
        }
        self.stale.iter().for_each(|name| page.remove(name.clone()));
        for (schedule, row) in &self.ticks {
            page.put(rows::at_text(rows::TICK, schedule), rows::encode(row));
        }
    }

    async fn dead(&self, page: &mut Page, shelf: &dyn Shelf) -> Result<()> {
        for name in &self.risen {
            page.remove(name.clone());
            page.counts.dead = page.counts.dead.saturating_sub(1);
        }
        let Some(dead) = &self.given_up else { return Ok(()) };
        let name = dead.name();
        let is_new = shelf.get(&name).await?.is_none();
        page.put(name, rows::encode(dead));
        page.counts.dead = page.counts.dead.saturating_add(u64::from(is_new));
        if page.counts.dead > rows::DEAD_MAX
            && let Some(oldest) = oldest_dead(shelf).await?
        {
            page.remove(oldest);
            page.counts.dead = page.counts.dead.saturating_sub(1);
            page.counts.dead_dropped = page.counts.dead_dropped.saturating_add(1);
        }
        Ok(())
    }

    async fn memory(&self, page: &mut Page, shelf: &dyn Shelf, bytes_max: u64) -> Result<()> {
        let read = async |key: &str| {
            let bytes = shelf.get(&rows::at_text(rows::KV, key)).await?;
            bytes.map(|bytes| rows::decode::<KvEntry>(&bytes)).transpose()
        };
        for (key, expected) in &self.kv.expected {
            let now = read(key).await?.map(|entry| entry.revision);
            // An entry that has ended was none to the call; it may have been taken away since.
            if now != *expected && !(expected.is_none() && self.ended(read(key).await?.as_ref())) {
                let message =
                    format!("the entry `{}` of the plugin's memory has changed", rows::shortened(key));
                return Err(Error::conflict(message));
            }
        }
        for (key, entry) in &self.kv.writes {
            let before = read(key).await?;
            page.remember(key, before.as_ref(), entry.as_ref());
        }
        if page.counts.kv_bytes > bytes_max && !self.kv.is_empty() && self.kv.grows() {
            return Err(Error::rejected("the plugin's memory is full"));
        }
        Ok(())
    }

    fn ended(&self, entry: Option<&KvEntry>) -> bool {
        entry.is_none_or(|entry| self.kv.at.is_some_and(|now| entry.is_over(now)))
    }

    fn sending(&self, page: &mut Page) {
        for out in &self.out {
            page.put(rows::at_id(rows::OUT, out.id), rows::encode(out));
            page.counts.out = page.counts.out.saturating_add(1);
        }
        if let Some(id) = self.sent {
            page.remove(rows::at_id(rows::OUT, id));
            page.counts.out = page.counts.out.saturating_sub(1);
        }
        if let Some(out) = &self.put_off {
            page.put(rows::at_id(rows::OUT, out.id), rows::encode(out));
        }
    }
}

/// The name of what was given up first: of the first of each kind, that of the smallest time.
async fn oldest_dead(shelf: &dyn Shelf) -> Result<Option<Vec<u8>>> {
    let mut oldest: Option<(Timestamp, Vec<u8>)> = None;
    for before in rows::before_dead_kinds() {
        let first = shelf.scan(rows::DEAD, Some(&before), 1).await?.into_iter().next();
        let Some((name, row)) = first else { continue };
        let at = rows::decode::<Dead>(&row)?.at;
        if oldest.as_ref().is_none_or(|(earliest, _)| at < *earliest) {
            oldest = Some((at, name));
        }
    }
    Ok(oldest.map(|(_, name)| name))
}

/// The records of a change, with the counts as they become.
struct Page {
    id: InstallationId,
    counts: Counts,
    records: Vec<PluginRecord>,
}

impl Page {
    fn put(&mut self, name: Vec<u8>, value: Vec<u8>) {
        self.records.push(PluginRecord::Entry(self.id, name, Some(value)));
    }

    fn remove(&mut self, name: Vec<u8>) {
        self.records.push(PluginRecord::Entry(self.id, name, None));
    }

    /// An entry of the memory becomes another, comes or goes.
    fn remember(&mut self, key: &str, before: Option<&KvEntry>, after: Option<&KvEntry>) {
        let name = rows::at_text(rows::KV, key);
        if let Some(before) = before {
            self.counts.kv_bytes = self.counts.kv_bytes.saturating_sub(size(key, before.value.len()));
            self.counts.kv_keys = self.counts.kv_keys.saturating_sub(1);
            if let Some(end) = before.ends_at.filter(|end| after.and_then(|a| a.ends_at) != Some(*end)) {
                self.remove(rows::kv_end(end, key));
            }
        }
        match after {
            Some(after) => {
                self.counts.kv_bytes = self.counts.kv_bytes.saturating_add(size(key, after.value.len()));
                self.counts.kv_keys = self.counts.kv_keys.saturating_add(1);
                if let Some(end) = after.ends_at {
                    self.put(rows::kv_end(end, key), Vec::new());
                }
                self.put(name, rows::encode(after));
            }
            None if before.is_some() => self.remove(name),
            None => {}
        }
    }
}

/// Whose books are being changed: one change of each at a time.
#[derive(Debug, Default)]
pub(crate) struct Desks(Mutex<HashMap<InstallationId, Weak<tokio::sync::Mutex<()>>>>);

impl Desks {
    /// The desk at which this installation's books are changed.
    pub(crate) fn of(&self, id: InstallationId) -> Arc<tokio::sync::Mutex<()>> {
        let mut desks = self.0.lock();
        if let Some(desk) = desks.get(&id).and_then(Weak::upgrade) {
            return desk;
        }
        desks.retain(|_, desk| desk.strong_count() > 0);
        let desk = Arc::default();
        desks.insert(id, Arc::downgrade(&desk));
        desk
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::staging::shelf::Heap;
    use crate::automation::rows::DeadWhat;
    use uuid::Uuid;

    async fn write(heap: &Heap, books: &Books) -> Result<Counts> {
        let id = InstallationId::generate();
        for record in books.records(id, heap, 1_000).await? {
            match record {
                PluginRecord::Entry(_, name, Some(value)) => drop(heap.0.lock().insert(name, value)),
                PluginRecord::Entry(_, name, None) => drop(heap.0.lock().remove(&name)),
                _ => {}
            }
        }
        let stored = heap.get(rows::COUNTS).await?;
        stored.map_or(Ok(Counts::default()), |bytes| rows::decode(&bytes))
    }

    /// A key, and what is put there with its end.
    type Write<'a> = (&'a str, Option<(&'a str, Option<i64>)>);

    fn memory(writes: &[Write<'_>]) -> Books {
        let entry = |(value, end): (&str, Option<i64>)| KvEntry {
            value: value.into(),
            revision: Uuid::now_v7(),
            ends_at: end.map(Timestamp::from_millis),
        };
        let writes = writes.iter().map(|(key, value)| ((*key).to_owned(), value.map(entry))).collect();
        Books { kv: KvWrites { writes, ..KvWrites::default() }, ..Books::default() }
    }

    #[tokio::test]
    async fn counts_follow_what_is_written() {
        let heap = Heap::default();
        let counts =
            write(&heap, &memory(&[("a", Some(("12", None))), ("b", Some(("3", Some(5))))])).await.unwrap();
        assert_eq!((counts.kv_bytes, counts.kv_keys), (5, 2));
        let ends = async || heap.scan(rows::KV_END, None, 9).await.unwrap().len();
        assert_eq!(ends().await, 1);
        let counts = write(&heap, &memory(&[("a", None), ("b", Some(("345", Some(7))))])).await.unwrap();
        assert_eq!((counts.kv_bytes, counts.kv_keys, ends().await), (4, 1, 1));
        let counts = write(&heap, &memory(&[("b", None), ("none", None)])).await.unwrap();
        assert_eq!((counts, ends().await), (Counts::default(), 0));
        assert!(write(&heap, &memory(&[("b", Some((&"x".repeat(1_000), None)))])).await.is_err());
    }

    #[tokio::test]
    async fn what_was_expected_must_hold() {
        let heap = Heap::default();
        write(&heap, &memory(&[("a", Some(("1", None)))])).await.unwrap();
        let mut books = memory(&[("a", Some(("2", None)))]);
        books.kv.expected.insert("a".into(), Some(Uuid::now_v7()));
        assert!(write(&heap, &books).await.unwrap_err().message().contains("`a`"));
        books.kv.expected.insert("a".into(), None);
        assert!(write(&heap, &books).await.is_err());
        books.kv.expected.clear();
        books.kv.expected.insert("b".into(), None);
        write(&heap, &books).await.unwrap();
    }

    /// Something that was given up at this time.
    fn dead(what: DeadWhat, at: i64) -> Dead {
        let at = Timestamp::from_millis(at);
        Dead { what, attempts: 9, why: "it failed".into(), at, run: None, basis: None }
    }

    async fn give_up(heap: &Heap, dead: Dead) -> Counts {
        write(heap, &Books { given_up: Some(dead), ..Books::default() }).await.unwrap()
    }

    #[tokio::test]
    async fn so_many_that_were_given_up_are_kept() {
        let heap = Heap::default();
        let dead = |seq| dead(DeadWhat::Event(Seq(seq), None), 0);
        let mut counts = Counts::default();
        for seq in 1..=rows::DEAD_MAX + 2 {
            counts = give_up(&heap, dead(seq)).await;
        }
        assert_eq!((counts.dead, counts.dead_dropped), (rows::DEAD_MAX, 2));
        let first = heap.scan(rows::DEAD, None, 1).await.unwrap().remove(0).0;
        assert_eq!(first, dead(3).name());
        let books = Books { risen: vec![first], ..Books::default() };
        assert_eq!(write(&heap, &books).await.unwrap().dead, rows::DEAD_MAX - 1);
    }

    #[tokio::test]
    async fn of_all_kinds_that_goes_first_which_was_given_up_first() {
        let (heap, at) = (Heap::default(), Timestamp::from_millis(0));
        let out = Out {
            id: Uuid::now_v7(),
            request: Vec::new(),
            at,
            attempts: 9,
            not_before: at,
            why: String::new(),
            run: None,
            basis: None,
        };
        let event = |seq: u64, at| dead(DeadWhat::Event(Seq(seq), None), at);
        let old = [
            dead(DeadWhat::Tick("nightly".into(), at), 1),
            event(7, 2),
            dead(DeadWhat::Out(out), 3),
            dead(DeadWhat::Tick("nightly".into(), Timestamp::from_millis(60_000)), 4),
        ];
        let names: Vec<_> = old.iter().map(Dead::name).collect();
        for dead in old {
            give_up(&heap, dead).await;
        }
        for seq in 5..=rows::DEAD_MAX {
            give_up(&heap, event(100 + seq, 5)).await;
        }
        for (gone, name) in (0..).zip(&names) {
            assert!(heap.get(name).await.unwrap().is_some(), "{gone} were older");
            let counts = give_up(&heap, event(10_000 + gone, 6)).await;
            assert!(heap.get(name).await.unwrap().is_none(), "{gone} were older");
            assert_eq!((counts.dead, counts.dead_dropped), (rows::DEAD_MAX, gone + 1));
        }
    }
}
