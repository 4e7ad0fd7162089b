//! The tail: issues that changed since the search index last took them in.
//!
//! The index follows the log a moment behind. What changed meanwhile is remembered here by id, so that a search can match
//! the texts of these issues in memory and find every acknowledged write. The tail is bounded: when it is full, writes
//! wait for the index to catch up. It holds no texts and knows no index.

use crate::draft::RowWrite;
use crate::id::IssueId;
use crate::model::Seq;
use rustc_hash::FxHashMap;
use tokio::sync::watch;

/// See the module.
pub(super) struct Tail {
    entries: parking_lot::Mutex<FxHashMap<IssueId, Entry>>,
    /// Entries, for those who wait for room.
    len: watch::Sender<usize>,
}

/// An issue that changed.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// The newest change.
    seq: Seq,
    /// Its texts changed: what the index says of them is no longer true. Else only what ranks it changed.
    texts: bool,
}

impl Tail {
    pub(super) fn new() -> Self {
        Self { entries: parking_lot::Mutex::default(), len: watch::Sender::new(0) }
    }

    /// Notes the rows of a change.
    pub(super) fn note(&self, rows: &[RowWrite], seq: Seq) {
        let mut entries = self.entries.lock();
        for (id, texts) in rows.iter().filter_map(changed) {
            put(&mut entries, id, Entry { seq, texts });
        }
        self.len.send_replace(entries.len());
    }

    /// Notes that the texts of an issue changed.
    pub(super) fn note_texts(&self, id: IssueId, seq: Seq) {
        let mut entries = self.entries.lock();
        put(&mut entries, id, Entry { seq, texts: true });
        self.len.send_replace(entries.len());
    }

    /// The issues whose texts the index does not have as they are, each with its newest change.
    pub(super) fn texts(&self) -> Vec<(IssueId, Seq)> {
        let entries = self.entries.lock();
        entries.iter().filter(|(_, entry)| entry.texts).map(|(id, entry)| (*id, entry.seq)).collect()
    }

    /// Issues that the index is to take in again, those first that have waited longest, and the place in the log that it
    /// reflects with them; no place when these are all. There may be more than `max`: what changed together is not parted.
    pub(super) fn oldest(&self, max: usize) -> (Vec<IssueId>, Option<Seq>) {
        let mut all: Vec<_> = self.entries.lock().iter().map(|(id, entry)| (entry.seq, *id)).collect();
        all.sort_unstable();
        let through = max.checked_sub(1).and_then(|last| all.get(last)).map(|(seq, _)| *seq);
        let end = through.map_or(all.len(), |through| all.partition_point(|(seq, _)| *seq <= through));
        let more = end < all.len();
        all.truncate(end);
        (all.into_iter().map(|(_, id)| id).collect(), through.filter(|_| more))
    }

    /// Forgets what the index has taken in: all changes up to this place.
    pub(super) fn forget(&self, through: Seq) {
        let mut entries = self.entries.lock();
        entries.retain(|_, entry| entry.seq > through);
        if entries.capacity() > 4 * entries.len().max(64) {
            entries.shrink_to_fit();
        }
        self.len.send_replace(entries.len());
    }

    /// How many issues it holds.
    pub(super) fn len(&self) -> usize {
        *self.len.borrow()
    }

    /// Waits until it holds less than so many, or waiting has become vain: see [`Tail::wake`].
    pub(super) async fn room(&self, max: usize, vain: impl Fn() -> bool) {
        // The sender lives as long as this does.
        let _ = self.len.subscribe().wait_for(|len| *len < max || vain()).await;
    }

    /// Lets those who wait for room see whether they wait in vain.
    pub(super) fn wake(&self) {
        self.len.send_modify(|_| {});
    }
}

fn put(entries: &mut FxHashMap<IssueId, Entry>, id: IssueId, new: Entry) {
    let entry = entries.entry(id).or_insert(new);
    // What was missed is noted late, and is older than what has happened since.
    *entry = Entry { seq: new.seq.max(entry.seq), texts: entry.texts || new.texts };
}

/// The issue that a row is about, and whether its texts changed with it.
fn changed(row: &RowWrite) -> Option<(IssueId, bool)> {
    match row {
        RowWrite::Issue { before, after, description } => {
            let same_title = before.as_ref().is_some_and(|before| before.title == after.title);
            Some((after.id, !same_title || description.is_some()))
        }
        RowWrite::Comment { after, .. } => Some((after.issue, true)),
        RowWrite::Directory(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn what_is_noted_late_does_not_hide_a_newer_change() {
        let (tail, id) = (Tail::new(), IssueId::generate());
        tail.note_texts(id, Seq(5));
        tail.note_texts(id, Seq(3));
        tail.forget(Seq(4));
        assert_eq!(tail.texts(), [(id, Seq(5))]);
        tail.forget(Seq(5));
        assert_eq!(tail.len(), 0);
    }

    #[test]
    fn what_has_waited_longest_is_taken_first() {
        let (tail, ids) = (Tail::new(), [(); 4].map(|()| IssueId::generate()));
        for (id, seq) in ids.iter().zip([7, 5, 6, 6]) {
            tail.note_texts(*id, Seq(seq));
        }
        let (taken, through) = tail.oldest(2);
        assert_eq!((taken.len(), through), (3, Some(Seq(6))), "what changed together is taken together");
        assert!(!taken.contains(&ids[0]));
        tail.forget(Seq(6));
        assert_eq!(tail.oldest(2), (vec![ids[0]], None));
        assert_eq!(tail.oldest(1), (vec![ids[0]], None));
    }

    #[tokio::test]
    async fn nobody_waits_for_room_that_will_not_come() {
        let (tail, broken) = (Tail::new(), AtomicBool::new(false));
        tail.note_texts(IssueId::generate(), Seq(1));
        let breaks = async {
            tokio::task::yield_now().await;
            broken.store(true, Ordering::Release);
            tail.wake();
        };
        tokio::join!(tail.room(1, || broken.load(Ordering::Acquire)), breaks);
        assert_eq!(tail.len(), 1);
    }
}
