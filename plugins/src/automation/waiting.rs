//! The order of an installation's work: events about one issue are acted on one after the other, and one that is to be tried
//! again holds up those behind it and nothing else.
//!
//! Pure: what waits is kept by somebody else.

use super::rows::{Pending, is_due};
use mortise_engine::id::IssueId;
use mortise_engine::model::Seq;
use mortise_engine::time::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// The events that wait, of one installation.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    rows: BTreeMap<Seq, Pending>,
    /// How many wait in each line.
    lines: HashMap<Option<IssueId>, usize>,
}

impl Waiting {
    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing waits.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether an event of this line must wait behind others.
    pub(super) fn holds_up(&self, line: Option<IssueId>) -> bool {
        self.lines.contains_key(&line)
    }

    /// One more, or one that is tried again later.
    pub(super) fn put(&mut self, row: Pending) {
        let line = row.issue;
        if self.rows.insert(row.seq, row).is_none() {
            *self.lines.entry(line).or_default() += 1;
        }
    }

    /// One that waits no more.
    pub(super) fn remove(&mut self, seq: Seq) {
        let Some(row) = self.rows.remove(&seq) else { return };
        if let Some(count) = self.lines.get_mut(&row.issue) {
            *count -= 1;
            if *count == 0 {
                self.lines.remove(&row.issue);
            }
        }
    }

    /// The oldest that may be tried: the first of its line, and due.
    pub(super) fn due(&self, now: Timestamp) -> Option<&Pending> {
        self.firsts().find(|row| is_due(row.not_before, row.attempts, now))
    }

    /// When the next may be tried.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.firsts().map(|row| row.not_before).min()
    }

    /// The first of each line, oldest first.
    fn firsts(&self) -> impl Iterator<Item = &Pending> {
        let mut seen = std::collections::HashSet::new();
        self.rows.values().filter(move |row| seen.insert(row.issue))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(seq: u64, issue: IssueId, attempts: u32, not_before: i64) -> Pending {
        let not_before = Timestamp::from_millis(not_before);
        Pending { seq: Seq(seq), issue: Some(issue), attempts, not_before, why: String::new(), basis: None }
    }

    #[test]
    fn one_that_fails_holds_up_its_own_issue_alone() {
        let (a, b) = (IssueId::generate(), IssueId::generate());
        let mut waiting = Waiting::default();
        waiting.put(row(1, a, 1, 1_000));
        waiting.put(row(2, a, 0, 0));
        assert!(waiting.holds_up(Some(a)) && !waiting.holds_up(Some(b)) && !waiting.holds_up(None));
        let now = Timestamp::from_millis(500);
        assert_eq!(waiting.due(now), None, "the second waits for the first");
        assert_eq!(waiting.next_at(), Some(Timestamp::from_millis(1_000)));
        waiting.put(row(3, b, 1, 400));
        assert_eq!(waiting.due(now).map(|r| r.seq), Some(Seq(3)));
        waiting.remove(Seq(3));
        waiting.put(row(1, a, 2, 2_000));
        assert_eq!(waiting.next_at(), Some(Timestamp::from_millis(2_000)), "put off again");
        waiting.remove(Seq(1));
        assert_eq!(waiting.due(now).map(|r| r.seq), Some(Seq(2)));
        waiting.remove(Seq(2));
        assert!(waiting.is_empty() && !waiting.holds_up(Some(a)));
        assert_eq!(waiting.len(), 0);
    }
}
